import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Configuration } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { readConfiguration } from '../../store/accounts.js';
import type { Draft } from '../../store/drafts.js';
import { withLock } from '../../store/lock.js';
import { localMinute } from '../../words/time.js';
import { accountOf, subjectIn } from '../accounts.js';
import { openDrafts } from '../configuration.js';
import { signInOf } from '../signin/sign-ins.js';
import type { Subject } from '../workbench.js';
import type { World } from '../world.js';
import { REPLACED } from './answers.js';
import { discardDraft, isFor } from './draft.js';
import { REFRESH_TOKEN } from './state.js';
import type { SetupWish } from './wish.js';

/** What there is already of the set-up that is wanted. */
export interface Found {
  readonly id: string;
  /** The account it works on. */
  readonly existing?: Subject;
  readonly existingAnswers: 'stand' | 'propose';
  /** The unfinished set-up it goes on from. */
  readonly draft?: Draft;
  /** A person carries on where they stopped. */
  readonly carriesOn: boolean;
}

export async function findSetup(world: World, wish: SetupWish): Promise<Found | 'left'> {
  const { attended } = world.interviewer;
  const configuration = await readConfiguration(world.configDir);
  const named = wish.existing ?? existingFor(configuration, wish);
  const drafts = await draftsFor(world, wish, named);
  const draft = await chosenDraft(world, wish, drafts);
  const existing = named ?? storedUnder(configuration, draft);
  const id = draft?.id ?? idFor(world, wish, existing);
  if (existing === undefined)
    return { id, existingAnswers: 'stand', ...(draft && { draft }), carriesOn: draft !== undefined };
  const isFinish = wish.way.kind === 'finish';
  if (!attended && draft !== undefined && !isFinish) {
    return { id, existing, existingAnswers: 'stand', draft: withoutAnswers(draft, existing), carriesOn: false };
  }
  if (draft !== undefined) return { id, existing, existingAnswers: 'stand', draft, carriesOn: true };
  const isWish = !attended || wish.yes || wish.fromStep !== undefined || givesMore(wish);
  if (isWish) return { id, existing, existingAnswers: 'stand', carriesOn: false };
  if ((await agreesToRedo(world, existing)) === 'leave') return 'left';
  return { id, existing, existingAnswers: 'propose', carriesOn: true };
}

/** The account of the address that was given; where none was, `--from-step` means the one that has the provider's name. */
function existingFor(configuration: Configuration, { provider, given, fromStep }: SetupWish): Subject | undefined {
  const address = given.answers['account'];
  if (typeof address === 'string') return accountOf(configuration, provider.id, address);
  if (fromStep === undefined) return undefined;
  return subjectIn(
    configuration,
    configuration.accounts.find(({ name }) => name === provider.id),
  );
}

/** The account that an unfinished set-up re-does, or had stored already when it was cut off. */
function storedUnder(configuration: Configuration, draft: Draft | undefined): Subject | undefined {
  if (draft === undefined) return undefined;
  const address = draft.answers['account'];
  const named = configuration.accounts.find(({ name }) => name === draft.account);
  const mailbox = typeof address === 'string' ? accountOf(configuration, draft.provider, address) : undefined;
  return mailbox ?? subjectIn(configuration, named);
}

async function draftsFor(world: World, wish: SetupWish, existing: Subject | undefined): Promise<readonly Draft[]> {
  const wanted = wish.given.answers['account'] ?? existing?.account.address;
  return (await openDrafts(world)).filter(
    (draft) => draft.provider === wish.provider.id && (wanted === undefined || isFor(draft, String(wanted))),
  );
}

