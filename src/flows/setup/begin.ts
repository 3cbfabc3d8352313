import type { Account, Configuration } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { type AnswerRecords, type AnswerSource, answersIn } from '../../guide/answer-record.js';
import { clashes } from '../../guide/contradictions.js';
import { complete, holds, itemsOf, questionOf } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import type { Answers, AnswerValue, Question } from '../../guide/step.js';
import { answersFrom, clientAnswers } from '../../guide/stored-answers.js';
import { recordFor } from '../../providers/directory.js';
import { readConfiguration } from '../../store/accounts.js';
import type { Draft } from '../../store/drafts.js';
import type { Secret } from '../../words/secret.js';
import { findAccount } from '../accounts.js';
import type { Subject } from '../workbench.js';
import type { World } from '../world.js';
import { adopt, forget, give, learn, propose } from './answers.js';
import { openSetupBench } from './bench.js';
import { savedIn } from './draft.js';
import { secretsOf } from './records.js';
import {
  answersOf,
  CLIENT_FROM,
  CLIENT_SECRET,
  givenAnswers,
  proofNow,
  SECRET_EXPIRES,
  type Setup,
  type SignInWay,
  STORED,
} from './state.js';

/** What was given on the command line: cleaned answers, and secrets in hand. */
export interface GivenNow {
  readonly answers: Answers;
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Of which answers a variable is the source; all others come from flags. */
  readonly fromVariables: readonly string[];
  /** Answers that were found for a person to confirm. */
  readonly proposed?: Answers;
}

interface SetupBeginning {
  readonly provider: Provider;
  readonly id: string;
  readonly given: GivenNow;
  /** The account to work on, in place. */
  readonly existing?: Subject;
  /** Whether the account's answers stand, or are asked again with Enter keeping them. */
  readonly existingAnswers: 'stand' | 'propose';
  /** The unfinished set-up to carry on with. */
  readonly draft?: Draft;
  readonly way: SignInWay;
  readonly warnDays: number;
}

/** A set-up at its beginning: what is given now, before what was saved, before what is stored. */
export async function beginSetup(world: World, beginning: SetupBeginning): Promise<Setup> {
  const { draft, existing, given } = beginning;
  const base = existing?.provider ?? beginning.provider;
  const configuration = await readConfiguration(world.configDir);
  const saved = draft && savedIn(draft);
  const setup: Setup = {
    world,
    get provider() {
      return recordFor(base, answersIn(setup.records));
    },
    id: beginning.id,
    context: contextOf(beginning, world, configuration),
    way: beginning.way,
    warnDays: beginning.warnDays,
    get bench() {
      return bench;
    },
    records: saved?.records ?? {},
    stored: {},
    done: saved?.done ?? [],
    proofs: {},
    entries: saved?.entries ?? {},
    storeChoice: draft?.store,
    account: undefined,
    client: undefined,
    begun: draft?.begun,
    changed: false,
    refused: false,
    checks: [],
    announced: undefined,
    waitedFor: undefined,
    waiting: undefined,
  };
  const bench = openSetupBench(setup);
  if (existing !== undefined) takeOver(setup, existing, beginning.existingAnswers);
  await takeUpClient(setup, given.answers[CLIENT_FROM]);
  const clashesBefore = clashes(setup.provider, givenAnswers(setup));
  for (const [question, value] of Object.entries({ ...given.answers, ...given.secrets })) {
    const from: AnswerSource = given.fromVariables.includes(question) ? 'variable' : 'flag';
    give(setup, question, value, { from });
  }
  giveKind(setup, given);
  leaveOutExcluded(setup, { ...given.answers, ...withoutWords(given.secrets) }, clashesBefore);
  for (const [question, value] of Object.entries(given.proposed ?? {})) {
    if (setup.records[question] === undefined) propose(setup, question, value);
  }
  return setup;
}

function withoutWords(secrets: GivenNow['secrets']): Answers {
  return Object.fromEntries(Object.keys(secrets).map((question) => [question, '(hidden)']));
}

/**
 * What was answered before and cannot stand beside what is given now falls away. Of an account only the use of a server
 * changes in this way, with all that belongs to it. Whose mailbox it is, is never in question. What did not fit together
 * before is no news: a file has brought it along, and it answers questions that are not asked.
 */
