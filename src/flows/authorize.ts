import type { Account, Client } from '../core/account.js';
import { explain } from '../core/explain.js';
import type { Provider, Redirect } from '../core/provider.js';
import { discover, type Issuer } from '../oauth/issuer.js';
import { changeConfiguration } from '../store/accounts.js';
import { type Network, openNetwork } from '../system/network.js';
import { signInEndOf } from './dates.js';
import { contextOf, failureOf } from './failure.js';
import { renewed } from './fresh-token.js';
import { type SignInRequest, signIn } from './signin.js';
import { openStore, readClientSecret, saveCredential } from './vault.js';
import type { World } from './world.js';

export interface Subject {
  readonly provider: Provider;
  readonly account: Account;
  readonly client: Client;
}

/**
 * Signs in again with the stored client and redirect URI: the guide's Authorise button. The new sign-in replaces the
 * old one only when it is the right person's and covers the mailbox.
 */
export async function authorize(world: World, subject: Subject): Promise<Account> {
  const { account, client } = subject;
  const network = await openAccountNetwork(world, account);
  try {
    const store = await openStore(world, account.store);
    await store.prove();
    const clientSecret = await readClientSecret(store, client);
    const signedIn = await signIn(world, {
      ...requestFor(subject, await discoverAgain(world, subject, network)),
      client: { clientId: client.clientId, ...(clientSecret && { clientSecret }) },
    });
    const now = world.now();
    await saveCredential(
      store,
      account,
      renewed(
        {
          refreshToken: signedIn.grant.refreshToken as NonNullable<typeof signedIn.grant.refreshToken>,
          generation: now.getTime(),
        },
        signedIn.grant,
        now,
      ),
    );
    return await keepSignIn(world, account, { ...signedIn, ends: signInEndOf(signedIn.grant, now) });
  } finally {
    await network.close();
  }
}

export function openAccountNetwork(world: World, account: Account): Promise<Network> {
  return openNetwork({ env: world.env, ...(account.ca && { caFile: account.ca }), signal: world.signal });
}

/** The account's issuer, asked again: endpoints may have moved since the account was set up. */
export async function discoverAgain(world: World, subject: Subject, network: Network): Promise<Issuer> {
  const { provider, account, client } = subject;
  const own = provider.issuer?.replaceAll('{tenant}', encodeURIComponent(client.tenant ?? ''));
  const ours = own !== undefined && new URL(own).origin === new URL(account.endpoints.issuer).origin;
  const outcome = await discover(ours ? own : account.endpoints.issuer, {
    network,
    allowedHosts: ours ? provider.endpointHosts : [],
    signal: world.signal,
  });
  if (!outcome.ok) throw failureOf(explain(outcome.evidence, contextOf(provider, account, client)), outcome.evidence);
  return outcome.value;
}

/** Everything of a sign-in request that the account already knows. */
export function requestFor(subject: Subject, issuer: Issuer): Omit<SignInRequest, 'client'> {
  const { provider, account, client } = subject;
  return {
    provider,
    issuer,
    redirect: storedRedirect(provider, client),
    scopes: account.scopes,
    address: account.address,
    ...(account.authUser && { authUser: account.authUser }),
    answers: {
      name: account.name,
      account: account.address,
      'client-id': client.clientId,
      'redirect-uri': client.redirectUri,
      ...(client.tenant && { tenant: client.tenant }),
      ...(client.project && { project: client.project }),
    },
  };
}

/** The redirect URI that was registered, with the freedom of its port that the provider's rules give it. */
function storedRedirect(provider: Provider, client: Client): Redirect {
  const redirect = provider.client.redirect[client.clientType];
  if (redirect.port === 0) return redirect;
  const registered = new URL(client.redirectUri);
  return { ...redirect, port: Number(registered.port), path: registered.pathname };
}

async function keepSignIn(
  world: World,
  account: Account,
  signedIn: { readonly address: string; readonly authUser?: string; readonly ends: string | undefined },
): Promise<Account> {
  const { signInEnds: _, ...rest } = account;
  const renewedAccount: Account = {
    ...rest,
    address: signedIn.address,
    ...(signedIn.authUser && { authUser: signedIn.authUser }),
    signedIn: world.now().toISOString(),
    ...(signedIn.ends && { signInEnds: signedIn.ends }),
  };
  await changeConfiguration(world.configDir, (configuration) => ({
    ...configuration,
    accounts: configuration.accounts.map((other) => (other.name === account.name ? renewedAccount : other)),
  }));
  return renewedAccount;
}
