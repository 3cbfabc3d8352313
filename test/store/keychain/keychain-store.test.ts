/**
 * The guards around keytar against a keychain that plays the tricks real ones play only on demand: Windows' size limit,
 * a crash between two writes, odd values, no answer. The real Secret Service is in test/e2e/keyring.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wholeEntry } from '../../../src/store/keychain/entry.js';
import type { KeychainOptions } from '../../../src/store/keychain/guarded.js';
import { keychainOver } from '../../../src/store/keychain/keychain-store.js';
import type { Keytar } from '../../../src/store/keychain/keytar.js';
import { Secret } from '../../../src/words/secret.js';
import { testFolder } from '../folder.js';
import { compiledSources, ended } from '../processes.js';

const sources = compiledSources();
/** CRED_MAX_CREDENTIAL_BLOB_SIZE. */
const WINDOWS_LIMIT = 2560;

interface FakeVault extends Keytar {
  readonly entries: Map<string, string>;
  readonly calls: string[];
  /** The power goes off at the n-th write from now on. */
  crashAt(write: number | undefined): void;
}

function vault(): FakeVault {
  const entries = new Map<string, string>();
  const calls: string[] = [];
  let left: number | undefined;
  const record = (name: string, service: string, account: string): void => {
    expect(service).toBe('mailauth');
    expect(account).toMatch(/^[0-9a-z.-]+$/);
    calls.push(`${name} ${account}`);
  };
  const power = (): void => {
    if (left === undefined) return;
    if (left === 0) throw new Error('power off');
    left -= 1;
  };
  return {
    entries,
    calls,
    crashAt(write) {
      left = write;
    },
    async getPassword(service, account) {
      record('get', service, account);
      return entries.get(account) ?? null;
    },
    async setPassword(service, account, password) {
      record('set', service, account);
      expect(Buffer.byteLength(password)).toBeLessThanOrEqual(WINDOWS_LIMIT);
      power();
      entries.set(account, password);
    },
    async deletePassword(service, account) {
      record('delete', service, account);
      power();
      return entries.delete(account);
    },
  };
}

const windows: KeychainOptions = { platform: 'win32', env: {} };
const linux: KeychainOptions = { platform: 'linux', env: {}, partLimit: 2400 };
/** How a call that never comes back is told. */
const GIVEN_UP = expect.stringContaining('did not answer within');

describe('a keychain', () => {
  test('keeps, replaces and deletes values, and reads a small one with one call', async () => {
    const fake = vault();
    const store = keychainOver(fake, linux);
    await store.put('ann', new Secret('token'));
    fake.calls.length = 0;
    expect((await store.get('ann'))?.value.reveal()).toBe('token');
    expect(fake.calls).toEqual(['get ann']);
    await store.put('ann', new Secret('other'));
    expect((await store.get('ann'))?.value.reveal()).toBe('other');
    expect(await store.delete('ann')).toBe(true);
    expect(await store.delete('ann')).toBe(false);
    expect(await store.get('ann')).toBeUndefined();
    expect([...fake.entries.keys()]).toEqual([]);
  });

  test('the proof leaves nothing', async () => {
    const fake = vault();
    await keychainOver(fake, windows).prove(true);
    expect([...fake.entries.keys()]).toEqual([]);
    expect(fake.calls.some((call) => call.startsWith('set probe-'))).toBe(true);
  });

  test('the proof that fails leaves nothing either', async () => {
    const fake = vault();
    const forgetful: Keytar = {
      ...fake,
      getPassword: async (...at) => ((await fake.getPassword(...at)) ? 'other' : null),
    };
    await expect(keychainOver(forgetful, windows).prove(true)).rejects.toMatchObject({ exit: 74 });
    expect([...fake.entries.keys()]).toEqual([]);
  });

  test('the proof that there is room for a long value leaves no part of it', async () => {
    const fake = vault();
    const store = keychainOver(fake, windows);
    await store.put('ann', new Secret('short'));
    const version = (await store.get('ann'))?.version ?? '';
    await (await store.reserve('ann', { length: 6000, version })).release();
    expect([...fake.entries.keys()]).toEqual(['ann']);
    expect(fake.calls.filter((call) => /^set ann\.a\.\d$/.test(call))).toHaveLength(3);
    expect((await store.get('ann'))?.value.reveal()).toBe('short');
  });
});

test('S08 a person who lets no entry be replaced is found out before a token is spent, not after', async () => {
  const fake = vault();
  // KeePassXC asks before it overwrites; a new entry it takes without a word.
  const asking: Keytar = {
    ...fake,
    async setPassword(service, account, password) {
      if (fake.entries.has(account)) throw new Error('Access to the entry was denied');
      return fake.setPassword(service, account, password);
    },
  };
  const store = keychainOver(asking, linux);
  await store.put('ann', new Secret('old'));
  const version = (await store.get('ann'))?.version ?? '';
  await expect(store.reserve('ann', { length: 9, version })).rejects.toMatchObject({ exit: 74 });
  expect((await store.get('ann'))?.value.reveal()).toBe('old');
  expect([...fake.entries.keys()]).toEqual(['ann']);
});

