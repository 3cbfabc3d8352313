import type { Account } from '../account/account.js';
import type { Client } from '../account/client.js';
import type { ExplainContext } from '../explain/explain.js';
import type { Provider } from '../guide/provider.js';
import type { Answers } from '../guide/step.js';

/** What a diagnosis may mention of an account: nothing secret. */
export function contextOf(provider: Provider, account: Account, client: Client): ExplainContext {
  return {
    provider,
    answers: {
      name: account.name,
      account: account.address,
      ...(account.authUser && { 'auth-user': account.authUser }),
      'client-id': client.clientId,
      ...(client.tenant && { tenant: client.tenant }),
      ...(client.tenant && !provider.sharedTenants?.includes(client.tenant) && { directory: client.tenant }),
      ...(client.project && { project: client.project }),
      'redirect-uri': client.redirectUri,
      'app-name': client.appName,
    },
  };
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
