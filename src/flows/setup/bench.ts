import { list, text } from '../../account/answers.js';
import { recordOf } from '../../account/record.js';
import { explain } from '../../explain/explain.js';
import { MailauthError } from '../../explain/problem.js';
import { isStored } from '../../guide/answer-record.js';
import { LOOPBACK_HOSTS, type Provider, type Redirect } from '../../guide/provider.js';
import type { Answers } from '../../guide/step.js';
import type { Issuer } from '../../oauth/issuer.js';
import { newCredentialId } from '../../store/store.js';
import { protocols, serverQuestions } from '../../words/protocol.js';
import { contextOfAnswers } from '../explain-context.js';
import type { OpenClient } from '../token/wish.js';
import { type IssuerAddress, openWorkbench, type Workbench } from '../workbench.js';
import { give, stored, waiting } from './answers.js';
import { commandOf } from './command.js';
import { discardReplaced, saveSetup, takeOverDraft } from './draft.js';
import { isHeldAlready, storeable } from './secrets.js';
import { answersOf, CLIENT_ID, CLIENT_SECRET, REDIRECT_HOST, REFRESH_TOKEN, type Setup } from './state.js';

/** The workbench of a set-up, from its answers as they are at each use. */
export function openSetupBench(setup: Setup): Workbench {
  const { world } = setup;
  const answers = (): Answers => answersOf(setup);
  return openWorkbench(world, {
    store: () => setup.storeChoice ?? world.store ?? { kind: 'keychain' },
    caFile: () => text(answers(), 'ca'),
    issuer: () => issuerAddress(setup.provider, answers()),
    redirect: () => redirectFrom(setup.provider, answers()),
    client: () => knownClient(setup),
    explain: (evidence) => explain(evidence, contextOfAnswers(setup.provider, answers())),
    renewal: renewalOf(setup),
    setup: commandOf(setup),
    // Kept with the answers: whoever carries on is not asked again.
    allowed: (hosts) => {
      const before = list(answers(), 'endpoint-host');
      give(setup, 'endpoint-host', [...new Set([...before, ...hosts])], { from: 'learnt' });
    },
  });
}

/** The command that enters a client secret again: by the account's name where there is an account. */
function renewalOf({ account, provider }: Setup): string {
  return account === undefined
    ? `mailauth setup ${provider.id}`
    : `mailauth setup ${account.name} --from-step ${provider.secretStep}`;
}

/** Where the redirect of a client type listens when nothing else is said; the flag may move it. */
function redirectFrom(provider: Provider, answers: Answers): Redirect {
  const usual = provider.client.redirect[clientTypeIn(answers)];
  const host = LOOPBACK_HOSTS.find((one) => one === text(answers, REDIRECT_HOST));
  const redirect = host === undefined ? usual : { ...usual, host };
  const port = text(answers, 'redirect-port');
  return port === undefined ? redirect : { ...redirect, port: Number(port), anyPort: false };
}

function clientTypeIn(answers: Answers): 'web' | 'desktop' {
  return text(answers, 'client-type') === 'web' ? 'web' : 'desktop';
}

/** The issuer's endpoints; a foreign issuer is announced before any secret is sent to it. */
export async function issuerOf(setup: Setup): Promise<Issuer> {
  announceStrangers(setup);
  return setup.bench.issuer();
}

/** Whether there is an issuer for these answers. */
export async function isIssuer({ bench, provider, world }: Setup, answers: Answers): Promise<boolean> {
  const { discover } = await import('../../oauth/issuer.js');
  const { url, ...known } = issuerAddress(provider, answers);
  return (await discover(url, { network: await bench.network(), ...known, signal: world.signal })).ok;
}

function issuerAddress(provider: Provider, answers: Answers): IssuerAddress {
  const isOwn = text(answers, 'issuer') === undefined;
  return {
    url: issuerUrl(provider, answers),
    allowedHosts: [...(isOwn ? provider.endpointHosts : []), ...list(answers, 'endpoint-host')],
    secretMethod: provider.client.secretMethod,
    metadata: isOwn ? provider.metadata : undefined,
  };
}

