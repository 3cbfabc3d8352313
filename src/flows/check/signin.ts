import { type Account, storeWord } from '../../account/account.js';
import type { Credential, FreshToken } from '../../account/credential.js';
import type { Grant } from '../../account/grant.js';
import { secondsLeft } from '../../account/lifetime.js';
import { adviseAudience, adviseMissingRoles, adviseMissingScopes } from '../../explain/advice.js';
import { type Check, failed, skipped } from '../../explain/check.js';
import { isA } from '../../explain/codes.js';
import type { Evidence } from '../../explain/evidence.js';
import type { Outcome } from '../../explain/outcome.js';
import { MailauthError, type Problem } from '../../explain/problem.js';
import { audienceOf } from '../../oauth/audience.js';
import { missingRoles } from '../../oauth/roles.js';
import { missingMailScopes } from '../../oauth/scopes.js';
import type { SecretStore } from '../../store/store.js';
import type { Network } from '../../system/network.js';
import { protocols } from '../../words/protocol.js';
import type { Secret } from '../../words/secret.js';
import { refreshFailure } from '../dates.js';
import { contextOf } from '../explain-context.js';
import { readCredential } from '../open.js';
import { signInOf } from '../signin/sign-ins.js';
import { freshToken } from '../token/fresh.js';
import type { Subject } from '../workbench.js';
import type { World } from '../world.js';

/** A cached token that lives at least this long still proves the mail servers when no new one can be had. Seconds. */
const USABLE_SECONDS = 60;

/** The lines of store, client and sign-in, and the token that the mail servers can be asked with. */
export interface SignInStage {
  readonly checks: readonly Check[];
  readonly token?: TokenInHand;
  /** The token endpoint's answer, where it gave a token. */
  readonly grant?: Grant;
}

export interface TokenInHand {
  readonly accessToken: Secret;
  /** Of the refresh just made, and not of an earlier one. */
  readonly isNew: boolean;
}

/** What the first lines of a check are found out with. */
export interface SignInTools {
  /** Opened, or why it cannot be. */
  readonly store: Promise<SecretStore>;
  readonly network: Network | MailauthError;
  /** Aborted when the token endpoint has used its share of the time. */
  readonly late: AbortSignal;
}

/** Reads the store, asks the token endpoint, and says what that one answer proves about the client and the sign-in. */
export async function checkSignIn(
  world: World,
  subject: Subject,
  { store, network, late: deadline }: SignInTools,
): Promise<SignInStage> {
  const { account } = subject;
  const kept = await readStore(store, account);
  if ('checks' in kept) return kept;
  const opened: Check = { id: 'store', status: 'ok', store: storeWord(account.store) };
  try {
    if (network instanceof MailauthError) throw network;
    const open = { ...subject, store: kept.store, network: async () => network };
    const bounded = { ...world, signal: AbortSignal.any([world.signal, deadline]) };
    const asking = freshToken(bounded, open, { minTtl: 0, want: 'answer' }).catch(unlessLate(deadline, account));
    // What is in flight then goes on by itself; the mail servers get their time.
    const outcome = await Promise.race([asking, whenLate(deadline, account)]);
    if (outcome.ok) return granted(world, subject, opened, outcome.value);
    const checks = await refusal(subject, outcome.evidence, world.now());
    return { checks: [opened, ...checks], ...usable(kept.credential, world.now()) };
  } catch (error) {
    if (!(error instanceof MailauthError) || isA('stopped', error.code)) throw error;
    const stored = usable(kept.credential, world.now());
    return { checks: obstacle(opened, error, stored), ...stored };
  }
}

interface Kept {
  readonly store: SecretStore;
  readonly credential: Credential;
}

async function readStore(opening: Promise<SecretStore>, account: Account): Promise<Kept | SignInStage> {
  try {
    const store = await opening;
    return { store, credential: await readCredential(store, account) };
  } catch (error) {
    if (!(error instanceof MailauthError) || isA('stopped', error.code)) throw error;
    const gone = error.code === 'signin_required';
    const why = gone ? 'there is no stored sign-in to ask with' : 'the stored sign-in cannot be read';
    const at = { store: storeWord(account.store) };
    return {
      checks: [
        gone ? { id: 'store', status: 'ok', ...at } : failed('store', error.problem, at),
        skipped('client', why),
        gone ? failed('signin', error.problem) : skipped('signin', why),
      ],
    };
  }
}

