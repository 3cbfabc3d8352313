import type { StoreChoice } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import { recordedKey } from '../store/file/file-store.js';
import { findKeySource, type KeySource, keyMissing } from '../store/file/key.js';
import type { World } from './world.js';

/**
 * Where the key of the encrypted file comes from: the contract's variables in their order, then a prompt.
 * A process without any of them names the kind and the path that were recorded when the file was made.
 */
export async function requireKeySource(world: World, choice: StoreChoice): Promise<KeySource> {
  const found = findKeySource(world.env, world.secrets.passphrase);
  if (found !== undefined) return found;
  const recorded = choice.key === undefined ? await recordedKey(world.configDir) : choice;
  if (recorded === undefined || recorded.key === 'passphrase') {
    const passphrase = await world.interviewer.passphrase(recorded === undefined);
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
