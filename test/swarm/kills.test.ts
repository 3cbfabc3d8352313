import { expect, test } from 'vitest';
import { stepsOfARefresh, survivesKills } from './kills.js';

/** The turning points of a refresh; test/e2e/swarm kills at every step. */
const TURNS: readonly RegExp[] = [
  /^link .*\.lock\./,
  /^create .*\.json\./,
  /^rename .*\.json\./,
  /^create .*\.enc\./,
  /^send to the server/,
  /^receive from the server/,
  /^write a file/,
  /^rename .*\.enc\./,
  /^unlink .*\.json$/,
  /^unlink .*\.lock$/,
  /^send to the caller/,
];

test('S06 S07 a run that is killed at a turn leaves the old sign-in or the new one, and the next run says if neither is good', {
  timeout: 60_000,
}, async () => {
  const steps = await stepsOfARefresh();
  // The room is filled before anything is sent; the last writing is that of the successor into it.
  const turns = TURNS.map((turn) => steps.findLastIndex((step) => turn.test(step)) + 1);
  expect(turns).not.toContain(0);
  expect([...turns].sort((one, other) => one - other)).toEqual(turns);
  await survivesKills(steps, turns);
});
