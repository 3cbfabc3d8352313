import { randomUUID } from 'node:crypto';
import { explain } from '../../explain/explain.js';
import type { Outcome } from '../../explain/outcome.js';
import { MailauthError } from '../../explain/problem.js';
import type { Provider, Redirect } from '../../guide/provider.js';
import type { Answers } from '../../guide/step.js';
import { type ClientCredentials, discover, type Issuer } from '../../oauth/issuer.js';
import { type Network, openNetwork } from '../../system/network.js';
import type { Secret } from '../../words/secret.js';
import { contextOfAnswers, failureOf } from '../failure.js';
import { openStore } from '../open.js';
import { answersOf, CLIENT_SECRET, list, type Session, saveSession, text } from './session.js';

/** Where the redirect of a client type listens when nothing else is said; the flag may move it. */
export function redirectOf(session: Session): Redirect {
  const answers = answersOf(session);
  const type = text(answers, 'client-type') === 'web' ? 'web' : 'desktop';
  const redirect = session.provider.client.redirect[type];
  const port = text(answers, 'redirect-port');
  return port === undefined ? redirect : { ...redirect, port: Number(port), anyPort: false };
}

/** A store that was proven in an earlier run of this set-up is opened again when a later step needs it. */
export async function storeOf(session: Session): Promise<NonNullable<Session['store']>> {
  session.store ??= await openStore(session.world, session.storeChoice ?? { kind: 'keychain' });
  return session.store;
}

/** Opened once a run, with the account's extra certificate authority where it has one. */
export async function networkOf(session: Session): Promise<Network> {
  const ca = text(answersOf(session), 'ca');
  session.network ??= await openNetwork({
    env: session.world.env,
    ...(ca && { caFile: ca }),
    signal: session.world.signal,
    ...(session.world.trace && { trace: session.world.trace }),
  });
  return session.network;
}

/** The issuer's endpoints, asked for once a run; a foreign issuer is announced before any secret is sent to it. */
export async function issuerOf(session: Session): Promise<Issuer> {
  if (session.issuer !== undefined) return session.issuer;
  announceStrangers(session);
  const outcome = await discoverIssuer(session, answersOf(session));
  if (!outcome.ok) {
    const context = contextOfAnswers(session.provider, answersOf(session));
    throw failureOf(explain(outcome.evidence, context), outcome.evidence);
  }
  session.issuer = outcome.value;
  return outcome.value;
}

/** Whether there is an issuer for these answers. */
export async function discoverIssuer(session: Session, answers: Answers): Promise<Outcome<Issuer>> {
  const { provider, world } = session;
  return discover(issuerUrl(provider, answers), {
    network: await networkOf(session),
    allowedHosts: text(answers, 'issuer') === undefined ? provider.endpointHosts : [],
    signal: world.signal,
  });
}

function announceStrangers(session: Session): void {
  const { world, provider } = session;
  const answers = answersOf(session);
  if (text(answers, 'issuer') !== undefined && provider.issuer !== undefined) {
    const url = issuerUrl(provider, answers);
    world.interviewer.tell('warn', `signing in at ${url}, which is not ${provider.title}'s own address`);
  }
  for (const host of foreignMailHosts(session, answers)) {
    world.interviewer.tell(
      'warn',
      `the mail server ${host} is not ${provider.title}'s own; the sign-in's token will be sent to it`,
    );
  }
}

/** The provider's issuer or the given one, which may name the tenant's place as well: a cloud of its own does. */
function issuerTemplate(provider: Provider, answers: Answers): string {
  const issuer = text(answers, 'issuer') ?? provider.issuer;
  if (issuer === undefined) throw new MailauthError('missing_input', 'no issuer was given');
  return issuer;
}

function issuerUrl(provider: Provider, answers: Answers): string {
  return issuerTemplate(provider, answers).replaceAll('{tenant}', encodeURIComponent(text(answers, 'tenant') ?? ''));
}

/** The tenant, where the issuer that was asked belongs to it. */
export function tenantInIssuer(session: Session): string | undefined {
  const answers = answersOf(session);
  return issuerTemplate(session.provider, answers).includes('{tenant}') ? text(answers, 'tenant') : undefined;
}

function foreignMailHosts(session: Session, answers: Answers): readonly string[] {
  const { mailHosts } = session.provider;
  if (mailHosts.length === 0) return [];
  const hosts = ['smtp-host', 'imap-host'].flatMap((question) => list(answers, question));
  return [...new Set(hosts)].filter((host) => !mailHosts.includes(host));
}

export async function clientOf(session: Session): Promise<ClientCredentials> {
  const answers = answersOf(session);
  const clientId = text(answers, 'client-id');
  if (clientId === undefined) throw new MailauthError('missing_input', 'no client ID was given');
  const store = await storeOf(session);
  const isSecret = session.provider.client.secret[text(answers, 'client-type') === 'web' ? 'web' : 'desktop'];
  const id = isSecret ? (session.secrets[CLIENT_SECRET] ?? session.client?.secretCredential) : undefined;
  const clientSecret = id === undefined ? undefined : await store.get(id);
  return { clientId, ...(clientSecret && { clientSecret }) };
}

/** Puts a secret into the store, or lets it wait until there is one, under a random id; notes the id in the unfinished set-up first, so that nothing is orphaned. */
export async function keepSecret(session: Session, question: string, secret: Secret): Promise<void> {
  if (session.store === undefined && session.storeChoice === undefined) {
    session.waiting = { ...session.waiting, [question]: secret };
    return;
  }
  const id = session.secrets[question] ?? randomUUID();
  session.secrets = { ...session.secrets, [question]: id };
  await saveSession(session);
  const store = await storeOf(session);
  await store.set(id, secret);
}
