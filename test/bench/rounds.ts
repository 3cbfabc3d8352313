import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** One whole process to measure: `node` with these arguments, and nothing in its environment but this. */
export interface Contestant {
  readonly label: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Milliseconds: from its start to its end, and of the processor (user and system). */
export interface Times {
  readonly elapsed: number;
  readonly processor: number;
}

/** The median of each of a contestant's times. */
export type Medians = ReadonlyMap<string, Times>;

/** Every round runs each contestant once, so that a busy moment of the machine strikes all of them alike. */
export async function race(contestants: readonly Contestant[], rounds: number): Promise<Medians> {
  const times = new Map<string, Times[]>(contestants.map(({ label }) => [label, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of contestants) times.get(contestant.label)?.push(await time(contestant));
  }
  return new Map(
    [...times].map(([label, all]) => [
      label,
      { elapsed: median(all.map((one) => one.elapsed)), processor: median(all.map((one) => one.processor)) },
    ]),
  );
}

/** Node does not tell what a child has used; the shell does, on a stream of its own. */
const TIMED = `TIMEFORMAT='%3U %3S'; { time "$@" >/dev/null 2>&4 3>&- 4>&-; } 4>&2 2>&3`;

async function time({ label, args, env = {} }: Contestant): Promise<Times> {
  const started = performance.now();
  const command = ['-c', TIMED, 'bash', process.execPath, ...args];
  const child = spawn('/bin/bash', command, { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const [stderr, used, code] = await Promise.all([
    text(child.stderr as Readable),
    text(child.stdio[3] as Readable),
    new Promise((resolve, reject) => child.once('error', reject).once('close', resolve)),
  ]);
  // A command that succeeds may propose the next one.
  if (code !== 0 || !/^(?:do: .*(?:\n {6}.*)?\n?)?$/.test(stderr))
    throw new Error(`${label} ended with ${code}: ${stderr}`);
  const [user = Number.NaN, system = Number.NaN] = used.trim().split(' ').map(Number);
  return { elapsed: performance.now() - started, processor: (user + system) * 1000 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
