/** The files of an encrypted store, one a credential, by their names alone: no key is needed. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cannotWrite, errnoOf, removeFile, sweepEntry } from '../files.js';
import { secretsDirectory } from '../places.js';

const ENTRY = /^([0-9a-z-]{1,64})\.enc$/;

export async function entriesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw cannotWrite(folder, 'read', error);
  });
  return names.flatMap((name) => ENTRY.exec(name)?.[1] ?? []);
}

/** Another file at the same name is another identity. */
export async function identityOf(path: string): Promise<string> {
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

export function credentialPath(folder: string, id: string): string {
  if (!/^[0-9a-z-]{1,64}$/.test(id)) throw new Error(`not the id of a credential: ${id}`);
  return join(folder, `${id}.enc`);
}