describe('S26 an entry over the limit of the platform', () => {
  const big = (letter: string): string => `${letter}${'ü'.repeat(4000)}`;

  test('S26 is split, and comes back whole', async () => {
    const fake = vault();
    const store = keychainOver(fake, windows);
    for (const value of [big('a'), 'small', big('b'), big('c'), 'x'.repeat(2400), big('d').repeat(3), 'small']) {
      await store.put('ann', new Secret(value));
      expect((await store.get('ann'))?.value.reveal()).toBe(value);
    }
    expect([...fake.entries.keys()]).toEqual(['ann']);
  });

  test('S31 deleted, it leaves no part behind', async () => {
    const fake = vault();
    const store = keychainOver(fake, windows);
    await store.put('ann', new Secret(big('a')));
    expect(fake.entries.size).toBeGreaterThan(3);
    expect(await store.delete('ann')).toBe(true);
    expect([...fake.entries.keys()]).toEqual([]);
  });

  const changes: readonly (readonly [string, string | undefined, string])[] = [
    ['nothing -> big', undefined, big('a')],
    ['small -> big', 'small', big('a')],
    ['big -> big', big('a'), big('b')],
    ['big -> bigger', big('a'), big('b').repeat(2)],
    ['bigger -> big', big('a').repeat(2), big('b')],
    ['big -> small', big('a'), 'small'],
    ['small -> small', 'small', 'other'],
  ];
  test.each(changes)(
    'S07 S26 a crash at any write leaves the old value or the new one: %s',
    async (_, before, after) => {
      const fake = vault();
      const store = keychainOver(fake, windows);
      for (let crash = 0; ; crash += 1) {
        fake.crashAt(undefined);
        fake.entries.clear();
        if (before !== undefined) await store.put('ann', new Secret(before));
        fake.crashAt(crash);
        const finished = await store.put('ann', new Secret(after)).then(
          () => true,
          () => false,
        );
        fake.crashAt(undefined);
        const now = (await store.get('ann'))?.value.reveal();
        expect([before, after]).toContain(now);
        // Whatever the crash left, the next write puts in order, and a deletion removes to the last part.
        await store.put('ann', new Secret(big('z')));
        expect((await store.get('ann'))?.value.reveal()).toBe(big('z'));
        await store.put('ann', new Secret('small'));
        expect([...fake.entries.keys()]).toEqual(['ann']);
        if (finished) {
          expect(now).toBe(after);
          return;
        }
      }
    },
  );

  test('S31 a crash at any step of a deletion is put right by deleting again', async () => {
    const fake = vault();
    const store = keychainOver(fake, windows);
    for (let crash = 0; ; crash += 1) {
      fake.crashAt(undefined);
      await store.put('ann', new Secret(big('a')));
      fake.crashAt(crash);
      const finished = await store.delete('ann').then(
        () => true,
        () => false,
      );
      fake.crashAt(undefined);
      const left = (await store.get('ann'))?.value.reveal();
      expect([big('a'), undefined]).toContain(left);
      await store.delete('ann');
      expect([...fake.entries.keys()]).toEqual([]);
      if (finished) return;
    }
  });

  test('S26 a reader beside a writer sees the old value or the new one', async () => {
    const fake = vault();
    const store = keychainOver(fake, windows);
    const values = [big('a'), big('b'), 'small'];
    await store.put('ann', new Secret(big('a')));
    let writing = true;
    const writer = (async () => {
      for (let n = 1; n <= 60; n += 1) await store.put('ann', new Secret(values[n % 3] ?? ''));
      writing = false;
    })();
    const seen = new Set<string | undefined>();
    while (writing) seen.add((await store.get('ann'))?.value.reveal());
    await writer;
    for (const value of seen) expect(values).toContain(value);
    expect(seen.size).toBe(3);
  });

  test('S26 a part that is missing, or of another value, is damage', async () => {
    const fake = vault();
    const store = keychainOver(fake, windows);
    await store.put('ann', new Secret(big('a')));
    const names = [...fake.entries.keys()].filter((name) => name !== 'ann');
    for (const name of names) {
      const whole = fake.entries.get(name) ?? '';
      for (const odd of [undefined, '', 'x', fake.entries.get('ann') ?? '']) {
        if (odd === undefined) fake.entries.delete(name);
        else fake.entries.set(name, odd);
        await expect(store.get('ann')).rejects.toMatchObject({ code: 'store_damaged' });
      }
      fake.entries.set(name, whole);
    }
    expect((await store.get('ann'))?.value.reveal()).toBe(big('a'));
  });
});

