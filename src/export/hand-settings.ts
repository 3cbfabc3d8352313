import type { ExportFormat, ExportInput, Login } from './format.js';
import { requireAnyLogin } from './format.js';
import { oneLine } from './quoting.js';

/** Mail programs with a window, which sign in by themselves and are set by hand. */
export const handFormats: readonly ExportFormat[] = [
  {
    id: 'thunderbird',
    title: 'Thunderbird, settings by hand',
    carriesSecret: false,
    needs: 'smtp or imap',
    render: thunderbird,
  },
  { id: 'outlook', title: 'Outlook, settings by hand', carriesSecret: false, needs: 'smtp or imap', render: outlook },
];

function thunderbird({ account, provider }: ExportInput): string {
  const { smtp, imap } = requireAnyLogin(account, 'Thunderbird');
  return lines([
    `Thunderbird: settings for ${account.address} (${provider.title}).`,
    'Where: Account Settings > Account Actions > Add Mail Account, then Configure manually.',
    'Thunderbird signs in by itself in a window of its own; it takes no token from mailauth. It usually offers OAuth2',
    'for Gmail, Outlook and a few other providers, and for no server of your own.',
    ...side('Incoming server', imap, [['Protocol', 'IMAP']]),
    ...side('Outgoing server', smtp, []),
  ]);
}

function side(
  title: string,
  login: Login | undefined,
  first: readonly (readonly [string, string])[],
): readonly string[] {
  if (login === undefined) return [];
  const fields = [
    ...first,
    ['Hostname', login.server.host],
    ['Port', String(login.server.port)],
    ['Connection security', login.server.security === 'tls' ? 'SSL/TLS' : 'STARTTLS'],
    ['Authentication method', 'OAuth2'],
    ['Username', login.user],
  ] as const;
  return ['', title, ...fields.map(([label, value]) => `  ${label.padEnd(21)}  ${value}`)];
}

function outlook({ account, provider }: ExportInput): string {
  const { smtp, imap } = requireAnyLogin(account, 'Outlook');
  const server = (label: string, login: Login | undefined) =>
    login === undefined
      ? []
      : [
          `  ${label}  ${login.server.host}, port ${login.server.port}, ${login.server.security === 'tls' ? 'SSL/TLS' : 'STARTTLS'}, user name ${login.user}`,
        ];
  return lines([
    `Outlook: settings for ${account.address} (${provider.title}).`,
    'Where: File > Add Account (classic Outlook), or Settings > Accounts > Add account (new Outlook).',
    'Type the address and choose no manual set-up: for Microsoft and Google mailboxes Outlook usually signs in by itself',
    'in a browser window. It takes no token from mailauth, and its manual IMAP form usually asks for a password.',
    '',
    'The servers, where it asks',
    ...server('Incoming (IMAP)', imap),
    ...server('Outgoing (SMTP)', smtp),
  ]);
}

function lines(text: readonly string[]): string {
  return `${text.map(oneLine).join('\n')}\n`;
}
