import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { MailauthError } from '../../../src/explain/problem.js';
import { recordedKey } from '../../../src/store/file/data-key.js';
import { openFileStore } from '../../../src/store/file/file-store.js';
import { type KeySource, makeKeyFile } from '../../../src/store/file/key.js';
import type { SecretStore } from '../../../src/store/store.js';
import { Secret } from '../../../src/words/secret.js';
import { testFolder } from '../folder.js';
import { compiledSources, ended } from '../processes.js';

const sources = compiledSources();
const VALUE = 'the-refresh-token-of-ann';
const CHECKSUM = 32;
const KILL_AT = fileURLToPath(new URL('../../swarm/kill-at.mjs', import.meta.url));

interface Bench {
  readonly directory: string;
  readonly secrets: string;
  readonly key: KeySource;
  readonly store: SecretStore;
  /** Paths of the two kinds of file. */
  readonly dataKey: string;
  readonly credential: string;
  open(): Promise<SecretStore>;
}

/** A store with one secret, `ann`, locked with a key file. */
async function bench(): Promise<Bench> {
  const folder = testFolder();
  const directory = join(folder, 'mailauth');
  const path = join(folder, 'key');
  await makeKeyFile(path);
  const key: KeySource = { kind: 'key-file', path };
  const store = await openFileStore({ directory, key });
  await store.put('ann', new Secret(VALUE));
  const secrets = join(directory, 'secrets');
  return {
    directory,
    secrets,
    key,
    store,
    dataKey: join(secrets, 'data-key'),
    credential: join(secrets, 'ann.enc'),
    open: () => openFileStore({ directory, key }),
  };
}

/** Makes everything in a folder an hour old. */
function age(folder: string): void {
  const then = new Date(Date.now() - 3_600_000);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) utimesSync(join(folder, name), then, then);
}

const passphrase = (text: string): KeySource => ({ kind: 'passphrase', passphrase: new Secret(text) });

/** What an attacker without the key can do: the checksum needs none. */
function withChecksum(body: Buffer): Buffer {
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'no error',
    (error: MailauthError) => error.code,
  );
}

