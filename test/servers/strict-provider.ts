/**
 * A token endpoint that judges: it knows one client with one secret, takes each refresh token once, and says no in the
 * words of either provider. Refresh tokens come from elsewhere (`issue`), as for a set-up that brings one along.
 */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Authority } from './certificates.js';

export interface StrictProvider {
  readonly origin: string;
  readonly clientId: string;
  secret: string;
  /** What was asked of the token endpoint: the grant and the answer. */
  readonly ledger: readonly (readonly [grant: string, answer: string])[];
  /** A refresh token that was issued for this mailbox. */
  issue(address: string): string;
  /** The code that a browser comes back with, after the owner of this mailbox has signed in. */
  code(address: string): string;
  /** Every sign-in so far is over. */
  revokeAll(): void;
  /** How many tokens and codes were taken. */
  spent(): number;
  /** Remembers which tokens are spent; the function that it gives brings that back. */
  remember(): () => void;
  /** Hears of each request to the token endpoint: before it is judged, and before it is answered. */
  watch: () => void;
  /** Whose mailbox an access token opens. */
  verify(user: string, token: string): Promise<boolean>;
  stop(): Promise<void>;
}

type Refusals = Readonly<Record<'client' | 'secret' | 'grant' | 'code', readonly [number, string, string]>>;

const REFUSALS: Readonly<Record<'google' | 'microsoft', Refusals>> = {
  google: {
    client: [401, 'invalid_client', 'The OAuth client was not found.'],
    secret: [401, 'invalid_client', 'The provided client secret is invalid.'],
    grant: [400, 'invalid_grant', 'Token has been expired or revoked.'],
    code: [400, 'invalid_grant', 'Malformed auth code.'],
  },
  microsoft: {
    client: [400, 'unauthorized_client', 'AADSTS700016: Application was not found in the directory.'],
    secret: [401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.'],
    grant: [400, 'invalid_grant', 'AADSTS50173: The provided grant has expired due to it being revoked.'],
    code: [400, 'invalid_grant', 'AADSTS9002313: Invalid request. Request is malformed or invalid.'],
  },
};

export async function startStrictProvider(
  authority: Authority,
  layout: 'google' | 'microsoft',
  /** An empty secret: a public client, which the provider makes itself when it is asked to (RFC 7591). */
  client: { readonly clientId: string; readonly secret: string; readonly tenant: string },
): Promise<StrictProvider> {
  const { cert, key } = authority.issue();
  const ledger: (readonly [string, string])[] = [];
  const owners = new Map<string, string>();
  const spent = new Set<string>();
  let number = 0;
  const issue = (kind: string, address: string): string => {
    const token = `${kind}-${layout}-${++number}-${'x'.repeat(24)}`;
    owners.set(token, address);
    return token;
  };
  const refusals = REFUSALS[layout];
  const judge = (form: URLSearchParams): object | readonly [number, string, string] => {
    if (form.get('client_id') !== client.clientId) return refusals.client;
    if ((form.get('client_secret') ?? '') !== provider.secret) return refusals.secret;
    const grant = form.get('grant_type');
    if (grant === 'client_credentials')
      return { access_token: issue('app', ''), token_type: 'Bearer', expires_in: 3599 };
    if (grant !== 'refresh_token' && grant !== 'authorization_code') return refusals.code;
    const [kind, refusal] = grant === 'refresh_token' ? ['refresh', refusals.grant] : ['code', refusals.code];
    const token = form.get(kind === 'code' ? 'code' : 'refresh_token') ?? '';
    const address = owners.get(token);
    if (address === undefined || !token.startsWith(kind) || spent.has(token)) return refusal;
    spent.add(token);
    const tokens = { access_token: issue('access', address), refresh_token: issue('refresh', address) };
    return { ...tokens, token_type: 'Bearer', expires_in: 3600 };
  };
  const server = createServer({ cert, key }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const [, tenant = ''] = /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/.exec(request.url ?? '') ?? [];
    const isDiscovery = (request.url ?? '').includes('/.well-known/openid-configuration');
    if (isDiscovery && layout === 'microsoft' && tenant !== client.tenant) {
      return send(400, { error: 'invalid_tenant', error_description: `AADSTS90002: Tenant '${tenant}' not found.` });
    }
    const issuer = layout === 'microsoft' ? `${origin}/${tenant}/v2.0` : origin;
    if (isDiscovery) {
      return send(200, {
        issuer,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        token_endpoint_auth_methods_supported: ['client_secret_post'],
        ...(client.secret === '' && { registration_endpoint: `${origin}/register` }),
      });
    }
    if (client.secret === '' && request.url === '/register') return send(201, { client_id: client.clientId });
    provider.watch();
    const judged = judge(form);
    provider.watch();
    ledger.push([form.get('grant_type') ?? '', Array.isArray(judged) ? judged[1] : 'ok']);
    if (!Array.isArray(judged)) return send(200, judged);
    const [status, error, error_description] = judged;
    return send(status, { error, error_description });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const provider: StrictProvider = {
    origin,
    clientId: client.clientId,
    secret: client.secret,
    ledger,
    issue: (address) => issue('refresh', address),
    code: (address) => issue('code', address),
    revokeAll() {
      for (const token of owners.keys()) spent.add(token);
    },
    spent: () => spent.size,
    remember() {
      const before = [...spent];
      return () => {
        spent.clear();
        for (const token of before) spent.add(token);
      };
    },
    watch: () => undefined,
    verify: async (user, token) => token.startsWith('access') && owners.get(token) === user,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}