describe('S29 what is not ours', () => {
  test.each(['hunter2', '', '{"v":1}', wholeEntry('token').slice(0, -1)])(
    'S29 %j under our name is told, and neither used nor written over',
    async (odd) => {
      const fake = vault();
      fake.entries.set('ann', odd);
      const store = keychainOver(fake, linux);
      await expect(store.get('ann')).rejects.toMatchObject({ code: 'store_damaged' });
      await expect(store.put('ann', new Secret('new'))).rejects.toMatchObject({ code: 'store_damaged' });
      expect(fake.entries.get('ann')).toBe(odd);
      expect(await store.delete('ann')).toBe(true);
    },
  );

  test('S27 S29 a keychain that gives back another value than it was given is found out', async () => {
    const fake = vault();
    const doubled: Keytar = { ...fake, getPassword: async () => wholeEntry('the other one') };
    await expect(keychainOver(doubled, linux).put('ann', new Secret('mine'))).rejects.toMatchObject({
      code: 'keychain_unavailable',
      message: expect.stringContaining('did not keep'),
    });
    const cut: Keytar = { ...fake, setPassword: (s, a, p) => fake.setPassword(s, a, p.slice(0, 40)) };
    await expect(keychainOver(cut, linux).put('bob', new Secret('x'.repeat(100)))).rejects.toMatchObject({
      code: 'store_damaged',
    });
  });
});

describe('S24 a locked keychain', () => {
  const locked = (words: string): Keytar => ({
    getPassword: async () => null,
    setPassword: () => Promise.reject(new Error(words)),
    deletePassword: async () => false,
  });

  test('S24 that says "nothing" and "not there" is not believed', async () => {
    const store = keychainOver(locked('Cannot create an item in a locked collection'), linux);
    for (const attempt of [
      store.get('ann'),
      store.delete('ann'),
      store.prove(true),
      store.put('ann', new Secret('x')),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'keychain_locked', exit: 74, problem: { fix: [{}, {}] } });
    }
  });

  test.each([
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'no D-Bus session'],
    ['Could not connect: No such file or directory', 'no D-Bus session'],
    ['The name org.freedesktop.secrets was not provided by any .service files', 'no keychain runs'],
    ['Object does not exist at path “/org/freedesktop/secrets/collection/login”', 'holds no keyring'],
    ['Timeout was reached', 'did not answer'],
    ['something new', 'cannot be used'],
  ])('S23 %s', async (words, message) => {
    const store = keychainOver(locked(words), linux);
    await expect(store.get('ann')).rejects.toMatchObject({
      code: 'keychain_unavailable',
      message: expect.stringContaining(message),
      problem: { server: words },
    });
  });

  test('S23 macOS says it honestly, and "nothing" means nothing there', async () => {
    const store = keychainOver(locked('User interaction is not allowed.'), { platform: 'darwin', env: {} });
    expect(await store.get('ann')).toBeUndefined();
    await expect(store.put('ann', new Secret('x'))).rejects.toMatchObject({
      code: 'keychain_locked',
      problem: { fix: [{ command: 'security unlock-keychain' }, {}] },
    });
  });
});

describe('S25 a keychain that never answers', () => {
  test('S24 S25 is given up after the deadline, once for all calls, and the program is told how to leave', async () => {
    let calls = 0;
    const never = (): Promise<never> => {
      calls += 1;
      return new Promise(() => undefined);
    };
    const frozen: Keytar = { getPassword: never, setPassword: never, deletePassword: never };
    let told = 0;
    const onFrozen = (): void => {
      told += 1;
    };
    const store = keychainOver(frozen, { ...linux, deadlineMs: 30, onFrozen });
    for (const attempt of [() => store.get('ann'), () => store.prove(true), () => store.delete('ann')]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'keychain_unavailable', message: GIVEN_UP });
    }
    expect([calls, told]).toEqual([1, 1]);
  });

  test('an answer that came while the machine slept is taken, however late it is seen', async () => {
    const awake: Keytar = { ...vault(), getPassword: () => stat(import.meta.dirname).then(() => null) };
    const store = keychainOver(awake, { ...linux, platform: 'darwin', deadlineMs: 20 });
    const answer = store.get('ann');
    // A thread has the answer by then, and this process has not looked yet.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await expect(answer).resolves.toBeUndefined();
  });

  test('an answer after the deadline disturbs nobody', async () => {
    const late: Keytar = {
      ...vault(),
      getPassword: () => new Promise((_, reject) => setTimeout(() => reject(new Error('Timeout was reached')), 40)),
    };
    let told = 0;
    const onFrozen = (): void => {
      told += 1;
    };
    const store = keychainOver(late, { ...linux, deadlineMs: 10, onFrozen });
    await expect(store.get('ann')).rejects.toMatchObject({ message: GIVEN_UP });
    expect(told).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
  });
});

test.runIf(process.platform === 'linux')(
  'S23 C03 without its library the keychain names the package to install',
  async () => {
    const libraries = join(testFolder(), 'libraries');
    mkdirSync(libraries);
    writeFileSync(join(libraries, 'libsecret-1.so.0'), '');
    const child = sources.start(
      `import { openKeychain } from 'src/store/keychain/keychain-store.js';
     const error = await openKeychain({ platform: 'linux', env: process.env }).catch((error) => error);
     console.log(JSON.stringify({ code: error.code, message: error.message, fix: error.problem.fix }));`,
      { shell: `LD_LIBRARY_PATH=${libraries}; export LD_LIBRARY_PATH` },
    );
    const { stdout, stderr } = await ended(child);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'keychain_unavailable',
      message: 'the keychain needs the library libsecret, which is not installed',
    });
    expect(stdout).toContain('libsecret');
  },
);
