import { CRON, comment, type ExportFormat, type ExportInput, type Login, requireLogin, slug } from './format.js';
import { msmtpString, shellCommand } from './quoting.js';

/** Debian's profile lets msmtp run a handful of password programs, and no other. */
export const msmtpIsConfined = [
  'Where AppArmor confines msmtp (Debian asks, and proposes no), it may not run mailauth: dpkg-reconfigure msmtp',
];

export const msmtp: ExportFormat = {
  id: 'msmtp',
  title: 'msmtp',
  carriesSecret: false,
  needs: 'smtp',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'msmtp');
  const id = slug(account);
  return (
    comment('#', [
      `msmtp: sends mail as ${account.address}.`,
      'Where: ~/.msmtprc, mode 0600 (or msmtp -C FILE).',
      'Install too: nothing. auth xoauth2 needs msmtp 1.8.13 or newer.',
      ...msmtpIsConfined,
      `Try it: printf 'Subject: test\\n\\nhello\\n' | msmtp -a ${id} someone@example.com`,
      CRON,
    ]) +
    [
      `account ${id}`,
      `host ${msmtpString(server.host)}`,
      `port ${server.port}`,
      'tls on',
      `tls_starttls ${server.security === 'starttls' ? 'on' : 'off'}`,
      ...(account.ca === undefined ? [] : [`tls_trust_file ${msmtpString(account.ca)}`]),
      'auth xoauth2',
      `user ${msmtpString(user)}`,
      `passwordeval ${msmtpString(shellCommand(tokenCommand))}`,
      `from ${msmtpString(account.address)}`,
      '',
    ].join('\n')
  );
}

/** msmtp without a file of its own. The message comes on standard input, the recipients as arguments. */
export function msmtpCommand(
  { account, tokenCommand }: Pick<ExportInput, 'account' | 'tokenCommand'>,
  login: Login,
): string {
  const { server, user } = login;
  return shellCommand([
    'msmtp',
    `--host=${server.host}`,
    `--port=${server.port}`,
    '--tls=on',
    `--tls-starttls=${server.security === 'starttls' ? 'on' : 'off'}`,
    `--tls-trust-file=${account.ca ?? 'system'}`,
    `--from=${account.address}`,
    '--auth=xoauth2',
    `--user=${user}`,
    `--passwordeval=${shellCommand(tokenCommand)}`,
  ]);
}
