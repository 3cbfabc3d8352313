import type { StoreChoice } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { secretsDirectory } from '../places.js';
import type { Opening, SecretStore } from '../store.js';
import { holdsSecrets, recordedKey } from './data-key.js';
import { openFileStore } from './file-store.js';
import { findKeySource, type KeySource, keyMissing, recordedKeySource } from './key.js';

/** Opens the encrypted file with the key that this process has. Throws as `openFileStore` and `requireKeySource` do. */
export async function open(choice: StoreChoice, opening: Opening): Promise<SecretStore> {
  const { configDir: directory, note, signal } = opening;
  return openFileStore({ directory, key: await requireKeySource(choice, opening), note, signal });
}

/**
 * Where the key comes from: the contract's variables in their order, then the file that was recorded when the store was
 * made, then a prompt. A process without any of them names the kind and the path that were recorded.
 */
export async function requireKeySource(choice: StoreChoice, opening: Opening): Promise<KeySource> {
  const { env, passphrase: given, configDir, askPassphrase } = opening;
  const recorded = choice.key === undefined ? await recordedKey(configDir) : choice;
  const found = findKeySource(env, given) ?? (recorded && recordedKeySource(recorded));
  if (found !== undefined) return found;
  if (recorded === undefined || recorded.key === 'passphrase') {
    // As long as nothing is locked, whatever is typed is the new one: a slip has to be noticed.
    const passphrase = await askPassphrase(
      recorded === undefined || !(await holdsSecrets(secretsDirectory(configDir))),
    );
    if (passphrase !== undefined) return { kind: 'passphrase', passphrase };
  }
  if (recorded?.key !== undefined) {
    throw keyMissing({ kind: recorded.key, path: recorded.keyPath }, 'none was given');
  }
  throw new MailauthError('key_missing', 'the encrypted file needs a key, and none was given', {
    fix: [
      { text: 'make a key file, then name it in MAILAUTH_KEY_FILE', command: 'mailauth key ~/.config/mailauth.key' },
    ],
  });
}
