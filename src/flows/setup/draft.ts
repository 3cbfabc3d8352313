/** An unfinished set-up on the disk: saved after every answer, so that quitting or a crash loses nothing and asks nothing twice. */
import type { Account, StoreChoice } from '../../account/account.js';
import { entriesOf } from '../../account/record.js';
import { MailauthError } from '../../explain/problem.js';
import {
  type AnswerRecords,
  answersIn,
  isSameAnswer,
  isStored,
  isText,
  proposalsIn,
} from '../../guide/answer-record.js';
import { CONTEXT_IDS } from '../../guide/plan.js';
import { sameAddress } from '../../providers/directory.js';
import { readConfiguration } from '../../store/accounts.js';
import { type Draft, deleteDraft, entriesOfDraft, expiredDrafts, readDrafts, saveDraft } from '../../store/drafts.js';
import type { SecretStore } from '../../store/store.js';
import { STORES } from '../../store/stores.js';
import { openStore } from '../open.js';
import type { World } from '../world.js';
import { forget, noteReplaced, REPLACED } from './answers.js';
import { CLIENT_SECRET, REFRESH_TOKEN, type Setup, SIGN_IN } from './state.js';

/** Before the mailbox is known there is nothing to carry on with. */
export function isWorthSaving(setup: Setup): boolean {
  return setup.records['account'] !== undefined;
}

export async function saveSetup(setup: Setup): Promise<void> {
  if (isWorthSaving(setup)) await saveDraft(setup.world.configDir, draftOf(setup));
}

function draftOf(setup: Setup): Draft {
  const { world, provider, records, stored, storeChoice, account, begun } = setup;
  const own = Object.entries(records).filter(([id, record]) => !isSameAnswer(stored[id]?.value, record.value));
  const texts: AnswerRecords = Object.fromEntries(own.filter(([, { value }]) => isText(value)));
  // A secret that the client's record names is the client's, and goes with it.
  const isOurs = (entry: string): boolean =>
    ![setup.client?.secretCredential, setup.client?.registration?.credential].includes(entry);
  const secrets = own.flatMap(([id, { value, state }]) =>
    isStored(value) && isOurs(value.entry) ? [{ id, entry: value.entry, state }] : [],
  );
  const kept = secrets.filter(({ state }) => state === 'proposed').map(({ id }) => [id, '']);
  return {
    version: 1,
    id: setup.id,
    provider: provider.id,
    savedAt: world.now().toISOString(),
    // The address tells this set-up from others, also where the account has it already.
    answers: { ...(account && { account: account.address }), ...answersIn(texts) },
    done: setup.done,
    proposed: { ...proposalsIn(texts), ...Object.fromEntries(kept) },
    credentials: { ...setup.entries, ...Object.fromEntries(secrets.map(({ id, entry }) => [id, entry])) },
    ...(storeChoice && { store: storeChoice }),
    ...(account && { account: account.name }),
    ...(begun && { begun }),
  };
}

/** What an unfinished set-up brings along. None of its proofs count: they are made again, for the answers as they are now. */
interface Saved {
  readonly records: AnswerRecords;
  readonly entries: Readonly<Record<string, string>>;
  readonly done: readonly string[];
}

/** Version 0.1 kept these among the answers: facts of its run, and a word in place of each secret. */
const NO_ANSWERS: readonly string[] = [...CONTEXT_IDS, 'stored-account', CLIENT_SECRET, REFRESH_TOKEN];

export function savedIn({ answers, proposed = {}, credentials, done }: Draft): Saved {
  const isEntry = (id: string): boolean => id === SIGN_IN || id.startsWith(REPLACED);
  const secrets = Object.entries(credentials).filter(([id]) => !isEntry(id));
  const texts = (from: Draft['answers'], state: 'given' | 'proposed') =>
    Object.entries(from)
      .filter(([id]) => !NO_ANSWERS.includes(id))
      .map(([id, value]) => [id, { value, from: 'saved', state }] as const);
  return {
    records: Object.fromEntries([
      ...texts(proposed, 'proposed'),
      ...texts(answers, 'given'),
      ...secrets.map(
        ([id, entry]) =>
          [id, { value: { entry }, from: 'saved', state: proposed[id] === undefined ? 'given' : 'proposed' }] as const,
      ),
    ]),
    entries: Object.fromEntries(Object.entries(credentials).filter(([id]) => isEntry(id))),
    done: done.filter((id) => !id.startsWith('verify:')),
  };
}

