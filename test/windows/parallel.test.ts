/** Many processes and kills on Windows' Node, at a server that ends the sign-in when a spent refresh token comes back. */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openAccount, type Pace, type WindowsAccount } from './account.js';
import { hostPath, mailauth, run } from './windows.js';

const TOKEN = ['token', 'outlook'];
const ONE_LINE = /^access-\d+-\d+\n$/;

const LAST = 'it waits for the answer to what it has spent';

/** When it is killed: what its folder holds by then, and how often it has asked the server. */
const MOMENTS: readonly (readonly [string, (files: readonly string[], asked: number) => boolean])[] = [
  ['it has just started', () => true],
  ['it holds the lock', (files) => files.some((name) => name.endsWith('.lock'))],
  ['it has noted what it spends', (files) => files.some((name) => /^[0-9a-z-]{20,}\.json$/.test(name))],
  [LAST, (_files, asked) => asked > 0],
];

/** How long an answer is held back for a program that is to be killed: longer than it takes to see any state of it. */
const HELD_MS = 60_000;

function filesOf(name: string): readonly string[] {
  return readdirSync(hostPath(name), { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
}

/** Waits for a state of a program, or for its end. */
async function until(ended: Promise<unknown>, isSo: () => boolean): Promise<void> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!isOver && !isSo()) await sleep(2);
}

async function open(name: string, pace: Pace): Promise<WindowsAccount> {
  const account = await openAccount(name, pace);
  onTestFinished(() => account.endpoint.stop());
  return account;
}

test('twenty programs that need a new token at once: one refresh, and all get the token', async () => {
  const { endpoint, options } = await open('twenty', { latency: 300 });
  const all = await Promise.all(Array.from({ length: 20 }, () => run(TOKEN, options)));
  expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(all.map(() => ({ code: 0, stderr: '' })));
  expect(new Set(all.map(({ stdout }) => stdout))).toHaveLength(1);
  expect(all[0]?.stdout).toMatch(ONE_LINE);
  expect(endpoint.refreshes()).toBe(1);
  expect(endpoint.wrong).toEqual([]);
});

test('kills spread over a refresh lose nothing that the server has not answered', async () => {
  let wait = 0;
  const { endpoint, options, renew } = await open('kills', { answersLate: () => wait });
  for (const [moment, isThere] of MOMENTS) {
    await renew();
    const asked = endpoint.asked();
    wait = HELD_MS;
    const running = mailauth(TOKEN, options);
    await until(running.ended, () => isThere(filesOf('kills'), endpoint.asked() - asked));
    running.child.kill('SIGKILL');
    expect(await running.ended, moment).toMatchObject({ code: null, signal: 'SIGKILL' });
    wait = 0;
    const next = await run(TOKEN, options);
    // The server has spent the token and its answer is lost with the process: that is said, and never passes as a bug.
    if (endpoint.asked() > asked + 1 || moment === LAST)
      expect(next, next.stderr).toMatchObject({ code: 77, stderr: expect.stringContaining('cut off') });
    else expect(next, `${moment}: ${next.stderr}`).toMatchObject({ code: 0, stdout: expect.stringMatching(ONE_LINE) });
  }
  await renew();
  expect(await run(TOKEN, options)).toMatchObject({ code: 0, stdout: expect.stringMatching(ONE_LINE) });
  expect(endpoint.wrong.filter((line) => !line.endsWith('came back'))).toEqual([]);
});
