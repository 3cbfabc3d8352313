import type { ExportFormat, ExportInput } from './format.js';
import { comment, requireAnyLogin, requireLogin } from './format.js';
import { arrayLiteral, phpString, stringLiteral } from './quoting.js';

/** Code for programs that send or read mail through a library. */
export const libraryFormats: readonly ExportFormat[] = [
  { id: 'nodemailer', title: 'Nodemailer (Node.js)', carriesSecret: false, needs: 'smtp', render: nodemailer },
  { id: 'imapflow', title: 'ImapFlow (Node.js)', carriesSecret: false, needs: 'imap', render: imapflow },
  { id: 'phpmailer', title: 'PHPMailer (PHP)', carriesSecret: false, needs: 'smtp', render: phpmailer },
  { id: 'python', title: 'Python (smtplib, imaplib)', carriesSecret: false, needs: 'smtp or imap', render: python },
];

const ONE_REFRESHER =
  'mailauth alone holds the sign-in: a refresh token that is used up is replaced there and nowhere else.';

/** `file, [arguments]` of a JavaScript call. */
function jsCall([program = '', ...rest]: readonly string[]): string {
  return `${stringLiteral(program)}, ${arrayLiteral(rest)}`;
}

function nodemailer({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'Nodemailer');
  const [program = '', ...rest] = tokenCommand;
  return (
    comment('//', [
      `Nodemailer: sends mail as ${account.address}.`,
      'Where: a module of your own (ES module). Install too: npm install nodemailer',
      ONE_REFRESHER,
    ]) +
    [
      "import { execFile } from 'node:child_process';",
      ...(account.ca === undefined ? [] : ["import { readFileSync } from 'node:fs';"]),
      "import nodemailer from 'nodemailer';",
      '',
      'export const transport = nodemailer.createTransport({',
      `  host: ${stringLiteral(server.host)},`,
      `  port: ${server.port},`,
      `  secure: ${server.security === 'tls'},`,
      '  requireTLS: true,',
      ...(account.ca === undefined ? [] : [`  tls: { ca: readFileSync(${stringLiteral(account.ca)}) },`]),
      `  auth: { type: 'OAuth2', user: ${stringLiteral(user)} },`,
      '});',
      '',
      '// Called whenever a token is needed; renew says that the server has refused the last one.',
      "transport.set('oauth2_provision_cb', (user, renew, callback) => {",
      `  const command = ${arrayLiteral(rest)};`,
      `  execFile(${stringLiteral(program)}, renew ? [...command, '--force-refresh'] : command, (error, stdout) => {`,
      '    if (error) callback(error);',
      '    else callback(null, stdout.trim(), Date.now() + 60_000);',
      '  });',
      '});',
      '',
      `// await transport.sendMail({ from: ${stringLiteral(account.address)}, to: 'someone@example.com', subject: 'test', text: 'hello' });`,
      '',
    ].join('\n')
  );
}

function imapflow({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'imap', 'ImapFlow');
  return (
    comment('//', [
      `ImapFlow: reads the mailbox of ${account.address}.`,
      'Where: a module of your own (ES module). Install too: npm install imapflow',
      'Call connect() for each connection: a token is good for the login, and for about an hour.',
    ]) +
    [
      "import { execFile } from 'node:child_process';",
      ...(account.ca === undefined ? [] : ["import { readFileSync } from 'node:fs';"]),
      "import { promisify } from 'node:util';",
      "import { ImapFlow } from 'imapflow';",
      '',
      'export async function connect() {',
      `  const { stdout } = await promisify(execFile)(${jsCall(tokenCommand)});`,
      '  const client = new ImapFlow({',
      `    host: ${stringLiteral(server.host)},`,
      `    port: ${server.port},`,
      ...(server.security === 'tls' ? ['    secure: true,'] : ['    secure: false,', '    doSTARTTLS: true,']),
      ...(account.ca === undefined ? [] : [`    tls: { ca: readFileSync(${stringLiteral(account.ca)}) },`]),
      `    auth: { user: ${stringLiteral(user)}, accessToken: stdout.trim() },`,
      '    logger: false,',
      '  });',
      '  await client.connect();',
      '  return client;',
      '}',
      '',
    ].join('\n')
  );
}

