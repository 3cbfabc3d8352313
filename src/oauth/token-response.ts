import type { IDToken } from 'openid-client';
import type { Grant, Identity } from '../account/grant.js';
import { Secret } from '../words/secret.js';
import type { Answer } from './evidence.js';

/** Ten years. A lifetime beyond it is no lifetime. */
const LONGEST_LIFETIME = 315_360_000;

/** A successful answer of a token endpoint (RFC 6749 section 5.1), of which only the access token is certain. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: string;
  readonly refresh_token?: string;
  readonly expires_in?: number;
  readonly scope?: string;
  readonly id_token?: string;
  readonly refresh_token_expires_in?: unknown;
}

/**
 * The members of a token response in the spelling of the standard. What means nothing is dropped, so that it reads as
 * "not given"; what older servers write otherwise (numbers as text, no token type) is put right.
 */
export function readableTokens(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const readable: Record<string, unknown> = { ...json };
  const lifetime = secondsIn(json['expires_in']);
  if (lifetime === undefined) delete readable['expires_in'];
  else readable['expires_in'] = lifetime;
  for (const name of ['refresh_token', 'scope', 'id_token']) {
    if (typeof json[name] !== 'string' || json[name] === '') delete readable[name];
  }
  // A refresh token that could not be stored and sent again as it is would be lost; keeping the old one is safer.
  if (!isRefreshToken(readable['refresh_token'])) delete readable['refresh_token'];
  if (json['token_type'] === undefined && isAccessToken(json['access_token'])) readable['token_type'] = 'Bearer';
  return readable;
}

function secondsIn(value: unknown): number | undefined {
  const given = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  const seconds = typeof given === 'number' ? Math.floor(given) : Number.NaN;
  return seconds > 0 && seconds <= LONGEST_LIFETIME ? seconds : undefined;
}

/**
 * The alphabet of a bearer token (RFC 6750 section 2.1, b64token). Nothing in it means anything to a shell, to SASL or to
 * a configuration file, and everything that is handed on relies on that.
 */
export function isAccessToken(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9\-._~+/]+=*$/.test(value);
}

/** RFC 6749 appendix A.17, without the space. It is stored and sent back, and handed to no other program. */
function isRefreshToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

/** Why an access token cannot be used although it was given, as an error word and a sentence. */
export function unusableToken({ json }: Answer): readonly [error: string, text: string] | undefined {
  const { access_token: token, token_type: type } = json ?? {};
  if (typeof token !== 'string' || token === '') return undefined;
  if (!isAccessToken(token)) {
    return ['token_malformed', 'the access token holds characters that a bearer token cannot have (RFC 6750)'];
  }
  if (type === undefined || (typeof type === 'string' && /^bearer$/i.test(type.trim()))) return undefined;
  const shown = typeof type === 'string' && /^[\w-]{1,40}$/.test(type) ? ` (${type})` : '';
  return ['token_type_unsupported', `the access token is not of the type Bearer${shown}`];
}

export function grantOf(response: TokenResponse, claims: IDToken | undefined, answer: Answer): Grant {
  const expiresIn = secondsIn(response.expires_in);
  const ends = secondsIn(response.refresh_token_expires_in);
  return {
    accessToken: new Secret(response.access_token),
    ...(response.refresh_token === undefined ? {} : { refreshToken: new Secret(response.refresh_token) }),
    ...(expiresIn === undefined ? {} : { expiresIn }),
    ...(response.scope === undefined ? {} : { scopes: response.scope.split(/[\s,]+/).filter((scope) => scope !== '') }),
    ...(ends === undefined ? {} : { refreshTokenExpiresIn: ends }),
    ...(claims === undefined ? {} : { identity: identityOf(claims) }),
    ...(answer.clockOffset === undefined ? {} : { clockOffset: answer.clockOffset }),
  };
}

function identityOf(claims: IDToken): Identity {
  const { email, email_verified: verified, preferred_username: username } = claims;
  return {
    issuer: claims.iss,
    ...(typeof email === 'string' ? { email } : {}),
    // Some providers write the boolean as a text.
    ...(verified === undefined ? {} : { emailVerified: verified === true || verified === 'true' }),
    ...(typeof username === 'string' ? { preferredUsername: username } : {}),
  };
}