describe('the encrypted file', () => {
  test('keeps, replaces and deletes secrets, and another process with the key reads them', async () => {
    const { store, open } = await bench();
    expect((await store.get('ann'))?.value.reveal()).toBe(VALUE);
    await store.put('ann', new Secret('ü'.repeat(20_000)));
    expect((await (await open()).get('ann'))?.value.reveal()).toBe('ü'.repeat(20_000));
    expect(await store.delete('ann')).toBe(true);
    expect(await store.delete('ann')).toBe(false);
    expect(await store.get('ann')).toBeUndefined();
    expect(store.choice).toEqual({ kind: 'file', key: 'key-file', keyPath: expect.stringMatching(/key$/) });
  });

  test('S10 holds no plain text, only files for its owner alone', async () => {
    const { secrets } = await bench();
    expect(readdirSync(secrets).sort()).toEqual(['ann.enc', 'data-key']);
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(secrets)) {
      expect(statSync(join(secrets, name)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(secrets, name)).includes('refresh')).toBe(false);
    }
  });

  test('looking into a store that is not there makes nothing', async () => {
    const folder = testFolder();
    await makeKeyFile(join(folder, 'key'));
    const directory = join(folder, 'mailauth');
    const store = await openFileStore({ directory, key: { kind: 'key-file', path: join(folder, 'key') } });
    expect(await store.get('ann')).toBeUndefined();
    expect(existsSync(directory)).toBe(false);
    expect(await recordedKey(directory)).toBeUndefined();
  });

  test('S08 the proof writes, reads, deletes, and leaves the data key alone', async () => {
    const { store, secrets, dataKey } = await bench();
    const before = readFileSync(dataKey);
    await store.prove(true);
    expect(readdirSync(secrets).sort()).toEqual(['ann.enc', 'data-key']);
    expect(readFileSync(dataKey)).toEqual(before);
  });

  test('S08 S09 the proof says so where nothing can be written', async () => {
    const { directory, key, store, secrets } = await bench();
    const script = `
      import { openFileStore } from 'src/store/file/file-store.js';
      const [, , directory, path] = process.argv;
      const store = await openFileStore({ directory, key: { kind: 'key-file', path } });
      await store.prove(true).catch((error) => console.log(error.code + ' ' + error.exit));`;
    const child = sources.start(script, { args: [directory, key.path ?? ''], shell: 'ulimit -f 0' });
    const { stdout, stderr } = await ended(child);
    expect([stdout, stderr]).toEqual(['cannot_write 73\n', '']);
    expect((await store.get('ann'))?.value.reveal()).toBe(VALUE);
    expect(readdirSync(secrets).sort()).toEqual(['ann.enc', 'data-key']);
  });

  test('S20 every write has a nonce of its own', async () => {
    const { store, credential } = await bench();
    const seen = new Set<string>();
    for (let count = 0; count < 100; count += 1) {
      await store.put('ann', new Secret(VALUE));
      const bytes = readFileSync(credential);
      const nonceStart = 8 + 2 + 16 + 8 + 1 + 'ann'.length;
      seen.add(bytes.toString('hex', nonceStart, nonceStart + 12));
    }
    expect(seen.size).toBe(100);
  });

  test('S28 made by several processes at once it has one data key', async () => {
    const folder = testFolder();
    const directory = join(folder, 'mailauth');
    const path = join(folder, 'key');
    await makeKeyFile(path);
    const script = `
      import { openFileStore } from 'src/store/file/file-store.js';
      import { Secret } from 'src/words/secret.js';
      const [, , directory, path, id] = process.argv;
      const store = await openFileStore({ directory, key: { kind: 'key-file', path } });
      await store.put(id, new Secret('value of ' + id));`;
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const ends = await Promise.all(ids.map((id) => ended(sources.start(script, { args: [directory, path, id] }))));
    expect(ends.map(({ stderr }) => stderr).join('')).toBe('');
    const store = await openFileStore({ directory, key: { kind: 'key-file', path } });
    for (const id of ids) expect((await store.get(id))?.value.reveal()).toBe(`value of ${id}`);
  });

  test('S07 S22 killed at any step of its making, it can be made again, holds what is then stored, and is swept', async () => {
    const folder = testFolder();
    const path = join(folder, 'key');
    await makeKeyFile(path);
    const script = `
      import { openFileStore } from 'src/store/file/file-store.js';
      import { Secret } from 'src/words/secret.js';
      const [, , directory, path] = process.argv;
      const store = await openFileStore({ directory, key: { kind: 'key-file', path } });
      await store.prove(true);
      await store.put('ann', new Secret('${VALUE}'));`;
    const makeIn = (directory: string, killAt: number) =>
      ended(
        sources.start(script, {
          args: [directory, path],
          shell: `export KILL_AT=${killAt} KILL_REPORT='${folder}/steps' NODE_OPTIONS='--import ${KILL_AT}'`,
        }),
      );
    await makeIn(join(folder, 'whole'), 0);
    const steps = JSON.parse(readFileSync(join(folder, 'steps'), 'utf8')) as readonly string[];
    const killed = steps.map(async (step, index) => {
      const directory = join(folder, `killed-${index}`);
      expect((await makeIn(directory, index + 1)).signal).toBe('SIGKILL');
      age(join(directory, 'secrets'));
      const store = await openFileStore({ directory, key: { kind: 'key-file', path } });
      await store.put('bob', new Secret('b'));
      expect([step, (await store.get('bob'))?.value.reveal()]).toEqual([step, 'b']);
      expect([undefined, VALUE]).toContain((await store.get('ann'))?.value.reveal());
      const left = readdirSync(join(directory, 'secrets')).filter((name) => !name.startsWith('data-key'));
      expect([step, left.filter((name) => name !== 'ann.enc')]).toEqual([step, ['bob.enc']]);
    });
    expect(killed.length).toBeGreaterThan(20);
    await Promise.all(killed);
  });

  test('a store made by another process after this one looked is still the same store', async () => {
    const folder = testFolder();
    const directory = join(folder, 'mailauth');
    await makeKeyFile(join(folder, 'key'));
    const options = { directory, key: { kind: 'key-file', path: join(folder, 'key') } } as const;
    const early = await openFileStore(options);
    const late = await openFileStore(options);
    await late.put('ann', new Secret(VALUE));
    expect((await early.get('ann'))?.value.reveal()).toBe(VALUE);
    await early.put('bob', new Secret('b'));
    expect((await late.get('bob'))?.value.reveal()).toBe('b');
  });
});

