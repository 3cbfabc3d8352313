/** Standard output that is closed: what cannot be printed is said, and is not a success. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const PROGRAM = new URL('../../bin/mailauth.js', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'mailauth-ends-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const env = { PATH: process.env['PATH'], HOME: home };

function run(command: string, ends: string) {
  const { status, stderr } = spawnSync('sh', ['-c', `exec '${process.execPath}' '${PROGRAM}' ${command} ${ends}`], {
    env,
    encoding: 'utf8',
  });
  return { status, stderr };
}

// Only Linux tells how an end was opened.
describe.skipIf(process.platform !== 'linux')('standard output', () => {
  it('that is closed ends what only prints with 73', () => {
    expect(run('list', '>&-')).toMatchObject({
      status: 73,
      stderr: expect.stringContaining('standard output is closed'),
    });
  });

  it.each(['>/dev/null', '2>/dev/null', '>/dev/null 2>&1'])('%s is read by nobody, as was wanted', (ends) => {
    expect(run('list', ends)).toMatchObject({ status: 0 });
  });

  it.each([
    ['all others', 'ignore'],
    ['standard input', ['ignore', 'ignore', 'pipe']],
  ] as const)('that another program leaves out with %s is no fault', (_, ends) => {
    const stdio = typeof ends === 'string' ? ends : [...ends];
    const { status } = spawnSync(process.execPath, [PROGRAM, 'list'], { env, stdio });
    expect(status).toBe(0);
  });
});
