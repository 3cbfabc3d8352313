import type { Account } from '../../account/account.js';
import { isOver } from '../../account/lifetime.js';
import { type AccountReport, type Check, codesOf, isOk, skipped } from '../../explain/check.js';
import { MailauthError, type Problem } from '../../explain/problem.js';
import { proofOf } from '../../mail/protocols.js';
import type { Deadlines } from '../../system/network.js';
import { accountsAtOnce, eachAtOnce } from '../../system/open-files.js';
import { type Protocol, protocols } from '../../words/protocol.js';
import { clockWarning, secretWarning, signInEndOf, signInWarning } from '../dates.js';
import { contextOf } from '../explain-context.js';
import { openStore, storeOf } from '../open.js';
import { signInOf } from '../signin/sign-ins.js';
import { openNetworks, type Subject } from '../workbench.js';
import type { World } from '../world.js';
import { type MailboxProof, proveMailServer } from './mailbox.js';
import { checkSignIn, type SignInStage, type SignInTools } from './signin.js';

const DEADLINE_SECONDS = 45;
/** Of the time for one account, what the token endpoint may take: the rest is kept for the mail servers. */
const TOKEN_SHARE = 2 / 3;
/** Of that, what connecting may take. */
const CONNECT_SHARE = 1 / 3;

export interface CheckOptions {
  readonly only: readonly Protocol[];
  /** Days before the end of a client secret or a sign-in from which it is worth a warning. */
  readonly warnDays: number;
  /** Sends one message to this address. */
  readonly sendTest?: string;
  /** Hears of each line as it is finished: those of one account in their order but for the mail servers, which race. */
  readonly finished?: (account: Account, check: Check) => void;
  /** Hears of each account when all of its lines are finished. */
  readonly reported?: (report: AccountReport) => void;
}

/** What a check learnt and the account should keep. An end that is undefined has turned out to be none. */
export type Learnt = {
  readonly [K in Protocol | 'signInEnds' | 'lastCheck' | 'lastFailures']?: Account[K] | undefined;
};

export interface CheckedAccount {
  readonly report: AccountReport;
  readonly learnt: Learnt;
}

/**
 * Proves one account: the store opens, the token endpoint takes the client and the refresh token, and both mail
 * servers accept the access token. It stops nothing that can still be learned: each stage that can run runs, the others
 * say why they do not, and all of it ends within the time for one account.
 */
export async function checkAccount(world: World, subject: Subject, options: CheckOptions): Promise<CheckedAccount> {
  const [checked] = await checkAccounts(world, [subject], options);
  return checked as CheckedAccount;
}

