import {
  asksOf,
  complete,
  fill,
  fillList,
  guideFor,
  holds,
  isApp,
  itemsOfStep,
  pageErrorsOf,
  questionOf,
  remarksOf,
  stepsOf,
} from '../guide/plan.js';
import type { Provider } from '../guide/provider.js';
import { appRedirectUri, usedBy } from '../guide/questions.js';
import type { Answers, Instruction, Question, Step, Value } from '../guide/step.js';
import { decisionsOf } from '../guide/ways.js';
import { quoted } from '../words/shell.js';

/**
 * A provider's guide as a document: the record that the wizard walks through, filled in with the answers so far.
 * Where the wizard would first ask which way to go, the document shows every way, each under its name.
 */
export interface GuideDocument {
  readonly schema: 'mailauth.guide/1';
  readonly provider: string;
  readonly title: string;
  readonly lastChecked: string;
  readonly minutes: number;
  readonly needs: readonly string[];
  readonly steps: readonly GuideStep[];
  /** What the provider's own page may say instead of coming back. */
  readonly pageErrors: readonly GuidePageError[];
  /** The choices that this document is written for, and the flag that shows each other way. */
  readonly ways: readonly GuideWay[];
}

export interface GuideStep {
  readonly number: string;
  readonly title: string;
  readonly url?: string;
  readonly intro?: string;
  /** Why nothing is to be done here. */
  readonly skipped?: string;
  readonly instructions: readonly GuideInstruction[];
  /** Every value of the step, once more in one place. */
  readonly values: readonly GuideValue[];
  readonly asks: readonly string[];
  readonly help?: string;
}

export interface GuideInstruction {
  readonly number: string;
  readonly text: string;
  readonly url?: string;
  /** Only for those who choose this. */
  readonly choice?: string;
  readonly values?: readonly GuideValue[];
}

interface GuideValue {
  readonly label: string;
  readonly value: string;
}

export interface GuidePageError {
  readonly shows: string;
  readonly explanation: string;
  readonly step: string;
  readonly fix: string;
  readonly url?: string;
}

interface GuideWay {
  readonly question: string;
  readonly shown: string;
  readonly others: readonly string[];
}

export function guideDocument(provider: Provider, answers: Answers): GuideDocument {
  const filled = (one: string) => fill(one, answers, provider);
  const { needs, minutes } = guideFor(provider, answers);
  return {
    schema: 'mailauth.guide/1',
    provider: provider.id,
    title: provider.title,
    lastChecked: provider.lastChecked,
    minutes,
    needs: remarksOf(needs, answers, provider),
    steps: stepsOf(provider, answers).map(({ step, skipped }) => guideStep(provider, answers, step, skipped)),
    pageErrors: pageErrorsOf(provider, answers).map(({ shows, explanation, step, fix, url }) => ({
      shows: filled(shows),
      explanation: filled(explanation),
      step,
      fix: filled(fix),
      ...(url === undefined ? {} : { url: filled(url) }),
    })),
    ways: waysOf(provider, answers),
  };
}

function guideStep(provider: Provider, answers: Answers, step: Step, skipped: string | undefined): GuideStep {
  const filled = (one: string) => fill(one, answers, provider);
  const heading = {
    number: step.number,
    title: filled(step.title),
    ...(step.url === undefined ? {} : { url: filled(step.url) }),
  };
  if (skipped !== undefined) return { ...heading, skipped, instructions: [], values: [], asks: [] };
  const own = ownInstructions(provider, answers, step);
  const instructions = [...own, ...signInInstructions(provider, answers, step, own)];
  const values = [
    ...(step.values ?? []).flatMap((value) => guideValue(value, answers, provider)),
    ...instructions.flatMap((instruction) => instruction.values ?? []),
  ];
  return {
    ...heading,
    ...(step.intro === undefined ? {} : { intro: filled(step.intro) }),
    instructions,
    values,
    asks: askedQuestions(provider, answers, step).map((question) => question.id),
    ...(step.help === undefined ? {} : { help: filled(step.help) }),
  };
}

/** Begins what is said of an instruction that falls away. */
const SKIP = 'SKIP: ';

