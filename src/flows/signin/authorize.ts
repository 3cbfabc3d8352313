import type { Account, Endpoints } from '../../account/account.js';
import { renewed } from '../../account/credential.js';
import type { Grant } from '../../account/grant.js';
import { withoutLoginUsers } from '../../account/login-user.js';
import { MailauthError } from '../../explain/problem.js';
import { changeAccount } from '../../store/accounts.js';
import type { SecretStore } from '../../store/store.js';
import type { Secret } from '../../words/secret.js';
import { signInEndOf } from '../dates.js';
import { contextOf } from '../explain-context.js';
import { withAccountLock } from '../lock.js';
import { saveCredential } from '../open.js';
import { atWorkbench, type Subject, type Workbench } from '../workbench.js';
import type { World } from '../world.js';
import { otherWaysOf, type SignInRequest, signIn } from './browser.js';
import type { AcceptedGrant } from './judge-grant.js';
import { proveOwnership } from './prove-ownership.js';

/**
 * Signs in again with the stored client and redirect URI: the guide's Authorise button. The new sign-in replaces the
 * old one only when it is the right person's and covers the mailbox.
 */
export function authorize(world: World, subject: Subject): Promise<Account> {
  return replaceSignIn(world, subject, (request) => signIn(world, request));
}

/** The same for every way of signing in: `reach` brings the grant, everything before and after it is shared. */
export function replaceSignIn(
  world: World,
  subject: Subject,
  reach: (request: SignInRequest, store: SecretStore) => Promise<AcceptedGrant>,
): Promise<Account> {
  return atWorkbench(world, subject, async (bench) => {
    const { provider, account, client } = subject;
    const store = await provenStore(bench);
    const request = await requestFor(subject, bench);
    const accepted = await reach(request, store);
    if (!accepted.identified) {
      const { trust } = await bench.network();
      await proveOwnership(world, accepted, { ...account, trust, context: contextOf(provider, account, client) });
    }
    return storeSignIn(world, account, store, { ...accepted, endpoints: request.issuer.endpoints });
  });
}

/** A store that cannot be written is found out before anything secret exists. */
export async function provenStore(bench: Workbench): Promise<SecretStore> {
  const store = await bench.store();
  await store.prove(true);
  return store;
}

/** A sign-in request for what the account already knows. */
export async function requestFor(subject: Subject, bench: Workbench): Promise<SignInRequest> {
  const { provider, account, client } = subject;
  const credentials = await bench.client();
  const issuer = await bench.issuer();
  return {
    provider,
    issuer,
    client: credentials,
    redirect: bench.redirect(),
    scopes: account.scopes,
    address: account.address,
    ...(account.authUser && { authUser: account.authUser }),
    answers: { ...contextOf(provider, account, client).answers, 'stored-account': 'yes' },
    otherWays: otherWaysOf(provider, issuer, `mailauth authorize ${account.name}`),
  };
}

/** A grant, and the endpoints it came from: from now on it is refreshed there. */
interface AcceptedAt extends AcceptedGrant {
  readonly endpoints: Endpoints;
}

/** Under the lock of the refresh, so that a refresh of the old sign-in cannot be saved over the new one. */
async function storeSignIn(world: World, account: Account, store: SecretStore, accepted: AcceptedAt): Promise<Account> {
  return withAccountLock(world, account, async (held) => {
    const now = world.now();
    const credential = renewed(
      { refreshToken: refreshTokenOf(accepted.grant), generation: now.getTime() },
      accepted.grant,
      now,
    );
    await held.assertHeld();
    await saveCredential(store, account, credential);
    return keepSignIn(world, account, store, accepted);
  });
}

function refreshTokenOf(grant: Grant): Secret {
  if (grant.refreshToken === undefined) throw new Error('a sign-in without a refresh token was accepted');
  return grant.refreshToken;
}

/** What the record says of a sign-in is replaced; a sign-in that was only begun is settled by this one. */
async function keepSignIn(world: World, account: Account, store: SecretStore, accepted: AcceptedAt): Promise<Account> {
  const now = world.now();
  const { endpoints, grant } = accepted;
  const ends = signInEndOf(grant, now);
  let settled: string | undefined;
  const kept = await changeAccount(world.configDir, account.credential, (current) => {
    const { signInEnds: _ends, authUser, begun, ...rest } = current;
    settled = begun?.credential;
    const isSamePerson = authUser === accepted.authUser && current.address === accepted.address;
    return {
      ...(isSamePerson ? rest : withoutLoginUsers(rest)),
      address: accepted.address,
      ...(accepted.authUser && { authUser: accepted.authUser }),
      endpoints: { ...endpoints, issuer: grant.identity?.issuer ?? endpoints.issuer },
      signedIn: now.toISOString(),
      ...(ends && { signInEnds: ends }),
    };
  });
  if (settled !== undefined) await store.delete(settled);
  if (kept !== undefined) return kept;
  await store.delete(account.credential);
  throw new MailauthError('no_such_account', `${account.name} was removed while somebody signed in to it`, {
    fix: [{ text: 'set it up again', command: `mailauth setup ${account.provider}` }],
  });
}
