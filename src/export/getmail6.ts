import { MailauthError } from '../explain/problem.js';
import type { ExportFormat, ExportInput } from './format.js';
import { CRON, comment, requireLogin, slug } from './format.js';
import { rawIniValue, stringLiteral } from './quoting.js';

export const getmail6: ExportFormat = {
  id: 'getmail6',
  title: 'getmail6',
  carriesSecret: false,
  needs: 'imap',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'imap', 'getmail6');
  // getmail6 reads the command as a Python tuple; a tuple of one needs its comma.
  const command = `(${tokenCommand.map(stringLiteral).join(', ')},)`;
  if (server.security === 'starttls') {
    throw new MailauthError(
      'usage',
      `getmail6 speaks TLS from the first byte, and ${account.name} uses STARTTLS for IMAP`,
      {
        fix: [
          {
            text: 'give the port for TLS, where the server has one',
            command: `mailauth setup ${account.name} --imap-security tls --imap-port 993`,
          },
        ],
      },
    );
  }
  const id = slug(account);
  return (
    comment('#', [
      `getmail6: brings ${account.address} into a Maildir.`,
      `Where: ~/.config/getmail/${id}, then getmail --rcfile ${id}. Before the first run:`,
      '  mkdir -p -m 700 ~/.config/getmail',
      `  mkdir -p ~/Mail/${id}/cur ~/Mail/${id}/new ~/Mail/${id}/tmp`,
      'Install too: nothing. Tried with getmail6 6.18.',
      'Nothing is deleted on the server.',
      CRON,
    ]) +
    [
      '[retriever]',
      'type = SimpleIMAPSSLRetriever',
      `server = ${rawIniValue(server.host)}`,
      `port = ${server.port}`,
      `username = ${rawIniValue(user)}`,
      'use_xoauth2 = true',
      `password_command = ${command}`,
      ...(account.ca === undefined ? [] : [`ca_certs = ${rawIniValue(account.ca)}`]),
      '',
      '[destination]',
      'type = Maildir',
      `path = ~/Mail/${id}/`,
      '',
      '[options]',
      'read_all = false',
      'delete = false',
      '',
    ].join('\n')
  );
}
