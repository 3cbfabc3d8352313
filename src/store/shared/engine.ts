import type { StoreChoice } from '../../account/account.js';
import type { Secret } from '../../words/secret.js';

/** An entry as an engine keeps it. */
export interface Kept {
  readonly text: Secret;
  /** Changes with every write. Undefined: this engine knows no versions. */
  readonly version: string | undefined;
}

/** Somebody else wrote meanwhile; nothing was changed. */
export const LOST_RACE = Symbol('lost race');

/**
 * What a store outside this machine has to be able to do. One file each; what makes a store of it (lease, note, words)
 * is the same for all. Whatever is wrong is thrown as a MailauthError: an engine never falls back, and never writes
 * anywhere else.
 */
export interface Engine {
  /** What an account records. */
  readonly choice: StoreChoice;
  /** What it is called in a sentence. */
  describe(): string;
  /** Undefined only where the engine said that there is none. The newest value, never a copy that may be old. */
  get(key: string): Promise<Kept | undefined>;
  /**
   * In one step, over exactly the version `replaces`; undefined: only where there is no entry. An engine without
   * versions writes whatever is there. Gives the new version.
   */
  put(key: string, text: Secret, replaces: string | undefined): Promise<Kept['version'] | typeof LOST_RACE>;
  /** Whether there was an entry. Nothing of it is left, earlier versions included. */
  delete(key: string): Promise<boolean>;
}

/** Time, in milliseconds. */
export interface Clock {
  /** Of the day: another host's may differ by a minute. */
  now(): number;
  /** Never set, never backwards, and of this process alone. */
  steady(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
