/**
 * What work on a mailbox needs: store, network, issuer, redirect URI and client. Each is opened when it is first asked
 * for, with what is known by then, and all are closed together. Set-up, authorize, check, token and remove work at the
 * same one; they differ in where its facts come from, and in whom they ask.
 */
import type { Account, StoreChoice } from '../account/account.js';
import type { Client } from '../account/client.js';
import { endpointHosts, ownField } from '../account/record.js';
import type { Evidence } from '../explain/evidence.js';
import { explain } from '../explain/explain.js';
import { MailauthError, type Problem } from '../explain/problem.js';
import { LOOPBACK_HOSTS, type Provider, type Redirect } from '../guide/provider.js';
import type { ClientCredentials, SecretMethod } from '../oauth/client-authentication.js';
import type { Issuer } from '../oauth/issuer.js';
import type { SecretStore } from '../store/store.js';
import type { Deadlines, Network } from '../system/network.js';
import { withoutBrackets } from '../words/host.js';
import { openStore, readClient, storeOf } from './open.js';
import type { OpenClient } from './token/wish.js';
import type { World } from './world.js';

/** An account with everything its record refers to. */
export interface Subject {
  readonly provider: Provider;
  readonly account: Account;
  readonly client: Client;
}

/** Where an authorization server is found, and the hosts that its endpoints may have besides its own. */
export interface IssuerAddress {
  readonly url: string;
  readonly allowedHosts: readonly string[];
  /** The one way in which a client's secret is sent there, where it is known. */
  readonly secretMethod: SecretMethod | undefined;
  /** The metadata of an issuer that publishes none. */
  readonly metadata?: Provider['metadata'] | undefined;
}

/** The facts a workbench goes by. They are asked for at each use, because the answers of a set-up may still change. */
export interface Facts {
  store(): StoreChoice;
  /** PEM file trusted in addition. */
  caFile(): string | undefined;
  issuer(): IssuerAddress;
  redirect(): Redirect;
  client(): OpenClient;
  /** What a failure means for this mailbox. Only then what the guide knows of it is loaded. */
  explain(evidence: Evidence): Promise<Problem>;
  /** The command that enters a client secret again. */
  readonly renewal: string;
  /** The command of the set-up, to which a flag may be added. */
  readonly setup: string;
  /** Hears that a person lets endpoints be on these hosts too. */
  allowed?(hosts: readonly string[]): void;
}

export interface Workbench {
  store(): Promise<SecretStore>;
  /** Never cut off by a signal of its own: a refresh token that is on its way is to be answered. */
  network(): Promise<Network>;
  /** @throws MailauthError what the issuer's answer means, where it is none */
  issuer(): Promise<Issuer>;
  redirect(): Redirect;
  /** @throws MailauthError client_secret_wrong: the store no longer holds the secret */
  client(): Promise<ClientCredentials>;
  close(): Promise<void>;
}

export function openWorkbench(world: World, facts: Facts, networks = openNetworks(world)): Workbench {
  const issuers = new Map<string, Promise<Issuer>>();
  const bench: Workbench = {
    store: () => openStore(world, facts.store()),
    network: () => networks.trusting(facts.caFile()),
    issuer() {
      const address = facts.issuer();
      const keyNow = () => JSON.stringify([{ ...facts.issuer(), url: address.url }, facts.caFile()]);
      const asked = remembered(issuers, keyNow(), async () => {
        const issuer = await askIssuer(world, facts, address, await bench.network());
        // With the hosts that a person has just allowed it is the same one.
        issuers.set(keyNow(), asked);
        return issuer;
      });
      return asked;
    },
    redirect: () => facts.redirect(),
    client: async () => readClient(await bench.store(), facts.client(), facts.renewal),
    close: () => networks.close(),
  };
  return bench;
}

/** The workbench of an account, from what is recorded. */
function workbenchOf(world: World, subject: Subject, networks?: Networks): Workbench {
  return openWorkbench(world, factsOf(world, subject), networks);
}

/** Opens the workbench of an account for some work, and closes it whatever comes of that. */
export async function atWorkbench<T>(world: World, subject: Subject, work: (bench: Workbench) => Promise<T>) {
  const bench = workbenchOf(world, subject);
  try {
    return await work(bench);
  } finally {
    await bench.close();
  }
}

function factsOf(world: World, subject: Subject): Facts {
  const { provider, account, client } = subject;
  return {
    store: () => storeOf(world, account),
    caFile: () => account.ca,
    issuer: () => issuerOf(subject),
    redirect: () => registeredRedirect(subject),
    client: () => client,
    async explain(evidence) {
      const { contextOf } = await import('./explain-context.js');
      return explain(evidence, contextOf(provider, account, client));
    },
    renewal: `mailauth setup ${account.name} --from-step ${provider.secretStep}`,
    setup: `mailauth setup ${account.name}`,
  };
}

