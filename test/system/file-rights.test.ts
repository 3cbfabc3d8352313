import { describe, expect, test } from 'vitest';
import { keepToOwner, type RightsOptions } from '../../src/system/file-rights.js';

const PROGRAM = 'C:\\Windows\\System32\\icacls.exe';

function windows(ends: readonly boolean[], more: Partial<RightsOptions> = {}) {
  const runs: (readonly string[])[] = [];
  const options: RightsOptions = {
    platform: 'win32',
    env: { SystemRoot: 'C:\\Windows', USERDOMAIN: 'PRACTICE' },
    user: 'Jane Doe',
    run: async (program, args) => {
      runs.push([program, ...args]);
      return ends[runs.length - 1] ?? false;
    },
    ...more,
  };
  return { runs, options };
}

describe('what is kept to its owner', () => {
  test('S10 is given to this user, then taken from everybody else', async () => {
    const { runs, options } = windows([true, true]);
    expect(await keepToOwner('C:\\work\\k.key', 'file', options)).toBe(true);
    expect(runs).toEqual([
      [PROGRAM, 'C:\\work\\k.key', '/grant:r', 'PRACTICE\\Jane Doe:F'],
      [PROGRAM, 'C:\\work\\k.key', '/inheritance:r'],
    ]);
  });

  test.each([
    ['a name that Windows does not know', [false], 1],
    ['a file system without rights', [true, false], 2],
  ])('S10 is not called so after %s, and nobody is locked out', async (_, ends, count) => {
    const { runs, options } = windows(ends);
    expect(await keepToOwner('E:\\k.key', 'file', options)).toBe(false);
    expect(runs).toHaveLength(count);
  });

  test.each([{ platform: 'linux' }, { user: '' }] as const)('is not asked of %o', async (more) => {
    const { runs, options } = windows([true, true], more);
    expect(await keepToOwner('/work/k.key', 'file', options)).toBe(false);
    expect(runs).toEqual([]);
  });
});
