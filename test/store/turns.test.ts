import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openFileStore } from '../../src/store/file/file-store.js';
import { type KeySource, makeKeyFile } from '../../src/store/file/key.js';
import { withLock } from '../../src/store/lock.js';
import { Secret } from '../../src/words/secret.js';
import { testFolder } from './folder.js';
import { compiledSources, ended, says } from './processes.js';

const sources = compiledSources();
const KEY: KeySource = { kind: 'passphrase', passphrase: new Secret('correct horse') };
const PROCESSES = 12;
const MIB = 1024 * 1024;

/** A store locked with a passphrase, one secret in it, and the path of the lock that gives turns. */
async function bench(
  key = KEY,
): Promise<{ readonly directory: string; readonly secrets: string; readonly turn: string }> {
  const directory = join(testFolder(), 'mailauth');
  await (await openFileStore({ directory, key })).put('ann', new Secret('a secret'));
  const secrets = join(directory, 'secrets');
  return { directory, secrets, turn: join(secrets, 'data-key.lock') };
}

const OPENER = `
  import { openFileStore } from 'src/store/file/file-store.js';
  import { Secret } from 'src/words/secret.js';
  const key = { kind: 'passphrase', passphrase: new Secret('correct horse') };
  console.log('opening');
  const store = await openFileStore({ directory: process.argv[2], key });
  console.log((await store.get('ann')).value.reveal());`;

/** Memory of a process that it shares with no other, in bytes; 0 where there is none, or no /proc. */
function ownMemory(pid: number): number {
  try {
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Notes every few milliseconds how many of the processes hold at least `extra` bytes more than now. */
function watchMemory(pids: readonly number[], extra: number): () => number {
  const idle = new Map(pids.map((pid) => [pid, ownMemory(pid)]));
  let most = 0;
  const clock = setInterval(() => {
    const large = pids.filter((pid) => ownMemory(pid) > (idle.get(pid) ?? 0) + extra);
    most = Math.max(most, large.length);
  }, 4);
  onTestFinished(() => clearInterval(clock));
  return () => most;
}

describe('S33 the turns at a passphrase', () => {
  test('S33 one process at a time stretches it, however many start at once', async () => {
    const { directory, secrets, turn } = await bench();
    const waiting = await withLock(turn, { waitMs: 0 }, async () => {
      const swarm = Array.from({ length: PROCESSES }, () => sources.start(OPENER, { args: [directory] }));
      let opened = 0;
      const ends = swarm.map((child) => ended(child));
      for (const child of swarm)
        void says(child, 'a secret').then(
          () => (opened += 1),
          () => undefined,
        );
      await Promise.all(swarm.map((child) => says(child, 'opening')));
      // Whoever needed no turn would be done by now.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(opened).toBe(0);
      return {
        ends,
        most: watchMemory(
          swarm.map(({ pid }) => pid ?? 0),
          24 * MIB,
        ),
      };
    });
    const ends = await Promise.all(waiting.ends);
    expect(ends.map(({ stderr }) => stderr).join('')).toBe('');
    expect(ends.map(({ stdout }) => stdout)).toEqual(Array.from({ length: PROCESSES }, () => 'opening\na secret\n'));
    // Two, where the look at the processes itself was interrupted between a turn and the next.
    if (process.platform === 'linux') expect([1, 2]).toContain(waiting.most());
    expect(readdirSync(secrets).sort()).toEqual(['ann.enc', 'data-key']);
  }, 60_000);

  test('S33 a key file needs no turn', async () => {
    const path = join(testFolder(), 'key');
    await makeKeyFile(path);
    const key: KeySource = { kind: 'key-file', path };
    const { directory, turn } = await bench(key);
    await withLock(turn, { waitMs: 0 }, async () => {
      const store = await openFileStore({ directory, key });
      expect((await store.get('ann'))?.value.reveal()).toBe('a secret');
    });
  });

  test('S33 a wait for a turn ends with the signal', async () => {
    const { directory, turn } = await bench();
    await withLock(turn, { waitMs: 0 }, async () => {
      const stop = new AbortController();
      const opening = openFileStore({ directory, key: KEY, signal: stop.signal });
      setTimeout(() => stop.abort(new Error('interrupted')), 50);
      await expect(opening).rejects.toThrow('interrupted');
    });
  });

  test('S33 where no turn can be had at all, what is stored is read without one', async () => {
    const { directory, turn } = await bench();
    mkdirSync(turn);
    const store = await openFileStore({ directory, key: KEY });
    expect((await store.get('ann'))?.value.reveal()).toBe('a secret');
  });
});
