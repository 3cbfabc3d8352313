/**
 * Looks every few milliseconds at the processes of this computer, as any other user of it can: their command lines, and
 * their environments as far as it may. Runs as a program of its own, so that nothing else delays it.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Sighting {
  readonly argv: readonly string[];
  /** Its variables, separated by zero bytes. */
  readonly environment: string;
}

export interface Witness {
  /** Everything seen until now; ends the watch. */
  stop(): Promise<readonly Sighting[]>;
}

const EVERY_MS = 5;
/** A process changes its command line when it starts another program, which it does soon or never. */
const WATCHED_MS = 2_000;

export async function startWitness(): Promise<Witness> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const seen = new Set<string>();
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<void>((resolve) => lines.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the witness ended before it looked')));
    lines.once('line', () => {
      lines.on('line', (line) => seen.add(line));
      resolve();
    });
  });
  return {
    async stop() {
      child.stdin.end();
      await ended;
      return [...seen].map((line) => JSON.parse(line) as Sighting);
    },
  };
}

function look(pid: string): Sighting | undefined {
  try {
    const before = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const environment = readEnvironment(pid);
    // Between a fork and its exec, one would belong to the parent and the other to the child.
    if (before !== readFileSync(`/proc/${pid}/cmdline`, 'utf8')) return undefined;
    return { argv: before.split('\0').slice(0, -1), environment };
  } catch {
    return undefined;
  }
}

function readEnvironment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

async function watch(): Promise<void> {
  const known = new Map<string, { readonly since: number; last: string }>();
  for (const pid of processes()) known.set(pid, { since: Number.NEGATIVE_INFINITY, last: '' });
  let over = false;
  process.stdin.on('end', () => {
    over = true;
  });
  process.stdin.resume();
  console.log('looking');
  while (!over) {
    const now = performance.now();
    const alive = new Set(processes());
    for (const pid of known.keys()) if (!alive.has(pid)) known.delete(pid);
    for (const pid of alive) {
      const entry = known.get(pid) ?? { since: now, last: '' };
      known.set(pid, entry);
      if (now - entry.since > WATCHED_MS) continue;
      const sighting = look(pid);
      const line = sighting === undefined ? '' : JSON.stringify(sighting);
      if (line === '' || line === entry.last) continue;
      entry.last = line;
      console.log(line);
    }
    await sleep(EVERY_MS);
  }
}

function processes(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await watch();
