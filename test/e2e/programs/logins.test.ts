import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ImapFlow } from 'imapflow';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportFormats } from '../../../src/render/exporters.js';
import { type AuthorizationServer, startAuthorizationServer } from '../../servers/authorization-server.js';
import { type Authority, makeAuthority } from '../../servers/certificates.js';
import { type Dovecot, startDovecot } from '../../servers/dovecot.js';
import { type Postfix, startPostfix } from '../../servers/postfix.js';
import { writeBrowser } from '../../servers/scripted-browser.js';
import { run as runInTerminal, type Terminal } from '../../servers/terminal.js';

/**
 * Real programs, each configured by `mailauth export` alone, log in to a real Dovecot and a real Postfix with tokens
 * that the real `mailauth token` gets from a real authorization server. A login counts when the server's log says so.
 */

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ADDRESS = 'reception@happypaws.example';
const NAME = 'reception';
const SUBJECT = 'a message that was there before';

let folder: string;
let env: Record<string, string>;
let authority: Authority;
let issuer: AuthorizationServer;
let dovecot: Dovecot;
let postfix: Postfix;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-programs-'));
  const [home, bin] = [join(folder, 'home'), join(folder, 'bin')];
  for (const path of [bin, join(home, 'Mail', NAME)]) mkdirSync(path, { recursive: true });
  const mailauth = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/mailauth.js')}' "$@"\n`;
  writeFileSync(join(bin, 'mailauth'), mailauth, { mode: 0o755 });
  env = {
    PATH: `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
    HOME: home,
    LANG: 'C.UTF-8',
    MAILAUTH_CONFIG_DIR: join(folder, 'config'),
    MAILAUTH_KEY_FILE: join(folder, 'key'),
  };
  authority = makeAuthority();
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  issuer = await startAuthorizationServer({ layout: 'google', authority, accounts: [ADDRESS] });
  dovecot = await startDovecot({ authority, introspectionUrl: issuer.introspectionUrl });
  postfix = await startPostfix({ authority, dovecot });
  await setUp();
  await putMessage();
});

afterAll(async () => {
  await postfix?.stop();
  await dovecot?.stop();
  await issuer?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The whole of `mailauth setup`, with a browser that is played. */
async function setUp(): Promise<void> {
  await run('mailauth', ['key', join(folder, 'key')]);
  const client = await issuer.registerClient({ type: 'desktop' });
  const browser = writeBrowser(folder, { ca: authority.cert, record: join(folder, 'visit.json') });
  const flags = {
    account: ADDRESS,
    name: NAME,
    'client-id': client.clientId,
    'client-secret-file': '-',
    issuer: issuer.issuer,
    ca: join(folder, 'ca.pem'),
    store: 'file',
    'smtp-host': 'localhost',
    'smtp-port': String(postfix.submission),
    'smtp-security': 'starttls',
    'imap-host': 'localhost',
    'imap-port': String(dovecot.imaps),
    'imap-security': 'tls',
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  await run('mailauth', ['setup', 'gmail', ...args], { input: client.clientSecret, env: { BROWSER: browser } });
}

async function putMessage(): Promise<void> {
  const accessToken = (await run('mailauth', ['token', NAME])).stdout.trim();
  const auth = { user: ADDRESS, accessToken };
  const tls = { ca: authority.cert };
  const client = new ImapFlow({ host: 'localhost', port: dovecot.imaps, secure: true, auth, tls, logger: false });
  await client.connect();
  await client.append('INBOX', `From: ${ADDRESS}\r\nSubject: ${SUBJECT}\r\nMessage-ID: <1@test>\r\n\r\nhello\r\n`);
  await client.logout();
}

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Fails, with all it said, when that is not a good one. */
function run(
  file: string,
  args: readonly string[],
  more: { readonly input?: string; readonly env?: Record<string, string>; readonly cwd?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...env, ...more.env }, cwd: more.cwd ?? folder, timeout: 50_000 });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve({ stdout, stderr });
      else reject(new Error(`${file} ended with ${code}\n${stdout}\n${stderr}`));
    });
    // A program that reads no input may be gone before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(more.input ?? '');
  });
}

/** What `mailauth export` prints, in a file of its own, changed only where a test has to complete it. */
async function exported(format: string, complete: (text: string) => string = (text) => text): Promise<string> {
  const path = join(folder, format);
  await run('mailauth', ['export', NAME, '--format', format, '--write', path, '--yes']);
  const text = readFileSync(path, 'utf8');
  if (complete(text) !== text) writeFileSync(path, complete(text));
  return path;
}

/** Holds when Postfix has taken a mail for this recipient from somebody who logged in with a token. */
async function expectSent(recipient: string): Promise<void> {
  await expect.poll(() => postfix.log(), { timeout: 10_000 }).toMatch(new RegExp(`to=<${recipient}>.*status=sent`));
  const log = await postfix.log();
  const queueId = new RegExp(`([0-9A-F]+): to=<${recipient}>`).exec(log)?.[1];
  expect(log).toMatch(new RegExp(`${queueId}: client=.*sasl_method=(XOAUTH2|OAUTHBEARER), sasl_username=${ADDRESS}`));
}

