import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../servers/terminal.js';
import { SAYS_WHEN_SIGNALS_ARE_HEARD } from './preload.js';
import { compiledProgram, type RunOptions } from './program.js';

/** `--client-secret-file -`: a secret that another program writes. */

const program = compiledProgram();
const home = mkdtempSync(join(tmpdir(), 'mailauth-input-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const env = { PATH: '/usr/bin:/bin', HOME: home };
const FLAGS = ['setup', 'gmail', '--account', 'pat@gmail.com', '--client-id', 'x.apps.googleusercontent.com'];
const setup = (secret: string, options: RunOptions = {}) =>
  program.run([...FLAGS, '--client-secret-file', secret, '--no-input'], { env, ...options });

/** Standard input is a pipe that somebody holds open and nobody writes to. */
const SILENT = 'mkfifo "$HOME/$$"; exec 3<>"$HOME/$$"; exec "$@" <"$HOME/$$"';

describe('standard input', () => {
  it('N11 that nobody ends is left at once by a signal', async () => {
    const running = program.start([...FLAGS, '--client-secret-file', '-', '--no-input', '--verbose'], {
      env,
      shell: SILENT,
      nodeFlags: ['--import', SAYS_WHEN_SIGNALS_ARE_HEARD],
    });
    while (!running.stderr().includes('signals are heard')) await sleep(10);
    await sleep(300);
    const before = performance.now();
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, stdout: '' });
    expect(performance.now() - before).toBeLessThan(1500);
  });

  it('that is the keyboard is refused, for it would show the secret', async () => {
    const file = join(program.folder(), 'bin', 'mailauth.js');
    const terminal = run(process.execPath, [file, ...FLAGS, '--client-secret-file', '-'], { env });
    await terminal.expect(/which here is the keyboard[\s\S]*do: leave the flag out to be asked, hidden/);
    expect((await terminal.exited()).code).toBe(64);
  });

  it('can be taken by one flag only', async () => {
    const ran = await program.run([...FLAGS, '--client-secret-file', '-', '--refresh-token-file', '-', '--no-input'], {
      env,
      input: 'GOCSPX-canary-nopqrstuvwxyz12\n',
    });
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toMatch(/--client-secret-file and --refresh-token-file both\s+read\s+standard\s+input/);
  });
});

describe('a file', () => {
  it.each(['/dev/zero', '/dev/urandom'])('%s has no end, and is not read for one', async (path) => {
    const ran = await setup(path);
    expect(ran).toMatchObject({ code: 65, stdout: '' });
    expect(ran.stderr).toContain(`${path} is too large to be this file`);
  });

  it('can be a pipe of the shell, whose length nobody knows beforehand', async () => {
    const ran = await setup('/dev/fd/9', {
      shell: 'printf "%s\\n" x.apps.googleusercontent.com | { exec 9<&0; exec "$@" </dev/null; }',
    });
    expect(ran.code).toBe(65);
    expect(ran.stderr).toMatch(/--client-secret-file: that is the client ID/i);
  });
});
