/** The stores there are. Another one is a file that opens it, a row here, and its word in `STORE_SPELLINGS`. */
import { join } from 'node:path';
import { STORE_KINDS, STORE_SPELLINGS, type StoreChoice } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import { keychainLocks, locksDirectory, secretsDirectory } from './places.js';
import { readCommandPlace, readEtcdPlace, readVaultPlace } from './shared/places.js';
import type { Opening, SecretStore } from './store.js';

interface StoreKind {
  /** The folder of the locks and journals of its credentials. */
  locks(configDir: string): string;
  open(choice: StoreChoice, opening: Opening): Promise<SecretStore>;
  /**
   * Reads what stands behind the word and a colon; absent where nothing does. Such a store may be shared with other
   * hosts. Throws `usage`, calling the value what it was `given` as.
   */
  place?(text: string, given: string): string;
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
    discard: async (id, configDir) => (await import('./file/entries.js')).discard(id, configDir),
    sweep: async (...wish) => (await import('./file/entries.js')).sweepUnnamed(...wish),
  },
  command: {
    place: readCommandPlace,
    locks: locksDirectory,
    open: async (choice, opening) => (await import('./shared/open.js')).openCommandStore(choice, opening),
  },
  vault: {
    place: readVaultPlace,
    locks: locksDirectory,
    open: async (choice, opening) => (await import('./shared/open.js')).openVaultStore(choice, opening),
  },
  etcd: {
    place: readEtcdPlace,
    locks: locksDirectory,
    open: async (choice, opening) => (await import('./shared/open.js')).openEtcdStore(choice, opening),
  },
};

/** What `--store` or MAILAUTH_STORE chooses. Throws `usage`, calling the value what it was `given` as. */
export function readStoreChoice(value: string, given: string): StoreChoice {
  const [word = '', ...rest] = value.split(':');
  const kind = STORE_KINDS.find((one) => one === word);
  if (kind !== undefined) {
    const { place } = STORES[kind];
    if (place !== undefined) return { kind, at: place(rest.join(':'), given) };
    if (kind === value) return { kind };
  }
  const spellings = Object.values(STORE_SPELLINGS);
  const list = `${spellings.slice(0, -1).join(', ')} or ${spellings.at(-1)}`;
  throw new MailauthError('usage', `${given} takes ${list}, not "${value}"`);
}

/** The lock that every reader-then-writer of one credential takes on this machine. */
export function lockPath(kind: StoreChoice['kind'], credential: string, configDir: string): string {
  return join(STORES[kind].locks(configDir), `${credential}.lock`);
}
