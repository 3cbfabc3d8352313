/**
 * Programs that come and go while tokens run out under them: nobody is refused, and the memory stays. Some seconds here;
 * `npm run soak` does it for ten minutes.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ADDRESS, authPlain, buildHouse, type House, program, type ServedApart } from './house.js';

interface Soaked {
  readonly logins: number;
  readonly refused: readonly string[];
  readonly refreshes: number;
  /** MiB in use, at the end of each tenth of the time. */
  readonly memory: readonly number[];
}

/** Longer by so much than what `serve` wants of a token: each is used for two seconds. */
const TOKEN_SECONDS = 32;

async function soak(seconds: number, programs: number, pauseMs: number): Promise<Soaked> {
  const house = await buildHouse({ expiresIn: TOKEN_SECONDS });
  try {
    const at = await house.serveApart();
    const refused: string[] = [];
    const memory: number[] = [];
    let logins = 0;
    await reads(house, at);
    const end = performance.now() + seconds * 1_000;
    const comeAndGo = async (number: number): Promise<void> => {
      while (performance.now() < end) {
        await (number % 2 === 0 ? sends(house, at) : reads(house, at)).then(
          () => {
            logins += 1;
          },
          (error: Error) => refused.push(error.message),
        );
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    };
    const watch = setInterval(() => memory.push(memoryOf(at)), seconds * 100);
    await Promise.all(Array.from({ length: programs }, (_, number) => comeAndGo(number)));
    clearInterval(watch);
    return { logins, refused, refreshes: house.endpoint.refreshes(), memory };
  } finally {
    await house.close();
  }
}

async function sends(house: House, at: ServedApart): Promise<void> {
  const one = program(at.ports['smtp'] as number);
  one.send('EHLO scanner', authPlain(ADDRESS, house.password));
  await one.hears(/^235 /m);
  one.send('MAIL FROM:<ann@happypaws.example>', 'RCPT TO:<pat@happypaws.example>', 'DATA');
  await one.hears(/^354 /m);
  one.send('Subject: scan', '', 'a page', '.', 'QUIT');
  await one.hears(/^221 /m);
  one.socket.destroy();
}

async function reads(house: House, at: ServedApart): Promise<void> {
  const one = program(at.ports['imap'] as number);
  one.send(`a LOGIN outlook ${house.password}`);
  await one.hears(/^a OK/m);
  one.send('b EXAMINE INBOX');
  await one.hears(/^b OK/m);
  // Every other program just hangs up.
  if (Math.random() < 0.5) one.send('c LOGOUT');
  one.socket.end();
  await one.closed;
}

function memoryOf({ child }: ServedApart): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 5);

it.runIf(process.platform === 'linux')(
  'D07 programs that come and go are never refused, while tokens run out',
  async () => {
    const { logins, refused, refreshes, memory } = await soak(SECONDS, 6, SECONDS > 60 ? 1_000 : 20);
    if (SECONDS > 60) console.info(JSON.stringify({ logins, refreshes, memory }));
    expect(refused).toEqual([]);
    expect(logins).toBeGreaterThanOrEqual(SECONDS);
    expect(refreshes).toBeGreaterThanOrEqual(SECONDS / 5 + 1);
    expect(refreshes).toBeLessThanOrEqual(SECONDS / 2 + 3);
    // The first tenths are those in which everything is loaded.
    if (SECONDS > 60) expect(memory.at(-1)).toBeLessThan((memory[2] ?? 0) + 30);
  },
  (SECONDS + 30) * 1_000,
);
