/** File operations that Windows refuses for a moment, or on exFAT for good: none of them ends a command. */
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAccount, type WindowsAccount } from './account.js';
import { hostPath, MAILAUTH, node, windowsPath } from './windows.js';

let account: WindowsAccount;

beforeAll(async () => {
  account = await openAccount('refusals');
  copyFileSync(join(import.meta.dirname, 'refuse.mjs'), hostPath('refuse.mjs'));
});
afterAll(() => account.endpoint.stop());

type Refusal = readonly [operation: string, path: string, code: string, times: number];

const FORCED = ['token', 'outlook', '--force-refresh'];
const STORED = ['token', 'outlook'];

const ROWS: readonly (readonly [what: string, args: readonly string[], refusals: readonly Refusal[]])[] = [
  ['the lock is being deleted by another process', FORCED, [['p.link', '\\.lock$', 'EPERM', 1]]],
  ['another process reads the lock', FORCED, [['p.link', '\\.lock$', 'EBUSY', 1]]],
  ['the lock may not be made for a moment', FORCED, [['p.link', '\\.lock$', 'EACCES', 1]]],
  ['no hard links, as on exFAT', FORCED, [['p.link', '\\.lock$', 'EISDIR', 99]]],
  ['no hard links, as on a share', FORCED, [['p.link', '\\.lock$', 'ENOTSUP', 99]]],
  ['the sign-in is being scanned', STORED, [['openSync', '\\.enc$', 'EPERM', 1]]],
  ['the data key is being scanned', STORED, [['openSync', 'data-key$', 'EBUSY', 1]]],
  ['the sign-in is mapped into the memory of a scanner', STORED, [['openSync', '\\.enc$', 'UNKNOWN', 1]]],
  ['accounts.json is being scanned', STORED, [['openSync', 'accounts\\.json$', 'EBUSY', 1]]],
  ['the sign-in may not be replaced at first', FORCED, [['p.rename', '\\.enc$', 'EPERM', 5]]],
  ['the note of the journal may not be deleted at first', FORCED, [['p.unlink', '\\.json$', 'EBUSY', 1]]],
];

test.each(ROWS)('%s', async (_what, args, refusals) => {
  await account.renew();
  if (args === STORED) {
    // The quick way reads a stored token: there has to be a good one.
    await node([MAILAUTH, ...FORCED], account.options).ended;
  }
  const note = hostPath('refused.txt');
  rmSync(note, { force: true });
  const ran = await node(['--import', 'file:///C:/work/refuse.mjs', MAILAUTH, ...args], {
    env: { ...account.options.env, REFUSALS: JSON.stringify(refusals), REFUSED: windowsPath('refused.txt') },
  }).ended;
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^access-\d+-\d+\n$/), stderr: '' });
  // A refusal that never came proves nothing.
  expect(existsSync(note) ? readFileSync(note, 'utf8') : '').toContain(refusals[0]?.[2]);
});
