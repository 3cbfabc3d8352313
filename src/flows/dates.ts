import type { Account, Client } from '../core/account.js';
import type { Diagnosis } from '../core/diagnosis.js';
import { adviseClock, adviseSecretExpiry, adviseSignInEnd, type ExplainContext } from '../core/explain.js';
import type { Grant } from '../core/grant.js';
import type { Provider } from '../core/provider.js';
import type { Check } from '../core/report.js';
import { contextOf } from './failure.js';

const DAY_MS = 86_400_000;

/** When a sign-in ends, from the seconds the provider announced; undefined where it announced nothing. */
export function signInEndOf(grant: Grant, now: Date): string | undefined {
  if (grant.refreshTokenExpiresIn === undefined) return undefined;
  return new Date(now.getTime() + grant.refreshTokenExpiresIn * 1000).toISOString();
}

/**
 * What is still fine and will not stay so: a client secret near its expiry, a sign-in with an end, a clock that is off.
 * Each warning has the id of the line of the check it belongs to.
 */
export function dateWarnings(
  subject: { readonly provider: Provider; readonly account: Account; readonly client: Client },
  at: { readonly now: Date; readonly warnDays: number; readonly grant: Grant | undefined },
): { checks: readonly Check[]; signInEnds?: string } {
  const { account, client, provider } = subject;
  const checks: Check[] = [];
  const context = contextOf(provider, account, client);
  if (client.secretExpires !== undefined) {
    const left = daysUntil(client.secretExpires, at.now);
    const advice = adviseSecretExpiry(left, withDate(context, client.secretExpires));
    // Past its date but taken all the same: the date that was read off the page may be wrong.
    if (left <= at.warnDays) checks.push(warning('client', { ...advice, code: 'client_secret_expires_soon' }));
  }
  const announced = at.grant && signInEndOf(at.grant, at.now);
  const ends = announced ?? account.signInEnds;
  if (ends !== undefined) {
    const lifetime = (Date.parse(ends) - Date.parse(account.signedIn ?? account.created)) / 1000;
    checks.push(warning('signin', adviseSignInEnd(Math.round(lifetime), withDate(context, ends.slice(0, 10)))));
  }
  const clock = at.grant?.clockOffset === undefined ? undefined : adviseClock(at.grant.clockOffset, context);
  if (clock !== undefined) checks.push(warning('signin', clock));
  return { checks, ...(announced !== undefined && { signInEnds: announced }) };
}

function daysUntil(date: string, now: Date): number {
  return Math.floor((Date.parse(`${date}T00:00:00Z`) - now.getTime()) / DAY_MS);
}

function withDate(context: ExplainContext, date: string): ExplainContext {
  return { ...context, answers: { ...context.answers, date } };
}

function warning(id: Check['id'], { code, who, message, fix }: Diagnosis): Check {
  return { id, status: 'warn', code, retryable: false, who, message, fix };
}
