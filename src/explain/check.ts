import type { Protocol } from '../words/protocol.js';
import type { Code } from './codes.js';
import type { Problem } from './problem.js';

/** What a proof of `check` was about, and what it showed. */
interface Proof {
  readonly id: 'store' | 'client' | 'signin' | Protocol;
  readonly host?: string;
  readonly port?: number;
  readonly store?: string;
  /** Seconds the new access token lives. */
  readonly expiresIn?: number;
  readonly scopes?: readonly string[];
  readonly messages?: number;
  /** The user name that logged in, where it is not the account's address. */
  readonly user?: string;
}

/** One proof of `check`, as it stands in `check --json` (schema mailauth.check/1). One that failed, or warns, is a problem. */
export type Check = Proof &
  ({ readonly status: 'ok' | 'skip'; readonly message?: string } | ({ readonly status: 'warn' | 'fail' } & Problem));

export interface AccountReport {
  readonly name: string;
  readonly address: string;
  readonly provider: string;
  readonly ok: boolean;
  readonly signIn: 'person' | 'app';
  /** What an app proves itself with. */
  readonly credential: string | null;
  /** A day, `2028-11-22`. */
  readonly secretExpires: string | null;
  /** An instant, as ISO 8601 writes it in UTC. */
  readonly signInEnds: string | null;
  readonly checks: readonly Check[];
}

export function failed(id: Check['id'], problem: Problem, facts: Omit<Proof, 'id'> = {}): Check {
  return { id, status: 'fail', ...problem, ...facts };
}

export function skipped(id: Check['id'], message: string): Check {
  return { id, status: 'skip', message };
}

export function isProblem(check: Check): check is Extract<Check, Problem> {
  return check.status === 'warn' || check.status === 'fail';
}

export function isOk(checks: readonly Check[]): boolean {
  return checks.every((check) => check.status !== 'fail');
}

export function codesOf(checks: readonly Check[], strict: boolean): Code[] {
  return checks.flatMap((check) =>
    check.status === 'fail' || (strict && check.status === 'warn') ? [check.code] : [],
  );
}
