import type { Account } from '../../account/account.js';
import type { Client } from '../../account/client.js';
import type { Check } from '../../explain/check.js';
import { MailauthError } from '../../explain/problem.js';
import {
  back,
  defaultOf,
  holds,
  type Item,
  isDone,
  itemsOf,
  next,
  type Progress,
  SECRET_GIVEN,
} from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import type { Answers, Question, Step } from '../../guide/step.js';
import { answersFrom } from '../../guide/stored-answers.js';
import { sameAddress } from '../../providers/directory.js';
import { readConfiguration } from '../../store/accounts.js';
import { deleteDraft } from '../../store/drafts.js';
import { Secret } from '../../words/secret.js';
import { type Entered, GOING_BACK } from '../interviewer.js';
import { adoptClient, proposals, standing, whyNotNamed, withStoredClients } from './begin.js';
import { PROOFS } from './proofs.js';
import { recover } from './recover.js';
import { keepSecret } from './resources.js';
import {
  answer,
  answersOf,
  CLIENT_FROM,
  CLIENT_SECRET,
  forget,
  isWorthSaving,
  rewind,
  type Session,
  saveSession,
  without,
} from './session.js';
import { type Skip, skipsBefore } from './skips.js';

export interface SetupResult {
  readonly account: Account;
  readonly client: Client;
  readonly checks: readonly Check[];
}

/**
 * Walks a person, or a script's flags, from where they are to a proven mailbox. The position derives from the answers
 * alone, so quitting, going back, resuming and correcting are all just changes to the answers.
 */
export async function setup(session: Session): Promise<SetupResult> {
  const { world, provider } = session;
  const start = next(provider, session.progress);
  await world.interviewer.open(provider, session.progress, start);
  // What lies behind a person who carries on was told before.
  const told = new Set(skipsBefore(provider, session.progress.answers, start).map(({ key }) => key));
  try {
    for (let item = next(provider, session.progress); item !== undefined; item = next(provider, session.progress)) {
      world.signal.throwIfAborted();
      tellSkips(session, item, told);
      await perform(session, item);
      await saveSession(session);
    }
    tellSkips(session, undefined, told);
  } catch (error) {
    if (isInterruption(error)) throw savedAt(session, next(provider, session.progress), error);
    throw error;
  } finally {
    await session.bench.close();
  }
  const { account, client } = session;
  if (account === undefined || client === undefined) throw new Error('a set-up ended without an account');
  await deleteDraft(world.configDir, session.id);
  return { account, client, checks: session.checks };
}

async function perform(session: Session, item: Item): Promise<void> {
  const { interviewer } = session.world;
  if (item.kind === 'verification') {
    if (holds(item.step.when, answersOf(session))) interviewer.enter(item.step, session.progress);
    return verify(session, item);
  }
  if (item.kind === 'question') {
    const question = item.id === CLIENT_FROM ? await withStoredClients(session, item.question) : item.question;
    const reply = await interviewer.ask({ ...item, question }, session.progress, session.proposed[item.id]);
    if (reply.kind === 'answer') return take(session, item, reply.value);
    return leave(session, reply.kind, item);
  }
  const reply = await interviewer.instruct(item, session.progress);
  if (reply.kind !== 'answer') return leave(session, reply.kind, item);
  const items = itemsOf(session.provider, session.progress.answers);
  const isRest = (one: Item): boolean =>
    one.step === item.step && one.kind === 'instruction' && !isDone(one, session.progress);
  for (const { id } of reply.value === 'this' ? [item] : items.filter(isRest)) mark(session, id);
}

async function verify(session: Session, item: Item & { kind: 'verification' }): Promise<void> {
  try {
    if ((await PROOFS[item.verification](session)) === 'proven') mark(session, item.id);
  } catch (error) {
    if (error === GOING_BACK) return leave(session, 'back', item);
    if (!(error instanceof MailauthError) || isInterruption(error)) throw error;
    await recover(session, error);
  }
}

function mark(session: Session, id: string): void {
  session.progress = { ...session.progress, done: [...session.progress.done, id] };
}

