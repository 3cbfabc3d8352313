import type { Duplex } from 'node:stream';
import { Ending, type Outcome } from './ending.js';

/** Bytes that may wait for one side before the other is held back. `pipe` holds back at one read: the two take turns. */
const ON_THE_WAY = 1024 * 1024;

/** Milliseconds a program has to close, after its server has said its last word. */
const GOODBYE_MS = 5_000;

/** Passes on what comes; what comes within one turn of the event loop leaves in one write, and so costs less. */
function passOn(from: Duplex, to: Duplex): void {
  let gathering = false;
  const send = (): void => {
    gathering = false;
    to.uncork();
  };
  from.on('data', (chunk: Buffer) => {
    if (!gathering) {
      gathering = true;
      to.cork();
      setImmediate(send);
    }
    to.write(chunk);
    if (to.writableLength >= ON_THE_WAY) from.pause();
  });
  to.on('drain', () => from.resume());
  from.once('end', () => to.end());
  from.resume();
}

/**
 * Passes bytes both ways until one side has let go and the other has been told everything; reads none of them. A side
 * that takes nothing more is not fed: the other one is held back, so no more than ON_THE_WAY and a read is in memory.
 * @param end aborted, with an Ending, to cut both off
 */
export function pump(client: Duplex, server: Duplex, end: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const finish = (outcome: Outcome): void => {
      end.removeEventListener('abort', cut);
      client.destroy();
      server.destroy();
      resolve(outcome);
    };
    const cut = (): void => finish(end.reason instanceof Ending ? end.reason.outcome : 'stopped');
    if (end.aborted) return cut();
    end.addEventListener('abort', cut, { once: true });
    // Everything the server said has been passed on, and it says no more.
    const isOver = (): boolean => server.readableEnded && client.writableFinished;
    const lose = (side: Duplex, lost: Outcome) => (): void => finish(isOver() || side.readableEnded ? 'ok' : lost);
    client.once('finish', () => {
      if (!isOver()) return;
      // Closing at once would throw away what the program has sent behind its goodbye, and with it our last words.
      client.resume();
      setTimeout(finish, GOODBYE_MS, 'ok').unref();
    });
    for (const [side, other, lost] of [
      [client, server, 'client_lost'],
      [server, client, 'server_lost'],
    ] as const) {
      side.once('error', lose(side, lost));
      if (side === client) side.once('close', lose(side, lost));
      else
        side.once('close', () => {
          if (!server.readableEnded) finish('server_lost');
        });
      passOn(side, other);
    }
  });
}
