/** The stores there are. Another one is a file that opens it, a row here, and its word in `STORE_KINDS`. */
import { join } from 'node:path';
import { STORE_KINDS, type StoreChoice } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import { keychainLocks, secretsDirectory } from './places.js';
import type { Opening, SecretStore } from './store.js';

interface StoreKind {
  /** The folder of the locks and journals of its credentials. */
  locks(configDir: string): string;
  open(choice: StoreChoice, opening: Opening): Promise<SecretStore>;
  /** Deletes an entry where the store cannot be opened, as with a lost key; absent where that needs the open store. */
  discard?(id: string, configDir: string): Promise<boolean>;
  /** Deletes every entry outside `named` that has not been written since `before`; absent where entries cannot be listed. */
  sweep?(configDir: string, named: ReadonlySet<string>, before: Date): Promise<void>;
}

/** By the word of `--store`, which is `store.kind` in accounts.json. */
export const STORES: Readonly<Record<StoreChoice['kind'], StoreKind>> = {
  keychain: {
    locks: keychainLocks,
    open: async (_, opening) => (await import('./keychain/keychain-store.js')).openKeychain(opening),
  },
  file: {
    locks: secretsDirectory,
    open: async (choice, opening) => (await import('./file/open.js')).open(choice, opening),
    discard: async (id, configDir) => (await import('./file/file-store.js')).discard(id, configDir),
    sweep: async (...wish) => (await import('./file/file-store.js')).sweepUnnamed(...wish),
  },
};

/** What `--store` or MAILAUTH_STORE chooses. Throws `usage`, calling the value what it was `given` as. */
export function readStoreChoice(value: string, given: string): StoreChoice {
  const kind = STORE_KINDS.find((word) => word === value);
  if (kind !== undefined) return { kind };
  throw new MailauthError('usage', `${given} takes ${STORE_KINDS.join(' or ')}, not "${value}"`);
}

/** The lock that every reader-then-writer of one credential takes: beside the encrypted file, or with the keychain's user. */
export function lockPath(kind: StoreChoice['kind'], credential: string, configDir: string): string {
  return join(STORES[kind].locks(configDir), `${credential}.lock`);
}
