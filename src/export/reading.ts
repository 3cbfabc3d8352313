import { hostPort } from '../words/host.js';
import type { ExportFormat, ExportInput, Login } from './format.js';
import { comment, requireAnyLogin, requireLogin, slug } from './format.js';
import { aercValue, arrayLiteral, muttString, shellCommand, stringLiteral, urlPart, without } from './quoting.js';

/** Mail readers that a person works in, configured by a file. */
export const readingFormats: readonly ExportFormat[] = [
  {
    id: 'mutt',
    title: 'Mutt',
    carriesSecret: false,
    needs: 'smtp or imap',
    render: (input) => mutt(input, 'Mutt', '~/.muttrc, or a file that it sources', 'needs Mutt 2.0 or newer'),
  },
  {
    id: 'neomutt',
    title: 'NeoMutt',
    carriesSecret: false,
    needs: 'smtp or imap',
    render: (input) =>
      mutt(
        input,
        'NeoMutt',
        '~/.config/neomutt/neomuttrc, or a file that it sources',
        'was tried with NeoMutt 2022-04-29',
      ),
  },
  { id: 'aerc', title: 'aerc', carriesSecret: false, needs: 'imap', render: aerc },
  { id: 'himalaya', title: 'Himalaya 2', carriesSecret: false, needs: 'smtp or imap', render: himalaya },
];

function mutt({ account, tokenCommand }: ExportInput, program: string, place: string, version: string): string {
  const { smtp, imap } = requireAnyLogin(account, program);
  const command = muttString(shellCommand(tokenCommand));
  const starttls = smtp?.server.security === 'starttls' || imap?.server.security === 'starttls';
  return (
    comment('#', [
      `${program}: reads and sends mail as ${account.address}.`,
      `Where: ${place}.`,
      `Install too: nothing. XOAUTH2 ${version}.`,
      ...(account.ca === undefined
        ? []
        : ['ssl_ca_certificates_file exists in builds with GnuTLS, such as Debian has.']),
    ]) +
    [
      `set from = ${muttString(account.address)}`,
      'set ssl_force_tls = yes',
      ...(starttls ? ['set ssl_starttls = yes'] : []),
      ...(account.ca === undefined ? [] : [`set ssl_ca_certificates_file = ${muttString(account.ca)}`]),
      ...(imap === undefined
        ? []
        : [
            '',
            `set folder = ${muttString(`${imap.server.security === 'tls' ? 'imaps' : 'imap'}://${hostPort(imap.server.host, imap.server.port)}/`)}`,
            'set spoolfile = "+INBOX"',
            `set imap_user = ${muttString(imap.user)}`,
            'set imap_authenticators = "xoauth2"',
            `set imap_oauth_refresh_command = ${command}`,
          ]),
      ...(smtp === undefined
        ? []
        : [
            '',
            `set smtp_url = ${muttString(`${smtp.server.security === 'tls' ? 'smtps' : 'smtp'}://${urlPart(smtp.user)}@${hostPort(smtp.server.host, smtp.server.port)}/`)}`,
            'set smtp_authenticators = "xoauth2"',
            `set smtp_oauth_refresh_command = ${command}`,
          ]),
      '',
    ].join('\n')
  );
}

function aerc({ account, tokenCommand }: ExportInput): string {
  const imap = requireLogin(account, 'imap', 'aerc');
  const { smtp } = requireAnyLogin(account, 'aerc');
  const command = aercValue(shellCommand(tokenCommand));
  const url = (scheme: string, { user, server }: Login) =>
    aercValue(`${scheme}+xoauth2://${urlPart(user)}@${hostPort(server.host, server.port)}`);
  return (
    comment('#', [
      `aerc: reads and sends mail as ${account.address}.`,
      'Where: ~/.config/aerc/accounts.conf, mode 0600.',
      'Install too: nothing. Tried with aerc 0.14; smtp-starttls is for versions before 0.15.',
      ...(account.ca === undefined ? [] : [`Start it with SSL_CERT_FILE=${account.ca} in the environment.`]),
    ]) +
    [
      `[${slug(account)}]`,
      `source = ${url(imap.server.security === 'tls' ? 'imaps' : 'imap', imap)}`,
      `source-cred-cmd = ${command}`,
      ...(smtp === undefined
        ? []
        : [
            `outgoing = ${url(smtp.server.security === 'tls' ? 'smtps' : 'smtp', smtp)}`,
            `outgoing-cred-cmd = ${command}`,
            'outgoing-cred-cmd-cache = false',
            ...(smtp.server.security === 'starttls' ? ['smtp-starttls = yes'] : []),
          ]),
      'default = INBOX',
      `from = ${aercValue(`<${account.address}>`)}`,
      '',
    ].join('\n')
  );
}

function himalaya({ account, tokenCommand }: ExportInput): string {
  const { smtp, imap } = requireAnyLogin(account, 'Himalaya');
  const side = (protocol: 'imap' | 'smtp', { user, server }: Login) => [
    '',
    `${protocol}.server = ${stringLiteral(`${server.security === 'tls' ? `${protocol}s` : protocol}://${hostPort(server.host, server.port)}`)}`,
    ...(server.security === 'starttls' ? [`${protocol}.starttls = true`] : []),
    ...(account.ca === undefined ? [] : [`${protocol}.tls.cert = ${stringLiteral(account.ca)}`]),
    // Himalaya expands variables in a user name, and in no other of these values.
    `${protocol}.sasl.xoauth2.username = ${stringLiteral(without('$', user, 'a user name'))}`,
    `${protocol}.sasl.xoauth2.token.command = ${arrayLiteral(tokenCommand)}`,
  ];
  return (
    comment('#', [
      `Himalaya: reads and sends mail as ${account.address}.`,
      'Where: ~/.config/himalaya/config.toml.',
      'Install too: nothing. These keys are those of Himalaya 2.0 and 2.1; version 1 had others.',
    ]) +
    [
      `[accounts.${slug(account)}]`,
      'default = true',
      `email = ${stringLiteral(account.address)}`,
      ...(imap === undefined ? [] : side('imap', imap)),
      ...(smtp === undefined ? [] : side('smtp', smtp)),
      '',
    ].join('\n')
  );
}
