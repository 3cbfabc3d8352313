import type { ExportFormat, ExportInput } from './format.js';
import { CRON, comment, requireLogin, slug } from './format.js';
import { iniValue, stringLiteral, without } from './quoting.js';

export const offlineimap: ExportFormat = {
  id: 'offlineimap',
  title: 'OfflineIMAP',
  carriesSecret: false,
  needs: 'imap',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'imap', 'OfflineIMAP');
  const id = slug(account);
  const command = `__import__("subprocess").check_output([${tokenCommand.map(stringLiteral).join(', ')}], text=True)`;
  const tls = server.security === 'tls';
  return (
    comment('#', [
      `OfflineIMAP: keeps ${account.address} and a Maildir in step.`,
      'Where: ~/.offlineimaprc (or offlineimap -c FILE).',
      'Install too: nothing. Tried with offlineimap3 (OfflineIMAP 8).',
      'It asks for a token when it starts: run it from cron or a timer, without autorefresh.',
      'readonly protects the server until you take it out.',
      CRON,
    ]) +
    [
      '[general]',
      `accounts = ${id}`,
      '',
      `[Account ${id}]`,
      `localrepository = ${id}-local`,
      `remoterepository = ${id}-remote`,
      '',
      `[Repository ${id}-local]`,
      'type = Maildir',
      `localfolders = ~/Mail/${id}`,
      '',
      `[Repository ${id}-remote]`,
      'type = IMAP',
      'readonly = yes',
      `remotehost = ${iniValue(without(',', server.host, 'a host name'))}`,
      `remoteport = ${server.port}`,
      `remoteuser = ${iniValue(user)}`,
      'auth_mechanisms = XOAUTH2',
      `oauth2_access_token_eval = ${iniValue(command)}`,
      `ssl = ${tls ? 'yes' : 'no'}`,
      `starttls = ${tls ? 'no' : 'yes'}`,
      `sslcacertfile = ${account.ca === undefined ? 'OS-DEFAULT' : iniValue(account.ca)}`,
      '',
    ].join('\n')
  );
}
