import type { Code } from './codes.js';
import type { Fix, Who } from './evidence.js';

/** One proof of `check`, as it stands in `check --json` (schema mailauth.check/1). */
export interface Check {
  readonly id: 'store' | 'client' | 'signin' | 'smtp' | 'imap';
  readonly status: 'ok' | 'warn' | 'fail' | 'skip';
  readonly code?: Code;
  readonly retryable?: boolean;
  readonly who?: Who;
  readonly host?: string;
  readonly port?: number;
  readonly message?: string;
  readonly fix?: readonly Fix[];
  /** The server's own words, redacted and sanitised. */
  readonly server?: string;
  /** What this machine noticed where no server said anything, such as Node's own message. */
  readonly detail?: string;
  readonly store?: string;
  /** Seconds the new access token lives. */
  readonly expiresIn?: number;
  readonly scopes?: readonly string[];
  readonly messages?: number;
  /** The user name that logged in, where it is not the account's address. */
  readonly user?: string;
}

export interface AccountReport {
  readonly name: string;
  readonly address: string;
  readonly provider: string;
  readonly ok: boolean;
  readonly secretExpires: string | null;
  readonly signInEnds: string | null;
  readonly checks: readonly Check[];
}

export function isOk(checks: readonly Check[]): boolean {
  return checks.every((check) => check.status !== 'fail');
}

export function codesOf(checks: readonly Check[], strict: boolean): Code[] {
  return checks.flatMap((check) =>
    check.code !== undefined && (check.status === 'fail' || (strict && check.status === 'warn')) ? [check.code] : [],
  );
}
