import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { saidWhileWaiting } from '../../../src/cli/terminal/waiting.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function after(milliseconds: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('answer'), milliseconds));
}

it.each([
  [900, []],
  [1_500, ['waiting for a server, 20 seconds at most ...']],
  [15_000, ['waiting for a server, 20 seconds at most ...', 'still waiting for a server ...']],
])('what takes %i ms is told so', async (milliseconds, told) => {
  const said: string[] = [];
  const waiting = saidWhileWaiting({ what: 'a server', seconds: 20 }, after(milliseconds), (text) => said.push(text));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await waiting).toBe('answer');
  expect(said).toEqual(told);
});

it('what fails is told no more', async () => {
  const said: string[] = [];
  const failed = saidWhileWaiting({ what: 'a server', seconds: 20 }, Promise.reject(new Error('no')), (text) =>
    said.push(text),
  );
  await expect(failed).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual([]);
});