interface Way {
  readonly heading: string;
  readonly answers: Answers;
}

/**
 * The instructions that hold. Where one depends on a decision that nobody has taken, it is printed for each choice. One
 * that falls away keeps its number, and says why.
 */
function ownInstructions(provider: Provider, answers: Answers, step: Step): readonly GuideInstruction[] {
  const ways = openWays(provider, answers, step);
  const waysFor = ({ when }: Instruction): readonly Way[] =>
    ways.filter((way) => holds(when, complete(provider, way.answers)));
  const shown = new Set(step.instructions.flatMap((one) => (waysFor(one).length > 0 ? [one.number] : [])));
  return step.instructions.flatMap((instruction) => {
    const { number, skip } = instruction;
    const fitting = waysFor(instruction);
    const [way] = fitting;
    if (way === undefined) {
      const isSkipped = skip !== undefined && !shown.has(number);
      return isSkipped ? [{ number, text: `${SKIP}${fill(skip, answers, provider)}` }] : [];
    }
    const choice = fitting.length < ways.length ? fitting.map(({ heading }) => heading).join(', and ') : undefined;
    return [guideInstruction(instruction, way.answers, provider, choice)];
  });
}

/** The ways through a step: those of the first decision that changes it and that nobody has taken, else the one way. */
function openWays(provider: Provider, answers: Answers, step: Step): readonly Way[] {
  const known = complete(provider, answers);
  const { steps } = guideFor(provider, answers);
  const before = steps.slice(0, steps.indexOf(step) + 1).flatMap(({ asksFirst = [] }) => asksFirst);
  const decisions = before
    .map((id) => questionOf(provider, id))
    .filter((question) => question !== undefined && isOpen(question, answers, known))
    .map((question) =>
      (question?.choices ?? [])
        .filter((choice) => holds(choice.when, known))
        .map(({ value, label, heading = label }) => ({
          heading,
          answers: decided(answers, question?.id ?? '', value),
        })),
    );
  return decisions.find((ways) => changes(provider, step, ways)) ?? [{ heading: '', answers }];
}

/** The same record each time: every step of a guide asks for it, and `complete` works a record out once. */
function decided(answers: Answers, id: string, value: string): Answers {
  const taken = decisions.get(answers) ?? new Map<string, Answers>();
  decisions.set(answers, taken);
  const key = `${id} ${value}`;
  const made = taken.get(key) ?? { ...answers, [id]: value };
  taken.set(key, made);
  return made;
}

const decisions = new WeakMap<Answers, Map<string, Answers>>();

/** A choice that only the wizard asks for, so that no flag can have settled it. */
function isOpen(question: Question, answers: Answers, known: Answers): boolean {
  return (
    question.kind === 'choice' &&
    question.wizardOnly === true &&
    answers[question.id] === undefined &&
    holds(question.when, known) &&
    !(question.suppliedBy ?? []).some((id) => answers[id] !== undefined)
  );
}

/** Whether the step has other instructions one way than another. */
function changes(provider: Provider, step: Step, ways: readonly Way[]): boolean {
  const shapes = ways.map(({ answers }) => {
    const known = complete(provider, answers);
    return step.instructions.map(({ when }) => holds(when, known)).join();
  });
  return new Set(shapes).size > 1;
}

function guideInstruction(
  instruction: Instruction,
  answers: Answers,
  provider: Provider,
  choice: string | undefined,
): GuideInstruction {
  const known = complete(provider, answers);
  const values = (instruction.values ?? [])
    .filter((value) => holds(value.when, known))
    .flatMap((value) => guideValue(value, answers, provider));
  return {
    number: instruction.number,
    text: fill(instruction.text, answers, provider),
    ...(instruction.url === undefined ? {} : { url: fill(instruction.url, answers, provider) }),
    ...(choice === undefined ? {} : { choice }),
    ...(values.length === 0 ? {} : { values }),
  };
}

function guideValue(value: Value, answers: Answers, provider: Provider): readonly GuideValue[] {
  return fillList(value, answers, provider).map((line) => ({ label: value.label, value: line }));
}

