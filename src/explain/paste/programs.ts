import type { Words } from '../rule.js';

/** Programs that show the errors people paste: how each is recognised, and where it has the setting that fixes them. */
export interface Program {
  readonly title: string;
  /** Tested against the paste without its wrapping. */
  readonly shows: Words;
  /** The format of `mailauth export` for it. */
  readonly export?: string;
  /** How it is told to log in with a token; for sending or for reading, where that differs. */
  readonly login?: string | { readonly smtp: string; readonly imap: string };
  /** Where it signs in again. */
  readonly signin?: string;
  /** How port and encryption are chosen. */
  readonly port?: string | { readonly smtp: string; readonly imap: string };
  /** How it is made to say more. */
  readonly log?: string;
}

const MUTT_LOGIN = {
  smtp: 'set smtp_authenticators to "xoauth2", and smtp_oauth_refresh_command to a command that prints a token',
  imap: 'set imap_authenticators to "xoauth2", and imap_oauth_refresh_command to a command that prints a token',
};

/** An application before the library it uses, since the application has the setting. */
export const PROGRAMS: readonly Program[] = [
  {
    title: 'email-oauth2-proxy',
    shows: /email ?oauth ?2(?:\.0)? ?proxy|email-oauth2-proxy|emailproxy/i,
    signin:
      'delete the lines token_salt to refresh_token of the account in emailproxy.config, restart, and sign in again',
    port: 'the mail program speaks without encryption to the local port; the proxy itself speaks TLS to the server',
    log: 'start it with --debug',
  },
  {
    title: 'sasl-xoauth2',
    shows: /sasl-xoauth2|TokenStore::/,
    signin: 'make a new token file with sasl-xoauth2-tool, in the place that Postfix reads inside its chroot',
    log: 'set "log_full_trace_on_failure": "yes" in sasl-xoauth2.conf and look into the mail log',
  },
  {
    title: 'Zammad',
    shows: /zammad/i,
    signin: 'open Channels, then the channel of the mailbox, and authenticate the account again',
  },
  {
    title: 'Odoo',
    shows: /\bodoo\b/i,
    signin: 'open the mail server in the settings and connect the account again',
  },
  {
    title: 'osTicket',
    shows: /osticket/i,
    signin: 'open Emails > the address > Remote Mailbox or Outgoing, and authorise OAuth2 again',
    login: 'choose OAuth2 as authentication of the address',
  },
  {
    title: 'GLPI',
    shows: /\bGLPI\b|verify application configuration/i,
    signin: 'open the OAuth application of the plugin and create the authorization again',
  },
  { title: 'FreeScout', shows: /freescout/i, login: 'connect the mailbox with OAuth in its connection settings' },
  {
    title: 'Nextcloud Mail',
    shows: /nextcloud/i,
    signin: 'open the account settings of Mail and connect the account again',
  },
  {
    title: 'Home Assistant',
    shows: /home[ -]?assistant|homeassistant|custom_components/i,
    signin: 'open the integration and choose to reauthenticate',
  },
  {
    title: 'Paperless-ngx',
    shows: /paperless/i,
    signin: 'open Mail, and connect the account again',
  },
  {
    title: 'Znuny',
    shows: /znuny|\botrs\b|Kernel::System::MailAccount/i,
    signin: 'open the OAuth2 tokens in the administration and request a new token',
    login: 'choose OAuth2 as authentication of the mail account',
  },
  {
    title: 'Dolibarr',
    shows: /dolibarr/i,
    signin: 'open the set-up of the module OAuth, delete the token and request it again',
  },
  { title: 'n8n', shows: /\bn8n\b/i, signin: 'open the credential and connect the account again' },
  {
    title: 'GitLab',
    shows: /\bgitlab\b|mail_room/i,
    login: 'set inbox_options or smtp settings to OAuth2 in gitlab.rb',
  },
  {
    title: 'Jenkins',
    shows: /\bjenkins\b|hudson\./i,
    login: 'Jenkins mails with a user name and a password: use an app password, or a local server that adds the token',
  },
  {
    title: 'WordPress',
    shows: /wordpress|wp-content|wp_mail|WP Mail SMTP/i,
    login: 'choose the provider’s own mailer in the mail plugin in place of "Other SMTP"',
    signin: 'remove the connection in the mail plugin and authorise it again',
  },
  { title: 'Joomla', shows: /joomla/i },
  {
    title: 'Keycloak',
    shows: /keycloak/i,
    login: 'in the realm’s email settings choose "Token" as authentication type (Keycloak 26.2 or later)',
  },
  {
    title: 'Vaultwarden',
    shows: /vaultwarden/i,
    login: 'set SMTP_AUTH_MECHANISM to "Xoauth2", and give a token as password',
  },
  {
    title: 'DavMail',
    shows: /davmail/i,
    signin: 'set davmail.mode to O365Interactive or O365Manual and sign in again',
    log: 'set log4j.logger.davmail=DEBUG',
  },
  {
    title: 'Roundcube',
    shows: /roundcube/i,
    login: 'configure oauth_provider and the other oauth_ settings',
    log: 'set imap_debug and smtp_debug to true',
  },
  { title: 'Redmine', shows: /redmine/i },
  { title: 'imap-backup', shows: /imap-backup/i, signin: 'choose the account in its set-up and sign in again' },
  {
    title: 'imapsync',
    shows: /imapsync|Host[12] failure|Error login on \[/i,
    login: 'give the token with --oauthaccesstoken1 (or 2)',
  },
  {
    title: 'offlineimap',
    shows: /offlineimap|xoauth2handler|\*\*\* Processing account/i,
    export: 'offlineimap',
    login: 'set auth_mechanisms = XOAUTH2 and oauth2_access_token_eval',
    signin:
      'get a new refresh token and put it into oauth2_refresh_token, or let oauth2_access_token_eval fetch tokens',
    log: 'run it with -d imap',
  },
  {
    title: 'mbsync',
    shows: /\bmbsync\b|\bisync\b|^(?:Error: )?SASL\(-\d+\)/im,
    export: 'isync',
    login:
      'set AuthMechs XOAUTH2 and PassCmd to a command that prints a token, and install the SASL plugin for XOAUTH2',
    port: 'TLSType IMAPS goes with port 993, STARTTLS with 143',
    log: 'run it with -D',
  },
  {
    title: 'NeoMutt',
    shows: /neomutt|No OAUTH refresh command defined|No authenticators available or wrong/i,
    export: 'neomutt',
    login: MUTT_LOGIN,
    port: 'imaps:// and smtps:// go with 993 and 465; ssl_starttls with 143 and 587',
    log: 'run it with -d 2 and look into ~/.neomuttdebug0',
  },
  {
    title: 'mutt',
    shows: /\bmutt\b|muttrc/i,
    export: 'mutt',
    login: MUTT_LOGIN,
    log: 'run it with -d 2 and look into ~/.muttdebug0',
  },
  {
    title: 'msmtp',
    shows: /\bmsmtp/i,
    export: 'msmtp',
    login: 'set "auth xoauth2" and passwordeval to a command that prints a token',
    port: '"tls_starttls on" goes with port 587, "tls_starttls off" with 465',
    log: 'run it with --debug',
  },
  {
    title: 'getmail',
    shows: /\bgetmail/i,
    export: 'getmail6',
    login: 'set use_xoauth2 = True and password_command',
    log: 'run it with -v -v -v',
  },
  {
    title: 'fetchmail',
    shows: /\bfetchmail/i,
    export: 'fetchmail',
    login: 'set "auth oauthbearer" (fetchmail 7) or use a program between; 6.4 and older cannot log in with a token',
    port: 'without "sslproto \'\'" fetchmail asks for encryption also from a server on this machine',
    log: 'run it with -v -v',
  },
  {
    title: 'himalaya',
    shows: /himalaya|email::imap|email::smtp/i,
    export: 'himalaya',
    login: 'set backend.auth.type = "oauth2" (a build with the oauth2 feature)',
    log: 'run it with --trace',
  },
  {
    title: 'aerc',
    shows: /\baerc\b/i,
    export: 'aerc',
    login: 'use imaps+xoauth2:// and a source-cred-cmd that prints a token',
  },
  {
    title: 'git send-email',
    shows: /git[- ]send-email|git-credential/i,
    export: 'git-send-email',
    login: 'set sendemail.smtpAuth = XOAUTH2 and a credential helper that gives a token',
  },
  {
    title: 'swaks',
    shows:
      /\bswaks\b|^(?:<\*\* |\*\*\* (?:Connected|Host|Error|Remote|Trying|Cannot|Auth|No )|=== (?:Trying|Connected))/im,
    export: 'swaks',
    login: 'use --auth XOAUTH2 with the token as --auth-password',
  },
  {
    title: 'curl',
    shows: /\bcurl\b/i,
    export: 'curl',
    login: 'give the token with --oauth2-bearer in a configuration file',
  },
  {
    title: 'Emacs',
    shows: /\bemacs\b|smtpmail|\bgnus\b/i,
    login: 'use smtpmail-auth-supported with xoauth2 and auth-source-xoauth2',
  },
  { title: 'docker-mailserver', shows: /docker-mailserver/i },
  {
    title: 'Postfix',
    shows: /(?<!ESMTP )\bpostfix\b/i,
    export: 'postfix',
    login: 'set smtp_sasl_mechanism_filter = xoauth2 and install a SASL plugin for XOAUTH2',
    port: 'smtp_tls_wrappermode = yes goes with port 465, smtp_tls_security_level = encrypt with 587',
    log: 'look into the mail log for the lines of the same queue ID',
  },
  {
    title: 'Exim',
    shows: /(?<!ESMTP )\bexim\b/i,
    login: 'define an authenticator with driver = plaintext, public_name = XOAUTH2',
  },
  {
    title: 'Thunderbird for Android',
    shows: /thunderbird for android|\bk-?9\b|com\.fsck\.k9|net\.thunderbird/i,
    login: {
      smtp: 'set Authentication to "OAuth 2.0" in the outgoing server settings',
      imap: 'set Authentication to "OAuth 2.0" in the incoming server settings',
    },
    signin: 'open the incoming server settings and sign in again',
  },
  {
    title: 'FairEmail',
    shows: /fairemail|eu\.faircode/i,
    login: 'set the account up again with the quick set-up of its provider (OAuth)',
    signin: 'use the quick set-up of the provider and sign in again',
  },
  { title: 'Mailspring', shows: /mailspring/i },
  {
    title: 'Thunderbird',
    shows: /thunderbird|mozilla(?!\/\d)|betterbird/i,
    login: {
      smtp: 'set Authentication method to "OAuth2" in the settings of the outgoing server (SMTP)',
      imap: 'set Authentication method to "OAuth2" in the server settings of the account',
    },
    signin: 'remove the oauth:// entry among the saved passwords, then fetch mail and sign in again',
    port: 'SSL/TLS goes with 993 and 465, STARTTLS with 143 and 587',
  },
  {
    title: 'Evolution',
    shows: /\bevolution\b|evolution-data-server|camel-/i,
    login: 'choose OAuth2 as authentication type of the account',
  },
  { title: 'rclone', shows: /\brclone\b/i, signin: 'run "rclone config reconnect REMOTE:"' },
  { title: 'GAM', shows: /\bGAM\b/, signin: 'run "gam oauth create" again' },
  {
    title: 'Nodemailer',
    shows: /nodemailer|code: 'EAUTH'|Invalid login: |smtp-connection/i,
    export: 'nodemailer',
    login: "set auth: { type: 'OAuth2', user, accessToken }",
    signin: 'put a new refresh token into auth.refreshToken, made with the same client',
    port: 'secure: true goes with port 465, secure: false with 587',
    log: 'set logger: true and debug: true',
  },
  {
    title: 'ImapFlow',
    shows: /imapflow/i,
    export: 'imapflow',
    login: 'set auth: { user, accessToken }',
    log: 'look at responseText and response of the error',
  },
  {
    title: 'node-imap',
    shows: /textCode: '|node_modules\/imap\/|source: '(?:authentication|timeout|timeout-auth)'|mail-listener/i,
    login: 'give the SASL string in xoauth2, not a password',
    log: 'set debug: console.log',
  },
  {
    title: 'PHPMailer',
    shows: /phpmailer|SERVER -> CLIENT|CLIENT -> SERVER|Could not authenticate/i,
    export: 'phpmailer',
    login: "set AuthType = 'XOAUTH2' and setOAuth(...)",
    port: 'SMTPSecure = ENCRYPTION_SMTPS goes with port 465, ENCRYPTION_STARTTLS with 587',
    log: 'set SMTPDebug = SMTP::DEBUG_CONNECTION',
  },
  {
    title: 'Symfony Mailer',
    shows: /Symfony.{0,3}Component.{0,3}Mailer|following authenticators/i,
    login: 'use only the authenticator for XOAUTH2, and give a token as password',
  },
  {
    title: 'Swift Mailer',
    shows: /swift_?(?:mailer|transport)|possible authenticators/i,
    login: "setAuthMode('XOAUTH2'), and give a token as password",
  },
  {
    title: 'MailKit',
    shows: /MailKit|SaslMechanism|MimeKit/,
    export: 'mailkit',
    login: 'authenticate with SaslMechanismOAuth2(user, token)',
    signin: 'get a new refresh token with the same client, or fetch a new access token before each login',
    port: 'SslOnConnect goes with 465 and 993, StartTls with 587 and 143',
    log: 'pass a ProtocolLogger to the client',
  },
  {
    title: '.NET',
    shows: /System\.Net\.Mail|System\.Net\.Sockets|System\.Security\.Authentication/,
    login: 'SmtpClient of System.Net.Mail cannot log in with a token: MailKit can',
  },
  {
    title: 'Jakarta Mail',
    shows: /javax\.mail|jakarta\.mail|com\.sun\.mail|org\.eclipse\.angus|springframework\.mail/,
    export: 'jakarta-mail',
    login: {
      smtp: 'set mail.smtp.auth.mechanisms to XOAUTH2, and give a token as password',
      imap: 'set mail.imap.auth.mechanisms to XOAUTH2, and give a token as password',
    },
    signin: 'get a new refresh token with the same client, or fetch a new access token before each login',
    port: {
      smtp: 'mail.smtp.ssl.enable goes with 465, mail.smtp.starttls.enable with 587',
      imap: 'mail.imap.ssl.enable goes with 993, mail.imap.starttls.enable with 143',
    },
    log: 'set mail.debug and mail.debug.auth to true',
  },
  {
    title: 'Python',
    shows: /smtplib|imaplib|aiosmtplib|Traceback \(most recent|oauthlib|RefreshError/,
    export: 'python',
    login: {
      smtp: "use auth('XOAUTH2', ...) of smtplib, not login()",
      imap: "use authenticate('XOAUTH2', ...) of imaplib, not login()",
    },
    signin: 'get a new refresh token with the same client, or fetch a new access token before each login',
    port: {
      smtp: 'SMTP_SSL goes with 465, SMTP and starttls() with 587',
      imap: 'IMAP4_SSL goes with 993, IMAP4 and starttls() with 143',
    },
    log: 'call set_debuglevel(2), or set debug = 4',
  },
  {
    title: 'Ruby',
    shows: /Net::(?:SMTP|IMAP)|net\/(?:smtp|imap)\.rb|ActionMailer/,
    login: 'authenticate with the mechanism xoauth2 and a token; old versions need a gem for it',
  },
  {
    title: 'gen_smtp',
    shows: /gen_smtp|bamboo|swoosh|network_failure|no_more_hosts|retries_exceeded/i,
    port: 'ssl: true goes with port 465, tls: :always with 587',
  },
  {
    title: 'Go',
    shows: /\bdial tcp\b|net\/smtp|goroutine \d|\.go:\d+/,
    login: 'net/smtp has no XOAUTH2: use an smtp.Auth that has, such as that of go-sasl',
  },
];

export function programIn(whole: string): Program | undefined {
  return PROGRAMS.find(({ shows }) => shows.test(whole));
}
