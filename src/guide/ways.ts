/** Which answers make a guide another one, so that whoever prints it, or the command for it, names them. */
import { complete, conditionsOf, isApp } from './plan.js';
import type { Provider } from './provider.js';
import type { Answers, Question } from './step.js';

/** The questions with a flag that decide what is to be done. */
export function decisionsOf(provider: Provider, answers: Answers): readonly Question[] {
  const conditions = provider.steps
    .flatMap(({ when, instructions }) => [
      when,
      ...instructions.flatMap((one) => [one.when, ...(one.values ?? []).map((value) => value.when)]),
    ])
    .flatMap(conditionsOf);
  // The guide for an app is another one altogether, and has no ways of its own.
  const deciding = isApp(provider, answers) ? [] : conditions.map(({ question }) => question);
  return provider.questions.filter(
    ({ id, kind, wizardOnly }) =>
      kind === 'choice' && wizardOnly !== true && (id === 'sign-in' || deciding.includes(id)),
  );
}

/** The answers without which `guide` would show another guide than the one for all of them. */
export function answersOfGuide(provider: Provider, answers: Answers): Answers {
  const named: Record<string, string> = {};
  for (const id of [provider.variants?.question ?? '', ...decisionsOf(provider, answers).map((one) => one.id)]) {
    const answer = answers[id];
    if (typeof answer !== 'string' || answer === '' || complete(provider, { ...named })[id] === answer) continue;
    named[id] = answer;
  }
  return named;
}