const imapLogins = async () =>
  [
    ...(await dovecot.log()).matchAll(
      new RegExp(`imap-login: Info: Login: user=<${ADDRESS}>, method=(XOAUTH2|OAUTHBEARER)`, 'g'),
    ),
  ].length;

/** Runs `program` and holds when Dovecot has counted a login by token more. */
async function expectImapLogin<T>(program: () => Promise<T>): Promise<T> {
  const before = await imapLogins();
  const result = await program();
  await expect.poll(imapLogins, { timeout: 5_000 }).toBeGreaterThan(before);
  return result;
}

const mail = (subject: string) => `From: ${ADDRESS}\nSubject: ${subject}\n\nhello\n`;

/** The mails below a folder, whatever its layout. */
const fetched = (path: string) =>
  readdirSync(join(env['HOME'] ?? '', path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\b(cur|new)$/.test(entry.parentPath))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

describe('programs that send', () => {
  test('msmtp', async () => {
    const path = await exported('msmtp');
    await run('msmtp', ['-C', path, '-a', NAME, 'msmtp@example.com'], { input: mail('msmtp') });
    await expectSent('msmtp@example.com');
  });

  test.each(['git-send-email', 'git-send-email-msmtp'])('%s', async (format) => {
    const path = await exported(format);
    const repository = join(folder, `${format}-repository`);
    mkdirSync(repository);
    const identity = {
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: ADDRESS,
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: ADDRESS,
    };
    const perl = { PERL5LIB: join(import.meta.dirname, 'perl') };
    const git = (...args: string[]) =>
      run('git', args, { cwd: repository, env: { ...identity, ...perl, GIT_CONFIG_GLOBAL: path } });
    await git('init', '-q');
    writeFileSync(join(repository, 'file'), 'text\n');
    await git('add', 'file');
    await git('commit', '-q', '-m', 'A change');
    await git('format-patch', '-q', '--root', 'HEAD');
    await git(
      'send-email',
      '--confirm=never',
      '--suppress-cc=all',
      `--to=${format}@example.com`,
      '0001-A-change.patch',
    );
    await expectSent(`${format}@example.com`);
  });

  test.each(['mutt', 'neomutt'])('%s', async (program) => {
    const path = await exported(program);
    await run(program, ['-n', '-F', path, '-s', 'a mail', `${program}@example.com`], { input: 'hello\n' });
    await expectSent(`${program}@example.com`);
  });

  test('curl', async () => {
    await run('sh', [await exported('curl'), 'send', 'curl@example.com'], { input: mail('curl') });
    await expectSent('curl@example.com');
  });

  test('Nodemailer', async () => {
    await node(
      'nodemailer',
      `await transport.sendMail({ from: '${ADDRESS}', to: 'nodemailer@example.com', subject: 'x', text: 'y' });`,
    );
    await expectSent('nodemailer@example.com');
  });

  test('PHPMailer', async () => {
    const loaded = (text: string) =>
      `${text.replace('use PHPMailer', "require '/usr/share/php/libphp-phpmailer/autoload.php';\n$&")}
       $mail->addAddress('phpmailer@example.com'); $mail->Subject = 'x'; $mail->Body = 'y'; $mail->send();`;
    await run('php', [await exported('phpmailer', loaded)]);
    await expectSent('phpmailer@example.com');
  });

  test('Python', async () => {
    const script = `\nserver = smtp()\nserver.sendmail("${ADDRESS}", ["python@example.com"], "Subject: x\\n\\ny")\nserver.quit()\n`;
    await run('python3', [await exported('python', (text) => text + script)]);
    await expectSent('python@example.com');
  });
});

/** Runs an exported ES module, and the lines after it, where it finds the libraries. */
async function node(format: string, lines: string): Promise<Ran> {
  const library = join(folder, 'node_modules');
  rmSync(library, { force: true });
  symlinkSync(join(ROOT, 'node_modules'), library);
  const module = join(folder, `${format}.mjs`);
  writeFileSync(module, `${readFileSync(await exported(format), 'utf8')}\n${lines}\n`);
  return run(process.execPath, [module]);
}

describe('programs that fetch', () => {
  test('isync', async () => {
    const path = await exported('isync');
    await expectImapLogin(() => run('mbsync', ['-c', path, NAME]));
    expect(fetched(`Mail/${NAME}/INBOX`).join()).toContain(SUBJECT);
  });

  test('getmail6', async () => {
    // Postfix makes this test run as root, for whom getmail6 delivers to no Maildir.
    const mda = `type = MDA_external\nallow_root_commands = true\npath = /bin/dd\narguments = ("of=${folder}/one", "status=none")`;
    const path = await exported('getmail6', (text) => text.replace(/^type = Maildir\npath = .*$/m, mda));
    await expectImapLogin(() => run('getmail', ['--rcfile', path, '--getmaildir', folder]));
    expect(readFileSync(join(folder, 'one'), 'utf8')).toContain(SUBJECT);
  });

  test('OfflineIMAP', async () => {
    const path = await exported('offlineimap', (text) => text.replace(`~/Mail/${NAME}`, `~/Mail/offlineimap`));
    await expectImapLogin(() => run('offlineimap', ['-c', path, '-o', '-u', 'basic']));
    expect(fetched('Mail/offlineimap').join()).toContain(SUBJECT);
  });
});

describe('programs that look into the mailbox', () => {
  test('curl', async () => {
    const path = await exported('curl');
    const { stdout } = await expectImapLogin(() => run('sh', [path, 'inbox']));
    expect(stdout).toContain('STATUS INBOX (MESSAGES 1)');
  });

  test('ImapFlow', async () => {
    const lines = `const client = await connect();
      console.log(JSON.stringify(await client.status('INBOX', { messages: true })));
      await client.logout();`;
    const { stdout } = await expectImapLogin(() => node('imapflow', lines));
    expect(JSON.parse(stdout)).toEqual({ path: 'INBOX', messages: 1 });
  });

  test('Python', async () => {
    const script = '\nserver = imap()\nprint(server.select("INBOX", readonly=True))\nserver.logout()\n';
    const path = await exported('python', (text) => text + script);
    const { stdout } = await expectImapLogin(() => run('python3', [path]));
    expect(stdout.trim()).toBe("('OK', [b'1'])");
  });

  test.each(['mutt', 'neomutt'])('%s shows the message', async (program) => {
    const path = await exported(program);
    await expectImapLogin(() => see(runInTerminal(program, ['-n', '-R', '-F', path], { env }), 'q'));
  });

  test('aerc shows the message', async () => {
    const folderOfAerc = join(env['HOME'] ?? '', '.config', 'aerc');
    mkdirSync(folderOfAerc, { recursive: true });
    writeFileSync(join(folderOfAerc, 'accounts.conf'), readFileSync(await exported('aerc')), { mode: 0o600 });
    const terminalEnv = { ...env, SSL_CERT_FILE: join(folder, 'ca.pem') };
    await expectImapLogin(() => see(runInTerminal('aerc', [], { env: terminalEnv }), ':quit -f\r'));
  });
});

/** Waits until a program shows the message, and leaves it. */
async function see(terminal: Terminal, leave: string): Promise<void> {
  try {
    await terminal.expect(SUBJECT, 20_000);
    terminal.send(leave);
    await terminal.exited(10_000);
  } finally {
    terminal.kill('SIGKILL');
  }
}

describe('Postfix with sasl-xoauth2', () => {
  test('the timer script writes a token file that holds a good token', async () => {
    const configuration = join(folder, 'postfix-client');
    const queue = join(folder, 'queue');
    mkdirSync(configuration);
    mkdirSync(queue);
    writeFileSync(join(configuration, 'main.cf'), `queue_directory = ${queue}\n`);
    const path = await exported('postfix-timer', (text) => text.slice(text.indexOf('#!/bin/sh')));
    await run('sh', [path], { env: { MAIL_CONFIG: configuration } });
    const written = readFileSync(join(queue, 'etc/tokens', NAME), 'utf8');
    expect(readdirSync(join(queue, 'etc/tokens'))).toEqual([NAME]);
    const token = JSON.parse(written);
    expect(await issuer.verify(ADDRESS, token.access_token)).toBe(true);
    expect(token.refresh_token).toBe('');
    expect(Number(token.expiry) - Date.now() / 1000).toBeGreaterThan(1700);
  });

  test('the token file refreshes, put together as the plugin does', async () => {
    const path = join(folder, 'postfix-secret');
    await run('mailauth', ['export', NAME, '--format', 'postfix', '--show-secret', '--yes', '--write', path]);
    const token = JSON.parse(readFileSync(path, 'utf8').split('\n\n').at(-1) ?? '');
    const dispatcher = new Agent({ connect: { ca: authority.cert } });
    const response = await fetch(token.token_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `client_id=${token.client_id}&client_secret=${token.client_secret}&grant_type=refresh_token&refresh_token=${token.refresh_token}`,
      dispatcher,
    });
    const answer = (await response.json()) as { access_token: string };
    await dispatcher.close();
    expect(await issuer.verify(ADDRESS, answer.access_token)).toBe(true);
  });
});

test('no export holds a secret that was not asked for', async () => {
  for (const { id } of exportFormats) {
    const { stdout } = await run('mailauth', ['export', NAME, '--format', id]);
    for (const secret of issuer.secrets) expect(stdout).not.toContain(secret);
  }
});
