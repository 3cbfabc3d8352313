/**
 * A token endpoint that gives a new refresh token with every access token and ends the whole sign-in when a spent one
 * comes back (RFC 9700 section 4.14.2). Its tokens say which sign-in they belong to, so that a test can tell whose
 * token it holds: `access-3-2` is the second access token of the third sign-in.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from './certificates.js';

export interface SignInTokens {
  readonly signIn: number;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface RotatingEndpoint {
  /** The issuer: its discovery document, token and revocation endpoints are below it. */
  readonly origin: string;
  /** A person signs in: what the exchange of their code would give. */
  signIn(): SignInTokens;
  /** Refresh tokens that came back after they had been spent, and requests that are none: always empty for a good client. */
  readonly wrong: readonly string[];
  /** How many refreshes were answered with tokens. */
  readonly refreshes: () => number;
  /** How many requests have come, answered or not. */
  readonly asked: () => number;
  stop(): Promise<void>;
}

export async function startRotatingEndpoint(
  authority: Authority,
  options: {
    readonly clientId: string;
    readonly clientSecret: string /** Milliseconds. */;
    readonly latency?: number /** Seconds. */;
    readonly expiresIn?: number;
    /** Milliseconds from the spending of a token to the answer, asked each time. */
    readonly answersLate?: () => number;
  },
): Promise<RotatingEndpoint> {
  const wrong: string[] = [];
  /** The one refresh token of each sign-in that is not spent yet; undefined: the sign-in is over. */
  const current = new Map<number, string | undefined>();
  const counts = new Map<number, number>();
  let refreshes = 0;
  let asked = 0;

  const next = (signIn: number): SignInTokens => {
    const count = (counts.get(signIn) ?? 0) + 1;
    counts.set(signIn, count);
    const tokens = { signIn, accessToken: `access-${signIn}-${count}`, refreshToken: `refresh-${signIn}-${count}` };
    current.set(signIn, tokens.refreshToken);
    return tokens;
  };

  const refresh = (form: URLSearchParams): { readonly status: number; readonly body: object } => {
    const refused = { status: 400, body: { error: 'invalid_grant' } };
    const token = form.get('refresh_token') ?? '';
    const signIn = Number(/^refresh-(\d+)-\d+$/.exec(token)?.[1] ?? Number.NaN);
    if (current.get(signIn) === undefined) return refused;
    if (current.get(signIn) !== token) {
      wrong.push(`${token} came back`);
      current.set(signIn, undefined);
      return refused;
    }
    refreshes += 1;
    const { accessToken, refreshToken } = next(signIn);
    return {
      status: 200,
      body: {
        access_token: accessToken,
        refresh_token: refreshToken,
        token_type: 'Bearer',
        expires_in: options.expiresIn ?? 3600,
      },
    };
  };

  const answer = (path: string, form: URLSearchParams): { readonly status: number; readonly body: object } => {
    if (path === '/.well-known/openid-configuration') return { status: 200, body: discovery(origin) };
    const isClient = form.get('client_id') === options.clientId && form.get('client_secret') === options.clientSecret;
    if (path === '/token' && isClient && form.get('grant_type') === 'refresh_token') return refresh(form);
    if (path === '/revoke' && isClient) {
      current.set(Number(/^refresh-(\d+)-/.exec(form.get('token') ?? '')?.[1]), undefined);
      return { status: 200, body: {} };
    }
    wrong.push(`${path} ${[...form.keys()].join(' ')}`);
    return { status: 400, body: { error: 'invalid_request' } };
  };

  const server = createServer(authority.issue(), async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked += 1;
    await sleep(options.latency ?? 0);
    const { status, body } = answer(request.url ?? '', new URLSearchParams(Buffer.concat(chunks).toString()));
    await sleep(options.answersLate?.() ?? 0);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    signIn: () => next(counts.size + 1),
    wrong,
    refreshes: () => refreshes,
    asked: () => asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function discovery(origin: string): object {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    revocation_endpoint: `${origin}/revoke`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  };
}
