/** Many processes and kills on Windows' Node, at a server that ends the sign-in when a spent refresh token comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openAccount, type WindowsAccount } from './account.js';
import { mailauth, run } from './windows.js';

const TOKEN = ['token', 'outlook'];
const ONE_LINE = /^access-\d+-\d+\n$/;

async function open(name: string, latency?: number): Promise<WindowsAccount> {
  const account = await openAccount(name, latency);
  onTestFinished(() => account.endpoint.stop());
  return account;
}

test('twenty programs that need a new token at once: one refresh, and all get the token', async () => {
  const { endpoint, options } = await open('twenty', 300);
  const all = await Promise.all(Array.from({ length: 20 }, () => run(TOKEN, options)));
  expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(all.map(() => ({ code: 0, stderr: '' })));
  expect(new Set(all.map(({ stdout }) => stdout))).toHaveLength(1);
  expect(all[0]?.stdout).toMatch(ONE_LINE);
  expect(endpoint.refreshes()).toBe(1);
  expect(endpoint.wrong).toEqual([]);
});

test('kills spread over a refresh lose nothing that the server has not answered', async () => {
  const { endpoint, options, renew } = await open('kills', 200);
  for (const moment of [150, 300, 450, 600, 800]) {
    await renew();
    const running = mailauth(TOKEN, options);
    await sleep(moment);
    running.child.kill('SIGKILL');
    await running.ended;
    const next = await run(TOKEN, options);
    // The server may have spent the token and its answer is lost with the process: that is said, and never passes as a bug.
    if (next.code === 0) expect(next.stdout).toMatch(ONE_LINE);
    else expect(next, next.stderr).toMatchObject({ code: 77, stderr: expect.stringContaining('cut off') });
  }
  await renew();
  expect(await run(TOKEN, options)).toMatchObject({ code: 0, stdout: expect.stringMatching(ONE_LINE) });
  expect(endpoint.wrong.filter((line) => !line.endsWith('came back'))).toEqual([]);
});
