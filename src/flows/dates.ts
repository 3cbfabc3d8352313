import type { Account } from '../account/account.js';
import type { Grant } from '../account/grant.js';
import { isOver } from '../account/lifetime.js';
import { adviseClock, adviseSecretExpiry, adviseSignInEnd, adviseSignInEnded, isWeek } from '../explain/advice.js';
import type { ExplainContext } from '../explain/context.js';
import type { Evidence } from '../explain/evidence.js';
import { explain } from '../explain/explain.js';
import type { Problem } from '../explain/problem.js';
import { localDay } from '../words/time.js';
import { contextOf } from './explain-context.js';
import type { Subject } from './workbench.js';

const DAY_MS = 86_400_000;

/** When a sign-in ends, from the seconds the provider announced; undefined where it announced nothing. */
export function signInEndOf(grant: Grant, now: Date): string | undefined {
  if (grant.refreshTokenExpiresIn === undefined) return undefined;
  return new Date(now.getTime() + grant.refreshTokenExpiresIn * 1000).toISOString();
}

/** A client secret that will stop working within so many days; undefined where there is time, or no date is known. */
export function secretWarning(
  { provider, account, client }: Subject,
  at: { readonly now: Date; readonly warnDays: number },
): Problem | undefined {
  if (client.secretExpires === undefined) return undefined;
  const left = Math.floor((Date.parse(`${client.secretExpires}T00:00:00Z`) - at.now.getTime()) / DAY_MS);
  if (left > at.warnDays) return undefined;
  const advice = adviseSecretExpiry(left, client.secretExpires, contextOf(provider, account, client));
  // Past its day and still taken: the day that was read off the page may be wrong, so it is no failure.
  return { ...advice, code: 'client_secret_expires_soon' };
}

/**
 * A sign-in with an end. One that lasts a week is always worth a warning, since somebody would have to sign in every
 * week; a longer one within `warnDays` of its end.
 */
export function signInWarning(
  subject: Subject,
  ends: string,
  at: { readonly now: Date; readonly warnDays: number },
): Problem | undefined {
  const left = Date.parse(ends) - at.now.getTime();
  const lifetime = lifetimeOf(subject.account, ends);
  if (left <= 0 || (left > at.warnDays * DAY_MS && !isWeek(lifetime))) return undefined;
  return adviseSignInEnd({ lifetime, date: localDay(ends) }, contextOfSubject(subject));
}

/** This machine's clock against the provider's. */
export function clockWarning(subject: Subject, grant: Grant | undefined): Problem | undefined {
  return grant?.clockOffset === undefined ? undefined : adviseClock(grant.clockOffset, contextOfSubject(subject));
}

/** A refused refresh, with what only the account knows: that the provider had announced this end. */
export async function refreshFailure(subject: Subject, evidence: Evidence, now: Date): Promise<Problem> {
  const context = contextOfSubject(subject);
  const problem = await explain(evidence, context);
  const { signInEnds } = subject.account;
  if (problem.code !== 'signin_expired' || signInEnds === undefined || !isOver(signInEnds, now)) return problem;
  const end = { lifetime: lifetimeOf(subject.account, signInEnds), date: localDay(signInEnds) };
  return { ...problem, ...adviseSignInEnded(end, context) };
}

/** Seconds from the sign-in to its end. */
function lifetimeOf(account: Account, ends: string): number {
  return Math.round((Date.parse(ends) - Date.parse(account.signedIn ?? account.created)) / 1000);
}

function contextOfSubject({ provider, account, client }: Subject): ExplainContext {
  return contextOf(provider, account, client);
}