/**
 * The account's issuer is asked again at each sign-in: endpoints may have moved since it was set up. The hosts that were
 * allowed then are those that the account keeps.
 */
function issuerOf(subject: Subject): IssuerAddress {
  const { provider, account } = subject;
  const allowed = endpointHosts(account.endpoints);
  const { secretMethod } = provider.client;
  const own = ownIssuer(subject);
  return own === undefined
    ? { url: account.endpoints.issuer, allowedHosts: allowed, secretMethod }
    : {
        url: own,
        allowedHosts: [...provider.endpointHosts, ...allowed],
        secretMethod,
        metadata: provider.metadata,
      };
}

/** The provider's own issuer, or undefined for an account that signs in somewhere else. */
export function ownIssuer({ provider, account, client }: Subject): string | undefined {
  const own = provider.issuer?.replaceAll('{tenant}', encodeURIComponent(ownField(client, 'tenant') ?? ''));
  return own !== undefined && new URL(own).origin === new URL(account.endpoints.issuer).origin ? own : undefined;
}

/** The redirect URI that was registered, with the freedom of its port that the provider's rules give it. */
function registeredRedirect({ provider, client }: Subject): Redirect {
  const redirect = provider.client.redirect[client.clientType];
  if (redirect.port === 0) return redirect;
  const registered = new URL(client.redirectUri);
  const host = LOOPBACK_HOSTS.find((one) => one === withoutBrackets(registered.hostname)) ?? redirect.host;
  return { ...redirect, host, port: Number(registered.port), path: registered.pathname };
}

async function askIssuer(world: World, facts: Facts, address: IssuerAddress, network: Network): Promise<Issuer> {
  const { discover } = await import('../oauth/issuer.js');
  const { url, ...known } = address;
  const allow = async (hosts: readonly string[]): Promise<void> => {
    await allowHosts(world, url, hosts, facts.setup);
    facts.allowed?.(hosts);
  };
  const wait = { what: `the answer of ${address.url}`, seconds: 35 };
  const fetch: Network['fetch'] = (...request) => world.interviewer.waitFor(wait, network.fetch(...request));
  const outcome = await discover(url, { network, fetch, ...known, allow, signal: world.signal });
  if (outcome.ok) return outcome.value;
  throw MailauthError.of(await facts.explain(outcome.evidence));
}

/**
 * Whoever runs an endpoint sees codes, tokens and the client secret. A document may name another host in good faith;
 * a person decides, and a script has decided beforehand.
 *
 * @throws MailauthError bad_input: the hosts are not allowed
 */
async function allowHosts(world: World, issuer: string, hosts: readonly string[], setup: string): Promise<void> {
  const { host } = new URL(issuer);
  const refused = new MailauthError('bad_input', `${host} has endpoints on another host: ${hosts.join(', ')}`, {
    who: 'you',
    fix: [
      {
        text: `ask whoever runs ${host} whether they belong to it; if so, allow them`,
        command: `${setup} ${hosts.map((one) => `--endpoint-host ${one}`).join(' ')}`,
      },
    ],
  });
  const choice = await world.interviewer.choose(
    `${host} says that sign-ins go to another host: ${hosts.join(', ')}. Whoever runs it will see the client secret and the tokens. Does it belong to ${host}?`,
    [
      { value: 'no', label: `no, or I do not know: nothing is sent there` },
      { value: 'yes', label: 'yes, use it' },
    ],
    refused,
  );
  if (choice === 'no') throw refused;
}

/** One network for each set of trusted authorities, however many accounts share it. */
export interface Networks {
  trusting(caFile: string | undefined): Promise<Network>;
  close(): Promise<void>;
}

export function openNetworks(world: World, deadlines?: Partial<Deadlines>): Networks {
  const opened = new Map<string, Promise<Network>>();
  return {
    trusting: (caFile = '') =>
      remembered(opened, caFile, async () => {
        const { openNetwork } = await import('../system/network.js');
        return openNetwork({
          env: world.env,
          ...(caFile !== '' && { caFile }),
          ...(world.trace && { trace: world.trace }),
          ...(deadlines && { deadlines }),
          reading: world.signal,
        });
      }),
    async close() {
      const networks = await Promise.allSettled(opened.values());
      await Promise.all(networks.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
    },
  };
}

/** Made once; what failed is made anew the next time. */
function remembered<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const before = made.get(key);
  if (before !== undefined) return before;
  const making = make();
  made.set(key, making);
  making.catch(() => made.delete(key));
  return making;
}