describe('S15 damage', () => {
  test('S15 a credential cut at any byte is refused, kept and not written over', async () => {
    const { store, credential } = await bench();
    const whole = readFileSync(credential);
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(credential, whole.subarray(0, length));
      expect(await codeOf(store.get('ann'))).toBe('store_damaged');
    }
    writeFileSync(credential, whole.subarray(0, 100));
    expect(await codeOf(store.put('ann', new Secret('new')))).toBe('store_damaged');
    expect(readFileSync(credential)).toEqual(whole.subarray(0, 100));
  });

  test('S15 a credential with any single bit flipped is refused', async () => {
    const { store, credential } = await bench();
    const whole = readFileSync(credential);
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      writeFileSync(credential, flipped(whole, bit));
      expect(await codeOf(store.get('ann'))).toBe('store_damaged');
    }
  });

  test('S15 a data key cut at any byte, or with any bit flipped, is refused and not replaced', async () => {
    const { open, dataKey } = await bench();
    const whole = readFileSync(dataKey);
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(dataKey, whole.subarray(0, length));
      expect(await codeOf(open())).toBe('store_damaged');
    }
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      writeFileSync(dataKey, flipped(whole, bit));
      expect(await codeOf(open())).toBe('store_damaged');
    }
    expect(readFileSync(dataKey)).toEqual(flipped(whole, whole.length * 8 - 1));
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['full of NUL', Buffer.alloc(300)],
    ['another format', Buffer.from('age-encryption.org/v1\n'.repeat(20))],
    ['longer', Buffer.alloc(5 * 1024 * 1024, 'mailauth')],
  ])('S15 a file that is %s is refused', async (_, bytes) => {
    const { store, open, credential, dataKey } = await bench();
    writeFileSync(credential, bytes);
    expect(await codeOf(store.get('ann'))).toBe('store_damaged');
    writeFileSync(dataKey, bytes);
    expect(await codeOf(open())).toBe('store_damaged');
  });

  test('S15 S32 a file of the next version asks for an update', async () => {
    const { store, credential } = await bench();
    const bytes = readFileSync(credential);
    bytes[8] = 2;
    writeFileSync(credential, withChecksum(bytes.subarray(0, -CHECKSUM)));
    await expect(store.get('ann')).rejects.toMatchObject({
      code: 'store_damaged',
      message: expect.stringContaining('newer version'),
    });
  });

  test('a damaged file can be deleted, because that is asked for', async () => {
    const { store, credential } = await bench();
    writeFileSync(credential, 'x');
    expect(await store.delete('ann')).toBe(true);
    await store.put('ann', new Secret('new'));
    expect((await store.get('ann'))?.value.reveal()).toBe('new');
  });
});

describe('S18 forgery, with the checksum made right again', () => {
  test('S18 no bit of a credential can be changed', async () => {
    const { store, credential } = await bench();
    const body = readFileSync(credential).subarray(0, -CHECKSUM);
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      writeFileSync(credential, withChecksum(flipped(body, bit)));
      expect(await codeOf(store.get('ann'))).toBe('store_damaged');
    }
  });

  test('S18 no bit of a data key can be changed', async () => {
    const { open, dataKey } = await bench();
    const body = readFileSync(dataKey).subarray(0, -CHECKSUM);
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      writeFileSync(dataKey, withChecksum(flipped(body, bit)));
      expect(await codeOf(open())).toMatch(/^(store_damaged|passphrase_wrong)$/);
    }
  });

  test('S17 a truncated tag is refused', async () => {
    const { store, credential } = await bench();
    const body = readFileSync(credential).subarray(0, -CHECKSUM);
    for (let cut = 1; cut <= 16; cut += 1) {
      writeFileSync(credential, withChecksum(body.subarray(0, -cut)));
      expect(await codeOf(store.get('ann'))).toBe('store_damaged');
    }
  });

  test('S18 a credential does not answer to another name', async () => {
    const { store, secrets, credential } = await bench();
    await store.put('bob', new Secret("bob's"));
    copyFileSync(credential, join(secrets, 'bob.enc'));
    await expect(store.get('bob')).rejects.toMatchObject({
      code: 'store_damaged',
      message: expect.stringContaining('belongs to another credential'),
    });
  });

  test('S18 a credential of another store is refused', async () => {
    const one = await bench();
    const other = await bench();
    copyFileSync(other.credential, one.credential);
    await expect(one.store.get('ann')).rejects.toMatchObject({
      code: 'store_damaged',
      message: expect.stringContaining('another store'),
    });
  });

  // kdf, log2 N, r, p: bytes 10 to 13.
  test.each([
    ['a bomb of memory', [1, 30, 8, 3]],
    ['a bomb of blocks', [1, 15, 255, 3]],
    ['a bomb of time', [1, 15, 8, 255]],
    ['a cost of nothing', [1, 1, 8, 3]],
    ['zero', [1, 0, 0, 0]],
    ['costs without a derivation', [0, 15, 8, 3]],
    ['an unknown derivation', [2, 15, 8, 3]],
  ])('S19 %s is refused before anything is derived', async (_, costs) => {
    const { directory, dataKey } = await bench();
    const body = readFileSync(dataKey).subarray(0, -CHECKSUM);
    Buffer.from(costs).copy(body, 10);
    writeFileSync(dataKey, withChecksum(body));
    // Had anything been derived, the answer would be `passphrase_wrong`.
    await expect(openFileStore({ directory, key: passphrase('x') })).rejects.toMatchObject({ code: 'store_damaged' });
  });
});

