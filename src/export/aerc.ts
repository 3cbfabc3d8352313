import { hostPort } from '../words/host.js';
import type { ExportFormat, ExportInput, Login } from './format.js';
import { comment, requireAnyLogin, requireLogin, slug } from './format.js';
import { aercValue, shellCommand, urlPart } from './quoting.js';

export const aerc: ExportFormat = { id: 'aerc', title: 'aerc', carriesSecret: false, needs: 'imap', render: settings };

function settings({ account, tokenCommand }: ExportInput): string {
  const imap = requireLogin(account, 'imap', 'aerc');
  const { smtp } = requireAnyLogin(account, 'aerc');
  const command = aercValue(shellCommand(tokenCommand));
  const url = (scheme: string, { user, server }: Login) =>
    aercValue(`${scheme}+xoauth2://${urlPart(user)}@${hostPort(server.host, server.port)}`);
  return (
    comment('#', [
      `aerc: reads and sends mail as ${account.address}.`,
      'Where: ~/.config/aerc/accounts.conf, mode 0600.',
      'Install too: nothing. Tried with aerc 0.14; smtp-starttls is for versions before 0.15.',
      ...(account.ca === undefined ? [] : [`Start it with SSL_CERT_FILE=${account.ca} in the environment.`]),
    ]) +
    [
      `[${slug(account)}]`,
      `source = ${url(imap.server.security === 'tls' ? 'imaps' : 'imap', imap)}`,
      `source-cred-cmd = ${command}`,
      ...(smtp === undefined
        ? []
        : [
            `outgoing = ${url(smtp.server.security === 'tls' ? 'smtps' : 'smtp', smtp)}`,
            `outgoing-cred-cmd = ${command}`,
            'outgoing-cred-cmd-cache = false',
            ...(smtp.server.security === 'starttls' ? ['smtp-starttls = yes'] : []),
          ]),
      'default = INBOX',
      `from = ${aercValue(`<${account.address}>`)}`,
      '',
    ].join('\n')
  );
}
