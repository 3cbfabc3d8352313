import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadKeeping } from '../../src/cli/compiled.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mailauth-compiled-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The folder that it is kept in, if any; the program is loaded all the same. */
function keptIn(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux'): string | undefined {
  const program = join(home, 'program.cjs');
  writeFileSync(program, 'exports.answer = 42;');
  let kept: string | undefined;
  const load = (file: string, folder: string): object => {
    kept = folder;
    return createRequire(file)(file);
  };
  expect(loadKeeping(program, { env, platform, load })).toEqual({ answer: 42 });
  return kept;
}

describe('what has been compiled', () => {
  it.each<[NodeJS.Platform, (home: string) => NodeJS.ProcessEnv, string]>([
    ['linux', (home) => ({ HOME: home }), '.cache/mailauth'],
    ['linux', (home) => ({ HOME: '/nowhere', XDG_CACHE_HOME: join(home, 'x') }), 'x/mailauth'],
    ['linux', (home) => ({ HOME: home, XDG_CACHE_HOME: 'relative' }), '.cache/mailauth'],
    ['darwin', (home) => ({ HOME: home, XDG_CACHE_HOME: join(home, 'x') }), 'Library/Caches/mailauth'],
    ['win32', (home) => ({ HOME: '/nowhere', LOCALAPPDATA: home }), 'mailauth/cache'],
  ])('is kept on %s in a folder of the user’s own', (platform, env, folder) => {
    expect(keptIn(env(home), platform)).toBe(join(home, folder));
    expect(statSync(join(home, folder)).mode & 0o777).toBe(0o700);
  });

  it('is kept nowhere without a home', () => {
    expect(keptIn({})).toBeUndefined();
    expect(keptIn({ HOME: 'relative' })).toBeUndefined();
  });

  it('is not kept where others can write', () => {
    mkdirSync(join(home, '.cache', 'mailauth'), { recursive: true });
    chmodSync(join(home, '.cache', 'mailauth'), 0o770);
    expect(keptIn({ HOME: home })).toBeUndefined();
  });

  it.each([tmpdir(), '/dev/null'])('is not kept where a link leads to %s', (target) => {
    mkdirSync(join(home, '.cache'));
    symlinkSync(target, join(home, '.cache', 'mailauth'));
    expect(keptIn({ HOME: home })).toBeUndefined();
  });
});
