import { hostPort } from '../words/host.js';
import type { ExportFormat, ExportInput } from './format.js';
import { comment, requireAnyLogin } from './format.js';
import { muttString, shellCommand, urlPart } from './quoting.js';

export const mutt: ExportFormat = {
  id: 'mutt',
  title: 'Mutt',
  carriesSecret: false,
  needs: 'smtp or imap',
  render: (input) => settings(input, 'Mutt', '~/.muttrc, or a file that it sources', 'needs Mutt 2.0 or newer'),
};

export const neomutt: ExportFormat = {
  id: 'neomutt',
  title: 'NeoMutt',
  carriesSecret: false,
  needs: 'smtp or imap',
  render: (input) =>
    settings(
      input,
      'NeoMutt',
      '~/.config/neomutt/neomuttrc, or a file that it sources',
      'was tried with NeoMutt 2022-04-29',
    ),
};

function settings({ account, tokenCommand }: ExportInput, program: string, place: string, version: string): string {
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
