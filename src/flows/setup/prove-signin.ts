import { randomUUID } from 'node:crypto';
import type { Account } from '../../account/account.js';
import type { Client } from '../../account/client.js';
import type { Credential } from '../../account/credential.js';
import { renewed } from '../../account/credential.js';
import type { Grant } from '../../account/grant.js';
import { recordOf } from '../../account/record.js';
import { isA } from '../../explain/codes.js';
import { MailauthError } from '../../explain/problem.js';
import type { Answers } from '../../guide/step.js';
import { changeConfiguration } from '../../store/accounts.js';
import { openJournal } from '../../store/journal.js';
import { newCredentialId, type SecretStore } from '../../store/store.js';
import { localDay } from '../../words/time.js';
import { signInEndOf } from '../dates.js';
import { contextOfAnswers } from '../failure.js';
import { withAccountLock } from '../lock.js';
import { saveCredential } from '../open.js';
import { type SignedIn, signIn } from '../signin/browser.js';
import { judgeGrant } from '../signin/judge-grant.js';
import { proveOwnership } from '../signin/prove-ownership.js';
import { issuerOf, knownClient } from './resources.js';
import {
  answer,
  answersOf,
  CLIENT_SECRET,
  list,
  REFRESH_TOKEN,
  type Session,
  saveSession,
  text,
  without,
} from './session.js';

/**
 * Signs in, or takes a refresh token that a script brought along, and stores the account once identity and scopes hold.
 * From then on the account exists, whatever the mail check says.
 */
export async function proveSignIn(session: Session): Promise<'proven' | 'again'> {
  const answers = answersOf(session);
  const address = text(answers, 'account');
  if (address === undefined) throw new MailauthError('missing_input', 'no mailbox address was given');
  const scopes = list(answers, 'scopes');
  const signedIn =
    session.secrets[REFRESH_TOKEN] === undefined
      ? await signInWithBrowser(session, answers, address, scopes)
      : await signInWithToken(session, answers, address, scopes);
  if (!signedIn.identified) {
    const context = contextOfAnswers(session.provider, answers);
    await proveOwnership(session.world, signedIn, {
      ...recordOf('account', answers, session.provider.ownFields, {}),
      trust: (await session.bench.network()).trust,
      context,
    });
  }
  if (!sameText(signedIn.address, address)) answer(session, { account: signedIn.address });
  await storeAccount(session, answersOf(session), signedIn);
  session.world.interviewer.tell('ok', `signed in as ${signedIn.authUser ?? signedIn.address}`);
  const ends = signInEndOf(signedIn.grant, session.world.now());
  session.world.interviewer.tell(
    'info',
    ends === undefined ? 'no end date was announced for this sign-in' : `this sign-in ends on ${localDay(ends)}`,
  );
  return 'proven';
}

async function signInWithBrowser(
  session: Session,
  answers: Answers,
  address: string,
  scopes: readonly string[],
): Promise<SignedIn> {
  const authUser = text(answers, 'auth-user');
  return signIn(session.world, {
    provider: session.provider,
    issuer: await issuerOf(session),
    client: await session.bench.client(),
    redirect: session.bench.redirect(),
    scopes,
    address,
    ...(authUser && { authUser }),
    answers,
    canGoBack: true,
    afterwards: 'mailauth is now testing the mailbox in the terminal.',
  });
}

async function signInWithToken(
  session: Session,
  answers: Answers,
  address: string,
  scopes: readonly string[],
): Promise<SignedIn> {
  const { spendBroughtToken } = await import('../token/brought.js');
  const { bench, provider, world } = session;
  const store = await bench.store();
  const { endpoints } = await issuerOf(session);
  const credential = session.secrets[REFRESH_TOKEN] as string;
  const outcome = await spendBroughtToken(world, {
    account: { name: provider.id, credential, store: store.choice, endpoints, scopes },
    client: { provider: provider.id, ...knownClient(session) },
    store,
    network: () => bench.network(),
  });
  const judged = judgeGrant(outcome, { provider: session.provider, scopes, address, answers });
  if (judged.kind !== 'good') {
    if (!outcome.ok && isA('signin', judged.problem.code)) await discardToken(session, store);
    throw MailauthError.of(judged.problem);
  }
  const authUser = text(answers, 'auth-user');
  return {
    grant: judged.grant,
    redirectUri: text(answers, 'redirect-uri') ?? '',
    address,
    identified: judged.signedInAs !== undefined,
    ...(authUser && { authUser }),
  };
}

/** A token that only a person can replace would keep every later run of this set-up from the browser. */
async function discardToken(session: Session, store: SecretStore): Promise<void> {
  const id = session.secrets[REFRESH_TOKEN] as string;
  session.secrets = without(session.secrets, REFRESH_TOKEN);
  session.progress = { ...session.progress, answers: without(session.progress.answers, REFRESH_TOKEN) };
  await saveSession(session);
  await store.delete(id);
}

