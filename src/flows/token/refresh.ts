/**
 * The refresh, one for all processes. Lock, read again, note in the journal which token is about to be spent, hold all
 * that storing needs, ask, store the answer before anything else, strike the note, unlock. Whatever goes wrong on the
 * way, the store holds the old credential or the new one, and a failure never changes it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Account } from '../../account/account.js';
import { type Credential, type FreshToken, renewed, tokenOf } from '../../account/credential.js';
import type { Grant } from '../../account/grant.js';
import { secondsLeft } from '../../account/lifetime.js';
import type { Outcome } from '../../explain/outcome.js';
import { MailauthError, throwBugs } from '../../explain/problem.js';
import { mayHaveSpent, retryDelay } from '../../oauth/retry.js';
import { changeAccount } from '../../store/accounts.js';
import { encodeCredential } from '../../store/credential.js';
import type { Held } from '../../store/lock.js';
import { beginSpending, type Spending } from '../../store/spending.js';
import { withAccountLock } from '../lock.js';
import { readStored } from '../open.js';
import type { World } from '../world.js';
import { type Renewal, renewalOf } from './renewal.js';
import type { OpenAccount, TokenWish } from './wish.js';

/** How long a process waits for another one that is refreshing the same credential: with nothing to use, and with a token that still works. */
const LOCK_WAIT_MS = { without: 60_000, usable: 10_000 } as const;
/** The same for another host: longer than the lease of one that died with it. */
const HOST_WAIT_MS = { without: 90_000, usable: 10_000 } as const;
/** No further attempt begins later than this. */
const PATIENCE_MS = 75_000;
/** An end that moves less than this moves only because the answer took its time. */
const SAME_END_MS = 3_600_000;

/**
 * A newer token than `before`. Of several processes that come together one asks and the others take its answer, unless
 * they want an answer of their own. Fails as the token endpoint does; throws what keeps the store or its lock from use.
 */
export async function refreshTogether(
  world: World,
  open: OpenAccount,
  before: Credential,
  wish: TokenWish,
): Promise<Outcome<FreshToken>> {
  const usable = wish.want === 'lasting' && secondsLeft(before, world.now()) > 0;
  const started = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const waitMs = usable ? LOCK_WAIT_MS.usable : LOCK_WAIT_MS.without;
    const until = performance.now() + (usable ? HOST_WAIT_MS.usable : HOST_WAIT_MS.without);
    const work = (held: Held) => transact(world, open, { before, held, wish, until });
    const outcome = await withAccountLock(world, open.account, work, waitMs);
    world.signal.throwIfAborted();
    if (outcome.ok) {
      await keepSignInEnd(world, open, outcome.value.grant);
      return outcome;
    }
    // Whoever has something to use, or wants to see how things stand, is not kept waiting.
    const patient = !usable && wish.want !== 'answer';
    const wait = patient ? retryDelay(outcome.evidence, attempt, Math.random()) : undefined;
    if (wait === undefined || performance.now() - started + wait > PATIENCE_MS) return outcome;
    world.trace?.(`attempt ${attempt} failed at ${outcome.evidence.stage}; the next one comes in ${wait} ms`);
    // Without the lock: another process may have more luck meanwhile.
    await pause(wait, undefined, { signal: world.signal }).catch(() => world.signal.throwIfAborted());
  }
}

export interface Turn {
  /** What was stored when the caller came. */
  readonly before: Credential;
  readonly held: Held;
  readonly wish: TokenWish;
  /** When to wait no longer for another host (`performance.now`). */
  readonly until: number;
  /** What was stored was refused, and it is another one by now. */
  readonly isSecond?: true;
}

/** One turn at the credential, for a process that is alone at it on this machine. */
export async function transact(world: World, open: OpenAccount, turn: Turn): Promise<Outcome<FreshToken>> {
  const current = await readStored(open.store, open.account);
  if (servedBy(world, turn, turn.before, current.credential)) {
    world.trace?.('another process has just refreshed the token');
    return { ok: true, value: tokenOf(current.credential) };
  }
  const spending = await begin(world, open, turn, current);
  if (spending === undefined) return transact(world, open, turn);
  const outcome = await spend(world, { ...open, ...spending, held: turn.held }, current);
  if (outcome.ok || outcome.evidence.error !== 'invalid_grant') return outcome;
  // Perhaps somebody without our lock (another machine, a new sign-in) has replaced the token: theirs is tried once.
  const stored = await readStored(open.store, open.account);
  if (isSame(stored.credential, current.credential) || turn.isSecond) return outcome;
  return transact(world, open, { ...turn, before: current.credential, isSecond: true });
}

/** Whether what another process has stored since `earlier` is good enough for this one. */
function servedBy(world: World, { wish }: Turn, earlier: Credential, current: Credential): boolean {
  return wish.want !== 'answer' && !isSame(earlier, current) && secondsLeft(current, world.now()) > 0;
}

/** A credential as it was read, and of which version of its entry. */
interface Current {
  readonly credential: Credential;
  readonly version: string;
}

/** A new token may be longer than the one it replaces, by so many characters. */
const GROWTH = 1024;

interface Begun {
  readonly renewal: Renewal;
  readonly spending: Spending;
}

