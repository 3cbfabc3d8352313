import { hostPort } from '../words/host.js';
import { protocols } from '../words/protocol.js';
import type { ExportFormat, ExportInput } from './format.js';
import { comment, requireAnyLogin, shellToken } from './format.js';
import { quoted, shellCommand, shellWord, without } from './quoting.js';

export const curl: ExportFormat = {
  id: 'curl',
  title: 'curl',
  carriesSecret: false,
  needs: 'smtp or imap',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
  const { smtp, imap, pop } = requireAnyLogin(account, 'curl', protocols);
  const ca = account.ca === undefined ? [] : [`cacert = ${quoted(account.ca)}`];
  const settings = (user: string, url: string, more: readonly string[]) =>
    [`url = ${quoted(url)}`, `user = ${quoted(`${without(':', user, 'a user name')}:`)}`, 'ssl-reqd', ...ca, ...more]
      .map((line) => `      ${shellWord(line)}`)
      .join(' \\\n');
  const popScheme = pop?.server.security === 'tls' ? 'pop3s' : 'pop3';
  const imapScheme = imap?.server.security === 'tls' ? 'imaps' : 'imap';
  const smtpScheme = smtp?.server.security === 'tls' ? 'smtps' : 'smtp';
  return (
    '#!/bin/sh\n' +
    comment('#', [
      `curl: looks into the mailbox of ${account.address} and sends from it.`,
      'Where: any file. Usage:',
      ...(imap ? ['  sh FILE inbox                     how many messages INBOX has (changes nothing)'] : []),
      ...(pop ? ['  sh FILE pop                       the messages there are to collect (changes nothing)'] : []),
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
      ...(pop
        ? [
            '  pop)',
            '    settings \\',
            `${settings(pop.user, `${popScheme}://${hostPort(pop.server.host, pop.server.port)}/`, [])} |`,
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
      `    echo "usage: sh FILE ${[...(imap ? ['inbox'] : []), ...(pop ? ['pop'] : []), ...(smtp ? ['send ADDRESS'] : [])].join(' | ')}" >&2`,
      '    exit 64',
      '    ;;',
      'esac',
      '',
    ].join('\n')
  );
}
