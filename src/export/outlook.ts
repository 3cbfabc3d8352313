import type { ExportFormat, ExportInput, Login } from './format.js';
import { plainLines, requireAnyLogin } from './format.js';

/** The mail program, which signs in by itself and is set by hand. */
export const outlookProgram: ExportFormat = {
  id: 'outlook',
  title: 'Outlook, settings by hand',
  carriesSecret: false,
  needs: 'smtp or imap',
  render: settings,
};

function settings({ account, provider }: ExportInput): string {
  const { smtp, imap } = requireAnyLogin(account, 'Outlook');
  const server = (label: string, login: Login | undefined) =>
    login === undefined
      ? []
      : [
          `  ${label}  ${login.server.host}, port ${login.server.port}, ${login.server.security === 'tls' ? 'SSL/TLS' : 'STARTTLS'}, user name ${login.user}`,
        ];
  return plainLines([
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
