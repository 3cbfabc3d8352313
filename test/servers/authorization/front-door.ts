import type { IncomingMessage, ServerResponse } from 'node:http';
import { noSuchTenant, type Refusal } from '../provider-words.js';
import { hashOf } from './answers.js';
import { introspectApp, readAppForm } from './apps.js';
import { readForm, sendJson } from './exchange.js';
import { type House, REAL_DIRECTORY, routes, SHARED_TENANTS } from './house.js';
import { signIn } from './sign-in.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

export async function route(
  house: House,
  request: IncomingMessage,
  response: ServerResponse,
  provider: Answer,
): Promise<void> {
  await house.circumstances.delay?.(request);
  if (house.circumstances.answer?.(request, response) === true) return;
  const url = new URL(request.url ?? '/', house.origin);
  if (house.options.layout === 'microsoft') {
    const [, tenant, rest] = /^\/([^/]+)\/((?:v2\.0\/\.well-known|oauth2|discovery)\/.*)$/.exec(url.pathname) ?? [];
    if (tenant !== undefined && rest !== undefined) {
      if (!knowsTenant(house, tenant)) return sendJson(response, refuseTenant(tenant, rest));
      if (rest === 'v2.0/.well-known/openid-configuration')
        return sendJson(response, { status: 200, body: discovery(house, tenant) });
      house.tenants.set(request, tenant);
      url.pathname = `/T/${rest}`;
    }
  }
  if (url.pathname === new URL(routes[house.options.layout]?.authorization ?? '', house.origin).pathname)
    recordAuthorization(house, request, url);
  request.url = url.pathname + url.search;
  if (request.method === 'POST' && /\/token$/.test(url.pathname) && !(await readAppForm(house, request, response)))
    return;
  if (url.pathname.startsWith('/signin/')) return signIn(house, request, response);
  if (url.pathname === '/introspect' && request.method === 'POST' && (await introspectApp(house, request, response)))
    return;
  if (url.pathname === '/revoke' && request.method === 'POST') return revokeAsGoogle(house, request, response);
  provider(request, response);
}

function knowsTenant(house: House, tenant: string): boolean {
  return ['T', REAL_DIRECTORY, ...SHARED_TENANTS, ...(house.options.domains ?? [])].includes(tenant);
}

function refuseTenant(tenant: string, rest: string): Refusal {
  const refusal = noSuchTenant(tenant);
  return rest.startsWith('v2.0/') ? { ...refusal, body: { ...refusal.body, error: 'invalid_tenant' } } : refusal;
}

/** Without revocation, introspection or PKCE methods, as Microsoft publishes it. */
function discovery(house: House, tenant: string): Record<string, unknown> {
  const base = `${house.origin}/${tenant}`;
  const shared = tenant === 'common' || tenant === 'organizations';
  return {
    issuer: shared ? `${house.origin}/{tenantid}/v2.0` : house.issuer,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    userinfo_endpoint: `${house.origin}/oidc/userinfo`,
    response_types_supported: ['code', 'id_token', 'code id_token'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
  };
}

/**
 * Keeps what was asked for, then asks for `login consent`: oidc-provider knows no select_account, drops offline_access
 * without consent, and a played person chooses the account anew each time.
 */
function recordAuthorization(house: House, request: IncomingMessage, url: URL): void {
  house.authorizations.push({
    tenant: house.tenants.get(request) ?? '',
    parameters: Object.fromEntries(url.searchParams),
  });
  if (url.searchParams.has('client_id')) url.searchParams.set('prompt', 'login consent');
}

/** Google's revocation needs no client, ends the whole grant of the person, and says so when there is nothing left to end. */
async function revokeAsGoogle(house: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const token = (await readForm(request)).get('token') ?? '';
  const found = (await house.provider.RefreshToken.find(token)) ?? (await house.provider.AccessToken.find(token));
  if (found?.accountId === undefined)
    return sendJson(response, {
      status: 400,
      body: { error: 'invalid_token', error_description: 'Token expired or revoked' },
    });
  house.revocations.push(hashOf(token));
  house.storage.forget(found.accountId);
  sendJson(response, { status: 200, body: {} });
}