/**
 * Deletes an unfinished set-up, and first the secrets that belong to it alone: those that an account or a client names
 * are theirs, whatever a process that was cut off left in the draft.
 */
export async function discardDraft(world: World, draft: Draft): Promise<void> {
  const orphans = await unnamed(world, entriesOfDraft(draft));
  if (orphans.length > 0 && draft.store !== undefined) await erase(world, draft.store, orphans);
  await deleteDraft(world.configDir, draft.id);
}

/** Deletes what was replaced meanwhile. What a record still names stays, and stays known until the record has changed. */
export async function discardReplaced(setup: Setup): Promise<void> {
  const replaced = Object.entries(setup.entries).filter(([name]) => name.startsWith(REPLACED));
  if (replaced.length === 0) return;
  const ids = replaced.map(([, id]) => id);
  const answered = Object.values(setup.records).flatMap(({ value }) => (isStored(value) ? [value.entry] : []));
  const orphans = (await unnamed(setup.world, ids)).filter((id) => !answered.includes(id));
  await deleteEntries(await setup.bench.store(), orphans);
  const isOver = (id: string): boolean => orphans.includes(id) || answered.includes(id);
  setup.entries = Object.fromEntries(
    Object.entries(setup.entries).filter(([name, id]) => !name.startsWith(REPLACED) || !isOver(id)),
  );
}

/**
 * A change of an account that was refused: what was given for it goes, and the account stays as it was. A refresh token
 * that was brought along is kept, for it may be spent and its successor be here alone.
 */
export async function abandon(setup: Setup): Promise<void> {
  const { records, stored, account } = setup;
  for (const [question, { value }] of Object.entries(records)) {
    if (question === REFRESH_TOKEN || !isStored(value) || isSameAnswer(stored[question]?.value, value)) continue;
    forget(setup, question);
  }
  await discardReplaced(setup);
  const brought = setup.records[REFRESH_TOKEN]?.value;
  if (isStored(brought) && brought.entry !== account?.credential) await saveSetup(setup);
  else await deleteDraft(setup.world.configDir, setup.id);
}

/** Another unfinished set-up that holds this entry ends in this one, with all that it has put into the store. */
export async function takeOverDraft(setup: Setup, entry: string): Promise<void> {
  const drafts = await readDrafts(setup.world.configDir);
  const other = drafts.find(({ id, credentials }) => id !== setup.id && Object.values(credentials).includes(entry));
  if (other === undefined) return;
  for (const id of Object.values(other.credentials)) noteReplaced(setup, 'other', id);
  await saveSetup(setup);
  await deleteDraft(setup.world.configDir, other.id);
}

/** Of these entries, those that no record names. */
async function unnamed(world: World, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const named = entriesOf(await readConfiguration(world.configDir));
  return ids.filter((id) => !named.has(id));
}

/** Whoever starts over may have lost the key: then the files are deleted that nobody can read any more. */
async function erase(world: World, choice: StoreChoice, ids: readonly string[]): Promise<void> {
  const { discard } = STORES[choice.kind];
  if (discard === undefined) return deleteEntries(await openStore(world, choice), ids);
  for (const id of ids) await discard(id, world.configDir);
}

async function deleteEntries(store: SecretStore, ids: readonly string[]): Promise<void> {
  for (const id of ids) await store.delete(id);
}

/** Set-ups nobody has touched for 30 days. */
export async function discardExpiredDrafts(world: World): Promise<void> {
  await discardQuietly(world, expiredDrafts(await readDrafts(world.configDir), world.now()));
}

/** `remove` deletes what an unfinished set-up of the same mailbox holds, too. */
export async function discardDraftsOf(world: World, account: Account): Promise<void> {
  const drafts = (await readDrafts(world.configDir)).filter(
    (draft) => draft.provider === account.provider && (isFor(draft, account.address) || draft.account === account.name),
  );
  await discardQuietly(world, drafts);
}

export function isFor(draft: Draft, address: string): boolean {
  const named = draft.answers['account'] ?? draft.proposed?.['account'];
  return sameAddress(String(named ?? ''), address);
}

async function discardQuietly(world: World, drafts: readonly Draft[]): Promise<void> {
  for (const draft of drafts) {
    try {
      await discardDraft(world, draft);
    } catch (error) {
      // Its store cannot be opened now; it is found again next time.
      if (!(error instanceof MailauthError)) throw error;
    }
  }
}
