import { randomUUID } from 'node:crypto';
import type { Account } from '../../account/account.js';
import type { Client } from '../../account/client.js';
import { MailauthError } from '../../explain/problem.js';
import { complete, itemsOf, type Progress, SECRET_GIVEN } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import type { Answers, AnswerValue, Question } from '../../guide/step.js';
import { answersFrom, clientAnswers } from '../../guide/stored-answers.js';
import { providers, sameAddress } from '../../providers/directory.js';
import { readConfiguration } from '../../store/accounts.js';
import { type Draft, deleteDraft, expiredDrafts, readDrafts } from '../../store/drafts.js';
import type { Secret } from '../../words/secret.js';
import { findAccount } from '../find-account.js';
import { openStore } from '../open.js';
import type { World } from '../world.js';
import { openSetupBench } from './resources.js';
import { answer, CLIENT_FROM, CLIENT_SECRET, forget, type Session, without } from './session.js';

export interface SetupWish {
  readonly provider: Provider;
  /** Cleaned answers from flags and variables. */
  readonly given: Answers;
  /** Secrets from files, standard input and variables, by question. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** The account to do again, in place. */
  readonly existing?: { readonly account: Account; readonly client: Client };
  /** Whether the stored answers of `existing` stand, or are asked again with Enter keeping them. */
  readonly stored: 'stand' | 'propose';
  /** The unfinished set-up to carry on with. */
  readonly draft?: Draft;
  readonly warnDays: number;
}

/** A session at its beginning: what was given now, before what was saved, before what is stored. */
export async function beginSession(world: World, wish: SetupWish): Promise<Session> {
  const { provider, draft } = wish;
  const { accounts, clients } = await readConfiguration(world.configDir);
  const existing = wish.existing ?? storedUnder(draft?.account, accounts, clients);
  const stored = existing === undefined ? {} : answersFrom(existing.account, existing.client, provider);
  const secretsGiven = Object.fromEntries(Object.keys(wish.secrets).map((question) => [question, SECRET_GIVEN]));
  const context: Answers = {
    'stored-account': existing === undefined ? 'no' : 'yes',
    'stored-client': clients.some((client) => client.provider === provider.id) ? 'yes' : 'no',
  };
  const fixed = existing === undefined ? {} : { account: existing.account.address, name: existing.account.name };
  const progress: Progress = {
    answers: {
      ...(wish.stored === 'stand' ? stored : standing(provider, stored)),
      ...fixed,
      // A set-up that is carried on may have stored the two itself by now; they are no news to it.
      ...context,
      ...draft?.answers,
      today: world.now().toISOString().slice(0, 10),
      ...wish.given,
      ...(wish.given['app-redirect-uri'] !== undefined && { 'shared-client': 'yes' }),
      ...secretsGiven,
    },
    done: draft?.done ?? [],
  };
  const session: Session = {
    world,
    provider,
    id: draft?.id ?? randomUUID(),
    progress,
    proposed: { ...(existing && proposals(provider, stored)), ...draft?.proposed },
    secrets: draft?.credentials ?? {},
    storeChoice: draft?.store ?? existing?.account.store,
    account: existing?.account,
    client: existing?.client,
    fresh: [...Object.keys(wish.given), ...Object.keys(wish.secrets)],
    waiting: wish.secrets,
    announced: undefined,
    get bench() {
      return bench;
    },
    checks: [],
    warnDays: wish.warnDays,
  };
  const bench = openSetupBench(session);
  await takeUpClient(session, wish);
  forgetLostSecrets(session);
  return session;
}

/** A set-up that reuses a registration holds it again when it is carried on; one that was removed meanwhile is asked for anew. */
async function takeUpClient(session: Session, { given }: SetupWish): Promise<void> {
  const { [CLIENT_FROM]: from } = session.progress.answers;
  if (typeof from !== 'string' || from === '') return;
  try {
    const adopted = await adoptClient(session, from);
    answer(session, { ...adopted, ...given });
  } catch (error) {
    if (!(error instanceof MailauthError) || given[CLIENT_FROM] !== undefined) throw error;
    forget(session, CLIENT_FROM);
  }
}

/** The account that an unfinished set-up re-does, or had stored already when it was cut off. */
function storedUnder(
  name: string | undefined,
  accounts: readonly Account[],
  clients: readonly Client[],
): SetupWish['existing'] {
  const account = accounts.find((other) => other.name === name);
  const client = clients.find((other) => other.id === account?.client);
  return account && client && { account, client };
}

