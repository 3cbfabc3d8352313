/** A home on a file system that permits no chmod (CIFS, some FUSE mounts): everything else works there, and so does mailauth. */
import fs from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Home, MAILBOX, openTown, type ProviderTown } from './provider-town.js';

let town: ProviderTown;
let home: Home;
const restored: (() => void)[] = [];

beforeAll(async () => {
  town = await openTown();
  home = await town.openHome('gmail');
  const refused = async (): Promise<never> => {
    throw Object.assign(new Error('EPERM: operation not permitted, chmod'), { code: 'EPERM', syscall: 'chmod' });
  };
  const handle = await open(join(tmpdir(), `mailauth-no-chmod-${process.pid}`), 'w');
  await handle.close();
  await rm(join(tmpdir(), `mailauth-no-chmod-${process.pid}`));
  for (const owner of [Object.getPrototypeOf(handle), fs.promises]) {
    const spy = vi.spyOn(owner, 'chmod').mockImplementation(refused);
    restored.push(() => spy.mockRestore());
  }
  syncBuiltinESMExports();
});
afterAll(async () => {
  for (const restore of restored) restore();
  syncBuiltinESMExports();
  await town.close();
});

it('a mailbox is set up, gives tokens, and is removed there', async () => {
  const ended = await home.set(home.right);
  expect(ended.code, ended.stderr).toBe(0);
  const token = await home.run(['token', MAILBOX, '--force-refresh'], {});
  expect(token.code, token.stderr).toBe(0);
  expect((await home.run(['check', MAILBOX], {})).code).toBe(0);
  const removed = await home.run(['remove', MAILBOX, '--yes', '--no-revoke'], {});
  expect(removed.code, removed.stderr).toBe(0);
  expect(home.read().accounts).toEqual([]);
  expect(home.left()).toEqual([]);
});
