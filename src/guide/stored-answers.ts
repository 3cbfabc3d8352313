/** What is stored, as the answers that would bring it again: a set-up that is done again begins with them. */
import type { Account } from '../account/account.js';
import { type Answers, list } from '../account/answers.js';
import type { Client } from '../account/client.js';
import { answersOf, type OwnField, type Usual } from '../account/record.js';
import { protocols } from '../words/protocol.js';
import { complete } from './plan.js';
import type { Provider } from './provider.js';

/** The answers that would make this account again, and register its client. */
export function answersFrom(account: Account, client: Client, provider: Provider): Answers {
  const answers = { ...answersOf('account', account, rulesOf(provider, client)), ...clientAnswers(client, provider) };
  const { scope, ...others } = answers;
  return areUsual(account.scopes, list(complete(provider, others), 'scopes'), provider) ? others : answers;
}

/**
 * Scopes that follow from the other answers go on following from them. So do those of a protocol that is no longer used:
 * who signed in for it need not sign in again.
 */
function areUsual(scopes: readonly string[], following: readonly string[], provider: Provider): boolean {
  const usual = [...following, ...provider.scopes.identity, ...protocols.flatMap((one) => provider.scopes[one])];
  return following.every((scope) => scopes.includes(scope)) && scopes.every((scope) => usual.includes(scope));
}

/** The answers that would register this client again. */
export function clientAnswers(client: Client, provider: Provider): Answers {
  return answersOf('client', client, rulesOf(provider, client));
}

function rulesOf(provider: Provider, client: Client): { readonly own: readonly OwnField[]; readonly usual: Usual } {
  const issuer = provider.issuer?.replaceAll(/\{[^{}]*\}/g, 'any');
  return {
    own: provider.ownFields,
    usual: {
      issuerOrigin: issuer && new URL(issuer).origin,
      redirect: provider.client.redirect[client.clientType],
    },
  };
}
