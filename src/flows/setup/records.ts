/** From answers to the records of an account and its client, and into accounts.json: changed there, never replaced by a copy. */
import { randomUUID } from 'node:crypto';
import { type Account, type Configuration, isSameStore, type StoreChoice } from '../../account/account.js';
import { text } from '../../account/answers.js';
import type { Client } from '../../account/client.js';
import { entriesOf, ownField, recordOf, replaced } from '../../account/record.js';
import { MailauthError } from '../../explain/problem.js';
import { type AnswerRecords, answersIn, isStored } from '../../guide/answer-record.js';
import { complete } from '../../guide/plan.js';
import type { Answers } from '../../guide/step.js';
import { providers, sameAddress } from '../../providers/directory.js';
import { changeConfiguration, readConfiguration } from '../../store/accounts.js';
import { type Protocol, protocols } from '../../words/protocol.js';
import { noteReplaced, stored } from './answers.js';
import { saveSetup } from './draft.js';
import { answersOf, CLIENT_SECRET, REFRESH_TOKEN, REGISTRATION_TOKEN, REGISTRATION_URI, type Setup } from './state.js';

/** The secrets that an account's records stand for, as answers. */
export function secretsOf(client: Client, account?: Account): AnswerRecords {
  const of = (entry: string) => ({ value: { entry }, from: 'saved', state: 'proven' }) as const;
  return {
    ...(client.secretCredential && { [CLIENT_SECRET]: of(client.secretCredential) }),
    ...(client.registration && { [REGISTRATION_TOKEN]: of(client.registration.credential) }),
    ...(account && { [REFRESH_TOKEN]: of(account.credential) }),
  };
}

/** What a sign-in alone can change. */
const BY_SIGN_IN: readonly string[] = ['address', 'authUser', 'endpoints', 'scopes'];

/** The account with what the answers change of it. What nobody answered anew stays, also where its default would differ. */
export function accountInPlace(setup: Setup, before: Account): Account {
  const of = (answers: Answers, name: string) =>
    recordOf('account', answers, setup.provider.ownFields, { name }) as unknown as Account;
  const made = of(answersOf(setup), nameFor(setup));
  const keys = changedKeys(of(storedAnswers(setup), before.name), made).filter((key) => !BY_SIGN_IN.includes(key));
  const after = withFields(before, made, keys);
  return Object.assign({ ...after }, ...protocols.map((protocol) => keptUser(protocol, before, after)));
}

/** Which name a server lets in was learnt from it, and is true as long as it is the same server. */
function keptUser(protocol: Protocol, before: Account, after: Account): Partial<Account> {
  const [then, now] = [before[protocol], after[protocol]];
  if (now === undefined || then?.user === undefined || then.host !== now.host) return {};
  return { [protocol]: { ...now, user: then.user } };
}

/** The client with what the answers change of it. */
export function clientInPlace(setup: Setup, before: Client): Client {
  const { stored, records } = setup;
  const answers = answersOf(setup);
  const isMoved = text(answers, 'redirect-port') !== text(storedAnswers(setup), 'redirect-port');
  const redirectUri = isMoved ? String(answers['redirect-uri']) : before.redirectUri;
  const made = clientFrom(setup, answers, records, { id: before.id, redirectUri });
  const was = clientFrom(setup, storedAnswers(setup), stored, before);
  return withFields(before, made, changedKeys(was, made));
}

function storedAnswers({ provider, context, stored }: Setup): Answers {
  return complete(provider, { ...context, ...answersIn(stored) });
}

/** A client of these answers: the one that is stored, where it is the same, however many accounts use it. */
export async function clientRecord(setup: Setup, redirectUri: string): Promise<Client> {
  const { clients, accounts } = await readConfiguration(setup.world.configDir);
  const made = clientFrom(setup, answersOf(setup), setup.records, { id: randomUUID(), redirectUri });
  const isSame = (other: Client): boolean => isSameClient(other, made) && isKeptIn(setup.storeChoice, other, accounts);
  const same = setup.client && isSame(setup.client) ? setup.client : clients.find(isSame);
  if (same === undefined) return made;
  const { secretExpires, ...rest } = same;
  // The date belongs to the secret.
  const isSameSecret = same.secretCredential === made.secretCredential;
  return { ...rest, ...(isSameSecret && secretExpires && { secretExpires }), ...made, id: same.id };
}

/** A client's secret is where the secrets of its accounts are. */
function isKeptIn(store: StoreChoice | undefined, client: Client, accounts: readonly Account[]): boolean {
  return accounts.filter((account) => account.client === client.id).every((one) => isSameStore(one.store, store));
}