/** The same for several accounts at once, in their order. Those that trust the same authorities share a network. */
export async function checkAccounts(
  world: World,
  subjects: readonly Subject[],
  options: CheckOptions,
): Promise<readonly CheckedAccount[]> {
  const budget = (world.timeout ?? DEADLINE_SECONDS) * 1000;
  const share = Math.round(budget * TOKEN_SHARE);
  loadAhead(options.only);
  const opened = await withStores(world, subjects);
  const networks = openNetworks(world, deadlinesWithin(share));
  // Whatever ends one account, another may have a refresh token on its way whose successor must still arrive.
  const work = eachAtOnce(opened, accountsAtOnce(), async ({ subject, store }) => {
    world.signal.throwIfAborted();
    const ends = performance.now() + budget;
    const network = await networks.trusting(subject.account.ca).catch(anErrorOfOurs);
    return checkOver(world, subject, { store, network, ends, late: AbortSignal.timeout(share), options });
  });
  const checked = await world.interviewer.waitFor({ what: serversOf(subjects), seconds: budget / 1000 }, work);
  // A token that was too late for its check is still on its way: the process ends when its successor is stored.
  const closed = world.inFlight.landed().then(() => networks.close());
  if (!world.inFlight.busy) await closed;
  return checked.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/**
 * Each opened or failed. A person may have to type a passphrase, and takes as long as that takes: what the servers are
 * given begins afterwards.
 */
async function withStores(world: World, subjects: readonly Subject[]) {
  const opening = async ({ account }: Subject) => openStore(world, storeOf(world, account));
  const opened = subjects.map((subject) => ({ subject, store: opening(subject) }));
  await Promise.allSettled(opened.map(({ store }) => store));
  return opened;
}

function serversOf(subjects: readonly Subject[]): string {
  const [only, ...others] = subjects;
  return others.length === 0 ? `the servers of ${only?.account.name}` : `the servers of ${subjects.length} accounts`;
}

/** The mail libraries take longer to load than anything else here, and the token endpoint is waited for meanwhile. */
function loadAhead(only: readonly Protocol[]): void {
  for (const protocol of only.length > 0 ? only : protocols) {
    // Whoever needs it meets the same failure again.
    proofOf(protocol).catch(() => undefined);
  }
}

/** The check of one account under way. */
interface CheckRun extends SignInTools {
  /** When the check is over, as `performance.now` counts: nobody sets that clock. */
  readonly ends: number;
  readonly options: CheckOptions;
}

async function checkOver(world: World, subject: Subject, run: CheckRun): Promise<CheckedAccount> {
  const { options } = run;
  const stage = await checkSignIn(world, subject, run);
  const dates = withDates(world, subject, stage, options.warnDays);
  for (const check of dates.checks) options.finished?.(subject.account, check);
  const proofs = await proveServers(world, subject, stage, run);
  const checks = [...dates.checks, ...proofs.map(({ check }) => check)];
  const servers = Object.fromEntries(proofs.flatMap(({ protocol, server }) => (server ? [[protocol, server]] : [])));
  const learnt: Learnt = { ...servers, ...dates.learnt, ...resultOf(checks, world.now(), options) };
  const report = reportOf(subject, checks, learnt);
  options.reported?.(report);
  return { report, learnt };
}

/** The half of a mailbox says nothing about the whole. */
function resultOf(checks: readonly Check[], now: Date, { only }: CheckOptions): Learnt {
  if (only.length > 0) return {};
  return { lastCheck: now.toISOString(), lastFailures: [...new Set(codesOf(checks, false))] };
}

/**
 * The time to connect is cut down, so that a silent server leaves some for the others. The time to answer is not: by
 * then a refresh token is on its way.
 */
function deadlinesWithin(budget: number): Partial<Deadlines> {
  const connect = Math.min(10_000, Math.round(budget * CONNECT_SHARE));
  return { dns: Math.min(5_000, connect), connect };
}

function anErrorOfOurs(error: unknown): MailauthError {
  if (error instanceof MailauthError) return error;
  throw error;
}

async function proveServers(
  world: World,
  { provider, account, client }: Subject,
  { token }: SignInStage,
  at: CheckRun,
): Promise<readonly MailboxProof[]> {
  const { only, sendTest } = at.options;
  const wanted = protocols.filter((protocol) =>
    only.length > 0 ? only.includes(protocol) : account[protocol] !== undefined,
  );
  const network = at.network instanceof MailauthError ? undefined : at.network;
  // Without the account's own certificates nobody could be trusted; without any, Node's stand.
  const isTrusting = network !== undefined || account.ca === undefined;
  const prove = async (protocol: Protocol): Promise<MailboxProof> => {
    if (account[protocol] === undefined) return notProven(account, protocol, 'the account is set up without it');
    if (token === undefined) return notProven(account, protocol, 'there is no access token to log in with');
    if (!isTrusting) return notProven(account, protocol, 'the certificate file cannot be used');
    return proveMailServer(protocol, {
      account,
      context: contextOf(provider, account, client),
      token,
      trust: network?.trust,
      hasProxy: network?.hasProxy === true,
      ends: at.ends,
      signal: world.signal,
      ...(sendTest !== undefined && { sendTest }),
      refusesLate: signInOf(client).access(provider).refusesLate ?? [],
      ...(world.trace && { trace: world.trace }),
    });
  };
  return Promise.all(
    wanted.map(async (protocol) => {
      const proof = await prove(protocol);
      at.options.finished?.(account, proof.check);
      return proof;
    }),
  );
}

/** What nobody is asked about, with the server that would have been. */
function notProven(account: Account, protocol: Protocol, why: string): MailboxProof {
  const { host, port } = account[protocol] ?? {};
  return { protocol, check: { ...skipped(protocol, why), ...(host && { host }), ...(port && { port }) } };
}

/** What is still fine and will not stay so joins the line it belongs to. */
function withDates(
  world: World,
  subject: Subject,
  { checks, grant }: SignInStage,
  warnDays: number,
): { readonly checks: readonly Check[]; readonly learnt: Learnt } {
  const at = { now: world.now(), warnDays };
  const announced = grant && signInEndOf(grant, at.now);
  const ends = announced ?? subject.account.signInEnds;
  // A stored end that is over, while the sign-in goes on, was none.
  const outlived = grant !== undefined && isOver(ends, at.now);
  const warnings: Partial<Record<Check['id'], readonly (Problem | undefined)[]>> = {
    client: [secretWarning(subject, at)],
    signin: [ends === undefined ? undefined : signInWarning(subject, ends, at), clockWarning(subject, grant)],
  };
  return {
    checks: checks.map((check) => (warnings[check.id] ?? []).reduce(warned, check)),
    learnt: outlived ? { signInEnds: undefined } : announced === undefined ? {} : { signInEnds: announced },
  };
}

/** A line that failed keeps its failure; one that warns already says both; one that was skipped says why as well. */
function warned(check: Check, warning: Problem | undefined): Check {
  if (warning === undefined || check.status === 'fail') return check;
  if (check.status === 'warn')
    return { ...check, message: `${check.message}; ${warning.message}`, fix: [...check.fix, ...warning.fix] };
  const message = check.message === undefined ? warning.message : `${warning.message}; ${check.message}`;
  return { ...check, ...warning, status: 'warn', message };
}

function reportOf({ account, client }: Subject, checks: readonly Check[], learnt: Learnt): AccountReport {
  const ends = 'signInEnds' in learnt ? learnt.signInEnds : account.signInEnds;
  return {
    name: account.name,
    address: account.address,
    provider: account.provider,
    ok: isOk(checks),
    signIn: client.signIn ?? 'person',
    credential: client.credentialKind ?? null,
    secretExpires: client.secretExpires ?? null,
    signInEnds: ends ?? null,
    checks,
  };
}
