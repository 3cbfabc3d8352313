import { hostPort } from '../words/host.js';
import type { ExportFormat, ExportInput } from './format.js';
import { comment, requireAnyLogin, requireLogin, shellToken } from './format.js';
import { msmtp, msmtpCommand, msmtpIsConfined } from './msmtp.js';
import { quoted, shellCommand, shellWord, without } from './quoting.js';
import { relayingFormats } from './relaying.js';

/** Programs that send mail from this machine, and curl, which also looks into the mailbox. */
export const sendingFormats: readonly ExportFormat[] = [
  { id: 'msmtp', title: 'msmtp', carriesSecret: false, needs: 'smtp', render: msmtp },
  {
    id: 'git-send-email',
    title: 'git send-email (Authen::SASL 2.1800 or newer)',
    carriesSecret: false,
    needs: 'smtp',
    render: gitSendEmail,
  },
  {
    id: 'git-send-email-msmtp',
    title: 'git send-email through msmtp',
    carriesSecret: false,
    needs: 'smtp',
    render: gitSendEmailThroughMsmtp,
  },
  ...relayingFormats,
  { id: 'curl', title: 'curl', carriesSecret: false, needs: 'smtp or imap', render: curl },
];

function gitSendEmail({ account, tokenCommand }: ExportInput): string {
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

function gitSendEmailThroughMsmtp(input: ExportInput): string {
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

function curl({ account, tokenCommand }: ExportInput): string {
  const { smtp, imap } = requireAnyLogin(account, 'curl');
  const ca = account.ca === undefined ? [] : [`cacert = ${quoted(account.ca)}`];
  const settings = (user: string, url: string, more: readonly string[]) =>
    [`url = ${quoted(url)}`, `user = ${quoted(`${without(':', user, 'a user name')}:`)}`, 'ssl-reqd', ...ca, ...more]
      .map((line) => `      ${shellWord(line)}`)
      .join(' \\\n');
  const imapScheme = imap?.server.security === 'tls' ? 'imaps' : 'imap';
  const smtpScheme = smtp?.server.security === 'tls' ? 'smtps' : 'smtp';
  return (
    '#!/bin/sh\n' +
    comment('#', [
      `curl: looks into the mailbox of ${account.address} and sends from it.`,
      'Where: any file. Usage:',
      ...(imap ? ['  sh FILE inbox                     how many messages INBOX has (changes nothing)'] : []),
      ...(smtp ? ['  sh FILE send ADDRESS < MESSAGE    sends a whole message, headers included'] : []),
      'Install too: nothing. The settings go in through standard input or a pipe, so that the token is in no argument.',
    ]) +
    [
      'set -e',
      ...shellToken(shellCommand(tokenCommand)),
      'settings() {',
      `  printf '%s\\n' "$@" "oauth2-bearer = \\"$token\\""`,
      '}',
      'case "$1" in',
      ...(imap
        ? [
            '  inbox)',
            '    settings \\',
            `${settings(imap.user, `${imapScheme}://${hostPort(imap.server.host, imap.server.port)}/`, ['request = "STATUS INBOX (MESSAGES)"'])} |`,
            '      curl --silent --show-error --config -',
            '    ;;',
          ]
        : []),
      ...(smtp
        ? [
            '  send)',
            '    message=$(mktemp)',
            `    trap 'rm -f "$message"' EXIT`,
            '    cat > "$message"',
            '    settings \\',
            `${settings(smtp.user, `${smtpScheme}://${hostPort(smtp.server.host, smtp.server.port)}/`, [`mail-from = ${quoted(account.address)}`])} |`,
            '      curl --silent --show-error --config - --mail-rcpt "$2" --upload-file "$message"',
            '    ;;',
          ]
        : []),
      '  *)',
      `    echo "usage: sh FILE ${[...(imap ? ['inbox'] : []), ...(smtp ? ['send ADDRESS'] : [])].join(' | ')}" >&2`,
      '    exit 64',
      '    ;;',
      'esac',
      '',
    ].join('\n')
  );
}
