import type { ExportFormat, ExportInput } from './format.js';
import { comment, HIDDEN, requireAnyLogin, requireLogin, slug } from './format.js';
import { msmtpString, oneLine, quoted, shellCommand, shellWord, without } from './quoting.js';

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
  {
    id: 'postfix',
    title: 'Postfix with sasl-xoauth2, which refreshes by itself',
    carriesSecret: true,
    needs: 'smtp',
    render: postfix,
  },
  {
    id: 'postfix-timer',
    title: 'Postfix with sasl-xoauth2, its token renewed by a timer',
    carriesSecret: false,
    needs: 'smtp',
    render: postfixTimer,
  },
  { id: 'curl', title: 'curl', carriesSecret: false, needs: 'smtp or imap', render: curl },
];

const SYSTEM_CA = '/etc/ssl/certs/ca-certificates.crt';

function msmtp({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'msmtp');
  const id = slug(account);
  return (
    comment('#', [
      `msmtp: sends mail as ${account.address}.`,
      'Where: ~/.msmtprc, mode 0600 (or msmtp -C FILE).',
      'Install too: nothing. auth xoauth2 needs msmtp 1.8.13 or newer.',
      `Try it: printf 'Subject: test\\n\\nhello\\n' | msmtp -a ${id} someone@example.com`,
      'cron has a short PATH: write the full path of mailauth there if it is not found.',
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

function gitSendEmail({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'git send-email');
  // git asks its helpers with get, store and erase; only get has an answer.
  const helper = `!f() { test "$1" = get || exit 0; token=$(${shellCommand(tokenCommand)}) && echo "password=$token"; }; f`;
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
      `[credential ${quoted(`smtp://${server.host}:${server.port}`)}]`,
      '\thelper =',
      `\thelper = ${quoted(helper)}`,
      '',
    ].join('\n')
  );
}

function gitSendEmailThroughMsmtp({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'git send-email');
  const command = shellCommand([
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
  return (
    comment('#', [
      `git send-email: sends patches as ${account.address}, through msmtp.`,
      'Where: ~/.gitconfig, or the .git/config of one repository. Needs git 2.33 or newer.',
      'Install too: git send-email itself (Debian: git-email) and msmtp. msmtp needs no file of its own.',
    ]) + ['[sendemail]', `\tfrom = ${quoted(account.address)}`, `\tsendmailCmd = ${quoted(command)}`, ''].join('\n')
  );
}

function postfix({ account, client, secrets }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'Postfix');
  const token = {
    access_token: '',
    expiry: '0',
    refresh_token: secrets?.refreshToken === undefined ? HIDDEN : formPart(secrets.refreshToken.reveal()),
    client_id: oneLine(client.clientId),
    client_secret:
      client.secretCredential === undefined
        ? ''
        : secrets?.clientSecret === undefined
          ? HIDDEN
          : formPart(secrets.clientSecret.reveal()),
    token_endpoint: account.endpoints.token,
    ...(account.ca === undefined ? {} : { ca_bundle_file: account.ca }),
  };
  return (
    comment('#', [
      `Postfix: relays mail as ${account.address} through ${server.host}.`,
      'Install too: the sasl-xoauth2 plugin, https://github.com/tarickb/sasl-xoauth2',
      '',
      'The token file holds a copy of the sign-in, and Postfix renews that copy by itself: keep it readable by',
      'postfix alone. A provider that takes a refresh token only once ends the sign-in when two programs use it;',
      `for such a provider, and to keep no copy at all: mailauth export ${shellWord(account.name)} --format postfix-timer`,
      'The provider lets Postfix send as the mailbox above and usually as nobody else.',
    ]) +
    postfixSettings({ account, user, server }) +
    comment('#', [
      `3. ${tokenFile(account)}, owner postfix, mode 0600.`,
      'Where master.cf runs smtp in a chroot (Debian does), it stands below the queue directory:',
      `/var/spool/postfix${tokenFile(account)}`,
      ...(secrets === undefined ? ['Its secrets are hidden here: --show-secret fills them in.'] : []),
    ]) +
    `${JSON.stringify(token, undefined, 2)}\n`
  );
}

/** sasl-xoauth2 puts its values into the body of the request as they are, so what a form would misread is encoded here. */
function formPart(secret: string): string {
  return oneLine(secret).replace(
    /[^A-Za-z0-9._~/-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function postfixTimer({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'Postfix');
  return (
    comment('#', [
      `Postfix: relays mail as ${account.address} through ${server.host}.`,
      'Install too: the sasl-xoauth2 plugin, https://github.com/tarickb/sasl-xoauth2',
      'mailauth alone holds the sign-in; a script run by root every ten minutes gives Postfix the current access token.',
      'The provider lets Postfix send as the mailbox above and usually as nobody else.',
    ]) +
    postfixSettings({ account, user, server }) +
    comment('#', [
      `3. /usr/local/sbin/postfix-token-${slug(account)}, mode 0755, run by root from cron: */10 * * * *`,
      'Where master.cf does not run smtp in a chroot, the folder is /etc/tokens.',
    ]) +
    [
      '#!/bin/sh',
      'set -eu',
      'folder=$(postconf -h queue_directory)/etc/tokens',
      `token=$(${shellCommand(tokenCommand)} --min-ttl 1800)`,
      'umask 077',
      'mkdir -p "$folder"',
      'new=$(mktemp "$folder/new.XXXXXX")',
      `printf '{"access_token":"%s","refresh_token":"","expiry":"%s"}\\n' "$token" "$(($(date +%s) + 1800))" > "$new"`,
      'chown -R postfix:postfix "$folder"',
      `mv "$new" "$folder/${slug(account)}"`,
      '',
    ].join('\n')
  );
}

function postfixSettings({
  account,
  user,
  server,
}: {
  readonly account: ExportInput['account'];
  readonly user: string;
  readonly server: { readonly host: string; readonly port: number; readonly security: string };
}): string {
  const relay = `[${without('[]$, ', server.host, 'a host name')}]:${server.port}`;
  return (
    comment('#', ['1. /etc/postfix/main.cf, these lines; then: postfix reload']) +
    [
      `relayhost = ${relay}`,
      'smtp_sasl_auth_enable = yes',
      'smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd',
      'smtp_sasl_security_options = noanonymous',
      'smtp_sasl_mechanism_filter = xoauth2',
      'smtp_tls_security_level = secure',
      ...(server.security === 'tls' ? ['smtp_tls_wrappermode = yes'] : []),
      `smtp_tls_CAfile = ${without('$', account.ca ?? SYSTEM_CA, 'a file name')}`,
      '',
      '',
    ].join('\n') +
    comment('#', ['2. /etc/postfix/sasl_passwd, this line; then: postmap /etc/postfix/sasl_passwd']) +
    `${relay} ${without(': ', user, 'a user name')}:${tokenFile(account)}\n\n`
  );
}

function tokenFile(account: ExportInput['account']): string {
  return `/etc/tokens/${slug(account)}`;
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
      `token=$(${shellCommand(tokenCommand)})`,
      'settings() {',
      `  printf '%s\\n' "$@" "oauth2-bearer = \\"$token\\""`,
      '}',
      'case "$1" in',
      ...(imap
        ? [
            '  inbox)',
            '    settings \\',
            `${settings(imap.user, `${imapScheme}://${imap.server.host}:${imap.server.port}/`, ['request = "STATUS INBOX (MESSAGES)"'])} |`,
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
            `${settings(smtp.user, `${smtpScheme}://${smtp.server.host}:${smtp.server.port}/`, [`mail-from = ${quoted(account.address)}`])} |`,
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
