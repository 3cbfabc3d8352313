import type { Account } from '../account/account.js';
import type { ExportFormat, ExportInput, Login } from './format.js';
import { comment, HIDDEN, requireLogin, shellToken, slug } from './format.js';
import { msmtpCommand, msmtpIsConfined } from './msmtp.js';
import { oneLine, shellCommand, shellWord, without } from './quoting.js';

/** Postfix, which relays the mails of a whole machine, by what logs in for it. */
export const postfixFormats: readonly ExportFormat[] = [
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
  {
    id: 'postfix-msmtp',
    title: 'Postfix through msmtp, without a plugin',
    carriesSecret: false,
    needs: 'smtp',
    render: postfixThroughMsmtp,
  },
];

const SYSTEM_CA = '/etc/ssl/certs/ca-certificates.crt';
const PLUGIN = [
  'Install too: the sasl-xoauth2 plugin, https://github.com/tarickb/sasl-xoauth2',
  'Its /etc/sasl-xoauth2.conf must exist, and may stay as it was installed.',
];
const UNATTENDED = 'there is no keychain there, and nobody to type a passphrase.';
const SENDER = 'The provider lets Postfix send as the mailbox above and usually as nobody else.';

function postfix({ account, client, secrets }: ExportInput): string {
  const login = requireLogin(account, 'smtp', 'Postfix');
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
      `Postfix: relays mail as ${account.address} through ${login.server.host}.`,
      ...PLUGIN,
      '',
      'The token file holds a copy of the sign-in, and Postfix renews that copy by itself: keep it readable by',
      'postfix alone. A provider that takes a refresh token only once ends the sign-in when two programs use it;',
      `for such a provider, and to keep no copy at all: mailauth export ${shellWord(account.name)} --format postfix-timer`,
      SENDER,
    ]) +
    settingsForPlugin(account, login) +
    comment('#', [
      `3. ${tokenFile(account)}, mode 0600. It and its folder belong to postfix.`,
      'Where master.cf runs smtp in a chroot (Debian does), it stands below the queue directory:',
      `/var/spool/postfix${tokenFile(account)}`,
      'There the plugin finds no certificates of its own accord. In /etc/default/postfix, then systemctl restart postfix:',
      `chroot_extra_files=${shellWord((account.ca ?? SYSTEM_CA).replace(/^\//, ''))}`,
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
  const login = requireLogin(account, 'smtp', 'Postfix');
  const script = `/usr/local/sbin/postfix-token-${slug(account)}`;
  return (
    comment('#', [
      `Postfix: relays mail as ${account.address} through ${login.server.host}.`,
      ...PLUGIN,
      'mailauth alone holds the sign-in; a script run by root every ten minutes gives Postfix the current access token.',
      `root sets this account up, in the encrypted file with a key file: ${UNATTENDED}`,
      SENDER,
    ]) +
    settingsForPlugin(account, login) +
    comment('#', [
      `3. ${script}, owner root, mode 0755, and in /etc/cron.d a file with this line:`,
      `*/10 * * * * root ${script}`,
      'Where master.cf does not run smtp in a chroot, the folder is /etc/tokens.',
    ]) +
    [
      '#!/bin/sh',
      'set -eu',
      ...environment(account),
      ...shellToken(`${shellCommand(tokenCommand)} --min-ttl 1800`),
      '# root owns the folder, and Postfix only reads in it: nobody else can put a link where this script writes.',
      'above=$(postconf -h queue_directory)/etc',
      'mkdir -p -m 755 "$above/tokens"',
      'chown root:root "$above/tokens"',
      'chmod 755 "$above/tokens"',
      'umask 077',
      'work=$(mktemp -d "$above/new.XXXXXX")',
      `trap 'rm -rf "$work"' EXIT`,
      `printf '{"access_token":"%s","refresh_token":"","expiry":"%s"}\\n' "$token" "$(($(date +%s) + 1800))" > "$work/token"`,
      'chown root:postfix "$work/token"',
      'chmod 640 "$work/token"',
      `target=$above/tokens/${slug(account)}`,
      '# mv would move into a folder, or through a link to one.',
      'if [ -L "$target" ] || [ -d "$target" ]; then rm -rf "$target"; fi',
      'mv -f "$work/token" "$target"',
      '',
    ].join('\n')
  );
}

function postfixThroughMsmtp({ account, tokenCommand }: ExportInput): string {
  const login = requireLogin(account, 'smtp', 'Postfix');
  const transport = `mailauth-${slug(account)}`;
  const script = `/usr/local/lib/postfix-msmtp-${slug(account)}`;
  return (
    comment('#', [
      `Postfix: relays mail as ${account.address} through ${login.server.host}.`,
      'Install too: msmtp 1.8.13 or newer. It logs in and hands over each mail, so Postfix needs no SASL plugin.',
      '',
      'USER below is any user but root and postfix: as those, Postfix runs no command. That user sets this account up,',
      `in the encrypted file with a key file: ${UNATTENDED}`,
      `Each mail leaves with ${account.address} as its envelope sender.`,
      SENDER,
      ...msmtpIsConfined,
    ]) +
    comment('#', [
      `1. ${script}, owner root, mode 0755`,
      'Postfix runs it with a short PATH: write the full path of mailauth there if it is not found.',
    ]) +
    [
      '#!/bin/sh',
      '# 75 keeps a mail in the queue. 65 returns it: the provider has refused its sender or recipient for good.',
      'export HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"',
      ...environment(account),
      // Postfix puts quotes around what is no plain word, and msmtp would leave out what is between them.
      `case $1 in *\\"*) echo "msmtp has no way to write to $1"; exit 65 ;; esac`,
      `${msmtpCommand({ account, tokenCommand }, login)} -- "$@"`,
      'status=$?',
      'case $status in 0 | 65) exit $status ;; *) exit 75 ;; esac',
      '',
      '',
    ].join('\n') +
    comment('#', ['2. /etc/postfix/master.cf, these lines at its end, with the name of USER']) +
    [`${transport} unix - n n - 2 pipe`, `  flags=q user=USER argv=${script} $recipient`, '', ''].join('\n') +
    comment('#', ['3. /etc/postfix/main.cf, these lines, in place of any with the same names; then: postfix reload']) +
    [`default_transport = ${transport}:`, `${transport}_destination_recipient_limit = 1`, ''].join('\n')
  );
}

/** What a script needs that gets little from who calls it: a PATH without these folders, and no variables. */
function environment({ store: { key, keyPath } }: Account): readonly string[] {
  return [
    'export PATH="$PATH:/usr/local/bin:/usr/sbin"',
    ...(key === 'key-file' && keyPath !== undefined ? [`export MAILAUTH_KEY_FILE=${shellWord(keyPath)}`] : []),
  ];
}

function settingsForPlugin(account: Account, login: Login): string {
  const relay = `[${without('[]$, ', login.server.host, 'a host name')}]:${login.server.port}`;
  return (
    comment('#', ['1. /etc/postfix/main.cf, these lines, in place of any with the same names; then: postfix reload']) +
    [
      `relayhost = ${relay}`,
      'smtp_sasl_auth_enable = yes',
      'smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd',
      'smtp_sasl_security_options = noanonymous',
      'smtp_sasl_mechanism_filter = xoauth2',
      'smtp_tls_security_level = secure',
      ...(login.server.security === 'tls' ? ['smtp_tls_wrappermode = yes'] : []),
      `smtp_tls_CAfile = ${without('$', account.ca ?? SYSTEM_CA, 'a file name')}`,
      '',
      '',
    ].join('\n') +
    comment('#', ['2. /etc/postfix/sasl_passwd, this line; then: postmap /etc/postfix/sasl_passwd']) +
    `${relay} ${without(': ', login.user, 'a user name')}:${tokenFile(account)}\n\n`
  );
}

function tokenFile(account: Account): string {
  return `/etc/tokens/${slug(account)}`;
}
