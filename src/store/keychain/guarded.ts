/**
 * keytar's three calls, each under a deadline. Its answers are not taken at their word elsewhere; here it is only made sure
 * that there is one.
 */
import type { MailauthError } from '../../explain/problem.js';
import type { Note } from '../files.js';
import { endBus, openDescriptors } from './bus.js';
import type { Keytar } from './keytar.js';

const SERVICE = 'mailauth';
/** A keychain that nobody has to unlock answers in milliseconds; somebody may first have to find its window. */
const DEADLINE_MS = { unattended: 3_000, attended: 60_000 } as const;
/** A person who waits so long is told for what. */
const SIGN_OF_LIFE_MS = 1_000;

export interface KeychainOptions {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** A person is there, who may have to type a password into the keychain's window, or to allow what it asks. */
  readonly attended?: boolean;
  /** Milliseconds for each call; by default what `attended` allows. */
  readonly deadlineMs?: number;
  /** Bytes of UTF-8 in one entry; a longer value is split. */
  readonly partLimit?: number;
  /** Told what is waited for, where a call takes longer than a second. */
  readonly note?: Note;
  /** Ends every wait with its own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called when a call never came back. Where it still occupies a thread, an ordinary exit waits for it (see `bus.ts`). */
  readonly onFrozen?: (() => void) | undefined;
}

/** The entries of mailauth, by their names. */
export interface Entries {
  get(name: string): Promise<string | null>;
  set(name: string, text: string): Promise<void>;
  /** Whether there was one. */
  delete(name: string): Promise<boolean>;
}

/** What was open before libsecret was first called. */
let atFirst: ReadonlySet<number> | undefined;

/** The entries of a keytar. */
export function guarded(keytar: Keytar, options: KeychainOptions): Entries {
  atFirst ??= openDescriptors();
  const calls = new Calls(options, atFirst);
  return {
    get: (name) => calls.run(() => keytar.getPassword(SERVICE, name)),
    set: (name, text) => calls.run(() => keytar.setPassword(SERVICE, name, text)),
    delete: (name) => calls.run(() => keytar.deletePassword(SERVICE, name)),
  };
}

class Calls {
  readonly #options: KeychainOptions;
  readonly #before: ReadonlySet<number>;
  readonly #deadlineMs: number;
  #frozen: MailauthError | undefined;

  constructor(options: KeychainOptions, before: ReadonlySet<number>) {
    this.#options = options;
    this.#before = before;
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS[options.attended ? 'attended' : 'unattended'];
  }

  /** One call under the deadline. After one that froze there is no other: each would take one more thread with it. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#frozen !== undefined) throw this.#frozen;
    const { attended, note, signal, onFrozen } = this.#options;
    const { promise: over, resolve: end } = withResolvers<typeof TIMEOUT>();
    // An answer that came while the machine slept, or had no time for this process, is there by the end of this turn.
    const timer = setTimeout(() => setImmediate(end, TIMEOUT), this.#deadlineMs);
    const sign = setTimeout(() => attended && note?.(WAITING), SIGN_OF_LIFE_MS);
    const stop = (): void => end(TIMEOUT);
    signal?.addEventListener('abort', stop, { once: true });
    const running = call();
    try {
      const answer = await Promise.race([running, over]);
      if (answer !== TIMEOUT) return answer;
    } catch (error) {
      throw (await import('./trouble.js')).explainKeychain(error, this.#options);
    } finally {
      clearTimeout(timer);
      clearTimeout(sign);
      signal?.removeEventListener('abort', stop);
    }
    onFrozen?.();
    await endBus(this.#before, running);
    this.#frozen = (await import('./trouble.js')).doesNotAnswer(this.#deadlineMs);
    signal?.throwIfAborted();
    throw this.#frozen;
  }
}

const WAITING = 'waiting for the keychain, which may be asking for a password or a permission in a window of its own';
const TIMEOUT = Symbol('timeout');

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
