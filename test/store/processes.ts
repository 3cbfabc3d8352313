/**
 * Other processes, for what one process cannot show: locks, kills, limits. They run the sources compiled once into a
 * temporary folder, so that a swarm starts in milliseconds.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'rolldown/utils';
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
    compileInto(join(folder, 'src'));
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

/** Takes the types out of every source as it is now; whether they are right is not asked here. */
function compileInto(folder: string): void {
  for (const name of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const { code, errors } = transformSync(name, readFileSync(join(ROOT, 'src', name), 'utf8'));
    if (errors.length > 0) throw new Error(`${name}: ${errors[0]?.message}`);
    const path = join(folder, name.replace(/ts$/, 'js'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
  }
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