/** Takes an answer, with whatever else was found in the same paste. A secret goes to the store; the answer only says so. */
async function take(session: Session, item: Item & { kind: 'question' }, given: Entered): Promise<void> {
  const learnt: Record<string, Answers[string]> = { ...given.learnt };
  if (given.learntSecret !== undefined) {
    await keepSecret(session, CLIENT_SECRET, given.learntSecret);
    learnt[CLIENT_SECRET] = SECRET_GIVEN;
  }
  if (given.value instanceof Secret) {
    await keepSecret(session, item.question.id, given.value);
    learnt[item.question.id] = SECRET_GIVEN;
    // A new secret has a date of its own.
    if (item.id === CLIENT_SECRET) session.proposed = without(session.proposed, SECRET_EXPIRES);
  } else if (given.value !== undefined) {
    learnt[item.question.id] = given.value;
  }
  const react = ON_ANSWER[item.question.id];
  const typed = learnt[item.question.id];
  try {
    const more = typeof typed === 'string' ? await react?.(session, typed) : undefined;
    if (more === ASK_AGAIN) return;
    notice(session, given, learnt);
    answer(session, { ...more, ...learnt });
    if (isDetail(item.question)) reviewDetails(session, item);
  } catch (error) {
    if (!(error instanceof MailauthError) || isInterruption(error)) throw error;
    // The question stays unanswered, so it is asked again.
    await recover(session, error);
  }
}

/** What is worth waiting for. Enter that keeps an earlier answer brings nothing new; whether a secret is, nobody can compare. */
function notice(session: Session, given: Entered, learnt: Answers): void {
  const isSecretNew = given.value instanceof Secret || given.learntSecret !== undefined;
  const isNew = (id: string): boolean =>
    learnt[id] === SECRET_GIVEN ? isSecretNew : learnt[id] !== session.proposed[id];
  const { fresh } = session;
  session.fresh =
    given.doubtful === true ? fresh.filter((id) => !(id in learnt)) : [...fresh, ...Object.keys(learnt).filter(isNew)];
}

const SECRET_EXPIRES = 'secret-expires';
const SERVER_SETTINGS = 'server-settings';
const ASK_AGAIN = Symbol('the question stays open');

type Reaction = (session: Session, value: string) => Promise<Answers | typeof ASK_AGAIN | undefined>;

/** Answers that change more than themselves. */
const ON_ANSWER: Readonly<Record<string, Reaction>> = {
  [CLIENT_FROM]: async (session, name) => (name === '' ? undefined : adoptClient(session, name)),
  [SERVER_SETTINGS]: async (session, value) => (value === 'edit' ? openDetails(session) : undefined),
  account: noticeAccount,
  async name(session, name) {
    const reason = name === '' ? undefined : await whyNotNamed(session, name);
    if (reason === undefined) return undefined;
    session.world.interviewer.tell('fail', reason);
    return ASK_AGAIN;
  },
  async [SECRET_EXPIRES](session, date) {
    if (date === '') session.world.interviewer.tell('warn', 'without its date nobody is reminded before it expires');
    return undefined;
  },
};

/**
 * Behind "edit" every detail is asked for, whether it came from a flag or was never given: Enter keeps it. An account
 * that exists keeps its name, by which others know it.
 */
async function openDetails(session: Session): Promise<undefined> {
  const isOpen = ({ id }: Question): boolean => id !== 'name' || session.account === undefined;
  for (const question of session.provider.questions.filter(isDetail).filter(isOpen)) forget(session, question.id);
  return undefined;
}

function isDetail({ askedWhen }: Question): boolean {
  return [askedWhen ?? []].flat().some(({ question }) => question === SERVER_SETTINGS);
}

/** After the last detail the step is shown once more, as it is now. */
function reviewDetails(session: Session, { step }: Item): void {
  const following = next(session.provider, session.progress);
  if (following?.kind === 'question' && isDetail(following.question)) return;
  forget(session, SERVER_SETTINGS);
  session.proposed = { ...session.proposed, [SERVER_SETTINGS]: 'keep' };
  const done = session.progress.done.filter((id) => !id.startsWith(`${step.number}.`));
  session.progress = { ...session.progress, done };
}

/** An address that is set up already is done again in place, or another address is asked for. */
async function noticeAccount(session: Session, address: string): Promise<Answers | typeof ASK_AGAIN | undefined> {
  if (session.account !== undefined) return undefined;
  const { accounts, clients } = await readConfiguration(session.world.configDir);
  const account = accounts.find(
    (other) => other.provider === session.provider.id && sameAddress(other.address, address),
  );
  const client = clients.find((other) => other.id === account?.client);
  if (account === undefined || client === undefined) return undefined;
  const error = new MailauthError('usage', `${address} is set up already, as ${account.name}`, {
    fix: [{ text: 'add --yes to do it again in place', command: `mailauth setup ${account.name} --yes` }],
  });
  const choice = await session.world.interviewer.choose(
    `${address} is set up already, as ${account.name}.`,
    [
      { value: 'again', label: 'do it again in place; the old sign-in works until the new one does' },
      { value: 'other', label: 'enter another address' },
    ],
    error,
  );
  if (choice === 'other') return ASK_AGAIN;
  session.account = account;
  session.client = client;
  session.storeChoice = account.store;
  const stored = answersFrom(account, client, session.provider);
  session.proposed = { ...proposals(session.provider, stored), ...session.proposed };
  return { ...standing(session.provider, stored), ...session.progress.answers, name: account.name };
}

