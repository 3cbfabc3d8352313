import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { retryOnWindows, retrySyncOnWindows } from '../../src/system/retry-on-windows.js';

/** Refuses so many times, then does it; and how often it was asked. */
function refusing(code: string, times: number) {
  const asked = { times: 0 };
  const work = (): string => {
    asked.times += 1;
    if (asked.times <= times) throw Object.assign(new Error(code), { code });
    return 'done';
  };
  return { asked, work };
}

describe('what Windows refuses for a moment', () => {
  it.each(['EPERM', 'EACCES', 'EBUSY', 'UNKNOWN'])('%s is tried again', async (code) => {
    const one = refusing(code, 3);
    expect(await retryOnWindows(async () => one.work(), undefined, 'win32')).toBe('done');
    expect(retrySyncOnWindows(refusing(code, 3).work, 'win32')).toBe('done');
    expect(one.asked.times).toBe(4);
  });

  it('is said when it stays', async () => {
    const one = refusing('EBUSY', 99);
    await expect(retryOnWindows(async () => one.work(), undefined, 'win32')).rejects.toThrow('EBUSY');
    expect(() => retrySyncOnWindows(refusing('EBUSY', 99).work, 'win32')).toThrow('EBUSY');
    expect(one.asked.times).toBe(13);
  });

  it('an answer that is doubted once is asked for twice', async () => {
    const one = refusing('ENOENT', 99);
    await expect(retryOnWindows(async () => one.work(), 'ENOENT', 'win32')).rejects.toThrow('ENOENT');
    expect(one.asked.times).toBe(2);
  });

  it('other answers, and other systems, are believed', async () => {
    for (const [code, platform] of [
      ['ENOSPC', 'win32'],
      ['EPERM', 'linux'],
    ] as const) {
      const one = refusing(code, 1);
      await expect(retryOnWindows(async () => one.work(), undefined, platform)).rejects.toThrow(code);
      expect(() => retrySyncOnWindows(refusing(code, 1).work, platform)).toThrow(code);
      expect(one.asked.times).toBe(1);
    }
  });
});

/** Lines that need no second attempt of their own, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'refuseForeign(lstatSync(path)': 'readPrivate tries the whole again',
  'const descriptor = openSync(path, READ_FLAGS)': 'readPrivate tries the whole again',
  "process.platform === 'win32' ? undefined : open(folder": 'not on Windows',
  'await unlink(path).catch(() => undefined);': 'swept the next time',
  'await lstat(path, { bigint: true }).catch(() => undefined)': 'it is then read once more',
  'await lstat(credentialPath(folder, id)).catch(() => undefined)': 'swept the next time',
};

it('every file that is opened, replaced or removed here is tried again', () => {
  const src = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = readdirSync(join(src, 'store'), { recursive: true, encoding: 'utf8' })
    .map((name) => join('store', name))
    .filter((name) => name.endsWith('.ts') && !/[\\/]shared[\\/]/.test(name))
    .concat(join('system', 'text-file.ts'));
  const texts = files.map((name) => readFileSync(join(src, name), 'utf8'));
  const lines = texts.filter((text) => text.includes("from 'node:fs")).flatMap((text) => text.split('\n'));
  const bare = lines
    .filter(
      (line) =>
        /(?<![.\w])(?:open|rename|unlink|link|lstat)(?:Sync)?\((?!\):)/.test(line) && !/^\s*(?:\*|\/)/.test(line),
    )
    .filter((line) => !/retry(?:Sync)?OnWindows\(/.test(line))
    .map((line) => line.trim());
  const excused = Object.keys(ELSEWHERE);
  expect(bare.filter((line) => !excused.some((part) => line.includes(part)))).toEqual([]);
  // An excuse for a line that is gone would hide the next one.
  expect(excused.filter((part) => !bare.some((line) => line.includes(part)))).toEqual([]);
});
