import { flagOf } from '../guide/plan.js';
import type { Provider } from '../guide/provider.js';
import type { Question } from '../guide/step.js';
import { providers } from '../providers/directory.js';
import type { CommandSpec, OptionSpec } from './command-table.js';

/** A flag for every question, whichever provider asks it; none for a command that takes no answers. */
export function answerOptions(spec: CommandSpec): readonly OptionSpec[] {
  if (spec.takesAnswers !== true) return [];
  return askableQuestions().map((question) => {
    const askers = providers.filter((provider) => isAskedBy(provider, question));
    return {
      flags:
        question.kind === 'confirm' ? flagOf(question) : `${flagOf(question)} <${question.placeholder ?? 'VALUE'}>`,
      help:
        askers.length === providers.length
          ? question.label
          : `${question.label} (${askers.map(({ id }) => id).join(', ')})`,
      ...(question.repeatable === true && { repeatable: true }),
    };
  });
}

/** Every question that has a flag, once; where providers word it differently, as the first of them does. */
export function askableQuestions(): readonly Question[] {
  const byId = new Map<string, Question>();
  for (const provider of providers) {
    for (const question of provider.questions) {
      if (question.wizardOnly !== true && !byId.has(question.id)) byId.set(question.id, question);
    }
  }
  return [...byId.values()];
}

function isAskedBy({ questions }: Provider, { id }: Question): boolean {
  return questions.some((question) => question.id === id && question.wizardOnly !== true);
}
