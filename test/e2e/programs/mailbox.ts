/**
 * A mailbox at a real Dovecot and a real Postfix, set up by the real program at a real authorization server, and the
 * folder of somebody who now configures other programs for it with `mailauth export`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type AuthorizationServer, startAuthorizationServer } from '../../servers/authorization-server.js';
import { writeBrowser } from '../../servers/browser-program.js';
import { type Authority, makeAuthority } from '../../servers/certificates.js';
import { type Dovecot, startDovecot } from '../../servers/dovecot.js';
import { type Postfix, startPostfix } from '../../servers/postfix.js';

export const ADDRESS = 'reception@happypaws.example';
export const NAME = 'reception';
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Mailbox {
  readonly folder: string;
  /** What programs run with: `mailauth` on the PATH, and a HOME in `folder`. */
  readonly env: Readonly<Record<string, string>>;
  readonly authority: Authority;
  readonly issuer: AuthorizationServer;
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  /** Runs a program to its end. Fails, with all it said, when that is not a good one. */
  run(file: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The whole of `mailauth setup`, with a browser that is played. The mailbox is set up already; this does it again. */
  setUp(env?: Readonly<Record<string, string>>): Promise<void>;
  /** What `mailauth export` prints, in a file of its own, changed only where a test has to complete it. */
  exported(format: string, complete?: (text: string) => string): Promise<string>;
  /** Holds when Postfix has taken a mail for this recipient from somebody who logged in with a token. */
  expectSent(recipient: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startMailbox(): Promise<Mailbox> {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-programs-'));
  const [home, bin] = [join(folder, 'home'), join(folder, 'bin')];
  for (const path of [bin, home]) mkdirSync(path);
  const mailauth = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/mailauth.js')}' "$@"\n`;
  writeFileSync(join(bin, 'mailauth'), mailauth, { mode: 0o755 });
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
    HOME: home,
    LANG: 'C.UTF-8',
    MAILAUTH_CONFIG_DIR: join(folder, 'config'),
    MAILAUTH_KEY_FILE: join(folder, 'key'),
  };
  const run = (file: string, args: readonly string[], options: RunOptions = {}) =>
    runToEnd(file, args, { cwd: folder, ...options, env: { ...env, ...options.env } });

  const authority = makeAuthority();
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  const issuer = await startAuthorizationServer({ layout: 'google', authority, accounts: [ADDRESS] });
  const dovecot = await startDovecot({ authority, introspectionUrl: issuer.introspectionUrl });
  const postfix = await startPostfix({ authority, dovecot });

  const setUp: Mailbox['setUp'] = async (more = {}) => {
    await run('mailauth', ['key', more['MAILAUTH_KEY_FILE'] ?? env.MAILAUTH_KEY_FILE]);
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
    const pop = ['--pop', '--pop-host', 'localhost', '--pop-port', String(dovecot.pops), '--pop-security', 'tls'];
    const args = [...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]), ...pop];
    await run('mailauth', ['setup', 'gmail', ...args], {
      input: client.clientSecret,
      env: { ...more, BROWSER: browser },
    });
  };
  await setUp();

  return {
    folder,
    env,
    authority,
    issuer,
    dovecot,
    postfix,
    run,
    setUp,
    exported: async (format, complete = (text) => text) => {
      const path = join(folder, format);
      await run('mailauth', ['export', NAME, '--format', format, '--write', path, '--yes']);
      const text = readFileSync(path, 'utf8');
      if (complete(text) !== text) writeFileSync(path, complete(text));
      return path;
    },
    expectSent: (recipient) => expectSent(postfix, recipient),
    stop: async () => {
      await postfix.stop();
      await dovecot.stop();
      await issuer.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function expectSent(postfix: Postfix, recipient: string): Promise<void> {
  await expect.poll(() => postfix.log(), { timeout: 10_000 }).toMatch(new RegExp(`to=<${recipient}>.*status=sent`));
  const log = await postfix.log();
  const queueId = new RegExp(`([0-9A-F]+): to=<${recipient}>`).exec(log)?.[1];
  expect(log).toMatch(new RegExp(`${queueId}: client=.*sasl_method=(XOAUTH2|OAUTHBEARER), sasl_username=${ADDRESS}`));
}

function runToEnd(file: string, args: readonly string[], { input = '', env, cwd }: RunOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, timeout: 50_000 });
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
    child.stdin.end(input);
  });
}
