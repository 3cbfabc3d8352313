import { createHash } from 'node:crypto';
import {
  authorizationCodeGrant,
  type IDToken,
  refreshTokenGrant,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  tokenRevocation,
} from 'openid-client';
import type { Endpoints } from '../account/account.js';
import type { Grant, Identity } from '../account/grant.js';
import type { Evidence } from '../explain/evidence.js';
import type { Outcome } from '../explain/outcome.js';
import { MailauthError } from '../explain/problem.js';
import { networkEvidence } from '../system/connection-failure.js';
import type { Network } from '../system/network.js';
import { redact } from '../words/redact.js';
import { Secret } from '../words/secret.js';
import type { RequestedAuthorization } from './authorization.js';
import { type Answer, answerEvidence, observe } from './evidence.js';
import { type ClientCredentials, type Issuer, storedConfiguration } from './issuer.js';
import { judgeResponse } from './response.js';

/** Ten years. A lifetime beyond it is no lifetime. */
const LONGEST_LIFETIME = 315_360_000;
const REVOCATION_DEADLINE_MS = 10_000;

/**
 * Exchanges the code of a response (RFC 6749 section 4.1.3). The response is judged once more, so that no caller can
 * hand in another issuer's code, and the code is sent once: nothing here retries.
 */
export async function exchangeCode(
  issuer: Issuer,
  client: ClientCredentials,
  pending: RequestedAuthorization,
  response: URL,
  signal?: AbortSignal,
): Promise<Outcome<Grant>> {
  const verdict = judgeResponse(response.searchParams, { ...pending, state: pending.state.reveal() });
  if (verdict.kind !== 'code') return { ok: false, evidence: refusedResponse(verdict) };
  const watch = observe(issuer.network.fetch, { signal, amend: readableTokens });
  // The redirect_uri of this request is the one of the first, byte for byte; openid-client takes it from here.
  const url = new URL(pending.redirectUri);
  url.searchParams.set('code', verdict.code);
  url.searchParams.set('state', pending.state.reveal());
  if (pending.issInResponse) url.searchParams.set('iss', pending.issuer);
  return tokenRequest({
    grant: 'authorization_code',
    endpoint: issuer.endpoints.token,
    sent: [client.clientSecret, pending.codeVerifier, pending.state, pending.nonce, new Secret(verdict.code)],
    signal,
    answer: watch.answer,
    request: async () =>
      authorizationCodeGrant(await issuer.configuration(client, watch.fetch), url, {
        expectedState: pending.state.reveal(),
        pkceCodeVerifier: pending.codeVerifier.reveal(),
        ...(pending.nonce === undefined ? {} : { expectedNonce: pending.nonce.reveal() }),
      }),
    clientId: client.clientId,
  });
}

/**
 * Asks for a new access token (RFC 6749 section 6), with the endpoints the account keeps. `scopes` are sent as they
 * are, or none. An ID token in the answer is left unread: who signed in was settled at the sign-in, and an
 * issuer of many tenants could not be compared here.
 */
export async function refresh(
  endpoints: Endpoints,
  client: ClientCredentials,
  refreshToken: Secret,
  options: { readonly network: Network; readonly scopes?: readonly string[]; readonly signal?: AbortSignal },
): Promise<Outcome<Grant>> {
  const watch = observe(options.network.fetch, {
    signal: options.signal,
    amend: (json) => {
      const { id_token: _, ...rest } = readableTokens(json);
      return rest;
    },
  });
  return tokenRequest({
    grant: 'refresh_token',
    endpoint: endpoints.token,
    sent: [client.clientSecret, refreshToken],
    signal: options.signal,
    answer: watch.answer,
    request: async () =>
      refreshTokenGrant(
        storedConfiguration(endpoints, client, watch.fetch),
        refreshToken.reveal(),
        options.scopes === undefined ? {} : { scope: options.scopes.join(' ') },
      ),
    clientId: client.clientId,
  });
}

/**
 * Ends a grant at the provider (RFC 7009), within ten seconds. `already-gone`: the token was not valid any more.
 *
 * @throws MailauthError bug: the provider has no revocation endpoint; the caller looks before it asks
 */
export async function revoke(
  endpoints: Endpoints,
  client: ClientCredentials,
  token: Secret,
  options: { readonly network: Network; readonly signal?: AbortSignal },
): Promise<Outcome<'revoked' | 'already-gone'>> {
  if (endpoints.revocation === undefined) throw new MailauthError('bug', 'this provider has no revocation endpoint');
  const deadline = AbortSignal.timeout(REVOCATION_DEADLINE_MS);
  const signals = [deadline, options.signal].filter((signal) => signal !== undefined);
  const watch = observe(options.network.fetch, { signal: AbortSignal.any(signals) });
  try {
    await tokenRevocation(storedConfiguration(endpoints, client, watch.fetch), token.reveal());
    return { ok: true, value: 'revoked' };
  } catch (error) {
    options.signal?.throwIfAborted();
    const answer = watch.answer();
    if (answer === undefined) {
      const { hostname, port } = new URL(endpoints.revocation);
      const peer = { host: hostname, port: Number(port || 443) };
      return { ok: false, evidence: networkEvidence(error, 'revocation', peer) };
    }
    if (answer.json?.['error'] === 'invalid_token') return { ok: true, value: 'already-gone' };
    return { ok: false, evidence: answerEvidence(answer, { where: 'revocation' }, [token, client.clientSecret]) };
  }
}

