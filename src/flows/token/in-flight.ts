import { setMaxListeners } from 'node:events';

/** How long a person who stops the program waits for a token that is on its way. Milliseconds. */
const GRACE_MS = 5_000;

/**
 * What must not be disturbed: a refresh token has been sent, and its successor is not stored yet. Only this object
 * decides what a signal, a second one or a deadline of a command may still end.
 */
export interface InFlight {
  /** Whether there is such a token. A second signal kills nothing then, for ten seconds. */
  readonly busy: boolean;
  /** For what sends and stores it: aborted once nothing is in flight, or five seconds after the program was stopped. */
  readonly signal: AbortSignal;
  /** Settles when nothing is in flight. The process may not end before. */
  landed(): Promise<void>;
  /** Runs the work from the sending to the storing. No deadline of a command ends it, only those of the network. */
  guard<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** `stop` is aborted by the first signal that stops the program. */
export function watchFlights(stop: AbortSignal): InFlight {
  const late = new AbortController();
  setMaxListeners(0, late.signal);
  let count = 0;
  let killable = false;
  const waiting: (() => void)[] = [];
  const end = (): void => late.abort(stop.reason);
  const onStop = (): void => {
    if (count === 0) end();
    else {
      setTimeout(end, GRACE_MS).unref();
      setTimeout(() => (killable = true), 2 * GRACE_MS).unref();
    }
  };
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  return {
    get busy() {
      return count > 0 && !killable;
    },
    signal: late.signal,
    landed: () => new Promise((resolve) => (count === 0 ? resolve() : void waiting.push(resolve))),
    async guard(work) {
      count += 1;
      try {
        return await work(late.signal);
      } finally {
        count -= 1;
        if (count === 0 && stop.aborted) end();
        if (count === 0) for (const resolve of waiting.splice(0)) resolve();
      }
    },
  };
}
