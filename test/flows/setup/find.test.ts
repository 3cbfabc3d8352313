/** One set-up of a mailbox at a time. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Found, findSetup, withSetupLock } from '../../../src/flows/setup/find.js';
import type { SetupWish } from '../../../src/flows/setup/wish.js';
import type { World } from '../../../src/flows/world.js';
import { findProvider } from '../../../src/providers/directory.js';
import { readDrafts, saveDraft } from '../../../src/store/drafts.js';

const found: Found = { id: 'one-and-the-same', existingAnswers: 'stand', carriesOn: true };

function worldOf(attended: boolean, timeout = 300): World {
  const configDir = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-find-')));
  onTestFinished(() => rmSync(configDir, { recursive: true, force: true }));
  return { configDir, interviewer: { attended }, timeout, signal: new AbortController().signal } as unknown as World;
}

test('at a second terminal a person is told at once that the first is at work on it', async () => {
  const world = worldOf(true);
  const ended = await withSetupLock(world, found, async () => {
    const second = withSetupLock(world, found, async () => 'walked');
    await expect(second).rejects.toMatchObject({
      code: 'store_busy',
      message: 'another mailauth is at work on this very set-up',
      problem: { fix: [{ text: expect.stringMatching(/go on in its window, or end it there/) }] },
    });
    return withSetupLock(world, { ...found, id: 'another' }, async () => 'the other one');
  });
  expect(ended).toBe('the other one');
  expect(await withSetupLock(world, found, async () => 'walked')).toBe('walked');
  expect(readdirSync(world.configDir)).toEqual([]);
});

test('a script waits for the first as long as for a browser, and no longer', async () => {
  const world = worldOf(false);
  let first: Promise<void> | undefined;
  // Who comes at the same moment may be the first.
  const end = await new Promise<() => void>((holding) => {
    first = withSetupLock(world, found, () => new Promise<void>((resolve) => holding(resolve)));
  });
  const second = withSetupLock(world, found, async () => 'after the first');
  await expect(withSetupLock({ ...world, timeout: 0.1 }, found, async () => '')).rejects.toMatchObject({
    code: 'store_busy',
  });
  end();
  await first;
  expect(await second).toBe('after the first');
});

test('what the work itself is refused with is told as it is', async () => {
  const busy = Object.assign(new Error('accounts.json is busy'), { code: 'store_busy' });
  await expect(withSetupLock(worldOf(true), found, () => Promise.reject(busy))).rejects.toBe(busy);
});

test('a set-up that is at work in another window is not deleted to start over', async () => {
  const choose = async (): Promise<string> => 'restart';
  const world = { ...worldOf(true), now: () => new Date() };
  Object.assign(world, { interviewer: { attended: true, choose, tell: () => undefined } });
  const draft = {
    version: 1,
    id: found.id,
    provider: 'gmail',
    savedAt: new Date().toISOString(),
    answers: { account: 'ann@example.com' },
    done: [],
    credentials: {},
  } as const;
  await saveDraft(world.configDir, draft);
  const wish = {
    provider: findProvider('gmail'),
    given: { answers: { account: 'ann@example.com' }, secrets: {}, fromVariables: [] },
    way: { kind: 'browser' },
    restart: false,
    yes: false,
    warnDays: 60,
  } as unknown as SetupWish;
  await withSetupLock(world, found, async () => {
    for (const one of [wish, { ...wish, restart: true }])
      await expect(findSetup(world, one)).rejects.toMatchObject({ code: 'store_busy' });
    expect(await readDrafts(world.configDir)).toMatchObject([{ id: draft.id }]);
  });
  expect(await findSetup(world, wish)).toMatchObject({ carriesOn: false });
  expect(readdirSync(join(world.configDir, 'setups'))).toEqual([]);
});
