import { writeFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { describeBug } from '../../src/render/bug.js';
import { compiledProgram, type Ran } from '../process/program.js';
import { CANARY, type Scene, setScene } from './scene.js';

const program = compiledProgram();

/** Runs a command whose request to the token endpoint is never answered: there, and not before, the fault happens. */
async function runUntil(scene: Scene, args: readonly string[], fault: string, options = ''): Promise<Ran> {
  const path = join(scene.home, 'fault.mjs');
  // Put together at run time, so that the canary is not found in this very file.
  const halves = [CANARY.refreshToken.slice(0, 20), CANARY.refreshToken.slice(20)];
  const secret = halves.map((half) => `atob('${btoa(half)}')`).join(' + ');
  writeFileSync(path, `const secret = ${secret};\nprocess.on('SIGUSR2', () => { ${fault} });`);
  const running = program.start(args, {
    env: { ...scene.env, ...(options !== '' && { NODE_OPTIONS: options }) },
    nodeFlags: [`--import=${path}`],
  });
  scene.endpoint.answer('/token', () => {
    running.child.kill('SIGUSR2');
    return { never: true };
  });
  return running.ended;
}

describe('a mistake of ours', () => {
  it.each([
    ['thrown in a callback', "throw new Error('cannot send ' + secret)"],
    ['thrown as a text', 'throw secret'],
    ['rejected and not caught', 'Promise.reject(new Error(secret, { cause: new Error(secret) }))'],
    ['a parser that quotes', 'JSON.parse(secret)'],
    ['an argument that Node quotes', 'new URL(secret)'],
    ['many at once', 'for (let i = 0; i < 9; i++) Promise.reject(new Error(secret))'],
  ])('X06 X04 %s is told without a secret', async (_, fault) => {
    const scene = await setScene();
    const ran = await runUntil(scene, ['token', 'outlook'], fault);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('this is a bug in mailauth');
    expect(ran.stderr.match(/this is a bug/g)).toHaveLength(1);
    scene.expectClean('token', ran);
  });

  it('X06 is one JSON document with --json', async () => {
    const scene = await setScene();
    const ran = await runUntil(scene, ['check', '--json'], 'throw new Error(secret)');
    expect(JSON.parse(ran.stdout)).toMatchObject({ schema: 'mailauth.error/1', code: 'bug', exitCode: 1 });
    scene.expectClean('check', ran);
  });

  it('X06 keeps the place and the words that speak of code alone', () => {
    const mistake = (): string => {
      try {
        return (undefined as unknown as { length: string }).length;
      } catch (error) {
        return describeBug(error);
      }
    };
    expect(mistake()).toMatch(
      /^TypeError: Cannot read properties of undefined \(reading 'length'\)\n {4}at mistake \(/,
    );
    expect(describeBug(new Error(`a ${CANARY.accessToken}`))).toMatch(/^Error: \(words kept back\)\n {4}at /);
    expect(describeBug(CANARY.accessToken)).toBe('thrown: a string, not an error');
    const forged = new Error(`x\n    at ${CANARY.accessToken} (/a/b.js:1:1)\n    at (/${CANARY.accessToken}:1:1)`);
    expect(describeBug(forged)).not.toContain('kanarie');
    const quoting = Object.assign(new TypeError(`Received '${CANARY.accessToken}'`), { code: 'ERR_INVALID_ARG_TYPE' });
    expect(describeBug(quoting)).toMatch(/^TypeError: ERR_INVALID_ARG_TYPE\n/);
  });
});

describe('what Node would write down', () => {
  it.each([
    ['--report-uncaught-exception', 'throw new Error(secret)'],
    ['--report-on-signal --report-signal=SIGUSR2', 'throw new Error(secret)'],
  ])('X06 N18 no report of the process with %s', async (options, fault) => {
    const scene = await setScene();
    const ran = await runUntil(scene, ['token', 'outlook'], fault, `${options} --report-directory=${scene.home}`);
    expect(ran.code).toBe(1);
    expect((await readdir(scene.home)).filter((name) => name.startsWith('report'))).toEqual([]);
    scene.expectClean('token', ran);
  });

  it.each(['--inspect=0', '--tls-keylog=keys', '--heapsnapshot-signal=SIGUSR2', '--heapsnapshot-near-heap-limit=1'])(
    'N18 X06 NODE_OPTIONS=%s is refused before anything is read',
    async (option) => {
      const scene = await setScene();
      const env = { ...scene.env, NODE_OPTIONS: `--max-old-space-size=200 ${option}` };
      const ran = await program.run(['token', 'outlook'], { env, cwd: scene.home });
      expect(ran).toMatchObject({ code: 64, stdout: '' });
      expect(ran.stderr).toContain(`NODE_OPTIONS holds ${option.split('=')[0]}`);
      expect(scene.endpoint.received).toEqual([]);
      scene.expectClean('token', ran);
    },
  );
});

it('X07 SIGUSR1 opens no inspector', async () => {
  const scene = await setScene();
  scene.endpoint.answer('/token', { never: true });
  const running = program.start(['token', 'outlook'], { env: scene.env });
  while (scene.endpoint.received.length === 0) await sleep(10);
  const before = await listening(running.child.pid ?? 0);
  running.child.kill('SIGUSR1');
  await sleep(300);
  expect(running.child.exitCode).toBe(null);
  expect(running.stderr()).toBe('');
  expect(await listening(running.child.pid ?? 0)).toEqual(before);
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(143);
});

/** Listening TCP sockets of a process (Linux): 0A is the state LISTEN. */
async function listening(pid: number): Promise<readonly string[]> {
  const fds = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  const inodes = links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables
    .flatMap((table) => table.trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.includes(inode ?? ''))
    .map(([, local = '']) => local);
}
