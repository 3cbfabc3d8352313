import type { Secret } from '../words/secret.js';
import type { Grant } from './grant.js';

/** What the store keeps for one account. Serialised as JSON by store/credential.ts. */
export interface Credential {
  /** Absent for an app: its client asks for each token by itself. */
  readonly refreshToken?: Secret;
  readonly accessToken?: Secret;
  /** Epoch seconds. */
  readonly accessTokenIssued?: number;
  readonly accessTokenExpires?: number;
  readonly scopes?: readonly string[];
  /** The hash (SHA-256, hex) of the refresh token that was brought along for it, so that the same one is known again. */
  readonly broughtAs?: string;
  /** Counts saves, so that a process that lost a race can see it. */
  readonly generation: number;
}

/** An access token whose lifetime the server did not tell is used at once and trusted for this long (seconds). */
const UNTOLD_LIFETIME = 60;

export interface FreshToken {
  readonly accessToken: Secret;
  /** Epoch seconds. */
  readonly expires: number;
  readonly credential: Credential;
  /** The token endpoint's answer, where it was asked. */
  readonly grant?: Grant;
}

/** The credential after a token response: a new refresh token replaces the old one, an absent one keeps it (RFC 6749 section 6). */
export function renewed(previous: Credential, grant: Grant, now: Date): Credential {
  const issued = Math.floor(now.getTime() / 1000);
  const scopes = grant.scopes ?? previous.scopes;
  const refreshToken = grant.refreshToken ?? previous.refreshToken;
  return {
    ...(refreshToken && { refreshToken }),
    accessToken: grant.accessToken,
    accessTokenIssued: issued,
    accessTokenExpires: issued + (grant.expiresIn ?? UNTOLD_LIFETIME),
    ...(scopes && { scopes }),
    ...(previous.broughtAs && { broughtAs: previous.broughtAs }),
    generation: previous.generation + 1,
  };
}

export function tokenOf(credential: Credential, grant?: Grant): FreshToken {
  const { accessToken, accessTokenExpires } = credential;
  if (accessToken === undefined || accessTokenExpires === undefined)
    throw new Error('a credential without an access token');
  return { accessToken, expires: accessTokenExpires, credential, ...(grant && { grant }) };
}
