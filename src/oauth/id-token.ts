import { createHash } from 'node:crypto';
import type { IDToken } from 'openid-client';
import type { TokenResponse } from './token-response.js';

/**
 * What openid-client leaves to its caller (OpenID Connect Core section 3.1.3.7). The signature is not checked: the
 * token came straight from the token endpoint over TLS, which section 3.1.3.7 number 6 accepts in its place.
 */
export function idTokenFault(response: TokenResponse, claims: IDToken, clientId: string): string | undefined {
  const header = JSON.parse(Buffer.from(response.id_token?.split('.')[0] ?? '', 'base64url').toString()) as {
    alg?: unknown;
  };
  if (typeof header.alg !== 'string' || header.alg === 'none') return 'the ID token is not signed';
  if (claims.azp !== undefined && claims.azp !== clientId) return 'the ID token was made for another client';
  if (claims['at_hash'] !== undefined && claims['at_hash'] !== accessTokenHash(header.alg, response.access_token)) {
    return 'the ID token belongs to another access token';
  }
  return undefined;
}

/** The left half of the hash that the signature algorithm uses (OpenID Connect Core section 3.1.3.6). */
function accessTokenHash(algorithm: string, accessToken: string): string {
  const bits = /(256|384|512)$/.exec(algorithm)?.[1] ?? '512';
  const hash = createHash(`sha${bits}`).update(accessToken, 'ascii').digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}
