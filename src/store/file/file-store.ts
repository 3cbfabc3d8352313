/**
 * The encrypted file, for machines without a keychain: one file a credential, under the data key of the store.
 */
import { join } from 'node:path';
import type { StoreChoice } from '../../account/account.js';
import { Secret } from '../../words/secret.js';
import {
  ensurePrivateDirectory,
  holdRoom,
  type Note,
  readPrivate,
  removeFile,
  sweepTemporaries,
  temporaryName,
  writeAtomically,
} from '../files.js';
import { secretsDirectory } from '../places.js';
import { changedMeanwhile, type Reservation, type Room, type SecretStore, type Stored } from '../store.js';
import { type DataKey, type FileStoreOptions, makeDataKey, openDataKey } from './data-key.js';
import { credentialPath, discard, identityOf } from './entries.js';
import type { KeySource } from './key.js';
import { damaged, parseCredential, sealCredential, unseal } from './sealed.js';

/**
 * Opens the store with the key; a new store gets its data key with the first secret.
 * Throws `passphrase_wrong`, `key_missing`, `bad_input` (no key), or `store_damaged`.
 */
export async function openFileStore(options: FileStoreOptions): Promise<SecretStore> {
  const folder = secretsDirectory(options.directory);
  const files = new SealedFiles(options, await openDataKey(folder, options));
  return {
    choice: choiceOf(options.key),
    describe: () => `the encrypted file in ${folder}`,
    get: (id) => files.read(id, credentialPath(folder, id)),
    put: (id, value, replaces) => files.write(id, value, credentialPath(folder, id), replaces),
    delete: (id) => discard(id, options.directory),
    async prove() {
      // Under a name that is swept, should this process be killed before it removes it.
      const path = join(folder, temporaryName('probe'));
      await files.write('probe', new Secret('p'.repeat(8)), path).catch(async (error: unknown) => {
        await removeFile(path).catch(() => undefined);
        throw error;
      });
      await removeFile(path);
    },
    reserve: (id, room) => files.reserve(id, credentialPath(folder, id), room),
  };
}

/** The files of one store: each under its data key, and for its own id. */
class SealedFiles {
  readonly #options: FileStoreOptions;
  readonly #folder: string;
  #dataKey: DataKey | undefined;

  constructor(options: FileStoreOptions, dataKey: DataKey | undefined) {
    this.#options = options;
    this.#folder = secretsDirectory(options.directory);
    this.#dataKey = dataKey;
  }

  async read(id: string, path: string): Promise<Opened | undefined> {
    const bytes = await readPrivate(path, this.#noted);
    if (bytes === undefined) return undefined;
    const sealed = parseCredential(bytes, path);
    if (sealed.header.id !== id) throw damaged(path, 'it belongs to another credential');
    // Another process may have made the store since this one looked.
    this.#dataKey ??= await openDataKey(this.#folder, this.#options);
    if (this.#dataKey === undefined || !sealed.header.keyId.equals(this.#dataKey.id)) {
      throw damaged(path, 'it was encrypted with the key of another store');
    }
    const plaintext = unseal(sealed, this.#dataKey.key);
    if (plaintext === undefined) throw damaged(path, 'its content is not what was written');
    const { generation } = sealed.header;
    return { value: new Secret(plaintext.toString('utf8')), version: sealed.nonce.toString('hex'), generation };
  }

  async write(id: string, value: Secret, path: string, replaces?: string): Promise<void> {
    const { key, old } = await this.#current(id, path);
    if (replaces !== undefined && old?.version !== replaces) throw changedMeanwhile();
    await writeAtomically(path, sealed(key, id, old, value));
    if ((await this.read(id, path))?.value.reveal() !== value.reveal())
      throw damaged(path, 'it does not hold what was written');
  }

  async reserve(id: string, path: string, { length, version }: Room): Promise<Reservation> {
    const seen = await identityOf(path);
    const { key, old } = await this.#current(id, path);
    if (old?.version !== version) throw changedMeanwhile();
    const held = await holdRoom(path, sealed(key, id, old, new Secret('r'.repeat(length))).length);
    return {
      put: async (value) => {
        // Asked first because it opens nothing: by now the process may have no file to spare.
        const isSame = (await identityOf(path)) === seen || (await this.read(id, path))?.version === version;
        if (!isSame) throw changedMeanwhile();
        await held.fill(sealed(key, id, old, value));
        await held.replace();
      },
      release: held.release,
    };
  }

  /** Read first: a damaged file is evidence, and is not written over. */
  async #current(id: string, path: string): Promise<{ readonly key: DataKey; readonly old: Opened | undefined }> {
    await ensurePrivateDirectory(this.#options.directory, this.#noted);
    await ensurePrivateDirectory(this.#folder, this.#noted);
    this.#dataKey ??= await makeDataKey(this.#folder, this.#options);
    await sweepTemporaries(this.#folder);
    return { key: this.#dataKey, old: await this.read(id, path) };
  }

  get #noted(): { readonly note?: Note } {
    const { note } = this.#options;
    return note === undefined ? {} : { note };
  }
}

interface Opened extends Stored {
  readonly generation: bigint;
}

function sealed(key: DataKey, id: string, old: Opened | undefined, value: Secret): Buffer {
  const header = { keyId: key.id, generation: (old?.generation ?? 0n) + 1n, id };
  return sealCredential(header, key.key, Buffer.from(value.reveal()));
}

function choiceOf(key: KeySource): StoreChoice {
  return { kind: 'file', key: key.kind, ...(key.path !== undefined && { keyPath: key.path }) };
}