/** What to do on the provider's page, where the step signs in. */
function signInInstructions(
  provider: Provider,
  answers: Answers,
  step: Step,
  own: readonly GuideInstruction[],
): readonly GuideInstruction[] {
  if (step.verify?.includes('signin') !== true || isApp(provider, answers)) return [];
  const before = new Set(own.map(({ number }) => number)).size;
  return remarksOf(provider.signInHints, answers, provider).map((text, index) => ({
    number: roman(before + index + 1),
    text,
  }));
}

export function roman(number: number): string {
  const units = ['', 'i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix'];
  return `${'x'.repeat(Math.floor(number / 10))}${units[number % 10] ?? ''}`;
}

/** The questions that a reader of the document has to answer, decisions of the wizard left out. */
function askedQuestions(provider: Provider, answers: Answers, step: Step): readonly Question[] {
  const asked = new Set(
    itemsOfStep(provider, step, answers).flatMap((item) => (item.kind === 'question' ? [item.id] : [])),
  );
  return asksOf(step)
    .filter((id) => asked.has(id))
    .map((id) => questionOf(provider, id))
    .filter((question) => question !== undefined)
    .filter((question) => question.wizardOnly !== true);
}

function waysOf(provider: Provider, answers: Answers): readonly GuideWay[] {
  const known = complete(provider, answers);
  const command = guideCommand(provider, answers);
  const chosen = decisionsOf(provider, answers)
    .filter((question) => holds(question.when, known))
    .map((question) => {
      const excluded = (question.notWith ?? []).filter(({ when }) => holds(when, known)).flatMap(({ is }) => is);
      const choices = (question.choices ?? []).filter(
        ({ value, when }) => holds(when, known) && !excluded.includes(value),
      );
      const shown = choices.find((choice) => choice.value === known[question.id]);
      return {
        question: question.label,
        shown: shown?.label ?? '',
        others: choices
          .filter((choice) => choice !== shown)
          .map((choice) => `${command} --${question.id} ${choice.value}`),
      };
    });
  const isOpen = known['shared-client'] !== 'yes' && questionOf(provider, appRedirectUri.id) !== undefined;
  return isOpen && !isApp(provider, answers) ? [...chosen, applicationWay(command)] : chosen;
}

/** The way of a program that signs in by itself, with its own address filled in. */
function applicationWay(command: string): GuideWay {
  return {
    question: usedBy.label,
    shown: 'programs that call mailauth, and a program with its own Authorise button',
    others: [`${command} --app-redirect-uri URL`],
  };
}

/** The guide of the same mailbox. */
function guideCommand({ id }: Provider, { account }: Answers): string {
  const ofMailbox = typeof account === 'string' && account !== '' ? ` --account ${quoted('posix', account)}` : '';
  return `mailauth guide ${id}${ofMailbox}`;
}

/** What the wizard asks at a step, each with its flag. */
export function flagsOf(provider: Provider, step: GuideStep): readonly string[] {
  return step.asks.flatMap((id) => {
    const question = questionOf(provider, id);
    return question === undefined ? [] : [`${question.label} (--${question.id})`];
  });
}

/** The label of a choice is said where it begins, and "In any case" where it ends. */
export function byChoice(
  all: readonly GuideInstruction[],
): readonly { readonly heading: string | undefined; readonly instruction: GuideInstruction }[] {
  const instructions = skipsInOne(all);
  return instructions.map((instruction, index) => {
    const before = instructions[index - 1]?.choice;
    const heading = instruction.choice === before ? undefined : (instruction.choice ?? 'In any case');
    return { heading, instruction };
  });
}

/** Neighbours that fall away for the same reason are one: `iii to vi`. */
function skipsInOne(instructions: readonly GuideInstruction[]): readonly GuideInstruction[] {
  const merged: GuideInstruction[] = [];
  for (const one of instructions) {
    const before = merged.at(-1);
    if (before === undefined || before.text !== one.text || !one.text.startsWith(SKIP)) merged.push(one);
    else merged.splice(-1, 1, { ...before, number: `${before.number.split(' ')[0]} to ${one.number}` });
  }
  return merged;
}