function leaveOutExcluded(setup: Setup, given: Answers, before: readonly string[]): void {
  const { provider, context, records, stored, world } = setup;
  const isNews = (clash: string): boolean => !before.includes(clash);
  if (!clashes(provider, givenAnswers(setup)).some(isNews)) return;
  const isUse = (id: string): boolean => questionOf(provider, id)?.kind === 'confirm';
  const now = { ...context, ...given };
  const withoutUse = Object.fromEntries(Object.entries(now).filter(([id]) => !isUse(id)));
  const clashWith = (answers: Answers, id: string, value: AnswerValue): string | undefined => {
    const usual = clashes(provider, answers);
    return clashes(provider, { ...answers, [id]: value }).find((one) => isNews(one) && !usual.includes(one));
  };
  for (const [id, value] of Object.entries(answersIn(records))) {
    if (records[id]?.from !== 'saved' || id === 'account' || clashWith(now, id, value) === undefined) continue;
    const serious = stored[id] !== undefined && !isUse(id) && clashWith(withoutUse, id, value);
    if (serious) {
      throw new MailauthError('usage', `${serious}, which ${setup.account?.name ?? 'the registration'} has`, {
        fix: [{ text: 'leave out what was given now, or remove the account and set it up anew' }],
      });
    }
    forget(setup, id);
    if (questionOf(provider, id)?.wizardOnly === true || stored[id] !== undefined) continue;
    world.interviewer.tell('info', `--${id}, given earlier, does not go with what is given now: it is left out`);
  }
}

/** What an app was given tells of which kind it is, whatever it had before; what it had for another kind goes. */
function giveKind(setup: Setup, { answers, secrets }: GivenNow): void {
  const question = questionOf(setup.provider, 'credential');
  if (question === undefined || !holds(question.when, answersOf(setup))) return;
  const isFederated = answers[TOKEN_FILE] !== undefined;
  const kind = answers['credential'] ?? (isFederated ? 'federated' : secrets[CLIENT_SECRET] && 'secret');
  if (kind === undefined) return;
  learn(setup, { credential: kind });
  for (const other of isFederated ? [CLIENT_SECRET, SECRET_EXPIRES] : [TOKEN_FILE]) forget(setup, other);
}

const TOKEN_FILE = 'federated-token-file';

function contextOf({ provider, existing, draft }: SetupBeginning, world: World, { clients }: Configuration): Answers {
  // A set-up that is carried on may have stored its own client by now, which is no news to it.
  const isOwn = ({ id }: { readonly id: string }): boolean => draft !== undefined && id === existing?.client.id;
  const others = clients.filter((client) => client.provider === provider.id && !isOwn(client));
  return {
    today: world.now().toISOString().slice(0, 10),
    'stored-account': existing === undefined ? 'no' : 'yes',
    'stored-client': others.length > 0 ? 'yes' : 'no',
  };
}

/**
 * Works on an account that is there. Either its answers stand, and so does all that they have proven; or the wizard asks
 * them again. What was saved or given stays what it is.
 */
export function takeOver(setup: Setup, existing: Subject, answers: 'stand' | 'propose'): void {
  const { account, client, provider } = existing;
  setup.account = account;
  setup.client = client;
  setup.storeChoice = account.store;
  setup.stored = proven(answersFrom(account, client, provider), secretsOf(client, account));
  const before = setup.records;
  setup.records = answers === 'stand' ? setup.stored : asked(setup);
  if (answers === 'stand') standFor(setup, existing);
  adopt(setup, before);
}

/** The stored account stands for what it has proven, as long as nothing it rests on is answered otherwise. */
function standFor(setup: Setup, { account }: Subject): void {
  const isWell = account.lastCheck !== undefined && (account.lastFailures ?? []).length === 0;
  setup.proofs = {
    store: STORED,
    ...Object.fromEntries(
      (['redirect', 'tenant', 'registration', 'client'] as const).map((one) => [one, proofNow(setup, one)]),
    ),
    ...(account.signedIn !== undefined && !isOver(account) && { signin: proofNow(setup, 'signin') }),
    ...(isWell && { mailbox: proofNow(setup, 'mailbox') }),
  };
}

const ENDED: readonly string[] = ['signin_expired', 'signin_required'];

