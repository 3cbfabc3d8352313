/** The encrypted file on a disk that is full, and on one that became read-only. Debian: util-linux (always there). */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { makeKeyFile } from '../../../src/store/file/key.js';

const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));
const run = promisify(execFile);

/** Runs the program before and after `between`, a shell command, on a disk of 64 KiB that only these processes see. */
async function onSmallDisk(between: string, phase: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const disk = join(folder, 'disk');
  const key = join(folder, 'key');
  mkdirSync(disk);
  await makeKeyFile(key);
  const program = `"${process.execPath}" --import tsx "${PROGRAM}" "${disk}" "${key}"`;
  const script = [
    `mount -t tmpfs -o size=64k,mode=700 tmpfs "${disk}"`,
    `${program} before`,
    between,
    `${program} ${phase}`,
    `ls -A "${disk}/mailauth" "${disk}/mailauth/secrets" | grep -E 'tmp$|lock' >&2 || true`,
  ];
  // The mount goes with its namespace.
  const { stdout, stderr } = await run('unshare', ['--map-root-user', '--mount', 'sh', '-ec', script.join('\n'), disk]);
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

test('S08 on a full disk nothing is lost, the proof fails, and the message says what to do', async () => {
  expect(await onSmallDisk('true', 'full')).toEqual([
    expect.stringMatching(
      /^prove: cannot_write: cannot \w+ DISK\/mailauth\/secrets\/\.probe\..*: the disk is full \(ENOSPC\)$/,
    ),
    'set: cannot_write: cannot write DISK/mailauth/secrets/ann.enc: the disk is full (ENOSPC)',
    'delete nothing: false',
    'configuration: cannot_write: cannot lock DISK/mailauth/accounts.json.lock: the disk is full (ENOSPC)',
    'lock: cannot_write: cannot lock DISK/mailauth/secrets/ann.lock: the disk is full (ENOSPC)',
    'read: 1',
    'get: the old token',
  ]);
});

test('S09 on a disk that became read-only secrets are still read, and nothing pretends to be saved', async () => {
  const readOnly = 'mount -o remount,ro "$0"';
  expect(await onSmallDisk(readOnly, 'read-only')).toEqual([
    expect.stringMatching(/^prove: cannot_write: cannot write .*: the file system is read-only \(EROFS\)$/),
    'set: cannot_write: cannot write DISK/mailauth/secrets/ann.enc: the file system is read-only (EROFS)',
    'delete nothing: false',
    'configuration: cannot_write: cannot lock DISK/mailauth/accounts.json.lock: the file system is read-only (EROFS)',
    'lock: cannot_write: cannot lock DISK/mailauth/secrets/ann.lock: the file system is read-only (EROFS)',
    'read: 1',
    'get: the old token',
  ]);
});