async function storeAccount(session: Session, answers: Answers, signedIn: SignedIn): Promise<void> {
  const { provider, world } = session;
  const issuer = await issuerOf(session);
  const now = world.now();
  const client = clientRecord(session, answers, signedIn.redirectUri);
  const before = session.account;
  const account = recordOf('account', answers, provider.ownFields, {
    name: before?.name ?? text(answers, 'name') ?? provider.id,
    address: signedIn.address,
    provider: provider.id,
    client: client.id,
    credential: before?.credential ?? session.secrets[REFRESH_TOKEN] ?? newCredentialId(signedIn.address),
    store: session.storeChoice,
    authUser: signedIn.authUser,
    endpoints: { ...issuer.endpoints, issuer: signedIn.grant.identity?.issuer ?? issuer.endpoints.issuer },
    created: before?.created ?? now.toISOString(),
    signedIn: now.toISOString(),
    signInEnds: signInEndOf(signedIn.grant, now),
  });
  const store = await session.bench.store();
  await withAccountLock(world, account, async (held) => {
    await held.assertHeld();
    await saveCredential(store, account, firstCredential(signedIn.grant, now));
    await storeRecords(session, client, account);
  });
  // A sign-in that was begun before is settled by this one.
  if (before?.begun !== undefined) await store.delete(before.begun.credential);
}

/** A new secret for a client whose sign-in goes on: nothing else of the account changes. */
export async function storeRenewedClient(session: Session): Promise<void> {
  const { account, client } = session;
  if (account === undefined || client === undefined) return;
  await storeRecords(session, clientRecord(session, answersOf(session), client.redirectUri), account);
}

/**
 * Both records in one change; then the secrets that no client names any more are deleted. Where another process has just
 * taken the name, the account gets the next free one: nothing is ever stored over another mailbox.
 */
async function storeRecords(session: Session, client: Client, wanted: Account): Promise<void> {
  const replaced: Client[] = [];
  let account = wanted;
  const after = await changeConfiguration(session.world.configDir, (configuration) => {
    const isOld = (other: Account): boolean => other.credential === wanted.credential;
    account = {
      ...wanted,
      name: freeName(
        wanted,
        configuration.accounts.filter((other) => !isOld(other)),
      ),
    };
    // An account that is done again keeps its place in every list.
    const accounts = configuration.accounts.some(isOld)
      ? configuration.accounts.map((other) => (isOld(other) ? account : other))
      : [...configuration.accounts, account];
    const clients = [...configuration.clients.filter((other) => other.id !== client.id), client];
    replaced.push(...configuration.clients);
    return {
      ...configuration,
      accounts,
      clients: clients.filter((one) => accounts.some((other) => other.client === one.id)),
    };
  });
  session.account = account;
  session.client = client;
  const brought = session.secrets[REFRESH_TOKEN];
  session.secrets = {};
  await saveSession(session);
  const kept = new Set(after.clients.map((one) => one.secretCredential));
  const store = await session.bench.store();
  if (brought !== undefined && brought !== account.credential) {
    await store.delete(brought);
    await openJournal(store.choice.kind, brought, session.world.configDir).discard();
  }
  for (const { secretCredential } of replaced) {
    if (secretCredential !== undefined && !kept.has(secretCredential)) await store.delete(secretCredential);
  }
}

function firstCredential(grant: Grant, now: Date): Credential {
  if (grant.refreshToken === undefined) throw new Error('a sign-in without a refresh token was accepted');
  return renewed({ refreshToken: grant.refreshToken, generation: 0 }, grant, now);
}

function clientRecord(session: Session, answers: Answers, redirectUri: string): Client {
  const clientId = text(answers, 'client-id') as string;
  // A refresh token belongs to one client ID: another ID is another client, and other accounts may use the old one.
  const before = session.client?.clientId === clientId ? session.client : undefined;
  return recordOf('client', answers, session.provider.ownFields, {
    id: before?.id ?? randomUUID(),
    provider: session.provider.id,
    clientId,
    secretCredential: session.secrets[CLIENT_SECRET] ?? before?.secretCredential,
    redirectUri,
  });
}

/** The name that is wanted, else the provider's id, with `-2`, `-3` behind it. Case does not tell two names apart. */
function freeName({ name, provider }: Account, others: readonly Account[]): string {
  const taken = new Set(others.map((other) => other.name.toLowerCase()));
  const isFree = (candidate: string) => !taken.has(candidate.toLowerCase());
  if (isFree(name)) return name;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? provider : `${provider}-${number}`;
    if (isFree(candidate)) return candidate;
  }
}

function sameText(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