const PLACE_OF_TENANT = '{tenant}';

/** The provider's issuer or the given one, which may name the tenant's place as well: a cloud of its own does. */
function issuerTemplate(provider: Provider, answers: Answers): string {
  const issuer = text(answers, 'issuer') ?? provider.issuer;
  if (issuer === undefined) throw new MailauthError('missing_input', 'no issuer was given');
  return issuer;
}

export function issuerUrl(provider: Provider, answers: Answers): string {
  const template = issuerTemplate(provider, answers);
  const tenant = text(answers, 'tenant');
  if (tenant === undefined && template.includes(PLACE_OF_TENANT)) {
    throw new MailauthError('missing_input', 'no tenant was given', {
      fix: [{ text: 'give --tenant: the directory that signs in, or consumers for a personal mailbox' }],
    });
  }
  return template.replaceAll(PLACE_OF_TENANT, encodeURIComponent(tenant ?? ''));
}

/** The tenant, where the issuer that was asked belongs to it. */
export function tenantInIssuer(setup: Setup): string | undefined {
  const answers = answersOf(setup);
  return issuerTemplate(setup.provider, answers).includes(PLACE_OF_TENANT) ? text(answers, 'tenant') : undefined;
}

function announceStrangers(setup: Setup): void {
  const { world, provider } = setup;
  const answers = answersOf(setup);
  const hosts = foreignMailHosts(setup, answers);
  const strangers = JSON.stringify([text(answers, 'issuer'), hosts]);
  if (setup.announced === strangers) return;
  setup.announced = strangers;
  if (text(answers, 'issuer') !== undefined && provider.issuer !== undefined) {
    const url = issuerUrl(provider, answers);
    world.interviewer.tell('warn', `signing in at ${url}, which is not ${provider.title}'s own address`);
  }
  for (const host of hosts) {
    world.interviewer.tell(
      'warn',
      `the mail server ${host} is not ${provider.title}'s own; the sign-in's token will be sent to it`,
    );
  }
}

function foreignMailHosts(setup: Setup, answers: Answers): readonly string[] {
  const { mailHosts } = setup.provider;
  if (mailHosts.length === 0) return [];
  const hosts = protocols.flatMap((protocol) => list(answers, serverQuestions(protocol).host));
  return [...new Set(hosts)].filter((host) => !mailHosts.includes(host));
}

function knownClient(setup: Setup): OpenClient {
  const { provider, records } = setup;
  const answers = answersOf(setup);
  const clientId = text(answers, CLIENT_ID);
  if (clientId === undefined) throw new MailauthError('missing_input', 'no client ID was given');
  const secret = records[CLIENT_SECRET]?.value;
  const hasSecret = provider.client.secret[clientTypeIn(answers)] && isStored(secret);
  const made = recordOf('client', answers, provider.ownFields, { clientId, provider: provider.id });
  return { ...made, secretCredential: hasSecret ? secret.entry : undefined };
}

/** By what a person knows an entry again in the keychain. */
export function labelOf({ records, provider }: Setup): string {
  return String(records['account']?.value ?? provider.id);
}

/**
 * Puts the secrets in hand into the store, each under a name of its own, which the unfinished set-up knows first, so that
 * nothing is orphaned. One that is there already stays what it is: given once more, it is nothing new.
 */
export async function storeSecrets(setup: Setup): Promise<void> {
  const store = await setup.bench.store();
  for (const [question, secret] of waiting(setup)) {
    const held = await isHeldAlready(setup, store, question, secret);
    const entry = held ?? newCredentialId(labelOf(setup));
    stored(setup, question, entry);
    await saveSetup(setup);
    if (held === undefined) await store.put(entry, storeable(question, secret));
    else if (question === REFRESH_TOKEN) await takeOverDraft(setup, held);
  }
  await discardReplaced(setup);
  await saveSetup(setup);
}
