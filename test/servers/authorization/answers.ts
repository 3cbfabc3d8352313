import { createHash } from 'node:crypto';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import { type Refusal, refuseAsGoogle, refuseAsMicrosoft, sharedTenantRefused } from '../provider-words.js';
import { asEntra } from './apps.js';
import type { House } from './house.js';

const SEVEN_DAYS = 604_800;

/** Says oidc-provider's answers as the provider would, and keeps the ledger. */
export function translate(house: House): void {
  const reasons = new WeakMap<KoaContextWithOIDC, string>();
  const remember = (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError): void => {
    reasons.set(ctx, error.error_detail ?? error.error_description ?? '');
  };
  house.provider.on('grant.error', remember);
  house.provider.on('device_authorization.error', remember);
  house.provider.use(async (ctx, next) => {
    await next();
    const context = ctx as KoaContextWithOIDC;
    const kind = context.oidc?.route;
    if (kind === 'token') answerToken(house, context, reasons.get(context) ?? '');
    if (kind === 'device_authorization') answerDevice(house, context, reasons.get(context) ?? '');
    redirectAsProvider(house, context);
  });
}

type TokenBody = Record<string, unknown>;

function answerToken(house: House, ctx: KoaContextWithOIDC, detail: string): void {
  const sent = (ctx.oidc.params ?? {}) as Record<string, string | undefined>;
  const tenant = house.tenants.get(ctx.req) ?? '';
  for (const name of [
    'client_secret',
    'code_verifier',
    'refresh_token',
    'code',
    'device_code',
    'assertion',
    'client_assertion',
  ])
    if (sent[name] !== undefined && sent[name] !== '') house.secrets.add(sent[name]);
  const refusal = refuse(house, ctx, sent, detail, tenant);
  if (refusal !== undefined) {
    ctx.status = refusal.status;
    ctx.body = refusal.body;
  } else {
    decorate(house, ctx);
  }
  house.ledger.push({
    grantType: sent['grant_type'] ?? '',
    clientId: sent['client_id'] ?? ctx.oidc.client?.clientId ?? '',
    tenant,
    refreshTokenHash: sent['refresh_token'] === undefined ? undefined : hashOf(sent['refresh_token']),
    outcome: refusal === undefined ? 'ok' : String(refusal.body['error']),
  });
}

function refuse(
  house: House,
  ctx: KoaContextWithOIDC,
  sent: Record<string, string | undefined>,
  detail: string,
  tenant: string,
): Refusal | undefined {
  const body = ctx.body as TokenBody;
  if (sent['grant_type'] === 'client_credentials' && (tenant === 'common' || tenant === 'consumers'))
    return sharedTenantRefused();
  if (body['error'] === undefined) return undefined;
  const clientId = sent['client_id'] ?? '';
  const say = house.options.layout === 'google' ? refuseAsGoogle : refuseAsMicrosoft;
  return say({
    error: String(body['error']),
    detail,
    description: String(body['error_description'] ?? ''),
    clientId,
    clientDeleted: house.deleted.has(clientId),
    sentSecret: sent['client_secret'] !== undefined || ctx.headers.authorization !== undefined,
    tenant,
  });
}

/** Adds to a successful answer what only the provider adds. */
function decorate(house: House, ctx: KoaContextWithOIDC): void {
  const body = ctx.body as TokenBody;
  for (const name of ['access_token', 'refresh_token', 'id_token']) {
    const value = body[name];
    if (typeof value === 'string') house.secrets.add(value);
  }
  const scopes = String(body['scope'] ?? '').split(' ');
  asEntra(house, ctx);
  if (typeof body['access_token'] === 'string') house.secrets.add(body['access_token']);
  if (body['scope'] === undefined) return;
  if (house.options.layout === 'microsoft') {
    body['scope'] = scopes.filter((scope) => scope !== 'offline_access').join(' ');
    return;
  }
  body['scope'] = scopes
    .map((scope) =>
      scope === 'email' || scope === 'profile' ? `https://www.googleapis.com/auth/userinfo.${scope}` : scope,
    )
    .join(' ');
  const grantId = ctx.oidc.entities.Grant?.jti;
  if (house.circumstances.publishing === 'testing' && grantId !== undefined) {
    const now = Math.floor(Date.now() / 1000);
    const first = house.firstIssued.get(grantId) ?? now;
    house.firstIssued.set(grantId, first);
    body['refresh_token_expires_in'] = SEVEN_DAYS - 1 - (now - first);
  }
}

function answerDevice(house: House, ctx: KoaContextWithOIDC, detail: string): void {
  const body = ctx.body as Record<string, unknown>;
  if (body['device_code'] === undefined) {
    const sent = (ctx.oidc.params ?? {}) as Record<string, string | undefined>;
    const refusal = refuse(house, ctx, sent, detail, house.tenants.get(ctx.req) ?? '');
    if (refusal === undefined) return;
    ctx.status = refusal.status;
    ctx.body = refusal.body;
    return;
  }
  house.secrets.add(String(body['device_code']));
  // Microsoft's own is 5; a test does not wait so long. It sends no verification_uri_complete.
  delete body['verification_uri_complete'];
  body['interval'] = 1;
}

/** The authorization response in the provider's form: Microsoft has no RFC 9207 `iss`, Google adds parameters of its own. */
function redirectAsProvider(house: House, ctx: KoaContextWithOIDC): void {
  const location = String(ctx.response.get('location') ?? '');
  if (!/^https?:/.test(location) || location.startsWith(`${house.origin}/`)) return;
  const url = new URL(location);
  const code = url.searchParams.get('code');
  if (code !== null) house.secrets.add(code);
  if (house.options.layout === 'microsoft') url.searchParams.delete('iss');
  else if (code === null) for (const name of ['iss', 'error_description']) url.searchParams.delete(name);
  else {
    url.searchParams.set('scope', String(ctx.oidc.params?.['scope'] ?? ''));
    url.searchParams.set('authuser', '0');
    url.searchParams.set('prompt', 'consent');
  }
  ctx.set('location', url.href);
}

export function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}
