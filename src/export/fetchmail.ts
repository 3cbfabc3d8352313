import type { ExportFormat, ExportInput } from './format.js';
import { CRON, comment, requireCollecting, shellToken } from './format.js';
import { fetchmailString, shellCommand, shellWord } from './quoting.js';

export const fetchmail: ExportFormat = {
  id: 'fetchmail',
  title: 'fetchmail 7, or a 6.x with OAUTHBEARER',
  carriesSecret: false,
  needs: 'imap or pop',
  render: settings,
};

function settings(input: ExportInput): string {
  const { account, tokenCommand } = input;
  const { server, user, protocol } = requireCollecting(input, 'fetchmail');
  const settings = [
    `poll ${fetchmailString(server.host)} protocol ${protocol === 'pop' ? 'pop3' : protocol} service ${server.port} auth oauthbearer`,
    `username ${fetchmailString(user)}`,
    server.security === 'tls' ? 'ssl' : 'sslproto "tls1.2+"',
    'sslcertck',
    ...(account.ca === undefined ? [] : [`sslcertfile ${fetchmailString(account.ca)}`]),
    'keep',
  ].join(' ');
  return (
    '#!/bin/sh\n' +
    comment('#', [
      `fetchmail: fetches ${account.address} and hands it to the mail system of this machine.`,
      'Where: any file, made executable and called instead of fetchmail; its arguments go to fetchmail.',
      'Install too: a fetchmail that knows "auth oauthbearer". That is fetchmail 7, and openSUSE has given it to its 6.x;',
      'the 6.x of other systems, Debian 12 among them, usually says "syntax error at oauthbearer". There, instead:',
      protocol === 'pop'
        ? `mailauth serve ${shellWord(account.name)}`
        : `mailauth export ${shellWord(account.name)} --format getmail6`,
      'The settings go in through standard input, so that the token is in no file and no argument.',
      'Nothing is deleted on the server (keep).',
      CRON,
    ]) +
    [
      'set -eu',
      ...shellToken(shellCommand(tokenCommand)),
      `settings=${shellWord(settings)}`,
      `printf '%s password "%s"\\n' "$settings" "$token" | fetchmail --fetchmailrc - "$@"`,
      '',
    ].join('\n')
  );
}
