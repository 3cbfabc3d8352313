import { isA } from '../../explain/codes.js';
import { MailauthError } from '../../explain/problem.js';
import { proposalsIn } from '../../guide/answer-record.js';
import { holds, type Item, isDone, itemsOf, next, questionBelow } from '../../guide/plan.js';
import type { Question } from '../../guide/step.js';
import { readConfiguration } from '../../store/accounts.js';
import { accountOf } from '../accounts.js';
import { type Entered, GOING_BACK } from '../interviewer.js';
import type { BegunAddress } from '../signin/begin.js';
import { enter, markDone, markUndone, propose, prove, reopen, stepBack } from './answers.js';
import { adoptClient, leaveClient, takeOver, withStoredClients } from './begin.js';
import { storeSecrets } from './bench.js';
import { commandOf } from './command.js';
import { isWorthSaving, saveSetup } from './draft.js';
import { makeCertificate } from './own-certificate.js';
import { PROOFS } from './proofs.js';
import { beginSetupSignIn } from './prove-signin.js';
import { whyNotNamed } from './records.js';
import { recover } from './recover.js';
import { type Skip, skipsBefore } from './skips.js';
import {
  answersOf,
  CLIENT_FROM,
  givenAnswers,
  isProven,
  progressOf,
  SECRET_EXPIRES,
  type Setup,
  stepsFor,
  wayOf,
} from './state.js';

/**
 * Walks a person, or a script's flags, from where they are to a proven mailbox. The position derives from the answers
 * and proofs alone, so quitting, going back, resuming and correcting are all just changes to the answers.
 * Gives the address to open where the sign-in is only begun.
 */
export async function walk(setup: Setup): Promise<BegunAddress | undefined> {
  const { world, provider } = setup;
  const start = nextForPerson(setup);
  await world.interviewer.open(provider, progressOf(setup), start);
  // What lies behind a person who carries on was told before.
  const told = new Set(skipsBefore(provider, givenAnswers(setup), start).map(({ key }) => key));
  try {
    for (let item = nextItem(setup); item !== undefined; item = nextItem(setup)) {
      world.signal.throwIfAborted();
      tellSkips(setup, item, told);
      if (item.kind === 'verification') {
        if (item.verification === 'signin' && wayOf(setup).kind === 'begin') return await beginSetupSignIn(setup);
        await verify(setup, item, isBehind(setup, item, start));
      } else await perform(setup, item);
      // A script says all of it again; what a proof brought about is kept for it.
      if (item.kind === 'verification' || world.interviewer.attended) await saveSetup(setup);
    }
    tellSkips(setup, undefined, told);
    return undefined;
  } catch (error) {
    if (isInterruption(error)) throw savedAt(setup, nextItem(setup), error);
    throw error;
  }
}

/** The next thing to do. A script is asked nothing: what it did not give is as it usually is. */
function nextItem(setup: Setup): Item | undefined {
  const progress = progressOf(setup);
  if (setup.world.interviewer.attended) return next(setup.provider, progress);
  return itemsOf(setup.provider, progress.answers).find((item) => item.kind !== 'question' && !isDone(item, progress));
}

/** Where a person stands: proofs are made on the way, and nobody carries on at one. */
function nextForPerson(setup: Setup): Item | undefined {
  const progress = progressOf(setup);
  const items = itemsOf(setup.provider, progress.answers);
  const open = items.filter((item) => !isDone(item, progress));
  return open.find((item) => item.kind !== 'verification' || isSignIn(item)) ?? open[0];
}

function isSignIn(item: Item): boolean {
  return item.kind === 'verification' && (item.verification === 'signin' || item.verification === 'mailbox');
}

/** Whether a proof is made again for a step that the person has left already. */
function isBehind(setup: Setup, item: Item, start: Item | undefined): boolean {
  const steps = stepsFor(setup);
  return start !== undefined && steps.indexOf(item.step) < steps.indexOf(start.step);
}

async function perform(setup: Setup, item: Exclude<Item, { kind: 'verification' }>): Promise<void> {
  const { interviewer } = setup.world;
  if (item.kind === 'question') return askFor(setup, item);
  const progress = progressOf(setup);
  if (item.kind === 'step') {
    interviewer.show(item, progress);
    return markDone(setup, item.id);
  }
  const question = interviewer.attended ? questionBelow(setup.provider, progress, item) : undefined;
  if (question !== undefined) {
    interviewer.show(item, progress);
    return askFor(setup, question, item);
  }
  const reply = await interviewer.instruct(item, progress);
  if (reply.kind !== 'answer') return leave(setup, reply.kind, item);
  const isRest = (one: Item): boolean => one.step === item.step && one.kind === 'instruction' && !isDone(one, progress);
  const rest = reply.value === 'this' ? [] : itemsOf(setup.provider, progress.answers).filter(isRest);
  markDone(setup, ...[item, ...rest].map(({ id }) => id));
}

/** An answer also says that the instruction above the question, where one waits for it, is done. */
async function askFor(setup: Setup, item: Item & { kind: 'question' }, above?: Item): Promise<void> {
  const { interviewer } = setup.world;
  const question = item.id === CLIENT_FROM ? await withStoredClients(setup, item.question) : item.question;
  const reply = await interviewer.ask({ ...item, question }, progressOf(setup), proposalsIn(setup.records)[item.id]);
  if (reply.kind !== 'answer') return leave(setup, reply.kind, above ?? item);
  if (above !== undefined) markDone(setup, above.id);
  return take(setup, item, reply.value);
}

