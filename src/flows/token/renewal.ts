/** How an account comes by its next access token, and what that uses up. */
import type { Credential } from '../../account/credential.js';
import type { Grant } from '../../account/grant.js';
import type { Outcome } from '../../explain/outcome.js';
import { MailauthError } from '../../explain/problem.js';
import type { ClientCredentials } from '../../oauth/client-authentication.js';
import type { Network } from '../../system/network.js';
import type { Secret } from '../../words/secret.js';
import { readClient, secretRenewal } from '../open.js';
import type { OpenAccount } from './wish.js';

export interface Renewal {
  /** A refresh token, which may be taken once only: then its successor is all there is. */
  readonly spends?: Secret;
  ask(options: { readonly network: Network; readonly signal: AbortSignal }): Promise<Outcome<Grant>>;
}

/** A refresh token is sent where there is one (RFC 6749 section 6); an app asks with what its client has. */
export async function renewalOf(open: OpenAccount, { refreshToken }: Credential): Promise<Renewal> {
  const client = await readClient(open.store, open.client, secretRenewal(open.account, open.client));
  const { endpoints } = open.account;
  if (client.app !== undefined) return { ask: (options) => mintFor(open, client, options) };
  if (refreshToken === undefined) throw lostSignIn(open);
  return {
    spends: refreshToken,
    async ask(options) {
      const { refresh } = await import('../../oauth/tokens.js');
      return refresh(endpoints, client, refreshToken, options);
    },
  };
}

function lostSignIn({ store, account: { name } }: OpenAccount): MailauthError {
  return new MailauthError('signin_required', `${store.describe()} no longer holds the sign-in of ${name}`, {
    fix: [{ text: 'sign in again', command: `mailauth authorize ${name}`, goesOn: true }],
  });
}

async function mintFor(
  { account }: OpenAccount,
  client: ClientCredentials,
  options: Parameters<Renewal['ask']>[0],
): Promise<Outcome<Grant>> {
  const { mint } = await import('../../oauth/tokens.js');
  const { endpoints, scopes, address, authUser = address } = account;
  return mint(endpoints, client, { scopes, subject: authUser }, options);
}
