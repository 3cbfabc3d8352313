import type { ExportFormat, ExportInput } from './format.js';
import { comment, requireLogin } from './format.js';
import { arrayLiteral, stringLiteral } from './quoting.js';

export const imapflow: ExportFormat = {
  id: 'imapflow',
  title: 'ImapFlow (Node.js)',
  carriesSecret: false,
  needs: 'imap',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
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

/** `file, [arguments]` of a JavaScript call. */
function jsCall([program = '', ...rest]: readonly string[]): string {
  return `${stringLiteral(program)}, ${arrayLiteral(rest)}`;
}
