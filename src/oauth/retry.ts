import type { Evidence } from '../explain/evidence.js';

/** How often the token endpoint is asked in all. */
const ATTEMPTS = 3;
/** Seconds: a server that wants more patience is told about instead. */
const LONGEST_WAIT = 60;
/** Milliseconds, doubled with each attempt. */
const FIRST_PAUSE = 250;

/**
 * Milliseconds until a refresh that failed may be tried again; undefined where it may not, or where it would be of no
 * use. A request that may have been processed is not repeated: a provider that rotates refresh tokens would take the
 * repetition for theft and end the sign-in (RFC 9700 section 4.14.2).
 * @param attempt how many have failed, 1 at first
 * @param random from 0 up to 1: spreads the callers that failed together
 */
export function retryDelay(evidence: Evidence, attempt: number, random: number): number | undefined {
  if (attempt >= ATTEMPTS || !isPassing(evidence)) return undefined;
  const pause = Math.round(random * FIRST_PAUSE * 2 ** attempt);
  if (evidence.retryAfter === undefined) return pause;
  return evidence.retryAfter <= LONGEST_WAIT ? evidence.retryAfter * 1000 + pause : undefined;
}

/** Nothing was sent and the cause may go away by itself; or the server said that it did nothing for now. */
function isPassing({ stage, status, error }: Evidence): boolean {
  switch (stage) {
    case 'dns':
      return error !== 'ENOTFOUND';
    case 'connect':
      return true;
    case 'proxy':
      return status === undefined || status >= 500;
    case 'response':
      return status === 429 || status === 503;
    default:
      return false;
  }
}

/**
 * Whether the refresh token may have been used up by a request that brought no grant: it was sent, and no answer says
 * that it was refused. A refusal of the request as a whole, 429 or 503, processed nothing.
 */
export function mayHaveSpent({ stage, status }: Evidence): boolean {
  if (stage !== 'response') return false;
  return status === undefined || status < 400 || (status >= 500 && status !== 503);
}
