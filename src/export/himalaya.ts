import { hostPort } from '../words/host.js';
import type { ExportFormat, ExportInput, Login } from './format.js';
import { comment, requireAnyLogin, slug } from './format.js';
import { arrayLiteral, stringLiteral, without } from './quoting.js';

export const himalaya: ExportFormat = {
  id: 'himalaya',
  title: 'Himalaya 2',
  carriesSecret: false,
  needs: 'smtp or imap',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
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