/**
 * Notes which token is about to be sent, and holds all that storing the answer needs. Undefined where another host has
 * changed the entry meanwhile: it is to be read again.
 */
async function begin(world: World, open: OpenAccount, turn: Turn, current: Current): Promise<Begun | undefined> {
  const { account, store } = open;
  const renewal = await renewalOf(open, current.credential);
  // Loaded only now: of many processes that come together one gets here.
  await Promise.all([import('../../oauth/tokens.js'), open.network()]);
  const place = { store, id: account.credential, configDir: world.configDir };
  const length = encodeCredential(current.credential).reveal().length + GROWTH;
  const errand = { spends: renewal.spends, now: world.now(), signal: world.signal };
  const waitMs = turn.until - performance.now();
  try {
    const spending = await beginSpending(place, { version: current.version, length }, { ...errand, waitMs });
    return { renewal, spending };
  } catch (error) {
    const isChanged = error instanceof MailauthError && error.code === 'store_busy';
    if (!isChanged || performance.now() >= turn.until) throw error;
    world.signal.throwIfAborted();
    return undefined;
  }
}

interface Keeping extends OpenAccount, Begun {
  readonly held: Held;
}

/**
 * Sends the refresh token and stores what comes back. What was sent is waited for, whatever else ends.
 */
async function spend(world: World, at: Keeping, current: Current): Promise<Outcome<FreshToken>> {
  const { spending, renewal, held } = at;
  const { unanswered } = spending;
  let mayBeSpent = unanswered !== undefined;
  try {
    await held.assertHeld();
    await spending.assertHeld();
    world.signal.throwIfAborted();
    const network = await at.network();
    return await world.inFlight.guard(async (signal) => {
      mayBeSpent = true;
      const outcome = await renewal.ask({ network, signal });
      mayBeSpent = unanswered !== undefined || (!outcome.ok && mayHaveSpent(outcome.evidence));
      if (outcome.ok) {
        mayBeSpent = true;
        const credential = await keep(world, at, current, outcome.value);
        mayBeSpent = false;
        return { ok: true, value: tokenOf(credential, outcome.value) };
      }
      if (unanswered === undefined) return outcome;
      return { ok: false, evidence: { ...outcome.evidence, unanswered: unanswered.toISOString() } };
    });
  } finally {
    await spending.end(mayBeSpent).catch(throwBugs);
  }
}

/** Stores the renewed credential (see `saveFirmly`) while nobody else is at it. */
async function keep(world: World, at: Keeping, current: Current, grant: Grant): Promise<Credential> {
  const credential = renewed(current.credential, grant, world.now());
  const save = (): Promise<void> => saveFirmly(at, credential);
  const lost = await at.held.assertHeld().then(
    () => false,
    (error: unknown) => error instanceof MailauthError && error.code === 'store_busy',
  );
  if (lost) {
    // Suspended for so long that another process took the lock: what it did must be seen before anything is written.
    const unstoppable = { ...world, signal: new AbortController().signal };
    await withAccountLock(unstoppable, at.account, save, LOCK_WAIT_MS.without);
  } else await save();
  world.trace?.(`stored; the refresh token was ${grant.refreshToken ? 'replaced' : 'kept'}`);
  return credential;
}

/** Into the room that is held, and at last anew. Where another credential has been stored meanwhile, that one stands. */
async function saveFirmly({ spending }: Keeping, next: Credential): Promise<void> {
  const value = encodeCredential(next);
  for (const wait of [...spending.saveAgain, undefined]) {
    try {
      await (wait === undefined ? spending.putAnew(value) : spending.put(value));
      return;
    } catch (error) {
      if (!(error instanceof MailauthError)) throw error;
      if (error.code === 'store_busy') return;
      if (wait === undefined) throw notSaved(error);
      await spending.pause(wait);
    }
  }
}

function notSaved(error: MailauthError): MailauthError {
  const { code, message, fix, who } = error.problem;
  return new MailauthError(code, `the renewed sign-in could not be stored: ${message}`, {
    fix: [...fix, { text: 'if the next run then says that the sign-in has expired, sign in again' }],
    who,
    cause: error,
  });
}

function isSame(one: Credential, other: Credential): boolean {
  return one.generation === other.generation && one.refreshToken?.reveal() === other.refreshToken?.reveal();
}

/** A provider may announce with each refresh how long the sign-in still lasts (for a client that is only being tried). */
async function keepSignInEnd(world: World, { account }: OpenAccount, grant: Grant | undefined): Promise<void> {
  if (grant?.refreshTokenExpiresIn === undefined) return;
  const end = world.now().getTime() + grant.refreshTokenExpiresIn * 1000;
  if (account.signInEnds !== undefined && Math.abs(end - Date.parse(account.signInEnds)) <= SAME_END_MS) return;
  const signInEnds = new Date(end).toISOString();
  const note = (now: Account): Account => ({ ...now, signInEnds });
  await changeAccount(world.configDir, account.credential, note).catch((error: unknown) => {
    // The date is a courtesy; the token that was just stored is what the caller came for.
    if (!(error instanceof MailauthError)) throw error;
  });
}
