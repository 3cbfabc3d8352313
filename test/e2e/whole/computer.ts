/**
 * A computer that mailauth runs on: a home folder, an environment with nothing inherited, and a memory of every byte
 * the program wrote. `leaks` looks there, in every file of the home folder and among what other users of the computer
 * could see of its processes.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, type Finding, scanDirectory, scanText } from '../../servers/canary.js';
import { run as runInTerminal, type Terminal } from '../../servers/terminal.js';
import type { Sighting } from './witness.js';

export const PROGRAM = fileURLToPath(new URL('../../../bin/mailauth.js', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Secrets are expected on standard output, so it is not kept for `leaks`. */
  readonly showsSecrets?: boolean;
  /** Milliseconds until the program is killed. */
  readonly limit?: number;
}

export interface Computer {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As a script: no terminal, an empty standard input. */
  mailauth(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** In a pseudo-terminal. */
  terminal(args: readonly string[], env?: Readonly<Record<string, string | undefined>>): Terminal;
  /** One line a place in which one of the secrets was seen; empty when none was. `seen` comes from a witness. */
  leaks(secrets: ReadonlySet<string>, seen?: readonly Sighting[]): string;
}

/**
 * `env` has HOME; everything mailauth writes, temporary files too, lands below it. `program`: the words before the
 * arguments, by default those of the package.
 */
export function openComputer(
  env: NodeJS.ProcessEnv,
  program: readonly string[] = [process.execPath, PROGRAM],
): Computer {
  const home = env['HOME'] ?? '';
  const temporary = join(home, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const whole = { ...env, TMPDIR: temporary };
  const written: { readonly place: string; text(): string }[] = [];
  const keep = (place: string, text: () => string): void => void written.push({ place, text });
  return {
    home,
    env: whole,
    async mailauth(args, { env: more = {}, showsSecrets = false, limit = 50_000 } = {}) {
      const ran = await runToEnd([...program, ...args], { ...whole, ...more }, limit);
      const place = `mailauth ${args[0]}`;
      if (!showsSecrets) keep(`${place}, standard output`, () => ran.stdout);
      keep(`${place}, standard error`, () => ran.stderr);
      return ran;
    },
    terminal(args, more = {}) {
      const [file = '', ...words] = program;
      const terminal = runInTerminal(file, [...words, ...args], {
        env: { ...whole, ...more },
        timeout: 20_000,
      });
      keep(`mailauth ${args[0]}, terminal`, () => terminal.raw());
      return terminal;
    },
    leaks(secrets, seen = []) {
      const labelled = Object.fromEntries([...secrets].map((secret, index) => [`secret ${index + 1}`, secret]));
      return describe([
        ...written.flatMap(({ place, text }) => scanText(place, text(), labelled)),
        ...scanDirectory(home, labelled),
        ...seen.flatMap((sighting) => scanSighting(sighting, labelled)),
      ]);
    },
  };
}

/** Its own environment may hold the secret that a script gave it; that of any other process may not. */
function scanSighting({ argv, environment }: Sighting, secrets: Readonly<Record<string, string>>): readonly Finding[] {
  const program = argv.slice(0, 2).join(' ');
  const inherited = argv.includes(PROGRAM) ? [] : scanText(`the environment of ${program}`, environment, secrets);
  return [...scanText(`the command line of ${program}`, argv.join('\0'), secrets), ...inherited];
}

function runToEnd([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv, limit: number): Promise<Ran> {
  const started = performance.now();
  const child = spawn(file, args, { env, cwd: env['HOME'], timeout: limit, killSignal: 9 });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr, ms: performance.now() - started }));
  });
}

/** The parts of `check --json`, `setup --json` and the error document that are looked at. */
export interface Report {
  readonly schema: string;
  readonly ok: boolean;
  readonly exitCode?: number;
  readonly code?: string;
  readonly message?: string;
  readonly checks?: readonly Check[];
  readonly accounts: readonly { readonly name: string; readonly ok: boolean; readonly checks: readonly Check[] }[];
}

export interface Check {
  readonly id: string;
  readonly status: string;
  readonly code?: string;
  readonly who?: string;
  readonly retryable?: boolean;
  readonly message?: string;
  readonly server?: string;
}

/** The one document on standard output. */
export function documentOf(ran: Ran): Report {
  try {
    return JSON.parse(ran.stdout) as Report;
  } catch {
    throw new Error(`no JSON document, exit code ${ran.code}, signal ${ran.signal}\n${ran.stdout}\n${ran.stderr}`);
  }
}

/** `store ok`, `smtp fail token_refused`: one line a check, as an assertion reads best. */
export function verdicts(checks: readonly Check[] | undefined): readonly string[] {
  return (checks ?? []).map(({ id, status, code }) =>
    [id, status, code].filter((word) => word !== undefined).join(' '),
  );
}

export const ALL_OK = ['store ok', 'client ok', 'signin ok', 'smtp ok', 'imap ok'];

export function accountsFile(computer: Computer): string {
  return readFileSync(join(computer.home, '.config', 'mailauth', 'accounts.json'), 'utf8');
}

/** What a browser noted in this file, once it has: it may go on for a while after the program has ended. */
export async function recorded<T>(path: string): Promise<T> {
  const late = Date.now() + 20_000;
  for (;;) {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as T;
    } catch (error) {
      if (Date.now() > late) throw error;
      await sleep(50);
    }
  }
}