async function leave(session: Session, how: 'back' | 'quit', item: Item): Promise<void> {
  if (how === 'back') {
    rewind(session, back(session.provider, session.progress));
    return;
  }
  await saveSession(session);
  throw savedAt(session, item);
}

function isInterruption(error: unknown): error is MailauthError {
  return (
    error instanceof MailauthError &&
    (error.code === 'interrupted' || error.code === 'terminated') &&
    error.problem.fix.length === 0
  );
}

/** Where a person stopped, and how to carry on: not a failure, but the program ends with 130. */
function savedAt(session: Session, item: Item | undefined, cause?: MailauthError): MailauthError {
  if (!isWorthSaving(session))
    return new MailauthError(cause?.code ?? 'interrupted', 'stopped; nothing was entered yet');
  const where = item === undefined ? 'at the end' : `at step ${placeOf(item)} of ${session.provider.steps.length}`;
  return new MailauthError(cause?.code ?? 'interrupted', `saved ${where}`, {
    fix: [{ text: 'carry on later', command: `mailauth setup ${session.provider.id}` }],
  });
}

function placeOf(item: Item): string {
  return item.kind === 'instruction' ? `${item.step.number}.${item.instruction.number}` : item.step.number;
}

/** What does not apply keeps its number; each is told once, in its place. */
function tellSkips(session: Session, before: Item | undefined, told: Set<string>): void {
  const { answers } = session.progress;
  for (const skip of skipsBefore(session.provider, answers, before)) {
    if (told.has(skip.key)) continue;
    told.add(skip.key);
    tellSkip(session, skip);
  }
}

function tellSkip({ world, progress }: Session, { step, numbers, reason }: Skip): void {
  if (numbers === undefined) world.interviewer.skipped(step, reason);
  else world.interviewer.skippedPart(step, numbers, reason, progress);
}

/** Re-does an account from one step on. What was given on the command line, a secret too, is not asked for again. */
export async function startFrom(session: Session, number: string, given: readonly string[]): Promise<void> {
  session.progress = progressFrom(session, number, given);
  // The step that opens the store, and takes in what waits for it, may lie behind.
  const { waiting } = session;
  session.waiting = {};
  for (const [question, secret] of Object.entries(waiting)) await keepSecret(session, question, secret);
}

/**
 * Progress for re-doing an account from one step on: everything before it counts as done; so does everything after
 * the next proof, unless the sign-in itself is being re-done, but for the check of the mailbox.
 */
function progressFrom(session: Session, number: string, given: readonly string[]): Progress {
  const { provider } = session;
  const first = provider.steps.findIndex((step) => step.number === number);
  if (first === -1) throw noSuchStep(session, number);
  const proof = provider.steps.findIndex((step, index) => index >= first && step.verify !== undefined);
  const again = provider.steps.slice(first, proof === -1 ? undefined : proof + 1);
  const known = settled(provider, session.progress.answers, (step) => !again.includes(step));
  const items = itemsOf(provider, known);
  const untouched = items.filter((item) => !again.includes(item.step) && !isMailbox(item));
  const asked = items.filter((item) => item.kind === 'question' && again.includes(item.step)).map(({ id }) => id);
  return {
    answers: Object.fromEntries(Object.entries(known).filter(([id]) => !asked.includes(id) || given.includes(id))),
    done: untouched.filter((item) => item.kind !== 'question').map((item) => item.id),
  };
}

/** What the wizard would ask in these steps is taken as it is, or as it usually is; only what is needed stays open. */
function settled(provider: Provider, answers: Answers, isSettled: (step: Step) => boolean): Answers {
  const open = itemsOf(provider, answers).find(
    (item) =>
      item.kind === 'question' &&
      isSettled(item.step) &&
      answers[item.id] === undefined &&
      (item.question.required !== true || defaultOf(item.question, answers, provider) !== undefined),
  );
  if (open?.kind !== 'question') return answers;
  const value = defaultOf(open.question, answers, provider) ?? '';
  return settled(provider, { ...answers, [open.id]: value }, isSettled);
}

function noSuchStep({ provider }: Session, number: string): MailauthError {
  return new MailauthError('bad_input', `there is no step ${number} to start from`, {
    fix: [{ text: `the steps are numbered 1 to ${provider.steps.length}`, command: `mailauth guide ${provider.id}` }],
  });
}

function isMailbox(item: Item): boolean {
  return item.kind === 'verification' && item.verification === 'mailbox';
}
