import type { ExportFormat, ExportInput, Login } from './format.js';
import { comment, requireAnyLogin } from './format.js';
import { arrayLiteral, stringLiteral } from './quoting.js';

export const python: ExportFormat = {
  id: 'python',
  title: 'Python (smtplib, imaplib)',
  carriesSecret: false,
  needs: 'smtp or imap',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
  const { smtp, imap } = requireAnyLogin(account, 'Python');
  const context =
    account.ca === undefined
      ? 'ssl.create_default_context()'
      : `ssl.create_default_context(cafile=${stringLiteral(account.ca)})`;
  return (
    comment('#', [
      `Python: ${[...(smtp ? ['sends mail as'] : []), ...(imap ? ['reads the mailbox of'] : [])].join(' and ')} ${account.address}.`,
      'Where: a module of your own. Install too: nothing; Python 3.7 or newer.',
    ]) +
    [
      ...(imap === undefined ? [] : ['import imaplib']),
      ...(smtp === undefined ? [] : ['import smtplib']),
      'import ssl',
      'import subprocess',
      '',
      '',
      'def xoauth2(user):',
      `    command = ${arrayLiteral(tokenCommand)}`,
      '    token = subprocess.run(command, check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout.strip()',
      '    return "user=" + user + "\\x01auth=Bearer " + token + "\\x01\\x01"',
      ...(smtp === undefined ? [] : smtpLines(smtp, context)),
      ...(imap === undefined ? [] : imapLines(imap, context)),
      '',
    ].join('\n')
  );
}

function smtpLines({ server, user }: Login, context: string): readonly string[] {
  return [
    '',
    '',
    'def smtp():',
    `    user = ${stringLiteral(user)}`,
    ...(server.security === 'tls'
      ? [`    server = smtplib.SMTP_SSL(${stringLiteral(server.host)}, ${server.port}, timeout=60, context=${context})`]
      : [
          `    server = smtplib.SMTP(${stringLiteral(server.host)}, ${server.port}, timeout=60)`,
          `    server.starttls(context=${context})`,
        ]),
    '    server.ehlo()',
    '    # A challenge after the first answer is an error message: it is answered with an empty line.',
    '    server.auth("XOAUTH2", lambda challenge=None: xoauth2(user) if not challenge else "")',
    '    return server',
  ];
}

function imapLines({ server, user }: Login, context: string): readonly string[] {
  return [
    '',
    '',
    'def imap():',
    `    user = ${stringLiteral(user)}`,
    ...(server.security === 'tls'
      ? [`    server = imaplib.IMAP4_SSL(${stringLiteral(server.host)}, ${server.port}, ssl_context=${context})`]
      : [
          `    server = imaplib.IMAP4(${stringLiteral(server.host)}, ${server.port})`,
          `    server.starttls(${context})`,
        ]),
    '    server.authenticate("XOAUTH2", lambda challenge: b"" if challenge else xoauth2(user).encode())',
    '    return server',
  ];
}
