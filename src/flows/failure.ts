import type { Account } from '../account/account.js';
import type { Client } from '../account/client.js';
import type { Check } from '../explain/check.js';
import type { Evidence } from '../explain/evidence.js';
import { type ExplainContext, type Explanation, explain } from '../explain/explain.js';
import { MailauthError } from '../explain/problem.js';
import type { Provider } from '../guide/provider.js';
import type { Answers } from '../guide/step.js';
import { sanitise } from '../words/sanitise.js';

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

/** A failure of the outside world as the one error class. */
export function failureOf(explanation: Explanation, evidence?: Evidence): MailauthError {
  return new MailauthError(explanation.code, explanation.message, {
    fix: explanation.fix,
    who: explanation.who,
    ...(evidence && { evidence }),
    ...(explanation.server !== undefined && { server: explanation.server }),
    ...(explanation.detail !== undefined && { detail: explanation.detail }),
    ...(explanation.settles && { settles: true }),
  });
}

export function failureFrom(evidence: Evidence, context: ExplainContext): MailauthError {
  return failureOf(explain(evidence, context), evidence);
}

/** An error of ours in the shape the renderers know. */
export function explanationOf(error: MailauthError): Explanation {
  return {
    code: error.code,
    message: error.message,
    who: error.who,
    fix: error.fix,
    exit: error.exit,
    retryable: error.exit === 75,
    ...(error.server !== undefined && { server: error.server }),
    ...(error.detail !== undefined && { detail: error.detail }),
    ...(error.settles && { settles: true }),
  };
}

/** The failing line of a check. */
export function failedCheck(id: Check['id'], explanation: Explanation, more: Partial<Check> = {}): Check {
  return {
    id,
    status: 'fail',
    code: explanation.code,
    retryable: explanation.retryable,
    who: explanation.who,
    message: explanation.message,
    fix: explanation.fix,
    ...(explanation.server !== undefined && { server: sanitise(explanation.server) }),
    ...(explanation.detail !== undefined && { detail: sanitise(explanation.detail) }),
    ...more,
  };
}
