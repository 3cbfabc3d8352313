/**
 * The encrypted file, for machines without a keychain: one file a credential under one random data key, and that key
 * in a file of its own, wrapped by a key file or a passphrase. The data key is made once, with the first secret, and
 * never again where a ciphertext exists: a lost key must be told, not replaced.
 */
import { randomBytes } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreChoice } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { Secret } from '../../words/secret.js';
import {
  cannotWrite,
  ensurePrivateDirectory,
  errnoOf,
  holdRoom,
  type Note,
  readPrivate,
  removeFile,
  sweepEntry,
  sweepTemporaries,
  temporaryName,
  writeAtomically,
} from '../files.js';
import type { Held } from '../lock.js';
import { secretsDirectory } from '../places.js';
import { changedMeanwhile, type SecretStore, type Stored } from '../store.js';
import { type KeySource, keyMissing, LOST_KEY, wrappingKey } from './key.js';
import {
  damaged,
  KEY_BYTES,
  newWrapHeader,
  parseCredential,
  parseDataKey,
  type Sealed,
  sealCredential,
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

const ENTRY = /^([0-9a-z-]{1,64})\.enc$/;

interface DataKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

/**
 * Opens the store with the key; a new store gets its data key with the first secret.
 * Throws `passphrase_wrong`, `key_missing`, `bad_input` (no key), or `store_damaged`.
 */
export async function openFileStore(options: FileStoreOptions): Promise<SecretStore> {
  const folder = secretsDirectory(options.directory);
  const noted = options.note === undefined ? {} : { note: options.note };
  let dataKey = await openDataKey(folder, options);

  async function read(id: string, path: string): Promise<Opened | undefined> {
    const bytes = await readPrivate(path, noted);
    if (bytes === undefined) return undefined;
    const sealed = parseCredential(bytes, path);
    if (sealed.header.id !== id) throw damaged(path, 'it belongs to another credential');
    // Another process may have made the store since this one looked.
    dataKey ??= await openDataKey(folder, options);
    if (dataKey === undefined || !sealed.header.keyId.equals(dataKey.id)) {
      throw damaged(path, 'it was encrypted with the key of another store');
    }
    const plaintext = unseal(sealed, dataKey.key);
    if (plaintext === undefined) throw damaged(path, 'its content is not what was written');
    const { generation } = sealed.header;
    return { value: new Secret(plaintext.toString('utf8')), version: sealed.nonce.toString('hex'), generation };
  }

  /** Read first: a damaged file is evidence, and is not written over. */
  async function current(
    id: string,
    path: string,
  ): Promise<{ readonly key: DataKey; readonly old: Opened | undefined }> {
    await ensurePrivateDirectory(options.directory, noted);
    await ensurePrivateDirectory(folder, noted);
    const key = dataKey ?? (await makeDataKey(folder, options));
    dataKey = key;
    await sweepTemporaries(folder);
    return { key, old: await read(id, path) };
  }

  async function write(id: string, value: Secret, path: string, replaces?: string): Promise<void> {
    const { key, old } = await current(id, path);
    if (replaces !== undefined && old?.version !== replaces) throw changedMeanwhile();
    await writeAtomically(path, sealed(key, id, old, value));
    if ((await read(id, path))?.value.reveal() !== value.reveal())
      throw damaged(path, 'it does not hold what was written');
  }

  return {
    choice: choiceOf(options.key),
    describe: () => `the encrypted file in ${folder}`,
    get: (id) => read(id, credentialPath(folder, id)),
    put: (id, value, replaces) => write(id, value, credentialPath(folder, id), replaces),
    delete: (id) => discard(id, options.directory),
    async prove() {
      // Under a name that is swept, should this process be killed before it removes it.
      const path = join(folder, temporaryName('probe'));
      await write('probe', new Secret('p'.repeat(8)), path).catch(async (error: unknown) => {
        await removeFile(path).catch(() => undefined);
        throw error;
      });
      await removeFile(path);
    },
    async reserve(id, { length, version }) {
      const path = credentialPath(folder, id);
      const seen = await identityOf(path);
      const { key, old } = await current(id, path);
      if (old?.version !== version) throw changedMeanwhile();
      const room = await holdRoom(path, sealed(key, id, old, new Secret('r'.repeat(length))).length);
      return {
        async put(value) {
          // Asked first because it opens nothing: by now the process may have no file to spare.
          const isSame = (await identityOf(path)) === seen || (await read(id, path))?.version === version;
          if (!isSame) throw changedMeanwhile();
          await room.fill(sealed(key, id, old, value));
          await room.replace();
        },
        release: room.release,
      };
    },
  };
}

interface Opened extends Stored {
  readonly generation: bigint;
}

function sealed(key: DataKey, id: string, old: Opened | undefined, value: Secret): Buffer {
  const header = { keyId: key.id, generation: (old?.generation ?? 0n) + 1n, id };
  return sealCredential(header, key.key, Buffer.from(value.reveal()));
}

/** Another file at the same name is another identity. */
async function identityOf(path: string): Promise<string> {
  const status = await lstat(path, { bigint: true }).catch(() => undefined);
  return status === undefined ? '' : `${status.ino}:${status.size}:${status.mtimeNs}`;
}

/** Deletes the entries that nothing names and that have not been written since `before`. No key is needed for that. */
export async function sweepUnnamed(configDir: string, named: ReadonlySet<string>, before: Date): Promise<void> {
  const folder = secretsDirectory(configDir);
  for (const id of await entriesIn(folder)) {
    if (named.has(id)) continue;
    const status = await lstat(credentialPath(folder, id)).catch(() => undefined);
    if (status !== undefined && status.mtime < before) await discard(id, configDir);
  }
}

/** Deletes an entry and what writes that were killed left of it. No key is needed for that. */
export async function discard(id: string, configDir: string): Promise<boolean> {
  const folder = secretsDirectory(configDir);
  const deleted = await removeFile(credentialPath(folder, id));
  await sweepEntry(folder, id);
  return deleted;
}

function choiceOf(key: KeySource): StoreChoice {
  return { kind: 'file', key: key.kind, ...(key.path !== undefined && { keyPath: key.path }) };
}

/** The data key, or undefined for a store that holds nothing yet. */
async function openDataKey(folder: string, options: FileStoreOptions): Promise<DataKey | undefined> {
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

async function holdsSecrets(folder: string): Promise<boolean> {
  return (await entriesIn(folder)).length > 0;
}

async function entriesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw cannotWrite(folder, 'read', error);
  });
  return names.flatMap((name) => ENTRY.exec(name)?.[1] ?? []);
}

/** The one moment in which two processes could each make a key of their own. */
async function makeDataKey(folder: string, options: FileStoreOptions): Promise<DataKey> {
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

function credentialPath(folder: string, id: string): string {
  if (!/^[0-9a-z-]{1,64}$/.test(id)) throw new Error(`not the id of a credential: ${id}`);
  return join(folder, `${id}.enc`);
}
