import type { ExportFormat, ExportInput } from './format.js';
import { comment, ONE_REFRESHER, requireLogin } from './format.js';
import { arrayLiteral, stringLiteral } from './quoting.js';

export const nodemailer: ExportFormat = {
  id: 'nodemailer',
  title: 'Nodemailer (Node.js)',
  carriesSecret: false,
  needs: 'smtp',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
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
