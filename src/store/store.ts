import type { StoreChoice } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import type { Secret } from '../words/secret.js';
import type { Note } from './files.js';

/** What an entry holds, and which of its values that is: two writes of the same text have two versions. */
export interface Stored {
  readonly value: Secret;
  readonly version: string;
}

/** Room that is held for one value, so that writing it needs nothing that could be gone by then. */
export interface Reservation {
  /** Like `put`, into the room that is held; it may be tried again. Throws `store_busy` where the entry has changed since. */
  put(value: Secret): Promise<void>;
  /** Gives up what is still held. */
  release(): Promise<void>;
}

/** What is to be replaced: this version of an entry, by a value of at most so many characters. */
export interface Room {
  readonly version: string;
  readonly length: number;
}

/** A refresh token that is about to be sent, and for how long another host is waited for that is at it already. */
export interface Errand {
  readonly spends: Secret;
  readonly now: Date;
  /** Milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** The right to replace an entry, against all hosts that share it. Its value is stored by `put`, which ends the right. */
export interface Lease extends Reservation {
  /** When an earlier refresh of the same token began whose answer was never stored. */
  readonly unanswered: Date | undefined;
  /** Throws `store_busy` where another host has taken the entry. Belongs before what cannot be repeated. */
  assertHeld(): Promise<void>;
  /** Waits so many milliseconds on the clock that the lease is counted by. */
  pause(ms: number): Promise<void>;
  /** Gives it back. With `mayBeSpent` the note stays that the token may have been used up. */
  release(mayBeSpent?: boolean): Promise<void>;
}

/** A place for secrets, each under an id that is kept elsewhere. */
export interface SecretStore {
  /** What an account records, so that a later process opens the same store or can name what it lacks. */
  readonly choice: StoreChoice;
  /** What the store is called in a sentence: "the macOS Keychain". */
  describe(): string;
  /** Undefined is proven absence. A locked, damaged or unreachable store throws. */
  get(id: string): Promise<Stored | undefined>;
  /**
   * Writes the value in one step and reads it back. With `replaces` only over exactly that version, else throws
   * `store_busy` (75) and changes nothing. Keychain and file compare and then write: there the lock of the account, which
   * their callers hold, makes it one step.
   */
  put(id: string, value: Secret, replaces?: string): Promise<void>;
  /** Whether there was anything to delete. Nothing of the entry is left, also of writes that were cut short. */
  delete(id: string): Promise<boolean>;
  /**
   * Writes, reads back and deletes an entry of no meaning: throws what keeps a secret from being stored, `store_unfit`
   * where the store cannot keep a sign-in that `rotates`.
   */
  prove(rotates: boolean): Promise<void>;
  /** Proves that there is this room, and holds all that filling it needs. Throws what is in the way, `store_busy` for another version. */
  reserve(id: string, room: Room): Promise<Reservation>;
  /**
   * In place of `reserve` before a refresh, of a store that other hosts may share: takes the lease in the entry itself.
   * Waits while another host holds it; throws `store_busy` where the entry has changed meanwhile, or the wait is over.
   */
  lease?(id: string, version: string, errand: Errand): Promise<Lease>;
}

/** What a store may know of the process that opens it. */
export interface Opening {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Absolute path of the folder of accounts.json. */
  readonly configDir: string;
  /** A person is there: a keychain may ask for a password in a window of its own. */
  readonly attended: boolean;
  /** MAILAUTH_PASSPHRASE, which has been taken out of `env`. */
  readonly passphrase?: Secret | undefined;
  /** Asks a person; undefined where there is none. `isNew`: for a store that is about to be made. */
  readonly askPassphrase: (isNew: boolean) => Promise<Secret | undefined>;
  readonly note: Note;
  /** Gives what `work` gives; what takes longer than a second is told with its deadline. */
  waitFor<T>(wait: { readonly what: string; readonly seconds: number }, work: Promise<T>): Promise<T>;
  readonly signal: AbortSignal;
  /** Told once when a call to the keychain never came back. */
  readonly onFrozen?: (() => void) | undefined;
}

/** A write over a version that is no longer there. */
export function changedMeanwhile(): MailauthError {
  return new MailauthError(
    'store_busy',
    'another program has changed the entry in the meantime, and its value stands',
    {
      who: 'mailauth',
      fix: [{ text: 'run the same command again' }],
    },
  );
}

/**
 * A name for a new entry: random, after the words by which a person knows it again who is asked in the keychain's window
 * whether mailauth may read it. An entry of the file is named so too, hence the plain letters.
 */
export function newCredentialId(of = ''): string {
  const words = of
    .toLowerCase()
    .replace('@', '-at-')
    .replace(/[^0-9a-z]+/g, '-');
  const random = globalThis.crypto.randomUUID();
  return words.replace(/-/g, '') === '' ? random : `${words.slice(0, 40)}-${random.slice(0, 18)}`.replace(/^-+/, '');
}
