import { MailauthError } from '../../explain/problem.js';
import { asksOf, defaultOf, holds, type Item, itemsOf, questionOf } from '../../guide/plan.js';
import type { Step, Verification } from '../../guide/step.js';
import { doubt, markDone, markUndone, reopen } from './answers.js';
import { guideOf } from './command.js';
import { answersOf, CLIENT_FROM, givenAnswers, type Setup, stepsFor } from './state.js';

/**
 * `--from-step N`: what is to be done before it counts as done, and what is to be asked there is passed over where it can
 * do without an answer. Proofs do not: the stored account stands for them, or they are made. An account that is there is
 * gone through from the step to its next proof, and what comes after that stands too. A script keeps what it does not
 * answer, and signs nobody in again for it.
 */
export function startFrom(setup: Setup, number: string): void {
  const { account } = setup;
  const steps = stepsFor(setup);
  const first = steps.findIndex((step) => step.number === number);
  if (first === -1) throw noSuchStep(setup, number);
  const proof = steps.findIndex((step, index) => index >= first && step.verify !== undefined);
  const end = account === undefined || proof === -1 ? undefined : proof + 1;
  const again = steps.slice(first, end);
  passOver(setup, (step) => !again.includes(step));
  for (const verification of proofsAgain(setup, again)) doubt(setup, verification);
  if (account !== undefined) doubt(setup, 'mailbox');
  askAgain(setup, again);
}

/** The sign-in of an account is made again only for a person who names its step. */
function proofsAgain({ account, world }: Setup, again: readonly Step[]): readonly Verification[] {
  const proofs = again.flatMap((step) => (step.verify ?? []).map((verification) => ({ step, verification })));
  const isStanding = (step: Step): boolean =>
    account !== undefined && !(world.interviewer.attended && step === again[0]);
  return proofs
    .filter(({ step, verification }) => verification !== 'signin' || !isStanding(step))
    .map(({ verification }) => verification);
}

/** An account that is there is changed in place: nothing is gone through, and only what is given now is looked at. */
export function changeInPlace(setup: Setup): void {
  passOver(setup, () => true);
}

function passOver(setup: Setup, isPassed: (step: Step) => boolean): void {
  const answers = givenAnswers(setup);
  const passed = itemsOf(setup.provider, answers).filter(({ step }) => isPassed(step));
  const done = passed.filter((item) => item.kind !== 'verification' && (item.kind !== 'question' || canPass(item)));
  markDone(setup, ...done.map(({ id }) => id));

  function canPass({ question }: Item & { kind: 'question' }): boolean {
    return question.required !== true || defaultOf(question, answers, setup.provider) !== undefined;
  }
}

/** What was given on the command line, a secret too, is not asked for again. */
function askAgain(setup: Setup, again: readonly Step[]): void {
  const { provider, records, world } = setup;
  const items = itemsOf(provider, givenAnswers(setup)).filter(({ step }) => again.includes(step));
  markUndone(setup, (id) => items.some((item) => item.id === id));
  if (!world.interviewer.attended) return;
  const isOld = (id: string): boolean => {
    const from = records[id]?.from;
    return from !== undefined && from !== 'flag' && from !== 'variable';
  };
  for (const item of items) if (item.kind === 'question' && isOld(item.id)) reopen(setup, item.id);
  // What is there already would answer the question which one takes its place, so that nobody would be asked.
  const answers = answersOf(setup);
  const asked = again.flatMap(asksOf).map((id) => questionOf(provider, id));
  for (const question of asked) {
    const suppliers = question !== undefined && holds(question.when, answers) ? (question.suppliedBy ?? []) : [];
    for (const id of suppliers) if (id !== CLIENT_FROM && isOld(id)) reopen(setup, id);
  }
}

function noSuchStep(setup: Setup, number: string): MailauthError {
  return new MailauthError('bad_input', `there is no step ${number} to start from`, {
    fix: [{ text: `the steps are numbered 1 to ${stepsFor(setup).length}`, command: guideOf(setup) }],
  });
}
