/** What takes too long for every day: a swarm of two hundred, and a kill at every step. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lockPath } from '../../../src/store/stores.js';
import { stepsOfARefresh, survivesKills } from '../../swarm/kills.js';
import { openScene } from '../../swarm/scene.js';

const TOKEN = ['token', 'outlook'];

describe('two hundred programs at once', () => {
  test('S01 S33 make one refresh, and all get the token', { timeout: 120_000 }, async () => {
    const scene = await openScene();
    const all = await Promise.all(Array.from({ length: 200 }, () => scene.run(TOKEN)));
    const { accessToken } = await scene.mailbox.credential();
    const served = { code: 0, signal: null, stdout: `${accessToken?.reveal()}\n`, stderr: '' };
    expect(all.filter((one) => one.stdout !== served.stdout || one.code !== 0 || one.stderr !== '')).toEqual([]);
    expect(scene.refreshes()).toEqual(['ok']);
  });

  test('S02 make one refresh in the end, whichever holders are killed on the way', { timeout: 120_000 }, async () => {
    const scene = await openScene();
    const { account, configDir } = scene.mailbox;
    let kills = 0;
    scene.server.circumstances.answer = () => {
      if (kills === 5) return false;
      kills += 1;
      process.kill(
        Number.parseInt(readFileSync(lockPath('file', account.credential, configDir), 'latin1'), 10),
        'SIGKILL',
      );
      return true;
    };
    const all = await Promise.all(Array.from({ length: 120 }, () => scene.run(TOKEN)));
    expect(all.filter(({ signal }) => signal === 'SIGKILL')).toHaveLength(5);
    const { accessToken } = await scene.mailbox.credential();
    const rest = all.filter(({ signal }) => signal === null);
    expect(rest.filter(({ stdout }) => stdout !== `${accessToken?.reveal()}\n`)).toEqual([]);
    expect(scene.refreshes()).toEqual(['ok']);
  });
});

test('S06 S07 a run that is killed at any step leaves the old sign-in or the new one', {
  timeout: 240_000,
}, async () => {
  const steps = await stepsOfARefresh();
  expect(steps.length).toBeGreaterThanOrEqual(25);
  await survivesKills(
    steps,
    steps.map((_, index) => index + 1),
  );
});