function phpmailer({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'PHPMailer');
  return (
    '<?php\n' +
    comment('//', [
      `PHPMailer: sends mail as ${account.address}.`,
      'Where: a file of your own, after the autoloader. Install too: composer require phpmailer/phpmailer (6.6 or newer).',
      'The user that PHP runs as must be able to run mailauth and to read its store.',
      ONE_REFRESHER,
    ]) +
    [
      'use PHPMailer\\PHPMailer\\OAuthTokenProvider;',
      'use PHPMailer\\PHPMailer\\PHPMailer;',
      '',
      'final class MailauthToken implements OAuthTokenProvider',
      '{',
      '    public function getOauth64(): string',
      '    {',
      `        $command = [${tokenCommand.map(phpString).join(', ')}];`,
      "        $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);",
      "        $token = is_resource($process) ? trim(stream_get_contents($pipes[1])) : '';",
      "        if (!is_resource($process) || proc_close($process) !== 0 || $token === '') {",
      "            throw new RuntimeException('mailauth gave no token');",
      '        }',
      `        return base64_encode('user=' . ${phpString(user)} . "\\x01auth=Bearer " . $token . "\\x01\\x01");`,
      '    }',
      '}',
      '',
      '$mail = new PHPMailer(true);',
      '$mail->isSMTP();',
      `$mail->Host = ${phpString(server.host)};`,
      `$mail->Port = ${server.port};`,
      `$mail->SMTPSecure = PHPMailer::${server.security === 'tls' ? 'ENCRYPTION_SMTPS' : 'ENCRYPTION_STARTTLS'};`,
      ...(account.ca === undefined ? [] : [`$mail->SMTPOptions = ['ssl' => ['cafile' => ${phpString(account.ca)}]];`]),
      '$mail->SMTPAuth = true;',
      "$mail->AuthType = 'XOAUTH2';",
      '$mail->setOAuth(new MailauthToken());',
      `$mail->setFrom(${phpString(account.address)});`,
      '',
    ].join('\n')
  );
}

function python({ account, tokenCommand }: ExportInput): string {
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
      ...(smtp === undefined
        ? []
        : [
            '',
            '',
            'def smtp():',
            `    user = ${stringLiteral(smtp.user)}`,
            ...(smtp.server.security === 'tls'
              ? [
                  `    server = smtplib.SMTP_SSL(${stringLiteral(smtp.server.host)}, ${smtp.server.port}, timeout=60, context=${context})`,
                ]
              : [
                  `    server = smtplib.SMTP(${stringLiteral(smtp.server.host)}, ${smtp.server.port}, timeout=60)`,
                  `    server.starttls(context=${context})`,
                ]),
            '    server.ehlo()',
            '    # A challenge after the first answer is an error message: it is answered with an empty line.',
            '    server.auth("XOAUTH2", lambda challenge=None: xoauth2(user) if not challenge else "")',
            '    return server',
          ]),
      ...(imap === undefined
        ? []
        : [
            '',
            '',
            'def imap():',
            `    user = ${stringLiteral(imap.user)}`,
            ...(imap.server.security === 'tls'
              ? [
                  `    server = imaplib.IMAP4_SSL(${stringLiteral(imap.server.host)}, ${imap.server.port}, ssl_context=${context})`,
                ]
              : [
                  `    server = imaplib.IMAP4(${stringLiteral(imap.server.host)}, ${imap.server.port})`,
                  `    server.starttls(${context})`,
                ]),
            '    server.authenticate("XOAUTH2", lambda challenge: b"" if challenge else xoauth2(user).encode())',
            '    return server',
          ]),
      '',
    ].join('\n')
  );
}
