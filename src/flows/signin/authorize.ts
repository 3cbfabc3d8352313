import type { Account, Endpoints } from '../../account/account.js';
import type { Client } from '../../account/client.js';
import { renewed } from '../../account/credential.js';
import type { Grant } from '../../account/grant.js';
import { withoutLoginUsers } from '../../account/login-user.js';
import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import type { Provider, Redirect } from '../../guide/provider.js';
import { discover, type Issuer } from '../../oauth/issuer.js';
import { changeConfiguration } from '../../store/accounts.js';
import type { SecretStore } from '../../store/store.js';
import { type Network, openNetwork } from '../../system/network.js';
import type { Secret } from '../../words/secret.js';
import { signInEndOf } from '../dates.js';
import { contextOf, failureOf } from '../failure.js';
import { withAccountLock } from '../lock.js';
import { openStore, readClientSecret, saveCredential } from '../open.js';
import type { World } from '../world.js';
import { type SignInRequest, signIn } from './browser.js';
import type { AcceptedGrant } from './judge-grant.js';
import { proveOwnership } from './prove-ownership.js';

export interface Subject {
  readonly provider: Provider;
  readonly account: Account;
  readonly client: Client;
}

/** An account's own store and network; the store is proven before anything secret exists. */
export interface Opened {
  readonly store: SecretStore;
  readonly network: Network;
}

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
  reach: (request: SignInRequest, opened: Opened) => Promise<AcceptedGrant>,
): Promise<Account> {
  return withOpened(world, subject, async (opened) => {
    const { provider, account, client } = subject;
    const clientSecret = await readClientSecret(opened.store, client);
    const issuer = await discoverAgain(world, subject, opened.network);
    const accepted = await reach(requestFor(subject, issuer, clientSecret), opened);
    if (!accepted.identified) {
      const { trust } = opened.network;
      await proveOwnership(world, accepted, { ...account, trust, context: contextOf(provider, account, client) });
    }
    return storeSignIn(world, account, opened.store, { ...accepted, endpoints: issuer.endpoints });
  });
}

export async function withOpened<T>(
  world: World,
  { account }: Subject,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const network = await openAccountNetwork(world, account);
  try {
    const store = await openStore(world, account.store);
    await store.prove();
    return await work({ store, network });
  } finally {
    await network.close();
  }
}

export function openAccountNetwork(world: World, account: Account): Promise<Network> {
  return openNetwork({
    env: world.env,
    ...(account.ca && { caFile: account.ca }),
    ...(world.trace && { trace: world.trace }),
    signal: world.signal,
  });
}

/** The account's issuer, asked again: endpoints may have moved since the account was set up. */
export async function discoverAgain(world: World, subject: Subject, network: Network): Promise<Issuer> {
  const { provider, account, client } = subject;
  const own = ownIssuer(subject);
  const outcome = await discover(own ?? account.endpoints.issuer, {
    network,
    allowedHosts: own === undefined ? [] : provider.endpointHosts,
    signal: world.signal,
  });
  if (!outcome.ok) throw failureOf(explain(outcome.evidence, contextOf(provider, account, client)), outcome.evidence);
  return outcome.value;
}

/** The provider's own issuer, or undefined for an account that signs in somewhere else. */
export function ownIssuer({ provider, account, client }: Subject): string | undefined {
  const own = provider.issuer?.replaceAll('{tenant}', encodeURIComponent(client.tenant ?? ''));
  return own !== undefined && new URL(own).origin === new URL(account.endpoints.issuer).origin ? own : undefined;
}

/** A sign-in request for what the account already knows. */
function requestFor(subject: Subject, issuer: Issuer, clientSecret: Secret | undefined): SignInRequest {
  const { provider, account, client } = subject;
  const again = `mailauth authorize ${account.name}`;
  const hasDevice = provider.deviceGrant && issuer.endpoints.deviceAuthorization !== undefined;
  return {
    provider,
    issuer,
    client: { clientId: client.clientId, ...(clientSecret && { clientSecret }) },
    redirect: storedRedirect(provider, client),
    scopes: account.scopes,
    address: account.address,
    ...(account.authUser && { authUser: account.authUser }),
    answers: { ...contextOf(provider, account, client).answers, 'stored-account': 'yes' },
    otherWays: { begin: `${again} --begin`, ...(hasDevice && { device: `${again} --device` }) },
  };
}

/** The redirect URI that was registered, with the freedom of its port that the provider's rules give it. */
export function storedRedirect(provider: Provider, client: Client): Redirect {
  const redirect = provider.client.redirect[client.clientType];
  if (redirect.port === 0) return redirect;
  const registered = new URL(client.redirectUri);
  return { ...redirect, port: Number(registered.port), path: registered.pathname };
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
  const unfinished = new Set<string>();
  const { accounts } = await changeConfiguration(world.configDir, (configuration) => ({
    ...configuration,
    accounts: configuration.accounts.map((other) => {
      if (other.name !== account.name) return other;
      const { signInEnds: _ends, authUser, begun, ...rest } = other;
      if (begun !== undefined) unfinished.add(begun.credential);
      const isSamePerson = authUser === accepted.authUser && other.address === accepted.address;
      return {
        ...(isSamePerson ? rest : withoutLoginUsers(rest)),
        address: accepted.address,
        ...(accepted.authUser && { authUser: accepted.authUser }),
        endpoints: { ...endpoints, issuer: grant.identity?.issuer ?? endpoints.issuer },
        signedIn: now.toISOString(),
        ...(ends && { signInEnds: ends }),
      };
    }),
  }));
  for (const credential of unfinished) await store.delete(credential);
  const kept = accounts.find((other) => other.name === account.name && other.credential === account.credential);
  if (kept !== undefined) return kept;
  await store.delete(account.credential);
  throw new MailauthError('no_such_account', `${account.name} was removed while somebody signed in to it`, {
    fix: [{ text: 'set it up again', command: `mailauth setup ${account.provider}` }],
  });
}
