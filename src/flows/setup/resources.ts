import { randomUUID } from 'node:crypto';
import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import type { Provider, Redirect } from '../../guide/provider.js';
import type { Answers } from '../../guide/step.js';
import { discover, type Issuer } from '../../oauth/issuer.js';
import { protocols, serverQuestions } from '../../words/protocol.js';
import type { Secret } from '../../words/secret.js';
import { contextOfAnswers } from '../failure.js';
import { type IssuerAddress, type KnownClient, openWorkbench, type Workbench } from '../workbench.js';
import { answersOf, CLIENT_SECRET, list, type Session, saveSession, text } from './session.js';

/** The workbench of a set-up, from its answers as they are at each use. */
export function openSetupBench(session: Session): Workbench {
  const answers = (): Answers => answersOf(session);
  return openWorkbench(session.world, {
    store: () => session.storeChoice ?? { kind: 'keychain' },
    caFile: () => text(answers(), 'ca'),
    issuer: () => issuerAddress(session.provider, answers()),
    redirect: () => redirectFrom(session.provider, answers()),
    client: () => knownClient(session),
    explain: async (evidence) => explain(evidence, contextOfAnswers(session.provider, answers())),
    renewal: `mailauth setup ${session.provider.id}`,
    setup: `mailauth setup ${session.provider.id}`,
  });
}

/** Where the redirect of a client type listens when nothing else is said; the flag may move it. */
function redirectFrom(provider: Provider, answers: Answers): Redirect {
  const type = text(answers, 'client-type') === 'web' ? 'web' : 'desktop';
  const redirect = provider.client.redirect[type];
  const port = text(answers, 'redirect-port');
  return port === undefined ? redirect : { ...redirect, port: Number(port), anyPort: false };
}

/** The issuer's endpoints; a foreign issuer is announced before any secret is sent to it. */
export async function issuerOf(session: Session): Promise<Issuer> {
  announceStrangers(session);
  return session.bench.issuer();
}

/** Whether there is an issuer for these answers. */
export async function isIssuer({ bench, provider, world }: Session, answers: Answers): Promise<boolean> {
  const { url, allowedHosts } = issuerAddress(provider, answers);
  return (await discover(url, { network: await bench.network(), allowedHosts, signal: world.signal })).ok;
}

function issuerAddress(provider: Provider, answers: Answers): IssuerAddress {
  return {
    url: issuerUrl(provider, answers),
    allowedHosts: [
      ...(text(answers, 'issuer') === undefined ? provider.endpointHosts : []),
      ...list(answers, 'endpoint-host'),
    ],
  };
}

function announceStrangers(session: Session): void {
  const { world, provider } = session;
  const answers = answersOf(session);
  const strangers = JSON.stringify([text(answers, 'issuer'), foreignMailHosts(session, answers)]);
  if (session.announced === strangers) return;
  session.announced = strangers;
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
  const hosts = protocols.flatMap((protocol) => list(answers, serverQuestions(protocol).host));
  return [...new Set(hosts)].filter((host) => !mailHosts.includes(host));
}

export function knownClient(session: Session): KnownClient {
  const answers = answersOf(session);
  const clientId = text(answers, 'client-id');
  if (clientId === undefined) throw new MailauthError('missing_input', 'no client ID was given');
  const isSecret = session.provider.client.secret[text(answers, 'client-type') === 'web' ? 'web' : 'desktop'];
  const id = isSecret ? (session.secrets[CLIENT_SECRET] ?? session.client?.secretCredential) : undefined;
  return { clientId, secretCredential: id };
}

/** Puts a secret into the store, or lets it wait until there is one, under a random id; notes the id in the unfinished set-up first, so that nothing is orphaned. */
export async function keepSecret(session: Session, question: string, secret: Secret): Promise<void> {
  if (session.storeChoice === undefined) {
    session.waiting = { ...session.waiting, [question]: secret };
    return;
  }
  const id = session.secrets[question] ?? randomUUID();
  session.secrets = { ...session.secrets, [question]: id };
  await saveSession(session);
  const store = await session.bench.store();
  await store.put(id, secret);
}
