import { readFileSync } from 'node:fs';

/** What the program itself has open: libraries, pipes, a D-Bus connection. */
const OWN = 40;
/** One account at once: its lock, the successor's file and folder, a token connection, two mail connections, two to spare. */
const EACH = 8;
/** More at once only makes a provider's limits answer. */
const MOST = 64;
/** What macOS gives a process by itself. */
const USUAL_LIMIT = 256;

/** How many accounts may be worked on at once, so that none runs out of open files with a spent token in hand. */
export function accountsAtOnce(limit = openFilesLimit()): number {
  return Math.max(1, Math.min(MOST, Math.floor((limit - OWN) / EACH)));
}

/** How many connections a port may hold that strangers can open, so that one to the provider can still be made. */
export function connectionsAtOnce(most: number, limit = openFilesLimit()): number {
  return Math.max(4, Math.min(most, Math.floor((limit - OWN) / 2)));
}

/** getrlimit(2) RLIMIT_NOFILE, as Linux shows it. Windows has no such limit. */
function openFilesLimit(): number {
  if (process.platform === 'win32') return Number.POSITIVE_INFINITY;
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? USUAL_LIMIT);
  } catch {
    return USUAL_LIMIT;
  }
}

/** Does the work for each item, so many at once, and gives the results in the order of the items. */
export async function eachAtOnce<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of rest) {
      const [result] = await Promise.allSettled([work(item)]);
      if (result !== undefined) results[index] = result;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}
