import {
  authorizationCodeGrant,
  genericGrantRequest,
  refreshTokenGrant,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  tokenRevocation,
} from 'openid-client';
import type { Endpoints } from '../account/account.js';
import type { Grant } from '../account/grant.js';
import { type Evidence, withoutSecrets } from '../explain/evidence.js';
import type { Outcome } from '../explain/outcome.js';
import { MailauthError } from '../explain/problem.js';
import { networkEvidence } from '../system/connection-failure.js';
import type { Network } from '../system/network.js';
import { Secret } from '../words/secret.js';
import { type AppWish, appRequest } from './app-request.js';
import type { RequestedAuthorization } from './authorization.js';
import { type ClientCredentials, eitherWay } from './client-authentication.js';
import { type Answer, answerEvidence, observe, refusalEvidence } from './evidence.js';
import { idTokenFault } from './id-token.js';
import { type Issuer, storedConfiguration } from './issuer.js';
import { judgeResponse } from './response.js';
import { grantOf, isAccessToken, readableTokens, type TokenResponse, unusableToken } from './token-response.js';

const REVOCATION_DEADLINE_MS = 10_000;

/** An authorization that was asked for, and the address to which the browser came back. */
interface AnsweredAuthorization {
  readonly pending: RequestedAuthorization;
  readonly response: URL;
  readonly signal?: AbortSignal;
}

/**
 * Exchanges the code of a response (RFC 6749 section 4.1.3). The response is judged once more, so that no caller can
 * hand in another issuer's code. The code is sent once, or twice where only the way of sending the secret was refused.
 */
export async function exchangeCode(
  issuer: Issuer,
  client: ClientCredentials,
  { pending, response, signal }: AnsweredAuthorization,
): Promise<Outcome<Grant>> {
  const verdict = judgeResponse(response.searchParams, { ...pending, state: pending.state.reveal() });
  if (verdict.kind !== 'code') return { ok: false, evidence: refusedResponse(verdict, client.clientSecret) };
  // The redirect_uri of this request is the one of the first, byte for byte; openid-client takes it from here.
  const url = new URL(pending.redirectUri);
  url.searchParams.set('code', verdict.code);
  url.searchParams.set('state', pending.state.reveal());
  if (pending.issInResponse) url.searchParams.set('iss', pending.issuer);
  return eitherWay(issuer, client, () => {
    const watch = observe(issuer.network.fetch, { signal, amend: readableTokens });
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
  });
}

/**
 * Asks for a new access token (RFC 6749 section 6), with the endpoints the account keeps. No scopes are named: a server
 * that granted fewer than it was asked for would refuse the rest. An ID token in the answer is left unread: who signed in was settled at the sign-in, and an
 * issuer of many tenants could not be compared here.
 */
export async function refresh(
  endpoints: Endpoints,
  client: ClientCredentials,
  refreshToken: Secret,
  options: { readonly network: Network; readonly signal?: AbortSignal },
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
    request: async () => refreshTokenGrant(storedConfiguration(endpoints, client, watch.fetch), refreshToken.reveal()),
    clientId: client.clientId,
  });
}

/**
 * Asks for a token of the app itself, for which nobody signs in (RFC 6749 section 4.4, RFC 7523 section 2.1). Nothing is
 * used up by it: a lost answer costs nothing.
 *
 * @throws MailauthError file_not_found, bad_input: a file that holds what the app proves itself with cannot be used
 */
export async function mint(
  endpoints: Endpoints,
  { clientId, app }: ClientCredentials,
  wish: AppWish,
  { network, signal }: { readonly network: Network; readonly signal?: AbortSignal | undefined },
): Promise<Outcome<Grant>> {
  if (app === undefined) throw new Error('a client that is no app asks for a token of its own');
  const watch = observe(network.fetch, { signal, amend: withoutRefreshToken });
  const request = await appRequest(app, { ...wish, clientId, endpoints, signal });
  const { authentication, grantType, parameters } = request;
  return tokenRequest({
    grant: request.grant,
    endpoint: endpoints.token,
    sent: request.sent,
    signal,
    answer: watch.answer,
    request: async () =>
      genericGrantRequest(
        storedConfiguration(endpoints, { clientId }, watch.fetch, authentication),
        grantType,
        new URLSearchParams(parameters),
      ),
    clientId,
  });
}

