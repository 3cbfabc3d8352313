import { MailauthError } from '../explain/problem.js';
import type { ExportFormat, ExportInput } from './format.js';
import { comment, requireLogin, shellToken, slug } from './format.js';
import {
  fetchmailString,
  iniValue,
  quoted,
  rawIniValue,
  shellCommand,
  shellWord,
  stringLiteral,
  without,
} from './quoting.js';

/** Programs that bring mail to this machine. */
export const fetchingFormats: readonly ExportFormat[] = [
  { id: 'isync', title: 'isync (mbsync)', carriesSecret: false, needs: 'imap', render: isync },
  { id: 'getmail6', title: 'getmail6', carriesSecret: false, needs: 'imap', render: getmail6 },
  {
    id: 'fetchmail',
    title: 'fetchmail 7, or a 6.x with OAUTHBEARER',
    carriesSecret: false,
    needs: 'imap',
    render: fetchmail,
  },
  { id: 'offlineimap', title: 'OfflineIMAP', carriesSecret: false, needs: 'imap', render: offlineimap },
];

const CRON = 'cron has a short PATH: write the full path of mailauth there if it is not found.';

function isync({ account, tokenCommand }: ExportInput): string {
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

function getmail6({ account, tokenCommand }: ExportInput): string {
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

function fetchmail({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'imap', 'fetchmail');
  const settings = [
    `poll ${fetchmailString(server.host)} protocol imap service ${server.port} auth oauthbearer`,
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
      `mailauth export ${shellWord(account.name)} --format getmail6`,
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

function offlineimap({ account, tokenCommand }: ExportInput): string {
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
