/**
 * Other processes, for what one process cannot show: locks, kills, limits. They run the sources compiled once into a
 * temporary folder, so that a swarm starts in milliseconds.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Sources {
  /** Starts a script whose imports of `src/...` are the compiled sources. */
  start(script: string, options?: { readonly shell?: string; readonly args?: readonly string[] }): ChildProcess;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** To be called at the top of a test file. */
export function compiledSources(): Sources {
  let folder = '';
  let count = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailauth-compiled-'));
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const compiled = spawnSync(
      process.execPath,
      [
        compiler,
        '-p',
        join(ROOT, 'tsconfig.json'),
        '--noCheck',
        '--noEmit',
        'false',
        '--rootDir',
        ROOT,
        '--outDir',
        folder,
      ],
      { encoding: 'utf8' },
    );
    if (compiled.status !== 0) throw new Error(`tsc: ${compiled.stdout}${compiled.stderr}`);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    start(script, options = {}) {
      count += 1;
      const path = join(folder, `script-${count}.js`);
      const compiled = pathToFileURL(folder).href;
      writeFileSync(path, script.replaceAll("'src/", `'${compiled}/src/`));
      const command = [process.execPath, path, ...(options.args ?? [])];
      const [file = '', ...args] =
        options.shell === undefined ? command : ['/bin/sh', '-c', `${options.shell}; exec "$@"`, 'sh', ...command];
      return spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    },
  };
}

export function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Resolves once the child has printed this line. */
export function says(child: ChildProcess, word: string): Promise<void> {
  let heard = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes(`${word}\n`)) resolve();
    });
    child.once('close', () => reject(new Error(`ended without saying ${word}: ${heard}`)));
  });
}
