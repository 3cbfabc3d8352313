import { spawn } from 'node:child_process';

/** One whole process to measure: `node` with these arguments, and nothing in its environment but this. */
export interface Contestant {
  readonly label: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The median of a contestant's times, in milliseconds. */
export type Medians = ReadonlyMap<string, number>;

/** Every round runs each contestant once, so that a busy moment of the machine strikes all of them alike. */
export async function race(contestants: readonly Contestant[], rounds: number): Promise<Medians> {
  const times = new Map<string, number[]>(contestants.map(({ label }) => [label, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of contestants) times.get(contestant.label)?.push(await time(contestant));
  }
  return new Map([...times].map(([label, all]) => [label, median(all)]));
}

async function time({ label, args, env = {} }: Contestant): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0 || stderr !== '') throw new Error(`${label} ended with ${code}: ${stderr}`);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