/** Of the answers of an account that is done again, those that the wizard would not ask for: servers, issuer, client type. */
export function standing(provider: Provider, stored: Answers): Answers {
  const isAsked = (id: string): boolean => itemsOf(provider, without(stored, id)).some((item) => item.id === id);
  return Object.fromEntries(Object.entries(stored).filter(([id]) => !isAsked(id)));
}

/** What Enter keeps. The choices that only the wizard asks for follow from the answers that were stored. */
export function proposals(provider: Provider, stored: Answers): Answers {
  const known = complete(provider, stored);
  const choices = provider.questions.filter(({ id, wizardOnly }) => wizardOnly === true && known[id] !== undefined);
  return { ...Object.fromEntries(choices.map(({ id }) => [id, known[id] as AnswerValue])), ...stored };
}

/** A run that was cut off between an answer and the store: the answer says "given", and no secret is there. */
function forgetLostSecrets(session: Session): void {
  const { [CLIENT_SECRET]: answered } = session.progress.answers;
  const held = session.secrets[CLIENT_SECRET] ?? session.client?.secretCredential ?? session.waiting[CLIENT_SECRET];
  if (answered === SECRET_GIVEN && held === undefined) forget(session, CLIENT_SECRET);
}

/** `--client-from`: a further mailbox reuses a registration, with the redirect URI that was registered for it. */
export async function adoptClient(session: Session, accountName: string): Promise<Answers> {
  const configuration = await readConfiguration(session.world.configDir);
  const account = findAccount(configuration.accounts, accountName);
  const client = configuration.clients.find((candidate) => candidate.id === account?.client);
  if (client === undefined || client.provider !== session.provider.id) {
    const names = configuration.accounts
      .filter((other) => other.provider === session.provider.id)
      .map((other) => other.name);
    throw new MailauthError('no_such_account', `no ${session.provider.title} account is called ${accountName}`, {
      fix: [{ text: names.length === 0 ? 'leave --client-from out' : `name one of: ${names.join(', ')}` }],
    });
  }
  session.client = client;
  session.storeChoice ??= account?.store;
  return clientAnswers(client, session.provider);
}

/** Why an account cannot have this name; undefined where it can. Case does not tell two names apart. */
export async function whyNotNamed(session: Session, name: string): Promise<string | undefined> {
  const { provider, account, world } = session;
  if (account !== undefined)
    return name === account.name ? undefined : `an account keeps its name; this one is ${account.name}`;
  const wanted = name.toLowerCase();
  if (providers.some(({ id }) => id === wanted && id !== provider.id)) return `${name} is the name of a provider`;
  const { accounts } = await readConfiguration(world.configDir);
  const holder = accounts.find((other) => other.name.toLowerCase() === wanted);
  return holder && `the account of ${holder.address} is called ${holder.name} already`;
}

/** The stored registrations to choose from, each by an account that uses it; a new one comes last. */
export async function withStoredClients(session: Session, question: Question): Promise<Question> {
  const { accounts, clients } = await readConfiguration(session.world.configDir);
  const stored = clients
    .filter((client) => client.provider === session.provider.id)
    .flatMap((client) => {
      const account = accounts.find((other) => other.client === client.id);
      return account === undefined ? [] : [{ value: account.name, label: `yes, the one of ${account.name}` }];
    });
  const [first] = stored;
  return {
    ...question,
    kind: 'choice',
    choices: [...stored, { value: '', label: 'no, make a new one' }],
    ...(first && { default: first.value }),
  };
}

/** Unfinished set-ups that nobody has touched for 30 days, and `--restart`: the secrets they hold go first. */
export async function discardDraft(world: World, draft: Draft): Promise<void> {
  const ids = Object.values(draft.credentials);
  if (ids.length > 0 && draft.store !== undefined) {
    const store = await openStore(world, draft.store);
    for (const id of ids) await store.delete(id);
  }
  await deleteDraft(world.configDir, draft.id);
}

export async function discardExpiredDrafts(world: World): Promise<void> {
  await discardQuietly(world, expiredDrafts(await readDrafts(world.configDir), world.now()));
}

/** `remove` deletes what an unfinished set-up of the same mailbox holds, too. */
export async function discardDraftsOf(world: World, account: Account): Promise<void> {
  const drafts = (await readDrafts(world.configDir)).filter(
    (draft) =>
      draft.provider === account.provider && sameAddress(String(draft.answers['account'] ?? ''), account.address),
  );
  await discardQuietly(world, drafts);
}

async function discardQuietly(world: World, drafts: readonly Draft[]): Promise<void> {
  for (const draft of drafts) {
    try {
      await discardDraft(world, draft);
    } catch (error) {
      // Its store cannot be opened now; it is found again next time.
      if (!(error instanceof MailauthError)) throw error;
    }
  }
}