type TokenResponse = TokenEndpointResponse & TokenEndpointResponseHelpers;

interface TokenRequest {
  readonly grant: NonNullable<Evidence['grant']>;
  readonly endpoint: string;
  readonly clientId: string;
  readonly sent: readonly (Secret | undefined)[];
  readonly signal: AbortSignal | undefined;
  readonly answer: () => Answer | undefined;
  readonly request: () => Promise<TokenResponse>;
}

/** Sends a token request and reads what came of it, as a grant or as evidence. Rejects only when it was aborted. */
export async function tokenRequest(asked: TokenRequest): Promise<Outcome<Grant>> {
  const { hostname, port } = new URL(asked.endpoint);
  const peer = { host: hostname, port: Number(port || 443) };
  let response: TokenResponse;
  try {
    response = await asked.request();
  } catch (error) {
    asked.signal?.throwIfAborted();
    const answer = asked.answer();
    if (answer === undefined) {
      return { ok: false, evidence: { ...networkEvidence(error, 'token', peer), grant: asked.grant } };
    }
    return { ok: false, evidence: refusal(asked, answer, error) };
  }
  const answer = asked.answer();
  if (answer === undefined) throw new MailauthError('bug', 'a token response without an answer');
  if (!isTokenText(response.access_token)) return { ok: false, evidence: refusal(asked, answer, undefined) };
  const claims = response.claims();
  const fault = claims === undefined ? undefined : idTokenFault(response, claims, asked.clientId);
  if (fault !== undefined) return { ok: false, evidence: idTokenEvidence(asked, answer, 'id_token_rejected', fault) };
  return { ok: true, value: grantOf(response, claims, answer) };
}

function refusal(asked: TokenRequest, answer: Answer, error: unknown): Evidence {
  const isToken = answer.status === 200 && isTokenText(answer.json?.['access_token']);
  // A good token response that the library refused: then it is the ID token in it, or the lack of it.
  if (isToken && /^bearer$/i.test(String(answer.json?.['token_type'])) && error instanceof Error) {
    const word = 'code' in error && error.code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED' ? 'id_token_expired' : undefined;
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    return idTokenEvidence(asked, answer, word ?? 'id_token_rejected', reason);
  }
  return answerEvidence(answer, { where: 'token', grant: asked.grant }, asked.sent);
}

function idTokenEvidence(asked: TokenRequest, answer: Answer, error: string, text: string): Evidence {
  return {
    ...answerEvidence(answer, { where: 'token', grant: asked.grant }, asked.sent),
    error,
    text: redact(text, asked.sent),
  };
}

/** Numbers and texts of a token response that mean nothing are dropped, so that they read as "not given". */
export function readableTokens(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const amended: Record<string, unknown> = { ...json };
  const lifetime = secondsIn(json['expires_in']);
  if (lifetime === undefined) delete amended['expires_in'];
  else amended['expires_in'] = lifetime;
  for (const name of ['refresh_token', 'scope', 'id_token']) {
    if (typeof json[name] !== 'string' || json[name] === '') delete amended[name];
  }
  // A refresh token that could not be stored and sent again as it is would be lost; keeping the old one is safer.
  if (!isTokenText(amended['refresh_token'])) delete amended['refresh_token'];
  return amended;
}

function secondsIn(value: unknown): number | undefined {
  const given = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  const seconds = typeof given === 'number' ? Math.floor(given) : Number.NaN;
  return seconds > 0 && seconds <= LONGEST_LIFETIME ? seconds : undefined;
}

/** RFC 6749 appendix A.12 and A.17, without the space: such a text fits a SASL line and a config file unharmed. */
function isTokenText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

function grantOf(response: TokenResponse, claims: IDToken | undefined, answer: Answer): Grant {
  const expiresIn = secondsIn(response.expires_in);
  const ends = secondsIn(response['refresh_token_expires_in']);
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

/**
 * What openid-client leaves to its caller (OpenID Connect Core section 3.1.3.7). The signature is not checked: the
 * token came straight from the token endpoint over TLS, which section 3.1.3.7 number 6 accepts in its place.
 */
function idTokenFault(response: TokenResponse, claims: IDToken, clientId: string): string | undefined {
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

function refusedResponse(verdict: Exclude<ReturnType<typeof judgeResponse>, { kind: 'code' }>): Evidence {
  return verdict.kind === 'error'
    ? { where: 'authorization', stage: 'response', error: verdict.error, text: verdict.description }
    : { where: 'authorization', stage: 'response', error: 'response_rejected', text: verdict.reason };
}
