/**
 * The program as a user has it: its own process, compiled once into a folder of its own, with exactly the environment
 * it is given. Every run keeps what others could see of it: output, command lines, environments of its children.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { type Finding, type Secrets, scanText } from '../servers/canary.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SAMPLE_MS = 5;

export interface RunOptions {
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Given on standard input, which is empty otherwise. */
  readonly input?: string;
  /** A shell line in which `"$@"` is the program: `exec "$@" >/dev/full`. */
  readonly shell?: string;
  /** Milliseconds after which the program is killed and the run fails. */
  readonly timeout?: number;
  /** Flags of node itself. */
  readonly nodeFlags?: readonly string[];
}

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
  /** Command lines of the program and all its children; environments of the children. Linux only. */
  readonly seen: readonly string[];
}

export interface Running {
  readonly child: ChildProcess;
  /** What came on standard error so far. */
  stderr(): string;
  readonly ended: Promise<Ran>;
}

export interface Program {
  /** The folder that holds `bin` and `dist`. */
  readonly folder: () => string;
  start(args: readonly string[], options?: RunOptions): Running;
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
}

/** What is in src/ now, so that no older build is tested. To be called at the top of a test file. */
export function compiledProgram(): Program {
  let folder = '';
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-program-')));
    if (isBuilt()) cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    else compileInto(join(folder, 'dist'));
    copyProgram(folder);
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder: () => folder,
    start: (args, options = {}) => start(join(folder, 'bin', 'mailauth.js'), args, options),
    run: (args, options = {}) => start(join(folder, 'bin', 'mailauth.js'), args, options).ended,
  };
}

/** Whether dist/ is what `npm run build` makes of src/ now: `npm test` has just built it, and twenty files need it. */
function isBuilt(): boolean {
  const built = timesIn('dist');
  // The bundle is what the build makes last.
  return existsSync(join(ROOT, 'dist', 'quick.cjs')) && Math.max(...timesIn('src')) < Math.min(...built);
}

/** When each file below a folder of the project was last written, in milliseconds. */
function timesIn(folder: string): readonly number[] {
  const entries = existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    : [];
  return entries.filter((entry) => entry.isFile()).map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs);
}

/** Compiles the sources below `root`, as `npm run build` does into dist. */
export function compileInto(folder: string, root = ROOT): void {
  const built = spawnSync(process.execPath, ['build.js', folder], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`build.js: ${built.stdout}${built.stderr}`);
}

/** Everything of the package that is not compiled. */
export function copyProgram(folder: string): void {
  mkdirSync(join(folder, 'bin'));
  for (const file of ['package.json', 'README.md', 'LICENSE', 'SECURITY.md']) {
    copyFileSync(join(ROOT, file), join(folder, file));
  }
  for (const directory of ['bin', 'docs', 'man'])
    cpSync(join(ROOT, directory), join(folder, directory), { recursive: true });
}

export function start(bin: string, args: readonly string[], options: RunOptions): Running {
  const command = [process.execPath, ...(options.nodeFlags ?? []), bin, ...args];
  const [file = '', ...rest] =
    options.shell === undefined ? command : ['/bin/sh', '-c', options.shell, 'sh', ...command];
  const begun = performance.now();
  const child = spawn(file, rest, {
    env: (options.env ?? {}) as NodeJS.ProcessEnv,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    stdio: 'pipe',
  });
  // A program that ends without reading its input breaks the pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const seen = new Set<string>();
  const sampler = setInterval(() => child.pid !== undefined && sample(child.pid, seen), SAMPLE_MS);
  let late = false;
  const patience = options.timeout ?? 15_000;
  const killer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, patience);
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearInterval(sampler);
      clearTimeout(killer);
      const milliseconds = performance.now() - begun;
      if (late) reject(new Error(`no end within ${patience} ms\n${stdout}\n${stderr}`));
      else resolve({ code, signal, stdout, stderr, milliseconds, seen: [...seen] });
    });
  });
  return { child, stderr: () => stderr, ended };
}

/**
 * The program's own environment is what the test gave it, and so is left out. A child that has not become another
 * program yet is still a copy of its parent, and is looked at again in a moment.
 */
function sample(pid: number, seen: Set<string>): void {
  const look = (id: number, parent: string | undefined): void => {
    try {
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (command === parent) return;
      const environment =
        parent === undefined ? '' : readFileSync(`/proc/${id}/environ`, 'utf8').replaceAll('\0', '\n');
      if (readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ') !== command) return;
      seen.add(command).add(environment);
      for (const task of readdirSync(`/proc/${id}/task`)) {
        const children = readFileSync(`/proc/${id}/task/${task}/children`, 'utf8').split(' ').filter(Boolean);
        for (const next of children) look(Number(next), command);
      }
    } catch {
      // It has ended in between, or this is not Linux.
    }
  };
  look(pid, undefined);
}

/** Looks for secrets in everything a run let others see. */
export function scanRun(name: string, { stdout, stderr, seen }: Ran, secrets: Secrets): readonly Finding[] {
  return [
    ...scanText(`stdout of ${name}`, stdout, secrets),
    ...scanText(`stderr of ${name}`, stderr, secrets),
    ...seen.flatMap((text) => scanText(`a command line or environment of ${name}`, text, secrets)),
  ];
}
