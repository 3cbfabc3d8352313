/** What cannot stand beside each other among the answers, each as a sentence that names both sides. */
import { firstIn, isGiven } from '../account/answers.js';
import { PROTOCOLS, protocols, serverQuestions, whenUsed } from '../words/protocol.js';
import { CONTEXT_IDS, complete, conditionsOf, DERIVED_IDS, flagOf, holds, isSharedClient, questionOf } from './plan.js';
import type { Provider } from './provider.js';
import type { Answers, Condition, Question, When } from './step.js';

/**
 * What is wrong with a command line, each message naming both sides. Meant for what the person gave (flags, variables),
 * before anything read from a file or a stored client is added.
 */
export function contradictions(provider: Provider, answers: Answers): readonly string[] {
  const twice = givenOf(provider, answers).flatMap((question) =>
    (question.suppliedBy ?? [])
      .filter((id) => question.required === true && isGiven(answers[id]))
      .map((id) => `${flagOf(question)} and --${id} are two ways to give the same thing; use one of them`),
  );
  return [...foreign(provider, answers), ...twice, ...clashes(provider, answers)];
}

/** Answers that exclude each other, wherever they come from. */
export function clashes(provider: Provider, answers: Answers): readonly string[] {
  const known = complete(provider, answers);
  return [
    ...givenOf(provider, answers).flatMap((question) => [
      ...failing(question.when, question, known, provider),
      ...refusedValues(question, known).flatMap((when) => failingValue(when, question, known, provider)),
    ]),
    ...sharing(provider, answers),
    ...(protocols.some((protocol) => holds(whenUsed(protocol), known)) ? [] : [NOTHING_LEFT]),
  ];
}

function givenOf(provider: Provider, answers: Answers): readonly Question[] {
  return provider.questions.filter((question) => isGiven(answers[question.id]));
}

const NOTHING_LEFT = `${protocols
  .filter((protocol) => PROTOCOLS[protocol].isUsual)
  .map((protocol) => `--${serverQuestions(protocol).use}`)
  .join(' and ')} together leave nothing to set up`;

/** Answers to questions that this provider does not ask, each as a sentence. */
export function foreign(provider: Provider, answers: Answers): readonly string[] {
  const own = new Set<string>([...provider.questions.map((question) => question.id), ...CONTEXT_IDS, ...DERIVED_IDS]);
  return Object.keys(answers)
    .filter((id) => !own.has(id) && isGiven(answers[id]))
    .map((id) => `--${id} means nothing to setup ${provider.id}`);
}

/** The conditions that make a chosen value impossible. */
function refusedValues(question: Question, known: Answers): readonly { readonly when: When; readonly must: boolean }[] {
  const value = firstIn(known[question.id]);
  const choice = question.choices?.find((one) => one.value === value);
  return [
    ...(choice?.when === undefined ? [] : [{ when: choice.when, must: true }]),
    ...(question.notWith ?? []).filter(({ is }) => is.includes(value)).map(({ when }) => ({ when, must: false })),
  ];
}

function failingValue(
  { when, must }: { readonly when: When; readonly must: boolean },
  question: Question,
  known: Answers,
  provider: Provider,
): readonly string[] {
  if (must) return failing(when, question, known, provider);
  return holds(when, known) ? conditionsOf(when).map((one) => clash(question, one, known, provider)) : [];
}

function failing(when: When | undefined, question: Question, known: Answers, provider: Provider): readonly string[] {
  return conditionsOf(when)
    .filter((condition) => !holds(condition, known))
    .map((condition) => clash(question, condition, known, provider));
}

function clash(question: Question, { question: id }: Condition, known: Answers, provider: Provider): string {
  const side = (one: Question | undefined, name: string) => {
    if (one?.kind === 'confirm' || one?.kind === 'secret') return `--${name}`;
    // What only the wizard asks has no flag.
    return `${one?.wizardOnly === true ? '' : '--'}${name} ${firstIn(known[name])}`.trimEnd();
  };
  const other = id === 'mailbox-domain' ? 'account' : id;
  const isUnasked = questionOf(provider, other)?.kind === 'confirm' && firstIn(known[other]) !== 'yes';
  if (isUnasked) return `${side(question, question.id)} is only for a set-up with --${other}`;
  return `${side(question, question.id)} does not go with ${side(questionOf(provider, other), other)}`;
}

function sharing(provider: Provider, answers: Answers): readonly string[] {
  const type = firstIn(answers['client-type']);
  if ((type !== 'web' && type !== 'desktop') || provider.client.sharesRedirects[type]) return [];
  return isSharedClient(answers)
    ? [`--client-type ${type} does not go with --app-redirect-uri: only a web client has a place for it`]
    : [];
}
