/**
 * Makes Windows, as far as it can be had here: Debian's wine, Windows' own Node from its package, and this project packed
 * and installed as a user's npm does it there. `npm run test:windows` runs it before the tests; all it makes is in
 * .tmp/windows. A prefix and libraries that are there and still fit are used again.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeExecutable } from '../../packaging/executable.js';
import { fetchPackage } from '../../packaging/packages.js';
import { targetOf } from '../../packaging/targets.js';
import { makePrefix } from './prefix.js';
import { APP, DRIVE_C, FOLDER, NODE_EXE, ROOT, TESTS, WINE } from './windows.js';

function run(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`);
}

const QUIET = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
/** As a user's npm chooses on Windows, every script blocked. */
const FOR_WINDOWS = ['--os=win32', '--cpu=x64', '--ignore-scripts', ...QUIET];

function installWine(): void {
  if (existsSync(WINE)) return;
  const install = 'apt-get install -y --no-install-recommends wine64';
  if (process.getuid?.() !== 0) throw new Error(`missing on this system: ${install}`);
  run('apt-get', ['update', '-q']);
  run('apt-get', install.split(' ').slice(1), { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

async function installNode(): Promise<void> {
  const { node, binary } = targetOf('win-x64');
  mkdirSync(join(NODE_EXE, '..'), { recursive: true });
  rmSync(NODE_EXE, { force: true });
  linkSync(join(await fetchPackage(node), binary), NODE_EXE);
}

/** The packed program with its libraries for Windows. */
function installProgram(): void {
  const packed = join(FOLDER, 'packed');
  for (const folder of [packed, APP]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', packed], { cwd: ROOT });
  const [tarball = ''] = readdirSync(packed).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(APP, 'package.json'), '{"private":true}');
  run('npm', ['install', '--no-save', ...FOR_WINDOWS, join(packed, tarball)], { cwd: APP });
}

/** The sources and tests with the libraries for Windows, for the unit tests that run on Windows' Node itself. */
function installTests(): void {
  const lock = join(ROOT, 'package-lock.json');
  const mark = join(TESTS, 'installed');
  const hash = createHash('sha256').update(readFileSync(lock)).digest('hex');
  const isInstalled = existsSync(mark) && readFileSync(mark, 'utf8') === hash;
  if (!isInstalled) rmSync(TESTS, { recursive: true, force: true });
  for (const name of [
    'src',
    'test',
    'docs',
    'bin',
    'packaging',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ]) {
    rmSync(join(TESTS, name), { recursive: true, force: true });
    cpSync(join(ROOT, name), join(TESTS, name), { recursive: true });
  }
  if (isInstalled) return;
  run('npm', ['ci', '--force', ...FOR_WINDOWS], { cwd: TESTS });
  writeFileSync(mark, hash);
}

/** The program in one file, for Windows. */
async function installExecutable(): Promise<void> {
  const place = join(DRIVE_C, 'tools');
  mkdirSync(place, { recursive: true });
  await makeExecutable(targetOf('win-x64'), place);
}

installWine();
await makePrefix();
await installExecutable();
await installNode();
installProgram();
installTests();