function granted(world: World, subject: Subject, opened: Check, token: FreshToken): SignInStage {
  const { accessToken, credential, expires, grant } = token;
  const scopes = grant?.scopes ?? credential.scopes ?? subject.account.scopes;
  const problem = problemWith(subject, accessToken, scopes);
  const signedIn: Check = {
    id: 'signin',
    status: 'ok',
    ...((grant === undefined || grant.expiresIn !== undefined) && {
      expiresIn: Math.max(0, Math.round(expires - world.now().getTime() / 1000)),
    }),
    scopes,
  };
  return {
    checks: [
      opened,
      { id: 'client', status: 'ok' },
      problem === undefined ? signedIn : failed('signin', problem, { scopes }),
    ],
    token: { accessToken, isNew: true },
    ...(grant && { grant }),
  };
}

/** What a token can lack although the provider gave it: the mail permission, or the mail servers as its audience. */
function problemWith(
  { provider, account, client }: Subject,
  accessToken: Secret,
  scopes: readonly string[],
): Problem | undefined {
  const context = contextOf(provider, account, client);
  const missing = missingMailScopes(account.scopes, scopes);
  if (missing.length > 0) return adviseMissingScopes(missing, context);
  const { roles: roleOf } = signInOf(client).access(provider);
  const needed = protocols.flatMap((protocol) => (account[protocol] && roleOf?.[protocol]) ?? []);
  const roles = missingRoles(accessToken, needed);
  if (roles.length > 0) return adviseMissingRoles(roles, context);
  const foreign = audienceOf(accessToken).map((name) => provider.foreignAudiences?.[name.replace(/\/+$/, '')]);
  const service = foreign.find((name) => name !== undefined);
  return service === undefined ? undefined : adviseAudience(service, context);
}

/**
 * One answer, two lines: a client error fails the client; any other OAuth answer means that the client is known; no
 * OAuth answer at all says nothing about it.
 */
async function refusal(subject: Subject, evidence: Evidence, now: Date): Promise<readonly Check[]> {
  const problem = await refreshFailure(subject, evidence, now);
  if (isA('registration', problem.code)) {
    return [failed('client', problem), skipped('signin', 'the client was refused first')];
  }
  const signin = failed('signin', problem);
  if (isOAuthAnswer(evidence) && !problem.retryable) {
    return [{ id: 'client', status: 'ok' }, signin];
  }
  return [skipped('client', 'the token endpoint gave no answer about it'), signin];
}

/** An OAuth error response (RFC 6749 section 5.2), as opposed to a page, a proxy's word or a server in trouble. */
function isOAuthAnswer({ stage, status, error }: Evidence): boolean {
  return stage === 'response' && status !== undefined && status >= 400 && status < 429 && error !== 'intercepted';
}

/** The token endpoint could not be asked, for a reason on this machine. */
function obstacle(opened: Check, error: MailauthError, stored: Pick<SignInStage, 'token'>): readonly Check[] {
  const { problem } = error;
  if (error.code === 'store_denied' && stored.token !== undefined) return readOnly(opened, problem);
  if (isA('store', error.code)) {
    const why = 'a new token could not be stored, so none was asked for';
    return [
      failed('store', problem, { store: opened.store as string }),
      skipped('client', why),
      skipped('signin', why),
    ];
  }
  const why = 'the token endpoint was not asked';
  return error.code === 'client_secret_wrong'
    ? [opened, failed('client', problem), skipped('signin', why)]
    : [opened, skipped('client', why), failed('signin', problem)];
}

/** A host that may only read a shared store is well as long as another one keeps the token fresh. */
function readOnly({ store }: Check & { readonly store?: string }, problem: Problem): readonly Check[] {
  const message = 'this host may only read the store: its tokens are good as long as another host keeps them fresh';
  const why = 'only a host that may write asks for a new token';
  return [
    { id: 'store', status: 'warn', ...problem, message, ...(store !== undefined && { store }) },
    skipped('client', why),
    skipped('signin', why),
  ];
}

/** The time for the token endpoint is over: that is what the check found, and not a mistake. */
function unlessLate(deadline: AbortSignal, account: Account): (error: unknown) => Outcome<FreshToken> {
  return (error) => {
    if (!deadline.aborted || error !== deadline.reason) throw error;
    return late(account);
  };
}

function whenLate(deadline: AbortSignal, account: Account): Promise<Outcome<FreshToken>> {
  return new Promise((resolve) => {
    const end = (): void => resolve(late(account));
    if (deadline.aborted) end();
    else deadline.addEventListener('abort', end, { once: true });
  });
}

function late({ endpoints }: Account): Outcome<FreshToken> {
  const { hostname: host, port } = new URL(endpoints.token);
  const text = 'no answer within the time for this check';
  const peer = { host, port: Number(port || 443) };
  return { ok: false, evidence: { where: 'token', stage: 'response', error: 'ETIMEDOUT', text, ...peer } };
}

function usable(credential: Credential, now: Date): { readonly token?: TokenInHand } {
  const { accessToken } = credential;
  if (accessToken === undefined || secondsLeft(credential, now) < USABLE_SECONDS) return {};
  return { token: { accessToken, isNew: false } };
}
