import type { Account, StoreChoice } from '../../account/account.js';
import type { Client } from '../../account/client.js';
import type { Check } from '../../explain/check.js';
import type { Progress } from '../../guide/plan.js';
import { complete } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import type { Answers } from '../../guide/step.js';
import { type Draft, saveDraft } from '../../store/drafts.js';
import type { Secret } from '../../words/secret.js';
import type { Workbench } from '../workbench.js';
import type { World } from '../world.js';

/** One set-up under way: what is saved after every answer, and what only this process holds. */
export interface Session {
  readonly world: World;
  readonly provider: Provider;
  readonly id: string;
  progress: Progress;
  /** Earlier answers to questions that are asked again: Enter keeps them. */
  proposed: Answers;
  /** Secrets that were pasted and belong to no account yet: question id to the id in the store. */
  secrets: Readonly<Record<string, string>>;
  storeChoice: StoreChoice | undefined;
  /** The account this set-up re-does, or the one it has just stored. */
  account: Account | undefined;
  client: Client | undefined;
  /** Questions whose answers are of this run, and were not waited for in vain yet (see `patiently`). */
  fresh: readonly string[];
  /** Secrets a script gave, waiting for the store to be proven. */
  waiting: Readonly<Record<string, Secret>>;
  readonly bench: Workbench;
  /** The foreign hosts that were told of last. */
  announced: string | undefined;
  checks: readonly Check[];
  /** Options of the final check. */
  readonly warnDays: number;
}

export { list, text } from '../../account/answers.js';

export const CLIENT_FROM = 'client-from';
export const CLIENT_ID = 'client-id';
export const CLIENT_SECRET = 'client-secret-file';
export const REFRESH_TOKEN = 'refresh-token-file';

export function answersOf(session: Session): Answers {
  return complete(session.provider, session.progress.answers);
}

export function answer(session: Session, learnt: Answers): void {
  session.progress = { ...session.progress, answers: { ...session.progress.answers, ...learnt } };
}

export function forget(session: Session, question: string): void {
  rewind(session, { ...session.progress, answers: without(session.progress.answers, question) });
}

/** Moves to an earlier progress; the answers it lacks stay as proposals. */
export function rewind(session: Session, progress: Progress): void {
  session.proposed = { ...session.proposed, ...session.progress.answers };
  session.progress = progress;
}

export function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _, ...rest } = record;
  return rest;
}

/**
 * Saved after each answer, so that quitting or a crash loses nothing and asks nothing twice. Before the mailbox is known
 * there is nothing to carry on with.
 */
export async function saveSession(session: Session): Promise<void> {
  if (!isWorthSaving(session)) return;
  await saveDraft(session.world.configDir, draftOf(session));
}

export function isWorthSaving({ progress }: Session): boolean {
  return progress.answers['account'] !== undefined;
}

function draftOf(session: Session): Draft {
  return {
    version: 1,
    id: session.id,
    provider: session.provider.id,
    savedAt: session.world.now().toISOString(),
    answers: session.progress.answers,
    done: session.progress.done,
    proposed: session.proposed,
    credentials: session.secrets,
    ...(session.storeChoice && { store: session.storeChoice }),
    ...(session.account && { account: session.account.name }),
  };
}
