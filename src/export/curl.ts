import type { Account } from '../account/account.js';
import { hostPort } from '../words/host.js';
import { protocols } from '../words/protocol.js';
import type { ExportFormat, ExportInput, Login } from './format.js';
import { comment, requireAnyLogin, shellToken } from './format.js';
import { quoted, shellCommand, shellWord, without } from './quoting.js';

export const curl: ExportFormat = {
  id: 'curl',
  title: 'curl',
  carriesSecret: false,
  needs: 'smtp or imap',
  render: settings,
};

/** One thing that the script does: what is typed, what is told of it, and its lines. */
interface Verb {
  readonly typed: string;
  readonly help: string;
  readonly lines: readonly string[];
}

function settings({ account, tokenCommand }: ExportInput): string {
  const { smtp, imap, pop } = requireAnyLogin(account, 'curl', protocols);
  const verbs = [
    ...(imap ? [inbox(imap, account)] : []),
    ...(pop ? [collect(pop, account)] : []),
    ...(smtp ? [send(smtp, account)] : []),
  ];
  return (
    '#!/bin/sh\n' +
    comment('#', [
      `curl: looks into the mailbox of ${account.address} and sends from it.`,
      'Where: any file. Usage:',
      ...verbs.map(({ typed, help }) => `  ${`sh FILE ${typed}`.padEnd(33)} ${help}`),
      'Install too: nothing. The settings go in through standard input or a pipe, so that the token is in no argument.',
    ]) +
    [
      'set -e',
      ...shellToken(shellCommand(tokenCommand)),
      'settings() {',
      `  printf '%s\\n' "$@" "oauth2-bearer = \\"$token\\""`,
      '}',
      'case "$1" in',
      ...verbs.flatMap(({ lines }) => lines),
      '  *)',
      `    echo "usage: sh FILE ${verbs.map(({ typed }) => typed.replace(/ <.*/, '')).join(' | ')}" >&2`,
      '    exit 64',
      '    ;;',
      'esac',
      '',
    ].join('\n')
  );
}

function inbox(login: Login, account: Account): Verb {
  return {
    typed: 'inbox',
    help: 'how many messages INBOX has (changes nothing)',
    lines: asking('inbox', curlSettings('imap', login, account, ['request = "STATUS INBOX (MESSAGES)"'])),
  };
}

function collect(login: Login, account: Account): Verb {
  return {
    typed: 'pop',
    help: 'the messages there are to collect (changes nothing)',
    lines: asking('pop', curlSettings('pop3', login, account)),
  };
}

function send(login: Login, account: Account): Verb {
  return {
    typed: 'send ADDRESS < MESSAGE',
    help: 'sends a whole message, headers included',
    lines: [
      '  send)',
      '    message=$(mktemp)',
      `    trap 'rm -f "$message"' EXIT`,
      '    cat > "$message"',
      '    settings \\',
      `${curlSettings('smtp', login, account, [`mail-from = ${quoted(account.address)}`])} |`,
      '      curl --silent --show-error --config - --mail-rcpt "$2" --upload-file "$message"',
      '    ;;',
    ],
  };
}

function asking(verb: string, settings: string): readonly string[] {
  return [`  ${verb})`, '    settings \\', `${settings} |`, '      curl --silent --show-error --config -', '    ;;'];
}

/** A line of curl's configuration each, as arguments of `settings`. */
function curlSettings(scheme: string, { server, user }: Login, account: Account, more: readonly string[] = []): string {
  const url = `${scheme}${server.security === 'tls' ? 's' : ''}://${hostPort(server.host, server.port)}/`;
  const ca = account.ca === undefined ? [] : [`cacert = ${quoted(account.ca)}`];
  const name = quoted(`${without(':', user, 'a user name')}:`);
  return [`url = ${quoted(url)}`, `user = ${name}`, 'ssl-reqd', ...ca, ...more]
    .map((line) => `      ${shellWord(line)}`)
    .join(' \\\n');
}
