import type { Account, Client } from '../core/account.js';
import { adviseSignInEnd } from '../core/explain.js';
import type { Grant } from '../core/grant.js';
import type { Provider } from '../core/provider.js';
import type { Check } from '../core/report.js';

const DAY_MS = 86_400_000;
/** A clock further off than this makes providers refuse good tokens (seconds). */
const TOLERATED_SKEW = 300;

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
  const secretDays = client.secretExpires === undefined ? undefined : daysUntil(client.secretExpires, at.now);
  if (secretDays !== undefined && secretDays <= at.warnDays) {
    const when =
      secretDays < 0
        ? `expired on ${client.secretExpires}`
        : `expires in ${days(secretDays)} (${client.secretExpires})`;
    checks.push({
      id: 'client',
      status: 'warn',
      code: 'client_secret_expires_soon',
      retryable: false,
      who: 'you',
      message: `the client secret ${when}; mail stops then`,
      fix: [
        { text: 'renew only the secret', command: `mailauth setup ${account.name} --from-step ${provider.secretStep}` },
      ],
    });
  }
  const announced = at.grant && signInEndOf(at.grant, at.now);
  const ends = announced ?? account.signInEnds;
  if (ends !== undefined) {
    const advice = adviseSignInEnd(
      Math.round((Date.parse(ends) - Date.parse(account.signedIn ?? account.created)) / 1000),
      {
        provider,
        answers: {
          name: account.name,
          account: account.address,
          project: client.project ?? '',
          date: ends.slice(0, 10),
        },
      },
    );
    checks.push({
      id: 'signin',
      status: 'warn',
      code: 'signin_ends_soon',
      retryable: false,
      who: advice.who,
      message: advice.message,
      fix: advice.fix,
    });
  }
  if (at.grant?.clockOffset !== undefined && Math.abs(at.grant.clockOffset) > TOLERATED_SKEW) {
    checks.push({
      id: 'signin',
      status: 'warn',
      code: 'clock_skew',
      retryable: false,
      who: 'you',
      message: `the clock of this computer is ${Math.round(Math.abs(at.grant.clockOffset) / 60)} minutes ${at.grant.clockOffset > 0 ? 'fast' : 'slow'}`,
      fix: [{ text: 'set the clock, or switch on automatic time' }],
    });
  }
  return { checks, ...(announced !== undefined && { signInEnds: announced }) };
}

function daysUntil(date: string, now: Date): number {
  return Math.floor((Date.parse(`${date}T00:00:00Z`) - now.getTime()) / DAY_MS);
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
