/** The keychain store against a real Secret Service in each state it can be in. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Keyring, type Session, startKeyring } from '../../servers/keyring.js';
import type { Operation, Order, Result } from './program.js';

const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));

interface Run {
  readonly results: readonly Result[];
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly stderr: string;
  readonly ms: number;
}

function run(keyring: Keyring, order: Order, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(order)], {
    env: { ...keyring.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const results = stdout.split('\n').filter((line) => line !== '');
      resolve({
        results: results.map((line) => JSON.parse(line) as Result),
        signal,
        code,
        stderr,
        ms: performance.now() - started,
      });
    });
  });
}

/** The results, of a program that ended well and said nothing else. */
async function results(keyring: Keyring, ...operations: Operation[]): Promise<readonly Result[]> {
  const { results: found, code, stderr } = await run(keyring, { operations });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return found;
}

async function keyringIn(session: Session): Promise<Keyring> {
  const keyring = await startKeyring(session);
  onTestFinished(() => keyring.close());
  return keyring;
}

describe('unlocked', () => {
  test('keeps, replaces and deletes, and leaves nothing but what was asked for', async () => {
    const keyring = await keyringIn('unlocked');
    const found = await results(
      keyring,
      ['prove'],
      ['get', 'ann'],
      ['set', 'ann', 'töken'],
      ['get', 'ann'],
      ['set', 'ann', 'other'],
      ['get', 'ann'],
      ['set', 'bob', 'x'.repeat(100_000)],
      ['get', 'bob'],
      ['delete', 'bob'],
      ['delete', 'bob'],
    );
    const values = [null, null, null, 'töken', null, 'other', null, 'x'.repeat(100_000), true, false];
    expect(found.map(({ value }) => value)).toEqual(values);
    expect(await keyring.accounts('mailauth')).toEqual(['ann']);
  });

  test('S26 S31 split values come back whole, and go without a trace', async () => {
    const keyring = await keyringIn('unlocked');
    const big = 'ü'.repeat(3000);
    const { results: found, stderr } = await run(keyring, {
      partLimit: 2400,
      operations: [
        ['set', 'ann', big],
        ['get', 'ann'],
        ['set', 'ann', `${big}${big}`],
        ['get', 'ann'],
        ['set', 'ann', 'small'],
        ['get', 'ann'],
      ],
    });
    expect(stderr).toBe('');
    expect(found.map(({ value }) => value)).toEqual([null, big, null, big + big, null, 'small']);
    expect(await keyring.accounts('mailauth')).toEqual(['ann']);
  });

  test("S29 another program's value under our name is told and kept", async () => {
    const keyring = await keyringIn('unlocked');
    const [, got, set, kept] = await results(
      keyring,
      ['raw set', 'ann', 'hunter2'],
      ['get', 'ann'],
      ['set', 'ann', 'new'],
      ['raw get', 'ann'],
    );
    expect([got?.code, set?.code, kept?.value]).toEqual(['store_damaged', 'store_damaged', 'hunter2']);
  });

  test('S05 programs with different settings meet at one lock, and no count is lost', async () => {
    const keyring = await keyringIn('unlocked');
    const id = `count-${Date.now().toString(36)}`;
    const operations: Operation[] = [
      ['count', id],
      ['count', id],
    ];
    const runs = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        run(
          keyring,
          { operations },
          { XDG_CONFIG_HOME: `/tmp/${name}`, MAILAUTH_CONFIG_DIR: `/tmp/${name}`, HOME: `/tmp/${name}` },
        ),
      ),
    );
    expect(runs.map(({ stderr }) => stderr).join('')).toBe('');
    const counted = runs.flatMap((one) => one.results.map(({ value }) => Number(value))).sort((a, b) => a - b);
    expect(counted).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('S24 locked', () => {
  test('S24 nothing is taken for absent, and no window is waited for', async () => {
    const keyring = await keyringIn('unlocked');
    await results(keyring, ['set', 'ann', 'token']);
    await keyring.lock();
    const found = await results(
      keyring,
      ['raw get', 'ann'],
      ['get', 'ann'],
      ['get', 'nobody'],
      ['set', 'ann', 'new'],
      ['delete', 'ann'],
      ['prove'],
    );
    const locked = expect.objectContaining({ code: 'keychain_locked', message: 'the keychain is locked' });
    // The first line is why the guard is there: the library says "nothing".
    expect(found).toEqual([expect.objectContaining({ value: null }), locked, locked, locked, locked, locked]);
    for (const { ms } of found) expect(ms).toBeLessThan(3000);
  });
});

describe('S23 absent', () => {
  test.each<[Session, string]>([
    ['no bus', 'there is no D-Bus session here, and the keychain is reached through one'],
    ['none', 'no keychain runs in this session (nothing answers for org.freedesktop.secrets)'],
    ['empty', 'the keychain runs but holds no keyring to store in yet'],
  ])('S23 S30 with %s every call says so', async (session, message) => {
    const keyring = await keyringIn(session);
    const found = await results(keyring, ['get', 'ann'], ['set', 'ann', 'x'], ['delete', 'ann'], ['prove']);
    expect(found).toEqual(found.map(() => expect.objectContaining({ code: 'keychain_unavailable', message })));
  });
});

describe('S25 frozen', () => {
  test('S24 S25 each program gives up after its deadline and leaves at once, with its own exit code', async () => {
    const keyring = await keyringIn('unlocked');
    await results(keyring, ['set', 'ann', 'token']);
    keyring.freeze();
    const {
      results: found,
      code,
      signal,
      ms,
      stderr,
    } = await run(keyring, {
      deadline: 1000,
      operations: [['get', 'ann'], ['set', 'ann', 'new'], ['prove']],
    });
    expect(stderr).toBe('');
    const message = 'the keychain did not answer within 1 second';
    expect(found).toEqual(
      found.map(() => expect.objectContaining({ code: 'keychain_unavailable', message, frozen: true })),
    );
    expect(found).toHaveLength(3);
    expect({ code, signal }).toEqual({ code: 74, signal: null });
    expect(ms).toBeLessThan(10_000);
    keyring.thaw();
    const [after] = await results(keyring, ['get', 'ann']);
    expect(after?.value).toBe('token');
  });
});
