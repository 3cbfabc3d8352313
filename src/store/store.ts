import type { StoreChoice } from '../account/account.js';
import type { Secret } from '../words/secret.js';

/** A place for secrets, each under an id that is kept elsewhere. */
export interface SecretStore {
  readonly kind: 'keychain' | 'file';
  /** What an account records, so that a later process opens the same store or can name what it lacks. */
  readonly choice: StoreChoice;
  /** What the store is called in a sentence: "the macOS Keychain". */
  describe(): string;
  /** Undefined is proven absence. A locked, damaged or unreachable store throws. */
  get(id: string): Promise<Secret | undefined>;
  /** Replaces the value in one step and reads it back. */
  set(id: string, value: Secret): Promise<void>;
  /** Whether there was anything to delete. */
  delete(id: string): Promise<boolean>;
  /**
   * Writes, reads back and deletes an entry of no meaning: throws what keeps a secret from being stored. `length`, in
   * characters, where it matters that there is room for one of a certain size.
   */
  prove(length?: number): Promise<void>;
}

/** A name for a new entry, without meaning to anybody who sees it in the keychain or the folder. */
export function newCredentialId(): string {
  return globalThis.crypto.randomUUID();
}