/** Whether a check since the sign-in has found that it is of no use any more: only another one helps. */
export function isOver({ signedIn = '', lastCheck = '', lastFailures = [] }: Account): boolean {
  return lastCheck > signedIn && lastFailures.some((code) => ENDED.includes(code));
}

function proven(answers: Answers, secrets: AnswerRecords): AnswerRecords {
  const records = Object.entries(answers).map(
    ([id, value]) => [id, { value, from: 'saved', state: 'proven' }] as const,
  );
  return { ...Object.fromEntries(records), ...secrets };
}

/** The account's answers for a wizard that asks again: what it asks is proposed, what it would not ask for stands. */
function asked({ provider, stored, context }: Setup): AnswerRecords {
  const texts: Answers = {
    ...context,
    ...Object.fromEntries(Object.entries(stored).map(([id]) => [id, textOf(stored, id)])),
  };
  const choices = chosenIn(provider, texts);
  const isAsked = (id: string): boolean => id !== 'account' && id !== 'name' && asksFor(provider, texts, id);
  return {
    ...choices,
    ...Object.fromEntries(
      Object.entries(stored).map(([id, record]) => [id, isAsked(id) ? { ...record, state: 'proposed' } : record]),
    ),
  };
}

function textOf(records: AnswerRecords, id: string): string | readonly string[] {
  const value = records[id]?.value;
  return typeof value === 'string' || Array.isArray(value) ? value : '(hidden)';
}

/** The choices that only the wizard asks for follow from the answers that were stored. */
function chosenIn(provider: Provider, stored: Answers): AnswerRecords {
  const known = complete(provider, stored);
  const choices = provider.questions.filter(({ id, wizardOnly }) => wizardOnly === true && known[id] !== undefined);
  return Object.fromEntries(
    choices.map(({ id }) => [id, { value: known[id] as string, from: 'saved', state: 'proposed' } as const]),
  );
}

function asksFor(provider: Provider, answers: Answers, id: string): boolean {
  const { [id]: _, ...others } = answers;
  return itemsOf(provider, others).some((item) => item.id === id);
}

/** A set-up that reuses a registration holds it again when it is carried on; one that was removed meanwhile is asked for anew. */
async function takeUpClient(setup: Setup, given: Answers[string] | undefined): Promise<void> {
  const from = given ?? setup.records[CLIENT_FROM]?.value;
  if (typeof from !== 'string' || from === '') return;
  try {
    await adoptClient(setup, from);
  } catch (error) {
    if (!(error instanceof MailauthError) || given !== undefined) throw error;
    forget(setup, CLIENT_FROM);
  }
}

/** `--client-from`: a further mailbox reuses a registration, with the redirect URI that was registered for it. */
export async function adoptClient(setup: Setup, accountName: string): Promise<void> {
  const { provider, world } = setup;
  const configuration = await readConfiguration(world.configDir);
  const account = findAccount(configuration.accounts, accountName);
  const client = configuration.clients.find((candidate) => candidate.id === account?.client);
  if (account === undefined || client === undefined || client.provider !== provider.id) {
    const names = configuration.accounts.filter((other) => other.provider === provider.id).map((other) => other.name);
    throw new MailauthError('no_such_account', `no ${provider.title} account is called ${accountName}`, {
      fix: [{ text: names.length === 0 ? 'leave --client-from out' : `name one of: ${names.join(', ')}` }],
    });
  }
  setup.client = client;
  setup.storeChoice ??= account.store;
  adopt(setup, proven(clientAnswers(client, provider), secretsOf(client)));
}

/** The registration is not used again after all: what it brought along is asked for. */
export function leaveClient(setup: Setup): void {
  const { client, provider, account } = setup;
  if (client === undefined || account !== undefined) return;
  for (const question of Object.keys({ ...clientAnswers(client, provider), ...secretsOf(client) })) {
    if (setup.records[question]?.from === 'saved') forget(setup, question);
  }
  setup.client = undefined;
}

/** The stored registrations to choose from, each by an account that uses it; a new one comes last. */
export async function withStoredClients(setup: Setup, question: Question): Promise<Question> {
  const { accounts, clients } = await readConfiguration(setup.world.configDir);
  const stored = clients
    .filter((client) => client.provider === setup.provider.id)
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
