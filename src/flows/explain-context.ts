import type { Account } from '../account/account.js';
import type { Client } from '../account/client.js';
import type { ExplainContext } from '../explain/context.js';
import { complete } from '../guide/plan.js';
import type { Provider } from '../guide/provider.js';
import type { Answers } from '../guide/step.js';
import { answersFrom } from '../guide/stored-answers.js';

/** What a diagnosis may mention of an account: nothing secret. */
export function contextOf(provider: Provider, account: Account, client: Client): ExplainContext {
  const stored = { ...answersFrom(account, client, provider), 'redirect-uri': client.redirectUri };
  return contextOfAnswers(provider, { ...complete(provider, stored), 'stored-account': 'yes' });
}

/** The same from answers: those of a set-up, or the ones an account would give (`stored-account` is then `yes`). */
export function contextOfAnswers(provider: Provider, answers: Answers): ExplainContext {
  const plain = Object.entries(answers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const unfinished = answers['stored-account'] !== 'yes';
  return { provider, unfinished, answers: { ...Object.fromEntries(plain), name: nameIn(answers, provider) } };
}

function nameIn(answers: Answers, provider: Provider): string {
  const name = answers['name'];
  return typeof name === 'string' ? name : provider.id;
}