describe('the key', () => {
  test('S16 a wrong passphrase is told from damage, changes nothing, and the right one still opens', async () => {
    const directory = testFolder();
    const store = await openFileStore({ directory, key: passphrase('correct horse') });
    await store.put('ann', new Secret(VALUE));
    const before = readFileSync(join(directory, 'secrets', 'data-key'));
    await expect(openFileStore({ directory, key: passphrase('wrong horse') })).rejects.toMatchObject({
      code: 'passphrase_wrong',
    });
    expect(readFileSync(join(directory, 'secrets', 'data-key'))).toEqual(before);
    const again = await openFileStore({ directory, key: passphrase('correct horse') });
    expect((await again.get('ann'))?.value.reveal()).toBe(VALUE);
    expect(await recordedKey(directory)).toEqual({ kind: 'file', key: 'passphrase' });
  });

  test('a passphrase is the same however its letters are composed', async () => {
    const directory = testFolder();
    await (await openFileStore({ directory, key: passphrase('gr\u00fcn') })).put('ann', new Secret(VALUE));
    const again = await openFileStore({ directory, key: passphrase('gru\u0308n') });
    expect((await again.get('ann'))?.value.reveal()).toBe(VALUE);
  });

  test('S16 another key file is told from damage', async () => {
    const { directory } = await bench();
    const path = join(testFolder(), 'other-key');
    await makeKeyFile(path);
    await expect(openFileStore({ directory, key: { kind: 'key-file', path } })).rejects.toMatchObject({
      code: 'passphrase_wrong',
      message: expect.stringContaining(path),
    });
  });

  test('S28 S30 a key of the other kind: what is needed is named, with its path', async () => {
    const { directory, key } = await bench();
    await expect(openFileStore({ directory, key: passphrase('x') })).rejects.toMatchObject({
      code: 'key_missing',
      message: expect.stringContaining(`a key file, which was at ${key.path}`),
      problem: { fix: [{ command: `MAILAUTH_KEY_FILE=${key.path}` }] },
    });
    expect(await recordedKey(directory)).toEqual({ kind: 'file', key: 'key-file', keyPath: key.path });
  });

  test('a recorded path with escape characters or shell syntax is shown harmlessly', async () => {
    const folder = testFolder();
    const path = join(folder, 'k\x1b[2J;id');
    await makeKeyFile(path);
    await (await openFileStore({ directory: folder, key: { kind: 'key-file', path } })).put('ann', new Secret(VALUE));
    await expect(openFileStore({ directory: folder, key: passphrase('x') })).rejects.toMatchObject({
      code: 'key_missing',
      message: expect.stringContaining(join(folder, 'k\\u{1b}[2J;id')),
      problem: { fix: [{ command: 'MAILAUTH_KEY_FILE=FILE' }] },
    });
  });

  test('S28 a key file that is gone is missing, and none is made', async () => {
    const { directory, key, open } = await bench();
    const path = key.path ?? '';
    renameSync(path, `${path}.away`);
    await expect(open()).rejects.toMatchObject({ code: 'key_missing', message: expect.stringContaining(path) });
    expect(existsSync(path)).toBe(false);
    expect(existsSync(join(directory, 'secrets', 'ann.enc'))).toBe(true);
  });

  test('S28 without the wrapped data key no new one is made over the old secrets', async () => {
    const { open, store, dataKey, secrets } = await bench();
    rmSync(dataKey);
    await expect(open()).rejects.toMatchObject({ code: 'store_damaged', message: expect.stringContaining(dataKey) });
    expect(readdirSync(secrets)).toEqual(['ann.enc']);
    expect((await store.get('ann'))?.value.reveal()).toBe(VALUE);
  });
});
