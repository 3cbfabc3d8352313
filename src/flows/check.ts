import type { Account, Client, MailServer, Protocol } from '../core/account.js';
import type { Evidence } from '../core/diagnosis.js';
import { MailauthError } from '../core/errors.js';
import { adviseMissingScopes, explain } from '../core/explain.js';
import type { Outcome } from '../core/outcome.js';
import type { Provider } from '../core/provider.js';
import type { AccountReport, Check } from '../core/report.js';
import { isOk } from '../core/report.js';
import { missingMailScopes } from '../core/scopes.js';
import type { Secret } from '../core/secret.js';
import { type Network, openNetwork } from '../system/network.js';
import { dateWarnings } from './dates.js';
import { contextOf, explanationOf, failedCheck } from './failure.js';
import { type FreshToken, freshToken, secondsLeft } from './fresh-token.js';
import { openStore, readCredential } from './vault.js';
import type { World } from './world.js';

const DEADLINE_SECONDS = 45;
/** A cached token that lives at least this long still proves the mail servers when the token endpoint is out of reach. */
const USABLE_SECONDS = 60;

export interface CheckOptions {
  readonly only: readonly Protocol[];
  /** Days before a secret's expiry from which it is worth a warning. */
  readonly warnDays: number;
  /** Sends one message to this address. */
  readonly sendTest?: string;
}

export interface CheckedAccount {
  readonly report: AccountReport;
  /** What the check learnt and the account should keep: the date the sign-in ends, which user name worked. */
  readonly learnt: Partial<Account>;
}

/**
 * Proves one account: the store opens, the token endpoint takes the client and the refresh token, and both mail
 * servers accept the access token. It stops nothing that can still be learned: each stage that can run runs.
 */
export async function checkAccount(
  world: World,
  subject: { readonly provider: Provider; readonly account: Account; readonly client: Client },
  options: CheckOptions,
): Promise<CheckedAccount> {
  const { provider, account, client } = subject;
  const context = contextOf(provider, account, client);
  const deadline = AbortSignal.timeout((world.timeout ?? DEADLINE_SECONDS) * 1000);
  const ends = Date.now() + (world.timeout ?? DEADLINE_SECONDS) * 1000;
  const checks: Check[] = [];
  const learnt: { -readonly [K in keyof Account]?: Account[K] } = {};
  const protocols = (['smtp', 'imap'] as const).filter(
    (protocol) => account[protocol] !== undefined && (options.only.length === 0 || options.only.includes(protocol)),
  );

  const network = await openNetwork({
    env: world.env,
    ...(account.ca && { caFile: account.ca }),
    signal: world.signal,
    ...(world.trace && { trace: world.trace }),
  });
  try {
    const token = await tokenFor(world, subject, network, deadline, checks);
    const warnings = dateWarnings(subject, { now: world.now(), warnDays: options.warnDays, grant: token.value?.grant });
    if (warnings.signInEnds !== undefined) learnt.signInEnds = warnings.signInEnds;
    warn(checks, warnings.checks);
    const proofs = protocols.map((protocol) => proveProtocol(protocol, token.value?.accessToken));
    for (const proof of await Promise.all(proofs)) {
      checks.push(proof.check);
      if (proof.server !== undefined) learnt[proof.protocol] = proof.server;
    }
  } finally {
    await network.close();
  }
  learnt.lastCheck = world.now().toISOString();
  return { report: reportOf(subject, checks, learnt), learnt };

  async function proveProtocol(
    protocol: Protocol,
    accessToken: Secret | undefined,
  ): Promise<{ protocol: Protocol; check: Check; server?: MailServer }> {
    const server = account[protocol] as MailServer;
    const at = { host: server.host, port: server.port };
    if (accessToken === undefined) {
      return {
        protocol,
        check: { id: protocol, status: 'skip', ...at, message: 'there is no access token to log in with' },
      };
    }
    let failure: Evidence | undefined;
    for (const user of usersFor(protocol, server, account)) {
      const login = {
        server,
        user,
        accessToken,
        ...(network.ca && { ca: network.ca }),
        deadline: Math.max(1, Math.min(account.mailTimeout * 1000, ends - Date.now())),
        signal: world.signal,
        ...(world.trace && { trace: world.trace }),
      };
      const outcome = await prove(protocol, login, protocol === 'smtp' ? options.sendTest : undefined);
      if (outcome.ok) {
        const check: Check = {
          id: protocol,
          status: 'ok',
          ...at,
          ...(user !== account.address && { user }),
          ...('messages' in outcome.value && { messages: outcome.value.messages }),
        };
        const kept = server.user ?? account.address;
        return { protocol, check, ...(user !== kept && { server: { ...server, user } }) };
      }
      failure ??= outcome.evidence;
      // Only a refused user name is worth a second form of it; a network failure is not.
      if (outcome.evidence.stage !== 'auth' && outcome.evidence.stage !== 'mailbox') break;
    }
    return { protocol, check: failedCheck(protocol, explain(failure as Evidence, context), at) };
  }
}

type Login = Parameters<typeof import('../mail/imap.js').proveImap>[0];

