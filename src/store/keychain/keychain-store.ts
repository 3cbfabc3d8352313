/**
 * The operating system's keychain, through keytar. keytar's answers are not taken at their word: on a locked Secret
 * Service `get` says "nothing" and `delete` says "not there", and a frozen one does not answer at all. What would crash
 * the process on a locked keyring (`findCredentials`, `findPassword`) is never called.
 */
import { Secret } from '../../words/secret.js';
import type { SecretStore } from '../store.js';
import { wholeEntry } from './entry.js';
import { guarded, type KeychainOptions } from './guarded.js';
import { type Keytar, loadKeytar } from './keytar.js';
import { notKept, Values } from './values.js';

/** Windows takes 2560 bytes (CRED_MAX_CREDENTIAL_BLOB_SIZE); the other keychains take more than any token has. */
const PART_LIMIT_WINDOWS = 2400;

/** Throws `keychain_unavailable` where the keychain's library cannot be loaded. No other call is made yet. */
export async function openKeychain(options: KeychainOptions): Promise<SecretStore> {
  let keytar: Keytar;
  try {
    keytar = await loadKeytar();
  } catch (error) {
    throw (await import('./trouble.js')).cannotLoad(error, options.platform);
  }
  return keychainOver(keytar, options);
}

/** The guards around a keytar. */
export function keychainOver(keytar: Keytar, options: KeychainOptions): SecretStore {
  const { platform } = options;
  const entries = guarded(keytar, options);
  const limit = options.partLimit ?? (platform === 'win32' ? PART_LIMIT_WINDOWS : Number.POSITIVE_INFINITY);
  const values = new Values(entries, limit);
  // Only the Secret Service says "nothing" when it means "locked". Storing something is answered honestly.
  const assertUnlocked = async (): Promise<void> => {
    if (platform === 'win32' || platform === 'darwin') return;
    const name = probeName();
    await entries.set(name, wholeEntry('probe'));
    await entries.delete(name);
  };
  return {
    choice: { kind: 'keychain' },
    describe: () => NAMES[platform] ?? 'the keyring (Secret Service)',
    async get(id) {
      const found = await values.read(id);
      if (found !== undefined) return { value: new Secret(found.value), version: found.version };
      await assertUnlocked();
      return undefined;
    },
    put: (id, value, replaces) => values.put(id, value.reveal(), replaces),
    delete: (id) => values.delete(id, assertUnlocked),
    async prove() {
      const name = probeName();
      await values.put(name, 'p'.repeat(8)).catch(async (error: unknown) => {
        await entries.delete(name).catch(() => undefined);
        throw error;
      });
      if (!(await entries.delete(name)) || (await entries.get(name)) !== null) throw notKept();
    },
    async reserve(id, { length, version }) {
      const release = (): Promise<void> => values.release(id);
      await values.prepare(id, length, version).catch(async (error: unknown) => {
        await release().catch(() => undefined);
        throw error;
      });
      return { put: (value) => values.put(id, value.reveal(), version), release };
    },
  };
}

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'the macOS Keychain',
  win32: 'the Windows Credential Manager',
};

function probeName(): string {
  return `probe-${globalThis.crypto.randomUUID()}`;
}
