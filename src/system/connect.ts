import type { LookupAddress } from 'node:dns';
import { connect, type Socket } from 'node:net';

/** Milliseconds after which the next address is tried as well (RFC 8305 section 5). */
const STAGGER_MS = 250;

/**
 * TCP to whichever of several addresses answers first (RFC 8305): the next one is tried as well after a quarter of a
 * second, or at once where one has failed, and none is given up before another has answered. Node gives each address a
 * fixed time instead, which a far-away server misses when it is short, and a dead route uses up when it is long.
 *
 * Rejects with the error of all, the first one's code on it, and with the signal's reason.
 */
export function connectToAny(addresses: readonly LookupAddress[], port: number, signal: AbortSignal): Promise<Socket> {
  const order = byTurns(addresses);
  const trying = new Set<Socket>();
  const errors: Error[] = [];
  let timer: NodeJS.Timeout | undefined;
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      for (const socket of trying) socket.destroy();
      settle();
    };
    const abort = (): void => end(() => reject(signal.reason));
    const tryNext = (): void => {
      clearTimeout(timer);
      const next = order.shift();
      if (next === undefined) {
        if (trying.size === 0) end(() => reject(errorOf(errors)));
        return;
      }
      const socket = connect({ host: next.address, port });
      trying.add(socket);
      socket.on('error', (error) => {
        if (!trying.delete(socket)) return;
        errors.push(error);
        tryNext();
      });
      socket.once('connect', () => {
        trying.delete(socket);
        end(() => resolve(socket));
      });
      timer = setTimeout(tryNext, STAGGER_MS);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    tryNext();
  });
}

/** The system's order, the families in turn: where one family leads nowhere, all its addresses do. */
function byTurns(addresses: readonly LookupAddress[]): LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  return Array.from({ length: Math.max(first.length, second.length) }, (_, at) => [first[at], second[at]])
    .flat()
    .filter((address) => address !== undefined);
}

function errorOf(errors: readonly Error[]): Error {
  const [first, ...more] = errors;
  if (first !== undefined && more.length === 0) return first;
  const { code } = (first ?? {}) as NodeJS.ErrnoException;
  return Object.assign(new AggregateError(errors, 'none of the addresses could be reached'), code && { code });
}
