/**
 * Windows' own Node under wine. Standard streams are files, because wine 8 gives Node no pipes; the working folder is on
 * drive C:, because the folders of Linux would be found on Z:.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const FOLDER = join(ROOT, '.tmp', 'windows');
export const PREFIX = join(FOLDER, 'prefix');
export const DRIVE_C = join(PREFIX, 'drive_c');
export const NODE_EXE = join(DRIVE_C, 'Program Files', 'nodejs', 'node.exe');
export const APP = join(DRIVE_C, 'app');
/** A copy of the project with its libraries for Windows. */
export const TESTS = join(DRIVE_C, 'tests');
export const WINE = '/usr/lib/wine/wine64';

export const NODE = 'C:\\Program Files\\nodejs\\node.exe';
export const MAILAUTH = 'C:\\app\\node_modules\\mailauth-cli\\bin\\mailauth.js';
/** Where the tests work, by its two names. */
const WORK = join(DRIVE_C, 'work');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has written to its standard error so far. */
  readonly said: () => string;
}

/** The words before the arguments: the package's program with Node, or the program in one file. */
export const PACKAGE: readonly string[] = [NODE, MAILAUTH];
export const ONE_FILE: readonly string[] = ['C:\\tools\\mailauth.exe'];

export interface StartOptions {
  /** By default the package's. */
  readonly program?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  /** Milliseconds until it is killed. */
  readonly limit?: number;
}

export function wineEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: join(FOLDER, 'home'),
    WINEPREFIX: PREFIX,
    WINEDEBUG: '-all',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    NODE_SKIP_PLATFORM_CHECK: '1',
  };
}

/** The Windows path of a file in the working folder. */
export function windowsPath(name: string): string {
  return `C:\\work\\${name.replaceAll('/', '\\')}`;
}

/** The same file as this system names it. */
export function hostPath(name: string): string {
  return join(WORK, name);
}

export function writeFile(name: string, content: string | Buffer): string {
  mkdirSync(join(hostPath(name), '..'), { recursive: true });
  writeFileSync(hostPath(name), content);
  return windowsPath(name);
}

let count = 0;

/** Starts a program of Windows by its words. */
function start(words: readonly string[], { env = {}, input = '', limit = 240_000 }: StartOptions = {}): Running {
  mkdirSync(WORK, { recursive: true });
  count += 1;
  const [stdin, stdout, stderr] = ['in', 'out', 'err'].map((name) => join(FOLDER, `stream-${count}.${name}`)) as [
    string,
    string,
    string,
  ];
  writeFileSync(stdin, input);
  const streams = [openSync(stdin, 'r'), openSync(stdout, 'w'), openSync(stderr, 'w')];
  const child = spawn(WINE, [...words], {
    env: { ...wineEnvironment(), ...env },
    cwd: WORK,
    stdio: streams,
    timeout: limit,
    killSignal: 'SIGKILL',
  });
  for (const stream of streams) closeSync(stream);
  const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout: read(stdout), stderr: read(stderr) });
      for (const file of [stdin, stdout, stderr]) rmSync(file, { force: true });
    });
  });
  return { child, ended, said: () => read(stderr) };
}

/** Starts Windows' Node with these arguments. */
export function node(args: readonly string[], options?: StartOptions): Running {
  return start([NODE, ...args], options);
}

export function mailauth(args: readonly string[], options: StartOptions = {}): Running {
  return start([...(options.program ?? PACKAGE), ...args], options);
}

/** `mailauth` to its end. */
export function run(args: readonly string[], options?: StartOptions): Promise<Ended> {
  return mailauth(args, options).ended;
}
