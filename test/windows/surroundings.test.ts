/** What a person at Windows has around the program: drives that are not there, Git Bash, folders that only look like Linux's. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAccount, type WindowsAccount } from './account.js';
import { DRIVE_C, MAILAUTH, node, run, type StartOptions, windowsPath, writeFile } from './windows.js';

let account: WindowsAccount;
const at = (folder: string): StartOptions => ({ env: { ...account.options.env, MAILAUTH_CONFIG_DIR: folder } });

beforeAll(async () => {
  account = await openAccount('surroundings');
});
afterAll(() => account.endpoint.stop());

describe.each(['X:\\mailauth', '\\\\server\\share\\mailauth'])('accounts at %s, which is not there', (folder) => {
  test.each([
    ['list', ['list'], 74],
    ['token', ['token', 'outlook'], 74],
    ['setup', ['setup', 'gmail', '--account', 'a@gmail.com', '--client-id', 'x', '--store', 'file', '--no-input'], 64],
  ] as const)('%s says so, and ends', async (_what, args, code) => {
    const ended = await run(args, at(folder));
    expect(ended, ended.stderr).toMatchObject({ signal: null });
    if (args[0] !== 'setup')
      expect(ended).toMatchObject({ code, stderr: expect.stringMatching(/drive is not\s+there/) });
  });
});

test.each(['\\mailauth', '/mailauth', 'mailauth'])(
  '%j depends on the current drive and is no place',
  async (folder) => {
    expect(await run(['list'], at(folder))).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('with its drive'),
    });
  },
);

test('a key file: the variable is named in the words of this shell, and for good', async () => {
  const path = windowsPath('the keys/my mail.key');
  mkdirSync(join(DRIVE_C, 'work', 'the keys'), { recursive: true });
  const { code, stderr, stdout } = await run(['key', path], { env: { PROMPT: '$P$G' } });
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${path}\n` });
  expect(stderr).toContain(`set "MAILAUTH_KEY_FILE=${path}"`);
  expect(stderr).toContain(`setx MAILAUTH_KEY_FILE "${path}"`);
  expect(stderr).not.toContain('export ');
});

test('where a policy forbids icacls, a key file is made all the same, and nobody is told that it is closed', async () => {
  writeFile('forbidden/System32/icacls.exe', 'Windows starts no text');
  const forbid = writeFile('forbid.mjs', "process.env.SystemRoot = 'C:\\\\work\\\\forbidden';");
  const path = windowsPath('another.key');
  const ended = await node(['--import', `file:///${forbid}`, MAILAUTH, 'key', path]).ended;
  expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: `${path}\n` });
  expect(ended.stderr).not.toMatch(/you alone/);
});

test('msmtp is given a command that cmd takes apart as it was meant', async () => {
  const { code, stdout } = await run(['export', 'outlook', '--format', 'msmtp'], account.options);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^passwordeval """C:\\.*node\.exe" "C:\\.*\\bin\\mailauth\.js" token outlook""$/m);
  expect(stdout).not.toMatch(/0600|printf|cron|~\//);
});

test('a file cannot be called NUL', async () => {
  expect(await run(['export', 'outlook', '--format', 'form', '--write', 'NUL'], account.options)).toMatchObject({
    code: 64,
  });
});

test('in Git Bash, which is no console for it, a set-up says where it can ask', async () => {
  const { code, stderr } = await run(['setup', 'gmail'], { env: { ...account.options.env, MSYSTEM: 'MINGW64' } });
  expect(code).toBe(64);
  expect(stderr).toContain('winpty mailauth.cmd setup gmail');
});

test('doctor says what this window and this session are to mailauth', async () => {
  const bash = await run(['doctor'], { env: { ...account.options.env, MSYSTEM: 'MINGW64', SESSIONNAME: 'Console' } });
  expect(bash).toMatchObject({ code: 0, stdout: expect.stringMatching(/Git Bash, at a desktop[\s\S]*winpty/) });
  const { stdout } = await run(['doctor', '--json'], { env: { ...account.options.env, PROMPT: '$P$G' } });
  expect(JSON.parse(stdout).windows).toMatchObject({
    ...{ shell: 'cmd', console: true, desktop: true, readsAuthorities: true },
    inThisWindowAlone: ['MAILAUTH_KEY_FILE', 'MAILAUTH_CONFIG_DIR'],
  });
  expect(await run(['doctor'], { env: { NODE_PATH: 'C:\\x' } })).toMatchObject({
    stdout: expect.not.stringContaining('in this window alone'),
  });
});

test('files that any user may make in the root of a drive tell nothing about this machine', async () => {
  const planted = [
    join(DRIVE_C, '.dockerenv'),
    join(DRIVE_C, 'proc', 'self', 'limits'),
    join(DRIVE_C, 'etc', 'os-release'),
  ];
  for (const path of planted) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, 'Max open files 1 1\nID=debian\n');
  }
  try {
    const { code, stdout, stderr } = await run(['token', 'outlook', '--force-refresh', '--verbose'], account.options);
    expect(code).toBe(0);
    expect(stdout + stderr).not.toMatch(/container|debian/i);
  } finally {
    for (const path of ['.dockerenv', 'proc', 'etc']) rmSync(join(DRIVE_C, path), { recursive: true, force: true });
  }
});
