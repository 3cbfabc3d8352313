import type { Account } from '../account/account.js';
import type { Grant } from '../account/grant.js';
import { isOver } from '../account/lifetime.js';
import type { Evidence } from '../explain/evidence.js';
import {
  adviseClock,
  adviseSecretExpiry,
  adviseSignInEnd,
  adviseSignInEnded,
  type ExplainContext,
  explain,
  isWeek,
} from '../explain/explain.js';
import type { Problem } from '../explain/problem.js';
import { localDay } from '../words/time.js';
import { contextOf } from './failure.js';
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
  const advice = adviseSecretExpiry(left, onDay(contextOf(provider, account, client), client.secretExpires));
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
  if (left <= 0 || (left > at.warnDays * DAY_MS && !isWeek(lifetimeOf(subject.account, ends)))) return undefined;
  return adviseSignInEnd(lifetimeOf(subject.account, ends), onDay(contextOfSubject(subject), localDay(ends)));
}

/** This machine's clock against the provider's. */
export function clockWarning(subject: Subject, grant: Grant | undefined): Problem | undefined {
  return grant?.clockOffset === undefined ? undefined : adviseClock(grant.clockOffset, contextOfSubject(subject));
}

/** A refused refresh, with what only the account knows: that the provider had announced this end. */
export function refreshFailure(subject: Subject, evidence: Evidence, now: Date): Problem {
  const explanation = explain(evidence, contextOfSubject(subject));
  const { signInEnds } = subject.account;
  if (explanation.code !== 'signin_expired' || signInEnds === undefined || !isOver(signInEnds, now)) {
    return explanation;
  }
  const context = onDay(contextOfSubject(subject), localDay(signInEnds));
  return { ...explanation, ...adviseSignInEnded(lifetimeOf(subject.account, signInEnds), context) };
}

/** Seconds from the sign-in to its end. */
function lifetimeOf(account: Account, ends: string): number {
  return Math.round((Date.parse(ends) - Date.parse(account.signedIn ?? account.created)) / 1000);
}

function contextOfSubject({ provider, account, client }: Subject): ExplainContext {
  return contextOf(provider, account, client);
}

function onDay(context: ExplainContext, date: string): ExplainContext {
  return { ...context, answers: { ...context.answers, date } };
}
