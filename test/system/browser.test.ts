import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browserEnvironment, openBrowser, openerSettings } from '../../src/system/browser.js';

const ADDRESS = 'https://login.example.com/authorize?client_id=a%20b&state=c&scope=x+y';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-browser-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A program that writes down its arguments and its environment, then does what `then` says. */
function program(then = ''): string {
  const path = join(folder, 'my browser');
  const record = JSON.stringify(join(folder, 'record'));
  writeFileSync(
    path,
    `#!${process.execPath}
require('node:fs').writeFileSync(${record}, JSON.stringify({ arguments: process.argv.slice(2), env: process.env, tty: process.stdout.isTTY ?? false }));
${then}
`,
    { mode: 0o755 },
  );
  return path;
}

const recorded = () =>
  JSON.parse(readFileSync(join(folder, 'record'), 'utf8')) as {
    arguments: string[];
    env: Record<string, string>;
    tty: boolean;
  };

const open = (url: string, env: NodeJS.ProcessEnv) =>
  openBrowser(url, { env: { PATH: process.env['PATH'], ...env }, platform: process.platform });

describe('openBrowser', () => {
  it('gives the program that BROWSER names the address as its one argument', async () => {
    expect(await open(ADDRESS, { BROWSER: program() })).toBe('opened');
    expect(recorded().arguments).toEqual([ADDRESS]);
    expect(recorded().tty).toBe(false);
  });

  it.each([
    ['words', (path: string) => `'${path}' --private-window`, ['--private-window', ADDRESS]],
    ['a place for the address', (path: string) => `"${path}" --url=%s --new`, [`--url=${ADDRESS}`, '--new']],
  ])('B takes BROWSER as %s, without a shell', async (_, browser, given) => {
    expect(await open(ADDRESS, { BROWSER: browser(program()) })).toBe('opened');
    expect(recorded().arguments).toEqual(given);
  });

  it('X02 passes on no secret and nothing a browser does not need', async () => {
    const env = {
      HOME: '/home/a',
      DISPLAY: ':0',
      LC_ALL: 'C',
      XDG_RUNTIME_DIR: '/run/user/1000',
      MAILAUTH_CLIENT_SECRET: 'canary-secret',
      MAILAUTH_CONFIG_DIR: '/x',
      AWS_SECRET_ACCESS_KEY: 'canary-aws',
      NODE_OPTIONS: '--no-warnings',
      HTTPS_PROXY: 'http://user:canary-proxy@proxy:3128',
    };
    await open(ADDRESS, { ...env, BROWSER: program() });
    const passed = recorded().env;
    expect(JSON.stringify(passed)).not.toContain('canary');
    expect(passed).toMatchObject({ HOME: '/home/a', DISPLAY: ':0', LC_ALL: 'C', XDG_RUNTIME_DIR: '/run/user/1000' });
    expect(Object.keys(browserEnvironment(env))).toEqual(['HOME', 'DISPLAY', 'LC_ALL', 'XDG_RUNTIME_DIR']);
  });

  it('L29 does not wait for a program that stays', async () => {
    const before = Date.now();
    expect(await open(ADDRESS, { BROWSER: program('setTimeout(() => {}, 4000)') })).toBe('opened');
    expect(Date.now() - before).toBeLessThan(2_000);
  });

  it('L31 a program that is missing, forbidden or fails is told', async () => {
    expect(await open(ADDRESS, { BROWSER: join(folder, 'nothing here') })).toBe('failed');
    expect(await open(ADDRESS, { BROWSER: folder })).toBe('failed');
    expect(await open(ADDRESS, { BROWSER: program('process.exit(3)') })).toBe('failed');
  });

  it('L31 without a display and without a browser the platform opener is found out', async () => {
    // An empty PATH: neither an opener nor a browser is to be found there.
    const env = { PATH: folder, HOME: folder };
    expect(await openBrowser(ADDRESS, { env, platform: process.platform })).toBe('failed');
  });

  it('L31 without a screen nothing is tried on Linux, so that a slow machine says the same', async () => {
    const env = { PATH: process.env['PATH'], HOME: folder };
    expect(await openBrowser(ADDRESS, { env, platform: 'linux' })).toBe('failed');
  });

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://login.example.com/',
    'https://user:pass@login.example.com/',
    '-x',
    '--help',
    '$(calc)',
    'not an address',
    '',
  ])('L30 %j is not opened', async (url) => {
    expect(await open(url, { BROWSER: program() })).toBe('failed');
    expect(() => recorded()).toThrow('ENOENT');
  });

  it('L30 what a shell would act on stays in the one argument, spelled by the URL parser', async () => {
    await open('https://login.example.com/?a=$(id)&b=`id`;rm -rf "x"\n&c=|d', { BROWSER: program() });
    const [only = '', ...more] = recorded().arguments;
    expect(more).toEqual([]);
    expect(only).toMatch(/^https:\/\/login\.example\.com\/\?a=\$\(id\)&b=`id`;rm%20-rf%20%22x%22&c=\|d$/);
  });
});

it("shows no window of the opener's own on Windows, and leaves a browser that was named by itself", () => {
  const settings = (platform: NodeJS.Platform, env = {}) => openerSettings({ platform, env });
  expect(settings('win32')).toMatchObject({ detached: false, windowsHide: true, shell: false });
  expect(settings('win32', { BROWSER: 'C:\\b.exe' })).toMatchObject({ detached: true });
  expect(settings('darwin')).toMatchObject({ detached: true });
});
