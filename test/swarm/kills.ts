/** Kills the program at chosen steps of a refresh, and looks at what the next run makes of what it left. */
import { readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Ended, openScene, type Scene } from './scene.js';

const PRELOAD = new URL('kill-at.mjs', import.meta.url).href;
const TOKEN = ['token', 'outlook'];
const CUT_OFF =
  /^mailauth: Microsoft Outlook no longer takes the stored sign-in, usually because the refresh of \d{4}-\d\d-\d\d \d\d:\d\d UTC was cut off before its answer could be stored \(the server said: .*\); do: sign in again: mailauth authorize outlook\n$/;

/** What a refresh does that others can see, in order; see kill-at.mjs. Steps are counted from 1. */
export async function stepsOfARefresh(): Promise<readonly string[]> {
  const scene = await openScene();
  const report = join(scene.folder, 'steps.json');
  const { code, stderr } = await scene.run(TOKEN, { ...killing(0), KILL_REPORT: report });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(readFileSync(report, 'utf8'));
}

/**
 * Kills one run in front of each of the steps, two scenes at a time. Afterwards the store is whole, and the next run has
 * a valid token after one refresh; only where the provider had answered and the answer was not stored yet, it says so.
 */
export async function survivesKills(all: readonly string[], chosen: readonly number[]): Promise<void> {
  const sent = all.findIndex((step) => /^send to the server/.test(step)) + 1;
  const saved = all.findIndex((step, index) => index > sent && /^rename .*\.enc\./.test(step)) + 1;
  expect([sent > 0, saved > sent]).toEqual([true, true]);
  const lost: number[] = [];
  const lane = async (steps: readonly number[]): Promise<void> => {
    const scene = await openScene();
    for (const step of steps) {
      const what = `killed before step ${step}, ${all[step - 1]}`;
      const { next, refreshes } = await killBefore(scene, step, what);
      if (next.code === 0) {
        expect(await scene.server.verify(scene.mailbox.account.address, next.stdout.trimEnd()), what).toBe(true);
        expect([next.stderr, refreshes], what).toEqual(['', ['ok']]);
      } else {
        lost.push(step);
        expect(next, what).toMatchObject({ code: 77, stdout: '', stderr: expect.stringMatching(CUT_OFF) });
        expect(refreshes, what).toEqual(['ok', 'invalid_grant']);
      }
    }
  };
  const middle = Math.ceil(chosen.length / 2);
  await Promise.all([lane(chosen.slice(0, middle)), lane(chosen.slice(middle))]);
  // Between these two the provider may have answered or not; after them the answer is lost for certain.
  expect(lost.filter((step) => step <= sent || step > saved)).toEqual([]);
  const certain = chosen.filter((step) => step > sent + 1 && step <= saved);
  expect(certain.filter((step) => !lost.includes(step))).toEqual([]);
}

async function killBefore(
  scene: Scene,
  step: number,
  what: string,
): Promise<{ readonly next: Ended; readonly refreshes: readonly string[] }> {
  await scene.renew();
  clean(scene);
  const before = scene.refreshes().length;
  const killed = await scene.run(TOKEN, killing(step));
  expect(killed, what).toEqual({ code: null, signal: 'SIGKILL', stdout: '', stderr: '' });
  const next = await scene.run(TOKEN);
  // What is stored can be read.
  await scene.mailbox.credential();
  return { next, refreshes: scene.refreshes().slice(before) };
}

/** What the run before has left would make this one take other steps. */
function clean({ mailbox }: Scene): void {
  const folder = join(mailbox.configDir, 'secrets');
  const left = readdirSync(folder).filter((file) => !/^(?:data-key|[0-9a-f]{8}-.*\.enc)$/.test(file));
  for (const file of left) unlinkSync(join(folder, file));
}

function killing(step: number): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--import=${PRELOAD}`, KILL_AT: String(step) };
}
