/** The unfinished set-ups, one file each beside accounts.json. They hold no secrets. */
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BegunSignIn, StoreChoice } from '../account/account.js';
import { check, date, each, id, optional, parseDocument, type Shape, shaped, texts, word } from '../account/reading.js';
import { BEGUN, STORE } from '../account/record.js';
import { MailauthError } from '../explain/problem.js';
import type { Answers } from '../guide/step.js';
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
import { setupsDirectory } from './places.js';

const VERSION = 1;
const DRAFT_DAYS = 30;

/** An unfinished set-up. It holds no secret: a secret already pasted is in the store, under the id kept here. */
export interface Draft {
  readonly version: 1;
  /** Random, ours; the name of its file. */
  readonly id: string;
  readonly provider: string;
  /** ISO date-time of the last answer. */
  readonly savedAt: string;
  readonly answers: Answers;
  readonly done: readonly string[];
  /** Earlier answers to questions that are open again: Enter keeps them. */
  readonly proposed?: Answers;
  /** Question id -> credential id of a pasted secret. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Where those secrets are; absent until the store was chosen. */
  readonly store?: StoreChoice;
  /** Name of the account that this set-up re-does, or has stored already. */
  readonly account?: string;
  /** A sign-in that `--begin` has begun and nobody has finished yet. */
  readonly begun?: BegunSignIn;
}

const DRAFT: Shape<Draft> = {
  version: () => undefined,
  id,
  provider: word,
  savedAt: date,
  answers: each((value) => (typeof value === 'string' ? undefined : texts(value))),
  done: texts,
  proposed: optional(each((value) => (typeof value === 'string' ? undefined : texts(value)))),
  credentials: each(id),
  store: optional(shaped(STORE)),
  account: optional(word),
  begun: optional(shaped(BEGUN)),
};

/** Throws `store_damaged`, naming the file and the first field that is wrong. */
export function parseDraft(json: string, path: string): Draft {
  const value = parseDocument(json, path, VERSION);
  check(value, DRAFT, 'the set-up', path);
  return value as unknown as Draft;
}

/**
 * The unfinished set-ups, newest first. One that cannot be read (damaged, of a newer version) stands in nobody's way: it
 * is left as it is, and the note names it.
 */
export async function readDrafts(configDir: string, options: { readonly note?: Note } = {}): Promise<readonly Draft[]> {
  const folder = setupsDirectory(configDir);
  const drafts: Draft[] = [];
  for (const name of await namesIn(folder)) {
    if (!name.endsWith('.json') || name.startsWith('.')) continue;
    try {
      const path = join(folder, name);
      const bytes = await readPrivate(path, options);
      if (bytes !== undefined) drafts.push(parseDraft(bytes.toString('utf8'), path));
    } catch (error) {
      if (!(error instanceof MailauthError)) throw error;
      options.note?.(`an unfinished set-up is left out: ${error.message}`);
    }
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

/** The entries of the secret store that an unfinished set-up names. */
export function entriesOfDraft({ credentials, begun }: Draft): readonly string[] {
  return [...Object.values(credentials), ...(begun === undefined ? [] : [begun.credential])];
}

/** False where there was none. The secrets it names are the caller's to delete first. */
export async function deleteDraft(configDir: string, name: string): Promise<boolean> {
  return removeFile(draftPath(configDir, name));
}

/** Set-ups nobody has touched for 30 days: they are to be deleted, with the secrets they name. */
export function expiredDrafts(drafts: readonly Draft[], now: Date): readonly Draft[] {
  const limit = now.getTime() - DRAFT_DAYS * 86_400_000;
  return drafts.filter((draft) => Date.parse(draft.savedAt) < limit);
}

function draftPath(configDir: string, name: string): string {
  if (!/^[0-9a-z-]{1,64}$/.test(name)) throw new Error(`not the id of a set-up: ${name}`);
  return join(setupsDirectory(configDir), `${name}.json`);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw cannotWrite(folder, 'read', error);
  }
}
