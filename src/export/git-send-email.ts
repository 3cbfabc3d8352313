import { hostPort } from '../words/host.js';
import type { ExportFormat, ExportInput } from './format.js';
import { comment, requireLogin } from './format.js';
import { msmtpCommand, msmtpIsConfined } from './msmtp.js';
import { quoted, shellCommand, shellWord } from './quoting.js';

export const gitSendEmail: ExportFormat = {
  id: 'git-send-email',
  title: 'git send-email (Authen::SASL 2.1800 or newer)',
  carriesSecret: false,
  needs: 'smtp',
  render: direct,
};

export const gitSendEmailMsmtp: ExportFormat = {
  id: 'git-send-email-msmtp',
  title: 'git send-email through msmtp',
  carriesSecret: false,
  needs: 'smtp',
  render: throughMsmtp,
};

function direct({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'git send-email');
  // git asks its helpers with get, store and erase; only get has an answer.
  const helper = `!f() { test "$1" = get || exit 0; token=$(${shellCommand(tokenCommand)}) && printf 'password=%s\\n' "$token"; }; f`;
  return (
    comment('#', [
      `git send-email: sends patches as ${account.address}.`,
      'Where: ~/.gitconfig, or the .git/config of one repository.',
      'Install too: git send-email itself (Debian: git-email) and Perl with Authen::SASL 2.1800 or newer,',
      `which brings XOAUTH2. With an older one: mailauth export ${shellWord(account.name)} --format git-send-email-msmtp`,
    ]) +
    [
      '[sendemail]',
      `\tfrom = ${quoted(account.address)}`,
      `\tsmtpServer = ${quoted(server.host)}`,
      `\tsmtpServerPort = ${server.port}`,
      `\tsmtpEncryption = ${server.security === 'starttls' ? 'tls' : 'ssl'}`,
      ...(account.ca === undefined ? [] : [`\tsmtpSSLCertPath = ${quoted(account.ca)}`]),
      `\tsmtpUser = ${quoted(user)}`,
      '\tsmtpAuth = XOAUTH2',
      '# The empty helper stops the others from keeping a token that soon expires.',
      `[credential ${quoted(`smtp://${hostPort(server.host, server.port)}`)}]`,
      '\thelper =',
      `\thelper = ${quoted(helper)}`,
      '',
    ].join('\n')
  );
}

function throughMsmtp(input: ExportInput): string {
  const { account } = input;
  const command = msmtpCommand(input, requireLogin(account, 'smtp', 'git send-email'));
  return (
    comment('#', [
      `git send-email: sends patches as ${account.address}, through msmtp.`,
      'Where: ~/.gitconfig, or the .git/config of one repository. Needs git 2.33 or newer.',
      'Install too: git send-email itself (Debian: git-email) and msmtp. msmtp needs no file of its own.',
      ...msmtpIsConfined,
    ]) + ['[sendemail]', `\tfrom = ${quoted(account.address)}`, `\tsendmailCmd = ${quoted(command)}`, ''].join('\n')
  );
}
