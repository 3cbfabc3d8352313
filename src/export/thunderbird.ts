import type { ExportFormat, ExportInput, Login } from './format.js';
import { plainLines, requireAnyLogin } from './format.js';

/** It signs in by itself and is set by hand. */
export const thunderbird: ExportFormat = {
  id: 'thunderbird',
  title: 'Thunderbird, settings by hand',
  carriesSecret: false,
  needs: 'smtp or imap',
  render: settings,
};

function settings({ account, provider }: ExportInput): string {
  const { smtp, imap } = requireAnyLogin(account, 'Thunderbird');
  return plainLines([
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