/** The unfinished set-up that belongs to this one, unless the person wants a fresh start. */
async function chosenDraft(world: World, { restart }: SetupWish, drafts: readonly Draft[]): Promise<Draft | undefined> {
  const [draft] = drafts;
  if (draft === undefined) return undefined;
  if (restart) {
    for (const old of drafts) await startOver(world, old);
    return undefined;
  }
  const choice = await world.interviewer.choose(
    `There is an unfinished set-up for ${draft.answers['account']}, last touched ${localMinute(draft.savedAt)}.`,
    [
      { value: 'resume', label: 'carry on where it stopped' },
      { value: 'restart', label: 'start over; what was entered is deleted' },
      { value: 'new', label: 'set up another mailbox, and keep this one for later' },
    ],
    'resume',
  );
  if (choice === 'restart') await startOver(world, draft);
  return choice === 'resume' ? draft : undefined;
}

/** What another process is at work on is not deleted under its hands. */
function startOver(world: World, draft: Draft): Promise<void> {
  return withSetupLock(world, draft, () => discardDraft(world, draft));
}

/**
 * Of a change that a script gave up nothing counts but the refresh token it brought, whose successor is here alone. Where
 * the account was stored before the set-up was cut off, the sign-in is the account's.
 */
function withoutAnswers(draft: Draft, { account }: Subject): Draft {
  const credentials = Object.entries(draft.credentials)
    .filter(([, id]) => id !== account.credential)
    .map(([name, id]): [string, string] =>
      name === REFRESH_TOKEN || name.startsWith(REPLACED) ? [name, id] : [`${REPLACED}${name}:${id}`, id],
    );
  return {
    ...draft,
    answers: {},
    done: [],
    proposed: { [REFRESH_TOKEN]: '' },
    credentials: Object.fromEntries(credentials),
  };
}

/** Whether anything is to be changed, or the address is all that was said. */
function givesMore({ given, way }: SetupWish): boolean {
  const { account: _, ...others } = given.answers;
  return Object.keys(others).length + Object.keys(given.secrets).length > 0 || way.kind !== 'browser';
}

/** Whoever wants less than all of it again is told the shorter way. */
function agreesToRedo(world: World, { account, client, provider }: Subject): Promise<'again' | 'leave'> {
  const { interviewer } = world;
  if (account.signedIn !== undefined && signInOf(client).hasGrant)
    interviewer.tell('info', `only to sign in again: mailauth authorize ${account.name}`);
  if (client.secretCredential !== undefined) {
    interviewer.tell(
      'info',
      `only to renew the secret: mailauth setup ${account.name} --from-step ${provider.secretStep}`,
    );
  }
  return interviewer.choose(
    `${account.address} is set up already, as ${account.name}. Go through all steps again?`,
    [
      { value: 'again', label: 'yes; the old sign-in works until the new one does' },
      { value: 'leave', label: 'no, leave it as it is' },
    ],
    'again',
  );
}

/** One set-up of a mailbox at a time: scripts that are given the same address meet at the same one. */
function idFor(world: World, { provider, given }: SetupWish, existing: Subject | undefined): string {
  const address = given.answers['account'] ?? existing?.account.address;
  if (world.interviewer.attended || typeof address !== 'string') return randomUUID();
  return createHash('sha256').update(`${provider.id} ${address.toLowerCase()}`).digest('hex').slice(0, 32);
}

/** A script waits for another one as long as for a browser. */
const WAIT_SECONDS = 300;

/** Nobody else works on the same set-up meanwhile. A person is told at once that somebody does. */
export async function withSetupLock<T>(world: World, { id }: Pick<Found, 'id'>, work: () => Promise<T>): Promise<T> {
  const { signal, configDir, interviewer, timeout = WAIT_SECONDS } = world;
  const path = join(configDir, `setup-${id}.lock`);
  let isOurs = false;
  const locked = withLock(path, { waitMs: interviewer.attended ? 0 : timeout * 1000, signal }, () => {
    isOurs = true;
    return work();
  });
  return locked.catch((error: unknown) => {
    if (isOurs || !(error instanceof MailauthError) || error.code !== 'store_busy') throw error;
    throw new MailauthError('store_busy', 'another mailauth is at work on this very set-up', {
      fix: [{ text: 'go on in its window, or end it there; then run the same command again' }],
    });
  });
}
