import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Compiling, loadKeeping } from '../../src/cli/compiled.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mailauth-compiled-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function load(compiling: Omit<Compiling, 'build'>): object {
  const program = join(home, 'program.cjs');
  writeFileSync(program, 'exports.answer = 42;');
  return loadKeeping(program, { ...compiling, build: '1' });
}

/** The folder that Node would be told, if any. */
function told(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux'): string | undefined {
  let folder: string | undefined;
  const enable = (given: string): void => {
    folder = given;
  };
  expect(load({ env, platform, enable })).toEqual({ answer: 42 });
  return folder;
}

describe('what Node has compiled', () => {
  it.each<[NodeJS.Platform, (home: string) => NodeJS.ProcessEnv, string]>([
    ['linux', (home) => ({ HOME: home }), '.cache/mailauth'],
    ['linux', (home) => ({ HOME: '/nowhere', XDG_CACHE_HOME: join(home, 'x') }), 'x/mailauth'],
    ['linux', (home) => ({ HOME: home, XDG_CACHE_HOME: 'relative' }), '.cache/mailauth'],
    ['darwin', (home) => ({ HOME: home, XDG_CACHE_HOME: join(home, 'x') }), 'Library/Caches/mailauth'],
    ['win32', (home) => ({ HOME: '/nowhere', LOCALAPPDATA: home }), 'mailauth/cache'],
  ])('is kept on %s in a folder of the user’s own', (platform, env, folder) => {
    expect(told(env(home), platform)).toBe(join(home, folder));
    expect(statSync(join(home, folder)).mode & 0o777).toBe(0o700);
  });

  it('is kept nowhere without a home', () => {
    expect(told({})).toBeUndefined();
    expect(told({ HOME: 'relative' })).toBeUndefined();
  });

  it('is not kept where others can write', () => {
    mkdirSync(join(home, '.cache', 'mailauth'), { recursive: true });
    chmodSync(join(home, '.cache', 'mailauth'), 0o770);
    expect(told({ HOME: home })).toBeUndefined();
  });

  it.each([tmpdir(), '/dev/null'])('is not kept where a link leads to %s', (target) => {
    mkdirSync(join(home, '.cache'));
    symlinkSync(target, join(home, '.cache', 'mailauth'));
    expect(told({ HOME: home })).toBeUndefined();
  });

  it('is not kept where others can write and Node keeps nothing by itself', () => {
    mkdirSync(join(home, '.cache', 'mailauth'), { recursive: true });
    chmodSync(join(home, '.cache', 'mailauth'), 0o770);
    expect(load({ env: { HOME: home }, platform: 'linux', enable: undefined })).toEqual({ answer: 42 });
  });
});
