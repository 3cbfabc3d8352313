import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compiledProgram } from './program.js';

const program = compiledProgram();
const IS_WINDOWS = process.platform === 'win32';

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mailauth-compiled-'));
  folder = IS_WINDOWS ? join(home, 'mailauth', 'cache') : join(home, '.cache', 'mailauth');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What it prints. */
async function explain(): Promise<string> {
  const line = '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant';
  const ran = await program.run(['explain', '--json', line], { env: { [IS_WINDOWS ? 'LOCALAPPDATA' : 'HOME']: home } });
  expect(ran.stderr).toBe('');
  expect(JSON.parse(ran.stdout)).toMatchObject({ code: 'smtp_auth_disabled' });
  return ran.stdout;
}

/** What is kept, by path, with the moment when each file was written. */
function kept(): ReadonlyMap<string, number> {
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path, statSync(path).mtimeMs]));
}

describe('what has been compiled of the program', () => {
  it('is kept by the first start, and taken by the next', async () => {
    const first = await explain();
    const files = kept();
    expect(files.size).toBeGreaterThan(5);
    expect(await explain()).toBe(first);
    expect(kept()).toEqual(files);
  });

  it.runIf(!IS_WINDOWS)('is not looked for where others can write', async () => {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o770);
    await explain();
    expect(kept().size).toBe(0);
  });

  it('is compiled and kept anew where a file is damaged, cut or empty', async () => {
    const first = await explain();
    const [damaged = '', cut = '', empty = ''] = kept().keys();
    const bytes = readFileSync(damaged);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0x5a;
    writeFileSync(damaged, bytes);
    writeFileSync(cut, readFileSync(cut).subarray(0, 100));
    writeFileSync(empty, '');
    const before = [damaged, cut, empty].map((path) => readFileSync(path));
    expect(await explain()).toBe(first);
    const after = [damaged, cut, empty].map((path) => readFileSync(path));
    expect(after.map((now, place) => now.equals(before[place] ?? now))).toEqual([false, false, false]);
    const files = kept();
    expect(await explain()).toBe(first);
    expect(kept()).toEqual(files);
  });

  it('is that of this build and this Node', async () => {
    const v8 = `v8-${process.versions.v8}-`;
    for (const name of [`${v8}of-another-day`, 'v8-of-another-node', 'other']) {
      mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    }
    await explain();
    const names = readdirSync(folder).sort();
    expect(names).toEqual(['other', expect.stringMatching(/-[\da-f]{16}$/), 'v8-of-another-node']);
    expect(names[1]?.startsWith(v8)).toBe(true);
  });

  it('is no reason to fail where nothing can be written', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const first = await explain();
    const [build = ''] = readdirSync(folder);
    rmSync(join(folder, build), { recursive: true });
    writeFileSync(join(folder, build), 'a file in the place of the folder');
    expect(await explain()).toBe(first);
  });
});
