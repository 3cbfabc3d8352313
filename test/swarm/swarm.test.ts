import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { lockPath } from '../../src/store/stores.js';
import { type Ended, openScene, type Scene } from './scene.js';

const TIMEOUT = { timeout: 60_000 };
const TOKEN = ['token', 'outlook'];

const many = (count: number, start: () => Promise<Ended>): Promise<Ended[]> =>
  Promise.all(Array.from({ length: count }, start));

/** What each of them should have ended with. */
async function served(scene: Scene): Promise<Ended> {
  const { accessToken } = await scene.mailbox.credential();
  return { code: 0, signal: null, stdout: `${accessToken?.reveal()}\n`, stderr: '' };
}

/** The process that holds the lock of the credential. */
function holder({ mailbox }: Scene): number {
  return Number.parseInt(readFileSync(lockPath('file', mailbox.account.credential, mailbox.configDir), 'latin1'), 10);
}

/** Resolves once so many processes wait for the lock. */
async function waiting({ mailbox }: Scene, count: number): Promise<void> {
  const name = `.${mailbox.account.credential}.lock.`;
  const inLine = () => readdirSync(join(mailbox.configDir, 'secrets')).filter((file) => file.startsWith(name)).length;
  while (inLine() < count) await sleep(20);
}

describe('S01 programs that need a new token at once', () => {
  test('forty of them: one refresh, and all get the token', TIMEOUT, async () => {
    const scene = await openScene();
    const all = await many(40, () => scene.run(TOKEN));
    const wanted = await served(scene);
    expect(all).toEqual(all.map(() => wanted));
    expect(scene.refreshes()).toEqual(['ok']);
  });

  test('twelve that each force one: those that waited take the answer of the first', TIMEOUT, async () => {
    const scene = await openScene();
    await scene.run(TOKEN);
    scene.server.circumstances.delay = () => waiting(scene, 11);
    const all = await many(12, () => scene.run([...TOKEN, '--force-refresh']));
    const wanted = await served(scene);
    expect(all).toEqual(all.map(() => wanted));
    expect(scene.refreshes()).toEqual(['ok', 'ok']);
  });
});

describe('S02 a holder that is killed', () => {
  test(
    'before its request was looked at: another one asks within two seconds, and all get the token',
    TIMEOUT,
    async () => {
      const scene = await openScene();
      const at: number[] = [];
      scene.server.circumstances.delay = async () => {
        if (at.length === 0) await waiting(scene, 9);
      };
      scene.server.circumstances.answer = () => {
        at.push(performance.now());
        if (at.length > 1) return false;
        process.kill(holder(scene), 'SIGKILL');
        return true;
      };
      const all = await many(16, () => scene.run(TOKEN));
      const wanted = await served(scene);
      expect(all.filter(({ signal }) => signal === 'SIGKILL')).toHaveLength(1);
      expect(all.filter(({ signal }) => signal === null)).toEqual(Array.from({ length: 15 }, () => wanted));
      expect(scene.refreshes()).toEqual(['ok']);
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBeLessThan(2_000);
    },
  );
});

describe('S04 a holder that is suspended', () => {
  test(
    'while its request is on the way: nobody else asks, and all get the token once it goes on',
    TIMEOUT,
    async () => {
      const scene = await openScene();
      let suspended = 0;
      scene.server.circumstances.delay = async () => {
        await waiting(scene, 5);
        suspended = holder(scene);
        process.kill(suspended, 'SIGSTOP');
      };
      const all = many(6, () => scene.run(TOKEN));
      while (scene.refreshes().length === 0) await sleep(20);
      // Long enough for every waiter to look at the lock a few times.
      await sleep(1_500);
      expect(holder(scene)).toBe(suspended);
      process.kill(suspended, 'SIGCONT');
      const ended = await all;
      const wanted = await served(scene);
      expect(ended).toEqual(ended.map(() => wanted));
      expect(scene.refreshes()).toEqual(['ok']);
    },
  );
});