async function prove(
  protocol: Protocol,
  login: Login,
  sendTest: string | undefined,
): Promise<Outcome<{ readonly messages?: number }>> {
  if (protocol === 'imap') return (await import('../mail/imap.js')).proveImap(login);
  const smtp = await import('../mail/smtp.js');
  const proved = await smtp.proveSmtp(login);
  if (proved.ok && sendTest !== undefined) {
    const sent = await smtp.sendTest(login, sendTest);
    return sent.ok ? { ok: true, value: {} } : sent;
  }
  return proved.ok ? { ok: true, value: {} } : proved;
}

/**
 * The user names to try, the likely one first. A shared mailbox is opened by its own name over IMAP, and by its
 * delegate's over SMTP; where a server wants it the other way round, the second form works.
 */
function usersFor(protocol: Protocol, server: MailServer, account: Account): readonly string[] {
  if (account.authUser === undefined) return [server.user ?? account.address];
  const likely = server.user ?? (protocol === 'imap' ? account.address : account.authUser);
  return [likely, likely === account.address ? account.authUser : account.address];
}

/** Runs the shared refresh and writes the store, client and signin lines; undefined where no token could be had. */
async function tokenFor(
  world: World,
  subject: { readonly provider: Provider; readonly account: Account; readonly client: Client },
  network: Network,
  deadline: AbortSignal,
  checks: Check[],
): Promise<{ value?: { accessToken: Secret; grant?: FreshToken['grant'] } }> {
  const { provider, account, client } = subject;
  const context = contextOf(provider, account, client);
  const bounded: World = { ...world, signal: AbortSignal.any([world.signal, deadline]) };
  let store: Awaited<ReturnType<typeof openStore>>;
  try {
    store = await openStore(world, account.store);
    await readCredential(store, account);
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
    const waits = 'the stored sign-in cannot be read';
    const id = error.code === 'signin_required' ? 'signin' : 'store';
    if (id === 'signin') checks.push({ id: 'store', status: 'ok', store: account.store.kind });
    else checks.push(failedCheck('store', explanationOf(error), { store: account.store.kind }));
    checks.push({ id: 'client', status: 'skip', message: waits });
    checks.push(
      id === 'signin' ? failedCheck('signin', explanationOf(error)) : { id: 'signin', status: 'skip', message: waits },
    );
    return {};
  }
  checks.push({ id: 'store', status: 'ok', store: account.store.kind });
  const outcome = await freshToken(bounded, { account, client, store, network }, { minTtl: 0, force: true });
  if (outcome.ok) {
    const missing = missingMailScopes(account.scopes, outcome.value.grant?.scopes);
    checks.push({ id: 'client', status: 'ok' });
    checks.push(
      missing.length === 0
        ? {
            id: 'signin',
            status: 'ok',
            expiresIn: Math.max(0, Math.round(outcome.value.expires - world.now().getTime() / 1000)),
            scopes: outcome.value.grant?.scopes ?? account.scopes,
          }
        : failedCheck('signin', adviseMissingScopes(missing, context)),
    );
    const { accessToken, grant } = outcome.value;
    return { value: { accessToken, ...(grant && { grant }) } };
  }
  const explanation = explain(outcome.evidence, context);
  if (explanation.exit === 78) {
    checks.push(failedCheck('client', explanation));
    checks.push({ id: 'signin', status: 'skip', message: 'the client was refused first' });
  } else {
    const answered = outcome.evidence.stage === 'response' && isOAuthAnswer(outcome.evidence);
    checks.push(
      answered
        ? { id: 'client', status: 'ok' }
        : { id: 'client', status: 'skip', message: 'the token endpoint gave no answer' },
    );
    checks.push(failedCheck('signin', explanation));
    if (!answered) {
      const credential = await readCredential(store, account);
      if (credential.accessToken !== undefined && secondsLeft(credential, world.now()) >= USABLE_SECONDS) {
        return { value: { accessToken: credential.accessToken } };
      }
    }
  }
  return {};
}

/** An OAuth error response (RFC 6749 section 5.2), as opposed to a page, a proxy's word or a server in trouble. */
function isOAuthAnswer(evidence: Evidence): boolean {
  return (
    evidence.error !== undefined &&
    /^[a-z_]+$/.test(evidence.error) &&
    evidence.error !== 'intercepted' &&
    (evidence.status ?? 400) < 429
  );
}

/** A warning joins the line it belongs to; a line that failed already keeps its failure. */
function warn(checks: Check[], warnings: readonly Check[]): void {
  for (const warning of warnings) {
    const at = checks.findIndex((check) => check.id === warning.id);
    const line = checks[at];
    if (line?.status === 'ok') checks[at] = { ...line, ...warning };
  }
}

function reportOf(
  subject: { readonly account: Account; readonly client: Client },
  checks: readonly Check[],
  learnt: Partial<Account>,
): AccountReport {
  const { account, client } = subject;
  return {
    name: account.name,
    address: account.address,
    provider: account.provider,
    ok: isOk(checks),
    secretExpires: client.secretExpires ?? null,
    signInEnds: (learnt.signInEnds ?? account.signInEnds)?.slice(0, 10) ?? null,
    checks,
  };
}
