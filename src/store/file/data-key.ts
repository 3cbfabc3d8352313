/**
 * The one data key of an encrypted store, in a file of its own, wrapped by a key file or a passphrase. It is made once, with
 * the first secret, and never again where a ciphertext exists: a lost key must be told, not replaced.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { StoreChoice } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { type Note, readPrivate, removeFile, writeAtomically } from '../files.js';
import type { Held } from '../lock.js';
import { secretsDirectory } from '../places.js';
import { entriesIn } from './entries.js';
import { type KeySource, keyMissing, LOST_KEY, wrappingKey } from './key.js';
import {
  damaged,
  KEY_BYTES,
  newWrapHeader,
  parseDataKey,
  type Sealed,
  sealDataKey,
  unseal,
  type WrapHeader,
} from './sealed.js';

/** How long a process waits for its turn at the data key; two hundred others before it need a quarter of that. */
const TURN_WAIT_MS = 120_000;

export interface FileStoreOptions {
  /** The configuration folder; the files are in `secrets` below it. */
  readonly directory: string;
  readonly key: KeySource;
  readonly note?: Note;
  /** Ends the wait for another process that is busy with the data key. */
  readonly signal?: AbortSignal;
  /** It is this process's turn at the data key already. */
  readonly inTurn?: boolean;
}

export interface DataKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

/** The data key, or undefined for a store that holds nothing yet. */
export async function openDataKey(folder: string, options: FileStoreOptions): Promise<DataKey | undefined> {
  try {
    const sealed = await readDataKey(folder, options);
    if (sealed === undefined) return undefined;
    return unwrap(sealed, await wrappingKeyInTurn(folder, sealed.header.salt, options), options.key);
  } catch (error) {
    // Of a key that was lost, once all that it locked has been removed.
    if (isOtherKey(error) && !(await holdsSecrets(folder))) return undefined;
    throw error;
  }
}

function isOtherKey(error: unknown): boolean {
  return error instanceof MailauthError && (error.code === 'passphrase_wrong' || error.code === 'key_missing');
}

async function readDataKey(folder: string, { key, note }: FileStoreOptions): Promise<Sealed<WrapHeader> | undefined> {
  const noted = note === undefined ? {} : { note };
  let sealed = await sealedDataKey(folder, noted);
  if (sealed === undefined) {
    if (!(await holdsSecrets(folder))) return undefined;
    // Another process may just have made the key and its first secret.
    sealed = await sealedDataKey(folder, noted);
  }
  // A new key over old ciphertext would turn "the key file is missing" into "everything is lost".
  if (sealed === undefined) {
    throw damaged(dataKeyPath(folder), 'it is missing, and without it the encrypted files beside it cannot be read');
  }
  if (sealed.header.kind !== key.kind) throw otherKind(sealed.header, key);
  return sealed;
}

/** Undefined where there is none, and where whoever was making it was killed when it had only taken the name. */
async function sealedDataKey(
  folder: string,
  options: { readonly note?: Note } = {},
): Promise<Sealed<WrapHeader> | undefined> {
  const path = dataKeyPath(folder);
  const bytes = await readPrivate(path, options);
  return bytes === undefined || bytes.length === 0 ? undefined : parseDataKey(bytes, path);
}

function unwrap(sealed: Sealed<WrapHeader>, wrappingKey: Buffer, source: KeySource): DataKey {
  const key = unseal(sealed, wrappingKey);
  if (key === undefined) throw wrongKey(source);
  return { id: sealed.header.keyId, key };
}

/**
 * Stretching a passphrase takes 32 MiB. Processes take turns at it, so that any number of them fits into a machine
 * that has room for one. What can be read without a turn must still be read where no lock can be made, as on a disk
 * that is full or became read-only.
 */
async function wrappingKeyInTurn(folder: string, salt: Buffer, options: FileStoreOptions): Promise<Buffer> {
  if (options.key.kind === 'key-file' || options.inTurn) return wrappingKey(options.key, salt);
  try {
    return await inTurn(folder, options, () => wrappingKey(options.key, salt));
  } catch (error) {
    if (!(error instanceof MailauthError) || error.code !== 'cannot_write') throw error;
    return wrappingKey(options.key, salt);
  }
}

async function inTurn<T>(folder: string, { signal }: FileStoreOptions, work: (held: Held) => Promise<T>): Promise<T> {
  const { withLock } = await import('../lock.js');
  return withLock(`${dataKeyPath(folder)}.lock`, { waitMs: TURN_WAIT_MS, ...(signal && { signal }) }, work);
}

/** Whether anything is locked with the data key. */
export async function holdsSecrets(folder: string): Promise<boolean> {
  return (await entriesIn(folder)).length > 0;
}

/** The one moment in which two processes could each make a key of their own. */
export async function makeDataKey(folder: string, options: FileStoreOptions): Promise<DataKey> {
  const { key: source } = options;
  return inTurn(folder, options, async (held) => {
    const made = await openDataKey(folder, { ...options, inTurn: true });
    if (made !== undefined) return made;
    // Only a data key that locks nothing can still be there.
    await removeFile(dataKeyPath(folder));
    const header = newWrapHeader(source.kind, source.path ?? '');
    const key = randomBytes(KEY_BYTES);
    const bytes = sealDataKey(header, await wrappingKey(source, header.salt), key);
    await held.assertHeld();
    await writeAtomically(dataKeyPath(folder), bytes, { exclusive: true, overEmpty: true });
    return { id: header.keyId, key };
  });
}

/** How the store at this configuration folder is locked; undefined where there is none. No key is needed to ask. */
export async function recordedKey(configDir: string): Promise<StoreChoice | undefined> {
  const sealed = await sealedDataKey(secretsDirectory(configDir));
  if (sealed === undefined) return undefined;
  const { kind, path } = sealed.header;
  return { kind: 'file', key: kind, ...(path !== '' && { keyPath: path }) };
}

function otherKind(recorded: WrapHeader, given: KeySource): MailauthError {
  return keyMissing(recorded, `given was ${given.kind === 'key-file' ? `the key file ${given.path}` : 'a passphrase'}`);
}

function wrongKey(source: KeySource): MailauthError {
  const message =
    source.kind === 'key-file'
      ? `the key in ${source.path} is not the one the encrypted file was made with`
      : 'the passphrase is not the one the encrypted file was made with';
  return new MailauthError('passphrase_wrong', message, {
    fix: [
      {
        text: `try again with the right ${source.kind === 'key-file' ? 'key file' : 'passphrase'}, nothing was changed; ${LOST_KEY}`,
      },
    ],
  });
}

function dataKeyPath(folder: string): string {
  return join(folder, 'data-key');
}