/** An app has no use for a refresh token, and nobody for its ID token (RFC 6749 section 4.4.3). */
function withoutRefreshToken(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { id_token: _, refresh_token: __, ...rest } = readableTokens(json);
  return rest;
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
      return {
        ok: false,
        evidence: withoutSecrets(networkEvidence(error, 'revocation', peer), [token, client.clientSecret]),
      };
    }
    if (answer.json?.['error'] === 'invalid_token') return { ok: true, value: 'already-gone' };
    return { ok: false, evidence: answerEvidence(answer, { where: 'revocation' }, [token, client.clientSecret]) };
  }
}

interface TokenRequest {
  readonly grant: NonNullable<Evidence['grant']>;
  readonly endpoint: string;
  readonly clientId: string;
  readonly sent: readonly (Secret | undefined)[];
  readonly signal: AbortSignal | undefined;
  readonly answer: () => Answer | undefined;
  readonly request: () => Promise<TokenEndpointResponse & TokenEndpointResponseHelpers>;
}

/** Sends a token request and reads what came of it, as a grant or as evidence. Rejects only when it was aborted. */
export async function tokenRequest(asked: TokenRequest): Promise<Outcome<Grant>> {
  const { hostname, port } = new URL(asked.endpoint);
  const peer = { host: hostname, port: Number(port || 443) };
  try {
    const response = await asked.request();
    const answer = asked.answer();
    if (answer === undefined) throw new MailauthError('bug', 'a token response without an answer');
    const unusable = unusableToken(answer);
    if (unusable !== undefined) return { ok: false, evidence: findingIn(asked, answer, unusable) };
    const claims = response.claims();
    const fault = claims === undefined ? undefined : idTokenFault(response, claims, asked.clientId);
    if (fault !== undefined) return { ok: false, evidence: findingIn(asked, answer, ['id_token_rejected', fault]) };
    return { ok: true, value: grantOf(response, claims, answer) };
  } catch (error) {
    asked.signal?.throwIfAborted();
    if (error instanceof MailauthError) throw error;
    const answer = asked.answer();
    if (answer === undefined) {
      return {
        ok: false,
        evidence: withoutSecrets({ ...networkEvidence(error, 'token', peer), grant: asked.grant }, asked.sent),
      };
    }
    return afterRefusal(asked, answer, error);
  }
}

/** What openid-client did not take: a grant all the same where only the ID token is missing from a good answer. */
function afterRefusal(asked: TokenRequest, answer: Answer, error: unknown): Outcome<Grant> {
  const unusable = answer.status === 200 ? unusableToken(answer) : undefined;
  if (unusable !== undefined) return { ok: false, evidence: findingIn(asked, answer, unusable) };
  if (answer.status !== 200 || !isAccessToken(answer.json?.['access_token'])) {
    return { ok: false, evidence: answerEvidence(answer, { where: 'token', grant: asked.grant }, asked.sent) };
  }
  const readable = readableTokens(answer.json ?? {});
  // Asked for with the scope `openid` and left out: then nobody is named, and a mail login has to show whose it is.
  if (readable['id_token'] === undefined) {
    return { ok: true, value: grantOf(readable as unknown as TokenResponse, undefined, answer) };
  }
  const { code, cause, message } = error as Error & { readonly code?: unknown };
  const word = code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED' ? 'id_token_expired' : 'id_token_rejected';
  const reason = cause instanceof Error ? cause.message : message;
  return { ok: false, evidence: findingIn(asked, answer, [word, reason]) };
}

function findingIn(asked: TokenRequest, answer: Answer, [error, text]: readonly [string, string]): Evidence {
  const about = answerEvidence(answer, { where: 'token', grant: asked.grant }, asked.sent);
  return withoutSecrets({ ...about, error, finding: true, text }, asked.sent);
}

function refusedResponse(
  verdict: Exclude<ReturnType<typeof judgeResponse>, { kind: 'code' }>,
  secret: Secret | undefined,
): Evidence {
  if (verdict.kind === 'error') return refusalEvidence(verdict, [secret]);
  return {
    where: 'authorization',
    stage: 'response',
    error: 'response_rejected',
    finding: true,
    text: verdict.reason,
  };
}
