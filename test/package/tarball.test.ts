import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileInto, copyProgram, type Ran, type RunOptions, start } from '../process/program.js';
import { freePort } from '../servers/ports.js';
import { testFolder } from '../store/folder.js';
import { ROOT, runtime } from './lock-file.js';

const PROGRAM_NAME = 'mailauth-cli';
let folder = '';
let tarballs: readonly Buffer[] = [];
let files: ReadonlyMap<string, Buffer> = new Map();

/** Packs a clean build in a folder of its own. */
function pack(name: string): Buffer {
  const place = join(folder, name);
  mkdirSync(place);
  compileInto(join(place, 'dist'), join(folder, 'source'));
  copyProgram(place);
  const npm = process.env['npm_execpath'];
  const [file, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  execFileSync(file, [...args, 'pack', '--offline', '--ignore-scripts', '--silent', '--pack-destination', place], {
    cwd: place,
    stdio: 'ignore',
  });
  const tarball = readdirSync(place).find((entry) => entry.endsWith('.tgz'));
  return readFileSync(join(place, tarball ?? ''));
}

/** The files of a tar archive (POSIX.1 ustar): a header of 512 bytes each, then the content in blocks of 512. */
function unpacked(tarball: Buffer): ReadonlyMap<string, Buffer> {
  const archive = gunzipSync(tarball);
  const found = new Map<string, Buffer>();
  for (let at = 0; archive[at] !== 0 && at < archive.length; ) {
    const text = (from: number, length: number) =>
      archive.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12), 8);
    const path = [text(345, 155), text(0, 100)].filter((part) => part !== '').join('/');
    found.set(path.replace(/^package\//, ''), archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-package-')));
  mkdirSync(join(folder, 'source'));
  for (const part of ['src', 'build.js', 'packaging', 'tsconfig.json', 'package.json']) {
    cpSync(join(ROOT, part), join(folder, 'source', part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'source', 'node_modules'));
  tarballs = [pack('one'), pack('two')];
  files = unpacked(tarballs[0] ?? Buffer.alloc(0));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

describe('the package', () => {
  it('C08 is the same to the byte from two clean builds', () => {
    const [one, two] = tarballs.map((tarball) => createHash('sha256').update(tarball).digest('hex'));
    expect(one).toBe(two);
  });

  it('C07 holds the program, the quick token, and what a person reads', () => {
    const compiled = ['dist/compiled.cjs', 'dist/licences.txt', 'dist/program.cjs', 'dist/quick.cjs'];
    const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)));
    const others = [
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'bin/mailauth.js',
      'bin/package.json',
      'man/mailauth.1',
      'package.json',
    ];
    const parts = [...files.keys()].filter((path) => path.startsWith('dist/parts/'));
    expect(parts.filter((path) => !/^dist\/parts\/[\w-]+\.cjs$/.test(path))).toEqual([]);
    expect([...files.keys()].sort()).toEqual([...compiled, ...parts, ...pages, ...others].sort());
    // What docs/fleet.md tells to copy.
    expect(pages.filter((page) => !/\.md$|^docs\/adapters\/mailauth-store-[a-z-]+$/.test(page))).toEqual([]);
  });

  it('C07 holds no test, no map, no failpoint and no address of the machine it was made on', () => {
    const text = [...files].map(([path, content]) => `${path}\n${content.toString('latin1')}`).join('\n');
    const program = [...files].filter(([path]) => /^(?:bin|dist)\//.test(path)).map(([, content]) => content);
    const said = /sourceMappingURL|MAILAUTH_FP|failpoint|vitest|oidc-provider/i;
    expect(program.filter((content) => said.test(content.toString()))).toEqual([]);
    expect(text).not.toContain(ROOT);
    expect(text).not.toContain(folder);
    expect(text).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  });
});

/** What npm leaves behind where it was told to run no script: the files of each package, and nothing built. */
function install(name: string): string {
  const place = join(folder, name, 'node_modules');
  for (const { path } of runtime) {
    cpSync(join(ROOT, path), join(folder, name, path), {
      recursive: true,
      filter: (source) =>
        !source.includes(`${path}/node_modules`) && !source.startsWith(join(ROOT, 'node_modules/keytar/build')),
    });
  }
  for (const [path, content] of files) {
    mkdirSync(dirname(join(place, PROGRAM_NAME, path)), { recursive: true });
    writeFileSync(join(place, PROGRAM_NAME, path), content);
  }
  return place;
}

describe('an installation without scripts', () => {
  let place = '';
  let env: Record<string, string> = {};
  const run = (args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
    start(join(place, PROGRAM_NAME, 'bin', 'mailauth.js'), args, { env, ...options }).ended;

  beforeAll(() => {
    place = install('installed');
    const home = join(folder, 'home');
    mkdirSync(home, { mode: 0o700 });
    env = { PATH: '/usr/bin:/bin', HOME: home };
  }, 60_000);

  it('C02 tells its version, its help, its guides and its errors', async () => {
    const { version } = JSON.parse(files.get('package.json')?.toString() ?? '{}');
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(await run(['--help'])).toMatchObject({ code: 0, stderr: '' });
    expect((await run(['guide', 'outlook'])).stdout).toContain('14 steps');
    expect((await run(['explain', '535 5.7.139 Authentication unsuccessful'])).code).toBe(0);
  });

  const secret = { MAILAUTH_CLIENT_SECRET: `GOCSPX-${'a'.repeat(28)}` };
  // The store is proven, then the issuer is asked, at a port where nobody listens.
  const script = (port: number) => [
    ...['setup', 'gmail', '--no-input', '--no-browser', '--timeout', '5', '--account', 'ann@gmail.com'],
    ...['--client-id', '123456789012-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com'],
    ...['--issuer', `https://localhost:${port}/`],
  ];

  it('C02 C11 sets up an account as far as the network goes, also where code from strings is forbidden', async () => {
    const home = testFolder();
    const key = join(home, 'key');
    const flags = ['--disallow-code-generation-from-strings'];
    expect((await run(['key', key], { nodeFlags: flags })).code).toBe(0);
    const given = { ...env, HOME: home, MAILAUTH_STORE: 'file', MAILAUTH_KEY_FILE: key, ...secret };
    const port = await freePort();
    const ran = await run(script(port), { env: given, nodeFlags: flags });
    expect(ran.stderr).toContain('secrets will be kept in the encrypted file');
    expect(ran.stderr).toMatch(new RegExp(`nothing accepts connections\\s+at\\s+localhost:${port}`));
    expect(ran.code).toBe(75);
  });

  it('C03 tells that the keychain cannot be used, and which package is broken, where its native part is', async () => {
    const addon = `prebuilds/${process.platform}-${process.arch}/keytar.node`;
    const path = join(place, 'keytar', addon);
    const whole = readFileSync(path);
    for (const broken of [undefined, Buffer.from('not a library'), Buffer.alloc(0)]) {
      rmSync(path, { force: true });
      if (broken !== undefined) writeFileSync(path, broken);
      const ran = await run(script(1), { env: { ...env, HOME: testFolder(), ...secret } });
      expect(ran.code).toBe(74);
      expect(ran.stderr).toMatch(/^mailauth: .*keychain/m);
      expect(ran.stderr).not.toContain('    at ');
      expect((await run(['list'], { env: { ...env, HOME: testFolder() } })).code).toBe(0);
    }
    writeFileSync(path, whole);
  });
});