async function verify(setup: Setup, item: Item & { kind: 'verification' }, isQuiet: boolean): Promise<void> {
  if (!isQuiet && holds(item.step.when, answersOf(setup))) {
    setup.world.interviewer.show({ kind: 'step', step: item.step }, progressOf(setup));
  }
  try {
    if ((await PROOFS[item.verification](setup)) === 'again') return;
    prove(setup, item.verification);
    setup.waiting = undefined;
  } catch (error) {
    if (error === GOING_BACK) return leave(setup, 'back', item);
    if (!(error instanceof MailauthError) || isInterruption(error)) throw error;
    await recover(setup, error);
  }
}

/** Takes an answer, with whatever else was found in the same paste. A secret goes to the store as soon as there is one. */
async function take(setup: Setup, item: Item & { kind: 'question' }, given: Entered): Promise<void> {
  const { id } = item.question;
  try {
    const typed = typeof given.value === 'string' ? given.value : undefined;
    if (typed !== undefined && (await REACTIONS[id]?.(setup, typed)) === ASK_AGAIN) return;
    enter(setup, id, given);
    if (isProven(setup, 'store') || setup.proofs.store !== undefined) await storeSecrets(setup);
    if (isDetail(item.question)) reviewDetails(setup, item);
  } catch (error) {
    if (!(error instanceof MailauthError) || isInterruption(error)) throw error;
    // The question stays unanswered, so it is asked again.
    await recover(setup, error);
  }
}

const SERVER_SETTINGS = 'server-settings';
const ASK_AGAIN = Symbol('the question stays open');

type Reaction = (setup: Setup, value: string) => Promise<typeof ASK_AGAIN | undefined>;

/** Answers that change more than themselves. */
const REACTIONS: Readonly<Record<string, Reaction>> = {
  async [CLIENT_FROM](setup, name) {
    leaveClient(setup);
    if (name !== '') await adoptClient(setup, name);
    return undefined;
  },
  async [SERVER_SETTINGS](setup, value) {
    if (value === 'edit') openDetails(setup);
    return undefined;
  },
  async 'certificate-out'(setup, path) {
    await makeCertificate(setup, path);
    return undefined;
  },
  account: noticeAccount,
  async name(setup, name) {
    const reason = name === '' ? undefined : await whyNotNamed(setup, name);
    if (reason === undefined) return undefined;
    setup.world.interviewer.tell('fail', reason);
    return ASK_AGAIN;
  },
  async [SECRET_EXPIRES](setup, date) {
    if (date === '') setup.world.interviewer.tell('warn', 'without its date nobody is reminded before it expires');
    return undefined;
  },
};

/** Behind "edit" every detail is asked for, whether it came from a flag or was never given: Enter keeps it. */
function openDetails(setup: Setup): void {
  for (const question of setup.provider.questions.filter(isDetail)) {
    reopen(setup, question.id);
  }
}

function isDetail({ askedWhen }: Question): boolean {
  return [askedWhen ?? []].flat().some(({ question }) => question === SERVER_SETTINGS);
}

/** After the last detail the step is shown once more, as it is now. */
function reviewDetails(setup: Setup, { step }: Item): void {
  const following = next(setup.provider, progressOf(setup));
  if (following?.kind === 'question' && isDetail(following.question)) return;
  propose(setup, SERVER_SETTINGS, 'keep');
  markUndone(setup, (id) => id.startsWith(`${step.number}.`));
}

/** An address that is set up already is done again in place, or another address is asked for. */
async function noticeAccount(setup: Setup, address: string): Promise<typeof ASK_AGAIN | undefined> {
  if (setup.account !== undefined) return undefined;
  const existing = accountOf(await readConfiguration(setup.world.configDir), setup.provider.id, address);
  if (existing === undefined) return undefined;
  const { name } = existing.account;
  const choice = await setup.world.interviewer.choose(
    `${address} is set up already, as ${name}.`,
    [
      { value: 'again', label: 'do it again in place; the old sign-in works until the new one does' },
      { value: 'other', label: 'enter another address' },
    ],
    'again',
  );
  if (choice === 'other') return ASK_AGAIN;
  takeOver(setup, existing, 'propose');
  return undefined;
}

async function leave(setup: Setup, how: 'back' | 'quit', item: Item): Promise<void> {
  if (how === 'back') return stepBack(setup);
  await saveSetup(setup);
  throw savedAt(setup, item);
}

function isInterruption(error: unknown): error is MailauthError {
  return error instanceof MailauthError && isA('stopped', error.code) && error.problem.fix.length === 0;
}

/** Where a person stopped, and how to carry on: not a failure, but the program ends with 130. */
function savedAt(setup: Setup, item: Item | undefined, cause?: MailauthError): MailauthError {
  const code = cause?.code ?? 'interrupted';
  if (!isWorthSaving(setup)) return new MailauthError(code, 'stopped; nothing was entered yet');
  const where = item === undefined ? 'at the end' : `at step ${placeOf(item)} of ${stepsFor(setup).length}`;
  return new MailauthError(code, `saved ${where}`, {
    fix: [{ text: 'carry on later', command: commandOf(setup) }],
  });
}

function placeOf(item: Item): string {
  return item.kind === 'instruction' ? `${item.step.number}.${item.instruction.number}` : item.step.number;
}

/** What does not apply keeps its number; each is told once, in its place. */
function tellSkips(setup: Setup, before: Item | undefined, told: Set<string>): void {
  for (const skip of skipsBefore(setup.provider, givenAnswers(setup), before)) {
    if (told.has(skip.key)) continue;
    told.add(skip.key);
    tellSkip(setup, skip);
  }
}

function tellSkip(setup: Setup, { step, numbers, reason }: Skip): void {
  const { interviewer } = setup.world;
  if (numbers === undefined) interviewer.skipped(step, reason);
  else interviewer.skippedPart(step, numbers, reason, progressOf(setup));
}
