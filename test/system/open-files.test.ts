import { describe, expect, test } from 'vitest';
import { accountsAtOnce, connectionsAtOnce, eachAtOnce } from '../../src/system/open-files.js';

test.each([
  [20, 4],
  [64, 12],
  [256, 108],
  [1024, 256],
  [Number.POSITIVE_INFINITY, 256],
])('with %i open files strangers hold %i connections of a port at most', (limit, connections) => {
  expect(connectionsAtOnce(256, limit)).toBe(connections);
});

describe('how many accounts are worked on at once', () => {
  test.each([
    [20, 1],
    [64, 3],
    [256, 27],
    [1024, 64],
    [Number.POSITIVE_INFINITY, 64],
  ])('with %i open files: %i', (limit, accounts) => {
    expect(accountsAtOnce(limit)).toBe(accounts);
  });

  test('so many run, no more, and the results are in their order whatever fails', async () => {
    let running = 0;
    let most = 0;
    const items = Array.from({ length: 20 }, (_, index) => index);
    const results = await eachAtOnce(items, 3, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, (item % 4) * 2));
      running -= 1;
      if (item === 7) throw new Error('seven');
      return item * 2;
    });
    expect(most).toBe(3);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual(
      items.map((item) => (item === 7 ? 'failed' : item * 2)),
    );
  });
});
