import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { succeeds } from '../../src/system/helper-program.js';
import { testFolder } from '../store/folder.js';

// What Node needs to start on Windows, and under wine.
const { SystemRoot, NODE_SKIP_PLATFORM_CHECK } = process.env;
const OPTIONS = { env: { SystemRoot, NODE_SKIP_PLATFORM_CHECK }, deadlineMs: 30_000 };

function node(script: string, ...args: readonly string[]): Promise<boolean> {
  return succeeds(process.execPath, ['--eval', script, ...args], OPTIONS);
}

describe('a program of the system', () => {
  test('succeeds by ending with 0', async () => {
    expect([await node(''), await node('process.exit(1)')]).toEqual([true, false]);
  });

  test('is given its input, and its environment alone', async () => {
    const file = join(testFolder(), 'read');
    const script = 'fs.writeFileSync(process.argv[1], fs.readFileSync(0) + Object.keys(process.env))';
    const options = { env: { ONE: '1' }, deadlineMs: 30_000, input: 'a Client ID\n' };
    expect(await succeeds(process.execPath, ['--eval', script, file], options)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('a Client ID\nONE');
  });

  test('that is missing has not succeeded', async () => {
    expect(await succeeds(join(testFolder(), 'none'), [], OPTIONS)).toBe(false);
  });

  // As a policy of Windows that forbids a program: Node throws, where it tells of a missing one by an event.
  test('that the system refuses to start has not succeeded', async () => {
    expect(await node('', 'x'.repeat(4 * 1024 * 1024))).toBe(false);
  });

  test('that does not end has not succeeded once its time is over', async () => {
    const options = { ...OPTIONS, deadlineMs: 200 };
    expect(await succeeds(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], options)).toBe(false);
  });
});
