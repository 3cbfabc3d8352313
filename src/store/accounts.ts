/** accounts.json and the unfinished set-ups beside it. Neither holds a secret. */
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Configuration } from '../account/account.js';
import { type Draft, parseConfiguration, parseDraft, VERSION } from './configuration.js';
import {
  cannotWrite,
  ensurePrivateDirectory,
  errnoOf,
  type Note,
  readPrivate,
  removeFile,
  sweepTemporaries,
  writeAtomically,
} from './files.js';
import { accountsPath, setupsDirectory } from './places.js';

export type { Draft } from './configuration.js';

/** A change of accounts.json takes milliseconds; a longer wait means that something is wrong. */
const LOCK_WAIT_MS = 10_000;
const DRAFT_DAYS = 30;

const EMPTY: Configuration = { version: VERSION, clients: [], accounts: [] };

/** Throws `store_damaged` for a file that is not one of ours or of a newer version; a missing file holds no accounts. */
export async function readConfiguration(
  configDir: string,
  options: { readonly note?: Note } = {},
): Promise<Configuration> {
  const path = accountsPath(configDir);
  const bytes = await readPrivate(path, options);
  return bytes === undefined ? EMPTY : parseConfiguration(bytes.toString('utf8'), path);
}

/**
 * Reads, changes and writes accounts.json under its own lock, and returns what is now there. The change sees what other
 * processes have written meanwhile; returning its argument writes nothing. A damaged file is never replaced.
 */
export async function changeConfiguration(
  configDir: string,
  change: (configuration: Configuration) => Configuration | Promise<Configuration>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Configuration> {
  const { withLock } = await import('./lock.js');
  const path = accountsPath(configDir);
  await ensurePrivateDirectory(configDir);
  const lock = { waitMs: LOCK_WAIT_MS, ...(options.signal && { signal: options.signal }) };
  return withLock(`${path}.lock`, lock, async (held) => {
    await sweepTemporaries(configDir);
    const before = await readConfiguration(configDir);
    const after = await change(before);
    if (after === before) return before;
    const text = `${JSON.stringify(after, undefined, 2)}\n`;
    // What could not be read again must not be written.
    const written = parseConfiguration(text, path);
    await held.assertHeld();
    await writeAtomically(path, text);
    return written;
  });
}

/** The unfinished set-ups, newest first. Throws `store_damaged`, naming the file, for one that cannot be read. */
export async function readDrafts(configDir: string): Promise<readonly Draft[]> {
  const folder = setupsDirectory(configDir);
  const drafts: Draft[] = [];
  for (const name of await namesIn(folder)) {
    if (!name.endsWith('.json') || name.startsWith('.')) continue;
    const path = join(folder, name);
    const bytes = await readPrivate(path);
    if (bytes !== undefined) drafts.push(parseDraft(bytes.toString('utf8'), path));
  }
  return drafts.sort((a, b) => Date.parse(b.savedAt) - Date.parse(a.savedAt));
}

/** Saves after every answer; the last one to save a set-up wins. */
export async function saveDraft(configDir: string, draft: Draft): Promise<void> {
  const path = draftPath(configDir, draft.id);
  const text = `${JSON.stringify(draft, undefined, 2)}\n`;
  parseDraft(text, path);
  await ensurePrivateDirectory(configDir);
  await ensurePrivateDirectory(dirname(path));
  await sweepTemporaries(dirname(path));
  await writeAtomically(path, text);
}

/** False where there was none. The secrets it names are the caller's to delete first. */
export async function deleteDraft(configDir: string, id: string): Promise<boolean> {
  return removeFile(draftPath(configDir, id));
}

/** Set-ups nobody has touched for 30 days: they are to be deleted, with the secrets they name. */
export function expiredDrafts(drafts: readonly Draft[], now: Date): readonly Draft[] {
  const limit = now.getTime() - DRAFT_DAYS * 86_400_000;
  return drafts.filter((draft) => Date.parse(draft.savedAt) < limit);
}

function draftPath(configDir: string, id: string): string {
  if (!/^[0-9a-z-]{1,64}$/.test(id)) throw new Error(`not the id of a set-up: ${id}`);
  return join(setupsDirectory(configDir), `${id}.json`);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw cannotWrite(folder, 'read', error);
  }
}
