import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { Secret } from '../words/secret.js';
import type { ClientCredentials } from './client-authentication.js';
import type { Issuer } from './issuer.js';

/** What the answer to a request must match, and what its exchange needs. */
export interface RequestedAuthorization {
  readonly redirectUri: string;
  readonly state: Secret;
  /** Present where an ID token is asked for (scope `openid`). */
  readonly nonce?: Secret;
  readonly codeVerifier: Secret;
  readonly issuer: string;
  readonly issInResponse: boolean;
}

/** A request, and the address the browser is sent to with it. */
export interface PendingAuthorization extends RequestedAuthorization {
  readonly url: string;
}

/**
 * Builds the authorization request (RFC 6749 section 4.1.1) with PKCE S256 (RFC 7636) and a state always, and a nonce
 * where an ID token is asked for. Each is 32 fresh random bytes. S256 is sent even where the metadata do not list it.
 */
export async function beginAuthorization(
  issuer: Issuer,
  request: {
    readonly client: ClientCredentials;
    readonly redirectUri: string;
    readonly scopes: readonly string[];
    readonly loginHint?: string;
    /** The provider's own parameters; only `prompt` replaces one of ours. */
    readonly parameters: Readonly<Record<string, string>>;
  },
): Promise<PendingAuthorization> {
  const codeVerifier = randomPKCECodeVerifier();
  const state = randomState();
  const nonce = request.scopes.includes('openid') ? randomNonce() : undefined;
  // The secret stays out: this address passes through the browser.
  const configuration = await issuer.configuration({ clientId: request.client.clientId });
  const url = buildAuthorizationUrl(configuration, {
    // OpenID Connect Core section 11: without it a server may leave out the refresh token, or must.
    ...(request.scopes.includes('offline_access') && { prompt: 'consent' }),
    ...(issuer.resource !== undefined && { resource: issuer.resource }),
    ...request.parameters,
    ...(request.loginHint === undefined ? {} : { login_hint: request.loginHint }),
    response_type: 'code',
    client_id: request.client.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scopes.join(' '),
    state,
    ...(nonce === undefined ? {} : { nonce }),
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  });
  return {
    url: url.href,
    redirectUri: request.redirectUri,
    state: new Secret(state),
    ...(nonce === undefined ? {} : { nonce: new Secret(nonce) }),
    codeVerifier: new Secret(codeVerifier),
    issuer: issuer.endpoints.issuer,
    issInResponse: issuer.endpoints.issInResponse,
  };
}
