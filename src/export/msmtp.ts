import { CRON, comment, type ExportFormat, type ExportInput, type Login, requireLogin, slug } from './format.js';
import { cmdCommand, msmtpString, shellCommand } from './quoting.js';

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

interface Surroundings {
  readonly where: string;
  readonly try: (id: string) => string;
  readonly hints: readonly string[];
  /** How msmtp's `passwordeval` is written, for the shell that runs it. */
  readonly command: (words: readonly string[]) => string;
}

const ON_WINDOWS: Surroundings = {
  where: 'the file that `msmtp --version` names as the user configuration (or msmtp -C FILE)',
  try: (id) => `(echo Subject: test& echo.& echo hello) | msmtp -a ${id} someone@example.com`,
  hints: [],
  command: cmdCommand,
};

const ELSEWHERE: Surroundings = {
  where: '~/.msmtprc, mode 0600 (or msmtp -C FILE)',
  try: (id) => `printf 'Subject: test\\n\\nhello\\n' | msmtp -a ${id} someone@example.com`,
  hints: [...msmtpIsConfined, CRON],
  command: shellCommand,
};

function settings({ account, tokenCommand, platform }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'msmtp');
  const id = slug(account);
  const here = platform === 'win32' ? ON_WINDOWS : ELSEWHERE;
  return (
    comment('#', [
      `msmtp: sends mail as ${account.address}.`,
      `Where: ${here.where}.`,
      'Install too: nothing. auth xoauth2 needs msmtp 1.8.13 or newer.',
      `Try it: ${here.try(id)}`,
      ...here.hints,
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
      `passwordeval ${msmtpString(here.command(tokenCommand))}`,
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
