import type { Evidence } from '../explain/evidence.js';
import type { Secret } from '../words/secret.js';

/** A successful token response (RFC 6749 section 5.1), narrowed to what mailauth uses. */
export interface Grant {
  readonly accessToken: Secret;
  /** Absent: keep the old one (RFC 6749 section 6). */
  readonly refreshToken?: Secret;
  /** Seconds; undefined where the server gave none or nonsense, to be treated as short. */
  readonly expiresIn?: number;
  /** Granted scopes; undefined means as requested (RFC 6749 section 5.1). */
  readonly scopes?: readonly string[];
  /** Seconds until the refresh token ends, where the provider announces it (for a client that is only being tried). */
  readonly refreshTokenExpiresIn?: number;
  /** From the ID token, received from the token endpoint only. */
  readonly identity?: Identity;
  /** Our clock minus the server's, in seconds. */
  readonly clockOffset?: number;
}

export interface Identity {
  readonly issuer: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly preferredUsername?: string;
}

/** The result of asking the token endpoint about a client before any person signs in. */
export type Preflight =
  | { readonly result: 'proven' }
  | { readonly result: 'unproven'; readonly evidence?: Evidence }
  | { readonly result: 'refused'; readonly evidence: Evidence };
