import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sweepStores } from '../../src/flows/sweep.js';
import type { World } from '../../src/flows/world.js';
import { changeConfiguration } from '../../src/store/accounts.js';
import { saveDraft } from '../../src/store/drafts.js';
import { Secret } from '../../src/words/secret.js';
import { fileStoreIn, makeMailbox } from '../swarm/mailbox.js';

/** Secrets that nothing names, as a process leaves them that was killed between two writings. */

const NOW = new Date('2026-11-23T09:00:00Z');

async function openHome() {
  const configDir = mkdtempSync(join(tmpdir(), 'mailauth-sweep-'));
  onTestFinished(() => rmSync(configDir, { recursive: true, force: true }));
  const store = await fileStoreIn(configDir);
  const { account, client } = await makeMailbox(configDir, store);
  const begun = { credential: 'the-begun', redirectUri: 'http://localhost:8765/callback', expires: NOW.toISOString() };
  await changeConfiguration(configDir, (before) => ({ ...before, accounts: [{ ...account, begun }] }));
  await saveDraft(configDir, {
    version: 1,
    id: 'a-set-up',
    provider: 'gmail',
    savedAt: NOW.toISOString(),
    answers: { account: 'pat@gmail.com' },
    done: [],
    credentials: { 'client-secret-file': 'of-a-set-up' },
  });
  for (const id of ['the-begun', 'of-a-set-up', 'unnamed', 'unnamed-and-new']) await store.put(id, new Secret(id));
  const folder = join(configDir, 'secrets');
  for (const name of readdirSync(folder)) {
    const days = name.startsWith('unnamed-and-new') ? 29 : 31;
    utimesSync(join(folder, name), NOW, new Date(NOW.getTime() - days * 86_400_000));
  }
  const named = ['of-a-set-up', 'the-begun', account.credential, client.secretCredential as string];
  return {
    configDir,
    named,
    sweep: () => sweepStores({ configDir, now: () => NOW } as World),
    entries: () => readdirSync(folder).flatMap((name) => /^(.+)\.enc$/.exec(name)?.[1] ?? []),
  };
}

test('are deleted once nobody has written them for thirty days; what a record or a set-up names stays', async () => {
  const home = await openHome();
  await home.sweep();
  expect(home.entries().sort()).toEqual([...home.named, 'unnamed-and-new'].sort());
});

test('stay where an unfinished set-up cannot be read: it may name them', async () => {
  const home = await openHome();
  const before = home.entries();
  writeFileSync(join(home.configDir, 'setups', 'another.json'), '{"version":1,"id":"x', { mode: 0o600 });
  await home.sweep();
  expect(home.entries()).toEqual(before);
});

test('stay where accounts.json cannot be read, and where there is no store at all', async () => {
  const home = await openHome();
  const before = home.entries();
  writeFileSync(join(home.configDir, 'accounts.json'), '{"version":99}', { mode: 0o600 });
  await home.sweep();
  expect(home.entries()).toEqual(before);
  const empty = join(home.configDir, 'empty');
  mkdirSync(empty);
  await sweepStores({ configDir: empty, now: () => NOW } as World);
  expect(readdirSync(empty)).toEqual([]);
});