function clientFrom(
  { provider }: Setup,
  answers: Answers,
  records: AnswerRecords,
  { id, redirectUri }: Pick<Client, 'id' | 'redirectUri'>,
): Client {
  const secret = records[CLIENT_SECRET]?.value;
  const token = records[REGISTRATION_TOKEN]?.value;
  const uri = text(answers, REGISTRATION_URI);
  return recordOf('client', answers, provider.ownFields, {
    id,
    provider: provider.id,
    registration: uri !== undefined && isStored(token) ? { uri, credential: token.entry } : undefined,
    secretCredential: isStored(secret) ? secret.entry : undefined,
    redirectUri,
  });
}

function nameFor({ records, account, provider }: Setup): string {
  const given = records['name']?.value;
  return typeof given === 'string' && given !== '' ? given : (account?.name ?? provider.id);
}

function withFields<T extends object>(before: T, made: T, keys: readonly string[]): T {
  const after = { ...before } as Record<string, unknown>;
  for (const key of keys) {
    const value = (made as Record<string, unknown>)[key];
    if (value === undefined) delete after[key];
    else after[key] = value;
  }
  return after as T;
}

/** The fields in which two records differ. */
export function changedKeys(one: object, other: object): readonly string[] {
  const [before, after] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

/** The record as it is now, with what changed between `before` and `after`: another process may have written it meanwhile. */
function merged<T extends object>(now: T, before: T, after: T): T {
  return withFields(now, after, changedKeys(before, after));
}

export interface Records {
  readonly account: Account;
  readonly client: Client;
}

/**
 * Writes both records in one change. A mailbox is one account, and a client ID one secret: a new secret serves every
 * account of that client. Where the wanted name is taken, the next free one is used: nothing is stored over another mailbox.
 */
export async function storeRecords(setup: Setup, wanted: Records): Promise<void> {
  const before = { account: setup.account, client: setup.client };
  let written: Records = wanted;
  const after = await changeConfiguration(setup.world.configDir, async (configuration) => {
    const shared = await withKeptSecret(setup, configuration, wanted.client);
    const now = configuration.accounts.find(({ credential }) => credential === wanted.account.credential);
    if (now === undefined && before.account !== undefined) throw removedMeanwhile(before.account);
    const twin = now ?? configuration.accounts.find((other) => isSameMailbox(other, wanted.account));
    refuseLostClient(configuration, shared, before.client);
    const client = clientNow(setup, configuration, shared);
    const account = freeName(
      accountNow(setup, wanted.account, twin),
      configuration.accounts.filter((other) => other !== twin),
    );
    written = { account: { ...account, client: client.id }, client };
    const result = withRecords(configuration, written, twin);
    await noteUnnamed(setup, configuration, result);
    return result;
  });
  setup.account = after.accounts.find(({ credential }) => credential === written.account.credential);
  setup.client = after.clients.find(({ id }) => id === written.client.id);
  if (setup.client?.secretCredential !== undefined) stored(setup, CLIENT_SECRET, setup.client.secretCredential);
}

/** What changed, in the account as it is now, with what a later version has added to it. */
function accountNow({ account: before, provider }: Setup, wanted: Account, now: Account | undefined): Account {
  if (now === undefined) return wanted;
  const { name, created, passwords } = now;
  const kept = { ...wanted, ...(passwords && { passwords }) };
  const after = before === undefined ? { ...kept, name, created } : kept;
  const base = before ?? now;
  return merged(now, base, replaced('account', base, after, provider.ownFields));
}

function removedMeanwhile({ name, provider }: Account): MailauthError {
  return new MailauthError('no_such_account', `${name} was removed while it was being set up again`, {
    fix: [{ text: 'set it up anew', command: `mailauth setup ${provider}` }],
  });
}

/** The unfinished set-up knows what no record will name any more, before the records are written. */
async function noteUnnamed(setup: Setup, before: Configuration, after: Configuration): Promise<void> {
  const kept = entriesOf(after);
  const unnamed = [...entriesOf(before)].filter((id) => !kept.has(id));
  for (const id of unnamed) noteReplaced(setup, CLIENT_SECRET, id);
  if (unnamed.length > 0) await saveSetup(setup);
}

/**
 * Set-ups of one client that run at the same time each bring its secret: the one that was stored first stays, and so does
 * its record.
 */
async function withKeptSecret(setup: Setup, { accounts, clients }: Configuration, client: Client): Promise<Client> {
  const { secretCredential: entry } = client;
  if (entry === undefined || clients.some(({ secretCredential }) => secretCredential === entry)) return client;
  const store = await setup.bench.store();
  const secret = (await store.get(entry))?.value.reveal();
  for (const other of clients.filter(
    (one) => isSameClient(one, client) && isKeptIn(setup.storeChoice, one, accounts),
  )) {
    const { secretCredential: kept } = other;
    const held = kept && (await store.get(kept))?.value.reveal();
    if (kept !== undefined && held === secret) return { ...client, id: other.id, secretCredential: kept };
  }
  return client;
}

function isSameClient(one: Client, other: Client): boolean {
  return (
    one.provider === other.provider &&
    one.clientId === other.clientId &&
    one.clientType === other.clientType &&
    one.signIn === other.signIn &&
    ownField(one, 'tenant') === ownField(other, 'tenant')
  );
}

function isSameMailbox(one: Account, other: Account): boolean {
  return one.provider === other.provider && sameAddress(one.address, other.address);
}

/** A registration that was taken over from an account may be removed with that account meanwhile, and its secret with it. */
function refuseLostClient({ clients }: Configuration, wanted: Client, before: Client | undefined): void {
  const isLost = before !== undefined && before.id === wanted.id && !clients.some(({ id }) => id === wanted.id);
  if (!isLost || wanted.secretCredential === undefined || wanted.secretCredential !== before.secretCredential) return;
  throw new MailauthError('no_such_account', 'the registration was removed while it was being taken over', {
    fix: [{ text: 'set the mailbox up with a registration of its own', command: `mailauth setup ${wanted.provider}` }],
  });
}

function clientNow({ client: before, provider }: Setup, { clients }: Configuration, wanted: Client): Client {
  const now = clients.find(({ id }) => id === wanted.id);
  if (now === undefined) return wanted;
  const base = before?.id === now.id ? before : now;
  return merged(now, base, replaced('client', base, wanted, provider.ownFields));
}

function withRecords(configuration: Configuration, { account, client }: Records, replaced?: Account): Configuration {
  // An account that is done again keeps its place in every list.
  const accounts =
    replaced === undefined
      ? [...configuration.accounts, account]
      : configuration.accounts.map((other) => (other === replaced ? account : other));
  const others = configuration.clients.filter((other) => other.id !== client.id);
  const clients = [...others.map((other) => withSecretOf(client, other, account, accounts)), client];
  return {
    ...configuration,
    accounts,
    clients: clients.filter((one) => accounts.some((other) => other.client === one.id)),
  };
}

/** Another record of the same client ID (another tenant, another version's copy): its secret is this one's. */
function withSecretOf(client: Client, other: Client, account: Account, accounts: readonly Account[]): Client {
  const isSame =
    other.provider === client.provider && other.clientId === client.clientId && other.signIn === client.signIn;
  if (!isSame || !isKeptIn(account.store, other, accounts)) return other;
  if (client.secretCredential === undefined || other.secretCredential === undefined) return other;
  return withFields(other, client, ['secretCredential', 'secretExpires', 'credentialKind']);
}

/** The name that is wanted, else the provider's id, with `-2`, `-3` behind it. Case does not tell two names apart. */
export function freeName(account: Account, others: readonly Account[]): Account {
  const taken = new Set(others.map((other) => other.name.toLowerCase()));
  const isFree = (candidate: string) => !taken.has(candidate.toLowerCase());
  if (isFree(account.name)) return account;
  for (let number = 1; ; number++) {
    const name = number === 1 ? account.provider : `${account.provider}-${number}`;
    if (isFree(name)) return { ...account, name };
  }
}

/** Why an account cannot have this name; undefined where it can. Case does not tell two names apart. */
export async function whyNotNamed({ provider, account, world }: Setup, name: string): Promise<string | undefined> {
  const wanted = name.toLowerCase();
  if (providers.some(({ id }) => id === wanted && id !== provider.id)) return `${name} is the name of a provider`;
  const { accounts } = await readConfiguration(world.configDir);
  const holder = accounts.find(
    (other) => other.name.toLowerCase() === wanted && other.credential !== account?.credential,
  );
  return holder && `the account of ${holder.address} is called ${holder.name} already`;
}

/** The account that a first sign-in makes, or that a new one replaces. */
export function accountRecord(
  setup: Setup,
  client: Client,
  learnt: Pick<Account, 'address' | 'credential' | 'endpoints' | 'signedIn'> & Partial<Account>,
): Account {
  const { provider, account: before, storeChoice } = setup;
  const answers = answersOf(setup);
  return recordOf('account', answers, provider.ownFields, {
    name: nameFor(setup),
    provider: provider.id,
    client: client.id,
    store: storeChoice,
    authUser: text(answers, 'auth-user'),
    created: before?.created ?? setup.world.now().toISOString(),
    ...learnt,
  });
}
