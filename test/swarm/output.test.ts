import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Credential } from '../../src/account/credential.js';
import { Secret } from '../../src/words/secret.js';
import type { Mailbox } from './mailbox.js';
import { type Ended, type Home, openHome, openScene, PROGRAM } from './scene.js';

const TOKEN = ['token', 'outlook'];
const VALUE = `eyJ0eXAi.${'Q'.repeat(1800)}.sig_-~+/=`;

function endingSoon(): Credential {
  return { refreshToken: new Secret('the-refresh-token'), generation: 2, ...living(60) };
}

/** A stored token that lives so many seconds more. */
function living(seconds: number): Partial<Credential> {
  const now = Math.floor(Date.now() / 1000);
  return { accessToken: new Secret(VALUE), accessTokenIssued: now - 60, accessTokenExpires: now + seconds };
}

/** Runs a shell line in which `"$@"` is the program. */
function inShell(home: Home, line: string, args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn('/bin/sh', ['-c', line, 'sh', process.execPath, PROGRAM, ...args], {
    env: home.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })));
}

describe('X03 what token prints', () => {
  test('is the token and a line end, whichever way it is reached', async () => {
    const home = await openHome({ credential: living(3600) });
    const token = { code: 0, signal: null, stdout: `${VALUE}\n`, stderr: '' };
    expect(await home.run(TOKEN)).toEqual(token);
    expect(await home.run([...TOKEN, '--min-ttl', '3000', '-q'])).toEqual(token);
    // By the address, with warnings of Node's own, in another form: each goes through the whole program.
    expect(await home.run(['token', 'Ann@HappyPaws.example'])).toEqual(token);
    expect(await home.run(TOKEN, { NODE_OPTIONS: '--trace-deprecation', NODE_DEBUG: '' })).toEqual(token);
    expect(await home.run([...TOKEN, '--format', 'token'])).toEqual(token);
  });

  test('is one SASL string, or one document', async () => {
    const home = await openHome({
      credential: living(3600),
      account: {
        address: 'reception@happypaws.example',
        authUser: 'ann@happypaws.example',
        imap: { host: 'localhost', port: 993, security: 'tls', user: 'reception@other.example' },
      },
    });
    const sasl = async (...flags: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await home.run([...TOKEN, '--format', 'xoauth2', ...flags]);
      expect([code, stderr, stdout.split('\n').length]).toEqual([0, '', 2]);
      return Buffer.from(stdout, 'base64').toString();
    };
    const login = (user: string) => `user=${user}\x01auth=Bearer ${VALUE}\x01\x01`;
    expect(await sasl()).toBe(login('reception@happypaws.example'));
    expect(await sasl('--for', 'imap')).toBe(login('reception@other.example'));
    expect(await sasl('--for', 'smtp')).toBe(login('ann@happypaws.example'));
    const { stdout } = await home.run([...TOKEN, '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'mailauth.token/1', account: 'outlook', accessToken: VALUE });
    const bearer = await home.run([...TOKEN, '--format', 'oauthbearer', '--for', 'imap']);
    expect(bearer).toMatchObject({ code: 69, stdout: '' });
    expect(await home.run([...TOKEN, '--for', 'carrier-pigeon'])).toMatchObject({ code: 64, stdout: '' });
  });

  test.each([
    ['the stored token', TOKEN],
    ['another form of it', [...TOKEN, '--format', 'json']],
  ])('X03 N14 is missed: %s, where standard output is full or closed', async (_, args) => {
    const home = await openHome({ credential: living(3600) });
    const said = /^mailauth: cannot write to standard output: .*\n$/;
    const full = await inShell(home, 'exec "$@" >/dev/full', args);
    expect(full).toEqual({ code: 74, stderr: expect.stringMatching(said) });
    // The reader is gone before the program begins, and need not be told.
    const closed = await inShell(home, '{ sleep 0.3; "$@"; echo "ended with $?" >&2; } | head -c0', args);
    expect(closed.stderr).toBe('ended with 74\n');
  });
});

describe('the quick way to a stored token', () => {
  test('needs its own files, and none of the program’s', async () => {
    const home = await openHome({ credential: living(3600) });
    const place = join(home.folder, 'program');
    mkdirSync(join(place, 'dist/parts'), { recursive: true });
    cpSync(dirname(PROGRAM), join(place, 'bin'), { recursive: true });
    const dist = join(dirname(PROGRAM), '../dist');
    const parts = readdirSync(join(dist, 'parts')).filter((name) => name.startsWith('quick-'));
    for (const file of ['quick.cjs', ...parts.map((name) => `parts/${name}`)]) {
      copyFileSync(join(dist, file), join(place, 'dist', file));
    }
    const { status, stdout } = spawnSync(process.execPath, [join(place, 'bin/mailauth.js'), ...TOKEN], {
      env: home.env,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([0, `${VALUE}\n`]);
  });

  const states: readonly (readonly [string, (home: Home) => void | Promise<void>])[] = [
    ['a token that is good', () => {}],
    ['a token that would end too soon', ({ mailbox }) => mailbox.save(endingSoon())],
    [
      'a stored file that was cut',
      ({ mailbox }) => truncateSync(fileOf(mailbox, `${mailbox.account.credential}.enc`), 40),
    ],
    ['a stored file that is gone', ({ mailbox }) => unlinkSync(fileOf(mailbox, `${mailbox.account.credential}.enc`))],
    ['a data key that is gone', ({ mailbox }) => unlinkSync(fileOf(mailbox, 'data-key'))],
    ['a key file that is gone', ({ env }) => unlinkSync(env['MAILAUTH_KEY_FILE'] ?? '')],
    ['a key file of another store', ({ env }) => writeFileSync(env['MAILAUTH_KEY_FILE'] ?? '', randomBytes(32))],
    ['a key file that others can read', ({ env }) => chmodSync(env['MAILAUTH_KEY_FILE'] ?? '', 0o644)],
    [
      'accounts of a newer version',
      ({ mailbox }) => amend(mailbox, (text) => text.replace('"version": 1', '"version": 2')),
    ],
    ['accounts that are no JSON', ({ mailbox }) => amend(mailbox, () => '{')],
    [
      'an account that stands there twice',
      ({ mailbox }) =>
        amend(mailbox, (text) => {
          const { accounts, ...rest } = JSON.parse(text);
          return JSON.stringify({ ...rest, accounts: [...accounts, { ...accounts[0], credential: 'another' }] });
        }),
    ],
    ['another account', ({ mailbox }) => amend(mailbox, (text) => text.replace('"name": "outlook"', '"name": "work"'))],
  ];

  test.each(states)('agrees with the whole program about %s', async (_, change) => {
    const home = await openHome({ credential: living(3600) });
    await change(home);
    const quick = await home.run(TOKEN);
    // An option of Node's is enough to leave the quick way out.
    const whole = await home.run(TOKEN, { NODE_OPTIONS: '--no-deprecation' });
    const timeless = (ended: Ended) => ({ ...ended, stderr: ended.stderr.replace(/\d+ seconds/, 'N seconds') });
    expect(timeless(quick)).toEqual(timeless(whole));
  });
});

function fileOf({ configDir }: Mailbox, name: string): string {
  return join(configDir, 'secrets', name);
}

function amend({ configDir }: Mailbox, change: (text: string) => string): void {
  const path = join(configDir, 'accounts.json');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

describe('T08 where no newer token can be had', () => {
  test('the stored one is printed while it lives, with one line of warning', async () => {
    const home = await openHome({ credential: living(60) });
    const { code, stdout, stderr } = await home.run(TOKEN);
    expect([code, stdout]).toEqual([0, `${VALUE}\n`]);
    expect(stderr).toMatch(/^WARN .*; the stored token still works for \d\d seconds\n$/);
  });

  test('nothing is printed to somebody who forces a new one, and the exit code says why', async () => {
    const home = await openHome({ credential: living(3600) });
    const ended = await home.run([...TOKEN, '--force-refresh']);
    expect(ended).toMatchObject({ code: 75, stdout: '' });
    expect(ended.stderr).toMatch(/^mailauth: .*; do: .*\n$/);
  });

  test('S08 the refresh token is not spent where its successor would not fit', async () => {
    const scene = await openScene();
    // Blocks of 512 bytes: enough for a lock, not for a credential.
    const { code, stderr } = await inShell(scene, 'ulimit -f 1; exec "$@"', TOKEN);
    expect(code).toBe(73);
    expect(stderr).toMatch(/^mailauth: cannot write .*limit on the size of files.*\n$/);
    expect(scene.refreshes()).toEqual([]);
    expect((await scene.run(TOKEN)).code).toBe(0);
    expect(scene.refreshes()).toEqual(['ok']);
  });
});

describe('T09 a person who is needed', () => {
  test('is told so in one line, with 77, and the stored sign-in stays', async () => {
    const scene = await openScene();
    scene.server.revokeSignIn(scene.mailbox.account.address);
    const before = (await scene.mailbox.credential()).refreshToken?.reveal();
    const { code, stdout, stderr } = await scene.run(TOKEN);
    expect([code, stdout]).toEqual([77, '']);
    expect(stderr).toMatch(/^mailauth: .*; do: sign in again: mailauth authorize outlook\n$/);
    expect((await scene.mailbox.credential()).refreshToken?.reveal()).toBe(before);
  });
});

describe('N12 a signal while the answer is on its way', () => {
  test.each([
    [['SIGINT'], 130],
    [['SIGTERM'], 143],
    [['SIGINT', 'SIGINT', 'SIGINT'], 130],
    [['SIGTERM', 'SIGHUP'], 143],
  ] as const)('%j: the answer is stored before the program ends with %d', async (signals, code) => {
    const scene = await openScene();
    const running = scene.start(TOKEN);
    scene.server.circumstances.delay = async () => {
      // Each is heard before the next one comes.
      for (const signal of signals) {
        running.child.kill(signal);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    expect(await running.ended).toMatchObject({ code, stdout: '' });
    expect((await scene.run(TOKEN)).code).toBe(0);
    expect(scene.refreshes()).toEqual(['ok']);
  });
});
