import type { ExportFormat, ExportInput } from './format.js';
import { CRON, comment, requireLogin, slug } from './format.js';
import { quoted, shellCommand } from './quoting.js';

export const isync: ExportFormat = {
  id: 'isync',
  title: 'isync (mbsync)',
  carriesSecret: false,
  needs: 'imap',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'imap', 'isync');
  const id = slug(account);
  return (
    comment('#', [
      `isync: brings ${account.address} into a Maildir.`,
      'Where: ~/.mbsyncrc (or mbsync -c FILE). Before the first run:',
      `  mkdir -p ~/Mail/${id}`,
      'Install too: a Cyrus SASL plugin for XOAUTH2 (Debian: libsasl2-modules-kdexoauth2).',
      'isync 1.5 and newer call SSLType TLSType, and usually take both.',
      'This copies INBOX and changes nothing on the server; widen Patterns and Sync when it runs.',
      CRON,
    ]) +
    [
      `IMAPAccount ${id}`,
      `Host ${quoted(server.host)}`,
      `Port ${server.port}`,
      `User ${quoted(user)}`,
      'AuthMechs XOAUTH2',
      `PassCmd ${quoted(shellCommand(tokenCommand))}`,
      `SSLType ${server.security === 'tls' ? 'IMAPS' : 'STARTTLS'}`,
      ...(account.ca === undefined ? [] : [`CertificateFile ${quoted(account.ca)}`]),
      '',
      `IMAPStore ${id}-remote`,
      `Account ${id}`,
      '',
      `MaildirStore ${id}-local`,
      `Path ~/Mail/${id}/`,
      `Inbox ~/Mail/${id}/INBOX`,
      'SubFolders Verbatim',
      '',
      `Channel ${id}`,
      `Far :${id}-remote:`,
      `Near :${id}-local:`,
      'Patterns INBOX',
      'Create Near',
      'Sync Pull',
      'Expunge None',
      'SyncState *',
      '',
    ].join('\n')
  );
}
