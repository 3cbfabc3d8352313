/**
 * A real authorization server, oidc-provider, over TLS on loopback, laid out as Google's or as Microsoft's: the same
 * paths, client id shapes, redirect rules and refusals. What is played is the people's side: pages, accounts, console.
 */
import { createHash, generateKeyPair, randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type Provider from 'oidc-provider';
import type { Configuration, errors, KoaContextWithOIDC } from 'oidc-provider';
import type { Authority } from './certificates.js';
import {
  type AskedScope,
  accountPage,
  adminApprovalPage,
  consentPage,
  devicePage,
  errorPage,
  type Layout,
} from './login-pages.js';
import { makeStorage, type Storage } from './memory-adapter.js';
import {
  noSuchTenant,
  type Refusal,
  refuseAsGoogle,
  refuseAsMicrosoft,
  sharedTenantRefused,
} from './provider-words.js';

export type { Layout } from './login-pages.js';

export interface AuthorizationServerOptions {
  readonly layout: Layout;
  /** Signs the server's certificate for localhost. */
  readonly authority: Authority;
  /** Default: chosen by the system. */
  readonly port?: number;
  /** Offered on the account page; any other address can be typed there. */
  readonly accounts?: readonly string[];
  /** Names of the Microsoft directory besides its GUID. */
  readonly domains?: readonly string[];
  /** Seconds. */
  readonly accessTokenLife?: number;
}

/** What an administrator can change while the server runs. */
export interface Circumstances {
  /** Google: a project in Testing announces that its refresh tokens end after seven days. */
  publishing: 'testing' | 'production';
  /** Google, in Testing: who may sign in; empty lets everybody in. */
  testUsers: string[];
  /** Microsoft: a person without a role meets "Need admin approval" for a mailbox scope. */
  adminConsentRequired: boolean;
  /** Asked for, but silently not granted. */
  withheldScopes: string[];
  /** Claims by address that replace the usual ones; `undefined` takes one away. */
  claims: Record<string, Record<string, unknown>>;
  /** Who may open a shared mailbox over IMAP: the mailbox's address, the people. */
  delegates: Record<string, readonly string[]>;
  /** Answers a request in the server's place and says so: an outage, a captive portal. */
  answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

export type ClientKind = 'desktop' | 'web' | 'public';

export interface ClientRegistration {
  /** Microsoft knows `web` (with a secret) and `public`; `desktop` is `public` there. */
  readonly type: ClientKind;
  /** A Google desktop client needs none: any loopback port and path will do. */
  readonly redirectUris?: readonly string[];
  readonly name?: string;
}

export interface RegisteredClient {
  readonly type: ClientKind;
  readonly name: string;
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
  /** Microsoft's Secret ID, which people paste by mistake; empty for a public client. */
  readonly secretId: string;
  /** Microsoft's directory; empty at Google. */
  readonly tenant: string;
  readonly redirectUris: readonly string[];
}

export interface TokenRequest {
  readonly grantType: string;
  readonly clientId: string;
  readonly tenant: string;
  /** First 16 hexadecimal digits of the SHA-256 of the refresh token sent. */
  readonly refreshTokenHash: string | undefined;
  /** `ok` or the `error` of the answer. */
  readonly outcome: string;
}

export interface AuthorizationRequest {
  readonly tenant: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface AuthorizationServer {
  readonly layout: Layout;
  /** `https://localhost:PORT` */
  readonly origin: string;
  /** Give it as `--issuer`. At Microsoft it names the directory by GUID. */
  readonly issuer: string;
  /** At Google always the issuer. */
  issuerOf(tenant: string): string;
  readonly tenant: string;
  readonly mailScopes: readonly string[];
  /** Introspection (RFC 7662) for Dovecot, its Basic credentials inside. */
  readonly introspectionUrl: string;
  readonly circumstances: Circumstances;
  registerClient(registration: ClientRegistration): Promise<RegisteredClient>;
  addRedirectUri(clientId: string, redirectUri: string): Promise<void>;
  expireSecret(clientId: string): Promise<void>;
  replaceSecret(clientId: string): Promise<string>;
  deleteClient(clientId: string): Promise<void>;
  /** An access token without any sign-in. `ttl` in seconds. */
  mint(email: string, options?: { scope?: string; ttl?: number }): Promise<string>;
  /** Whether a mail server would let `user` in with this token: alive, of that person, with a mail scope. */
  verify(user: string, token: string): Promise<boolean>;
  /** The same for one protocol: its own scope, and over IMAP the shared mailboxes of `circumstances.delegates`. */
  verifierOf(protocol: 'smtp' | 'imap'): (user: string, token: string) => Promise<boolean>;
  /** Ends every sign-in of a person, as a changed password does. */
  revokeSignIn(email: string): void;
  readonly ledger: readonly TokenRequest[];
  readonly authorizations: readonly AuthorizationRequest[];
  /** Google: hashes of the tokens that were revoked. */
  readonly revocations: readonly string[];
  /** Every secret this server handed out or received: client secrets, codes, verifiers, tokens. For the canary. */
  readonly secrets: ReadonlySet<string>;
  stop(): Promise<void>;
}

const GOOGLE_SCOPE = 'https://mail.google.com/';
const MICROSOFT_SCOPES = ['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'].map(
  (permission) => `https://outlook.office.com/${permission}`,
);
const GRAPH_DEFAULT = 'https://graph.microsoft.com/.default';
const mailScopes: Record<Layout, readonly string[]> = { google: [GOOGLE_SCOPE], microsoft: MICROSOFT_SCOPES };

const scopeTexts: Readonly<Record<string, string>> = {
  openid: 'Associate you with your personal info',
  email: 'See your primary email address',
  profile: 'See your personal info',
  offline_access: 'Maintain access to data you have given it access to',
  [GOOGLE_SCOPE]: 'Read, compose, send, and permanently delete all your email from Gmail',
  'https://outlook.office.com/IMAP.AccessAsUser.All': 'Read and write access to your mail via IMAP',
  'https://outlook.office.com/POP.AccessAsUser.All': 'Read and write access to your mail via POP',
  'https://outlook.office.com/SMTP.Send': 'Send emails from your mailbox using SMTP AUTH',
};

const routes: Record<Layout, Configuration['routes']> = {
  google: {
    authorization: '/o/oauth2/v2/auth',
    token: '/token',
    revocation: '/revoke',
    introspection: '/introspect',
    jwks: '/oauth2/v3/certs',
    userinfo: '/v1/userinfo',
  },
  // The tenant segment is rewritten to /T, so that every directory reaches the same routes.
  microsoft: {
    authorization: '/T/oauth2/v2.0/authorize',
    token: '/T/oauth2/v2.0/token',
    device_authorization: '/T/oauth2/v2.0/devicecode',
    code_verification: '/T/oauth2/deviceauth',
    introspection: '/introspect',
    jwks: '/T/discovery/v2.0/keys',
    userinfo: '/oidc/userinfo',
  },
};

const SHARED_TENANTS = ['common', 'organizations', 'consumers'];
const REAL_DIRECTORY = '4f1c6a52-8a0b-4d5e-9c3f-2b7d1e0a9c84';
const SEVEN_DAYS = 604_800;
const MAIL_SERVER = { id: 'mail-server', secret: 'mail-server-secret' };

/** Everything the parts below share about one running server. */
interface House {
  readonly options: AuthorizationServerOptions;
  readonly provider: Provider;
  readonly origin: string;
  readonly issuer: string;
  readonly storage: Storage;
  readonly circumstances: Circumstances;
  readonly clients: Map<string, RegisteredClient>;
  readonly deleted: Set<string>;
  readonly tenants: WeakMap<IncomingMessage, string>;
  /** Grants asked for with access_type=offline; Google gives a refresh token for these only. */
  readonly offline: Set<string>;
  /** When the first refresh token of a grant was given, epoch seconds. */
  readonly firstIssued: Map<string, number>;
  readonly ledger: TokenRequest[];
  readonly authorizations: AuthorizationRequest[];
  readonly revocations: string[];
  readonly secrets: Set<string>;
}

export async function startAuthorizationServer(options: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const server = createServer(options.authority.issue());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const house = await furnish(options, origin);
  translate(house);
  const answer = house.provider.callback();
  server.on('request', (request, response) => {
    route(house, request, response, answer).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(`the test server failed: ${String(error)}`);
    });
  });
  return face(house, server);
}

async function furnish(options: AuthorizationServerOptions, origin: string): Promise<House> {
  const issuer = options.layout === 'google' ? origin : `${origin}/${REAL_DIRECTORY}/v2.0`;
  const shared = {
    options,
    origin,
    issuer,
    storage: makeStorage(),
    circumstances: {
      publishing: 'production',
      testUsers: [],
      adminConsentRequired: false,
      withheldScopes: [],
      claims: {},
      delegates: {},
      answer: undefined,
    } satisfies Circumstances as Circumstances,
    clients: new Map<string, RegisteredClient>(),
    deleted: new Set<string>(),
    tenants: new WeakMap<IncomingMessage, string>(),
    offline: new Set<string>(),
    firstIssued: new Map<string, number>(),
    ledger: [],
    authorizations: [],
    revocations: [],
    secrets: new Set<string>(),
  };
  const ProviderClass = await loadProvider();
  const provider = new ProviderClass(issuer, await configure(shared));
  if (options.layout === 'google') freeLoopback(provider);
  return { ...shared, provider };
}

/** oidc-provider warns on standard error about a Node without its long-term support; it works there, and a test's output is read. */
async function loadProvider(): Promise<typeof Provider> {
  const { warn } = console;
  console.warn = () => {};
  try {
    return (await import('oidc-provider')).default;
  } finally {
    console.warn = warn;
  }
}

async function configure(house: Omit<House, 'provider'>): Promise<Configuration> {
  const { layout, accessTokenLife = 3600 } = house.options;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const microsoft = layout === 'microsoft';
  return {
    adapter: (kind) => house.storage.adapter(kind),
    routes: routes[layout],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    clients: [
      {
        client_id: MAIL_SERVER.id,
        client_secret: MAIL_SERVER.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: [],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    scopes: ['openid', 'offline_access', ...mailScopes[layout], ...(microsoft ? [GRAPH_DEFAULT] : [])],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'tid'] },
    // Both providers put the address into the ID token although an access token is issued beside it.
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => ({ accountId: id, claims: async () => claimsOf(house, id) }),
    extraTokenClaims: async (_ctx, token) =>
      'accountId' in token ? { email: token.accountId, username: token.accountId } : undefined,
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: !microsoft },
      clientCredentials: { enabled: microsoft },
      deviceFlow: {
        enabled: microsoft,
        userCodeInputSource: async (ctx, form, _out, error) => {
          const text = error
            ? 'That code did not work. Check it and try again.'
            : 'Enter the code shown on your device.';
          ctx.body = devicePage({ heading: 'Enter code', text, form, formId: 'op.deviceInputForm' });
        },
        userCodeConfirmSource: async (ctx, form, _client, _info, userCode) => {
          const text = `Is ${userCode} the code on your device?`;
          ctx.body = devicePage({ heading: 'Are you trying to sign in?', text, form, formId: 'op.deviceConfirmForm' });
        },
        successSource: async (ctx) => {
          ctx.body = devicePage({
            heading: 'You have signed in',
            text: 'You can close this window.',
            form: '',
            formId: '',
          });
        },
      },
      introspection: { enabled: true, allowedPolicy: async () => true },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
    },
    pkce: { required: () => true },
    extraParams: ['access_type', 'login_hint'],
    rotateRefreshToken: microsoft,
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') &&
      (microsoft ? code.scopes.has('offline_access') : house.offline.has(code.grantId ?? '')),
    interactions: { url: (_ctx, interaction) => `/signin/${interaction.uid}` },
    renderError: (ctx, _out, error) => {
      ctx.type = 'html';
      ctx.body = errorPage({ layout, ...pageWords(layout, ctx, error) });
    },
    ttl: {
      AccessToken: accessTokenLife,
      AuthorizationCode: 60,
      ClientCredentials: 3600,
      DeviceCode: 900,
      Grant: 90 * 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 90 * 86_400,
      Session: 86_400,
    },
    cookies: { keys: [randomUUID()] },
  };
}

function claimsOf(house: Omit<House, 'provider'>, address: string): { sub: string; [claim: string]: unknown } {
  const sub = createHash('sha256').update(address).digest('hex').slice(0, 21);
  const usual = { email: address, email_verified: true, name: address.split('@')[0], preferred_username: address };
  return { ...usual, tid: REAL_DIRECTORY, ...house.circumstances.claims[address], sub };
}

/** A Google desktop client may use any loopback port and any path. Other clients keep oidc-provider's own rule. */
function freeLoopback(provider: Provider): void {
  const prototype = provider.Client.prototype as InstanceType<Provider['Client']>;
  const usual = prototype.redirectUriAllowed;
  prototype.redirectUriAllowed = function redirectUriAllowed(redirectUri) {
    const loopback = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/[^#]*)?$/.test(redirectUri);
    return (this.applicationType === 'native' && loopback) || usual.call(this, redirectUri);
  };
}

/** What a person reads when the provider keeps an error to itself. */
function pageWords(layout: Layout, ctx: KoaContextWithOIDC, error: Error): { title: string; text: string } {
  const { error_description: description = '', error_detail: detail = '' } = error as Partial<errors.OIDCProviderError>;
  const sent = ctx.oidc?.params ?? {};
  if (/redirect_uri/.test(description))
    return layout === 'google'
      ? { title: 'Access blocked', text: `Error 400: redirect_uri_mismatch. redirect_uri=${String(sent.redirect_uri)}` }
      : {
          title: 'Sign in',
          text: `AADSTS50011: The redirect URI '${String(sent.redirect_uri)}' specified in the request does not match the redirect URIs configured for the application '${String(sent.client_id)}'.`,
        };
  if (/client not found/.test(detail))
    return layout === 'google'
      ? {
          title: 'Access blocked: authorization error',
          text: 'Error 401: invalid_client. The OAuth client was not found.',
        }
      : {
          title: 'Sign in',
          text: `AADSTS700016: Application with identifier '${String(sent.client_id)}' was not found in the directory.`,
        };
  return { title: 'Something went wrong', text: `${error.message}: ${description} ${detail}` };
}

/** Says oidc-provider's answers as the provider would, and keeps the ledger. */
function translate(house: House): void {
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
  for (const name of ['client_secret', 'code_verifier', 'refresh_token', 'code', 'device_code'])
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

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

async function route(
  house: House,
  request: IncomingMessage,
  response: ServerResponse,
  provider: Answer,
): Promise<void> {
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
  if (url.pathname.startsWith('/signin/')) return signIn(house, request, response);
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

async function signIn(house: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const interaction = await house.provider.interactionDetails(request, response);
  const asked = interaction.params as Record<string, string | undefined>;
  const application = house.clients.get(asked['client_id'] ?? '')?.name ?? 'an application';
  const account = interaction.session?.accountId;
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  if (form?.get('do') === 'cancel') {
    const microsoft = house.options.layout === 'microsoft';
    const description = microsoft ? 'AADSTS65004: User declined to consent to access the app.' : 'cancelled';
    return house.provider.interactionFinished(request, response, {
      error: 'access_denied',
      error_description: description,
    });
  }
  if (interaction.prompt.name === 'login') {
    const chosen = form?.get('account') || form?.get('other');
    if (chosen) {
      if (!mayTest(house, chosen)) return sendPage(response, 403, untested(application, chosen));
      return house.provider.interactionFinished(request, response, { login: { accountId: chosen.toLowerCase() } });
    }
    const hint = asked['login_hint'];
    const accounts = [...new Set([...(hint === undefined ? [] : [hint]), ...(house.options.accounts ?? [])])];
    return sendPage(response, 200, accountPage({ layout: house.options.layout, application, accounts, hint }));
  }
  if (account === undefined) throw new Error('consent was asked for before anybody signed in');
  const scopes = askedScopes(house, asked['scope'] ?? '');
  if (
    house.circumstances.adminConsentRequired &&
    scopes.some(({ scope }) => mailScopes[house.options.layout].includes(scope))
  )
    return sendPage(response, 200, adminApprovalPage({ application, account }));
  if (form === undefined)
    return sendPage(response, 200, consentPage({ layout: house.options.layout, application, account, scopes }));
  const grantId = await grant(house, { account, asked, scopes, ticked: form.getAll('scope') });
  return house.provider.interactionFinished(
    request,
    response,
    { consent: { grantId } },
    { mergeWithLastSubmission: true },
  );
}

/** Google shows a box for everything beyond sign-in, once sign-in scopes are asked for as well. */
function askedScopes(house: House, scope: string): AskedScope[] {
  const google = house.options.layout === 'google';
  const asked = scope.split(' ').filter((name) => name !== '');
  const known = asked.filter((name) => scopeTexts[name] !== undefined);
  return known.map((name) => ({
    scope: name,
    text: scopeTexts[name] ?? name,
    box: google && name === GOOGLE_SCOPE && asked.length > 1,
  }));
}

async function grant(
  house: House,
  consent: {
    account: string;
    asked: Record<string, string | undefined>;
    scopes: readonly AskedScope[];
    ticked: readonly string[];
  },
): Promise<string> {
  const given = new house.provider.Grant({ accountId: consent.account, clientId: consent.asked['client_id'] ?? '' });
  for (const { scope, box } of consent.scopes) {
    const granted = (!box || consent.ticked.includes(scope)) && !house.circumstances.withheldScopes.includes(scope);
    if (granted) given.addOIDCScope(scope);
    else given.rejectOIDCScope(scope);
  }
  const id = await given.save();
  if (consent.asked['access_type'] === 'offline') house.offline.add(id);
  return id;
}

function mayTest(house: House, account: string): boolean {
  const { publishing, testUsers } = house.circumstances;
  return (
    house.options.layout !== 'google' ||
    publishing === 'production' ||
    testUsers.length === 0 ||
    testUsers.includes(account)
  );
}

function untested(application: string, account: string): string {
  return errorPage({
    layout: 'google',
    title: 'Access blocked',
    text: `${application} has not completed the Google verification process. The app is currently being tested, and can only be accessed by developer-approved testers. ${account} is not one. Error 403: access_denied`,
  });
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

/** What the tests hold in their hands. */
function face(house: House, server: Server): AuthorizationServer {
  const { layout } = house.options;
  const google = layout === 'google';
  const clientStore = house.storage.adapter('Client');
  const change = async (clientId: string, changes: Record<string, unknown>): Promise<void> => {
    const payload = await clientStore.find(clientId);
    if (!payload) throw new Error(`no client ${clientId} is registered here`);
    await clientStore.upsert(clientId, { ...payload, ...changes });
  };
  const newSecret = (): string => {
    const secret = makeSecret(layout);
    house.secrets.add(secret);
    return secret;
  };
  const accepts = async (
    user: string,
    token: string,
    scopes: readonly string[],
    delegates: boolean,
  ): Promise<boolean> => {
    const found = await house.provider.AccessToken.find(token);
    if (found?.accountId === undefined) return false;
    const mailbox = user.toLowerCase();
    const own = found.accountId === mailbox;
    const shared = delegates && (house.circumstances.delegates[mailbox] ?? []).includes(found.accountId);
    return (own || shared) && scopes.some((scope) => found.scopes.has(scope));
  };

  return {
    layout,
    origin: house.origin,
    issuer: house.issuer,
    issuerOf: (tenant) => (google ? house.issuer : `${house.origin}/${tenant}/v2.0`),
    tenant: google ? '' : REAL_DIRECTORY,
    mailScopes: mailScopes[layout],
    introspectionUrl: `${house.origin.replace('//', `//${MAIL_SERVER.id}:${MAIL_SERVER.secret}@`)}/introspect`,
    circumstances: house.circumstances,
    ledger: house.ledger,
    authorizations: house.authorizations,
    revocations: house.revocations,
    secrets: house.secrets,
    async registerClient(registration) {
      const type = !google && registration.type === 'desktop' ? 'public' : registration.type;
      const client: RegisteredClient = {
        type,
        name: registration.name ?? 'mailauth',
        clientId: makeClientId(layout),
        clientSecret: type === 'public' ? '' : newSecret(),
        secretId: type === 'public' || google ? '' : randomUUID(),
        tenant: google ? '' : REAL_DIRECTORY,
        redirectUris:
          registration.redirectUris ?? (google && type !== 'web' ? ['http://127.0.0.1', 'http://localhost'] : []),
      };
      house.clients.set(client.clientId, client);
      await clientStore.upsert(client.clientId, metadataOf(layout, client));
      return client;
    },
    async addRedirectUri(clientId, redirectUri) {
      const known = house.clients.get(clientId);
      if (known === undefined) throw new Error(`no client ${clientId} is registered here`);
      const redirectUris = [...known.redirectUris, redirectUri];
      house.clients.set(clientId, { ...known, redirectUris });
      await change(clientId, { redirect_uris: redirectUris });
    },
    expireSecret: (clientId) => change(clientId, { client_secret_expires_at: Math.floor(Date.now() / 1000) - 60 }),
    async replaceSecret(clientId) {
      const secret = newSecret();
      await change(clientId, { client_secret: secret, client_secret_expires_at: 0 });
      return secret;
    },
    async deleteClient(clientId) {
      house.deleted.add(clientId);
      await clientStore.destroy(clientId);
    },
    async mint(email, { scope = `openid email ${mailScopes[layout].join(' ')}`, ttl } = {}) {
      const { provider } = house;
      const given = new provider.Grant({ clientId: MAIL_SERVER.id, accountId: email });
      given.addOIDCScope(scope);
      const grantId = await given.save();
      const client = await provider.Client.find(MAIL_SERVER.id);
      if (client === undefined) throw new Error('the mail server lost its own registration');
      const token = new provider.AccessToken({
        accountId: email,
        client,
        grantId,
        gty: 'authorization_code',
        scope,
        ...(ttl === undefined ? {} : { expiresIn: ttl }),
      });
      token.extra = { email, username: email };
      const value = await token.save();
      house.secrets.add(value);
      return value;
    },
    verify: (user, token) => accepts(user, token, mailScopes[layout], false),
    verifierOf(protocol) {
      const scopes = google
        ? [GOOGLE_SCOPE]
        : MICROSOFT_SCOPES.filter((scope) => scope.includes(protocol === 'imap' ? 'IMAP' : 'SMTP'));
      return (user, token) => accepts(user, token, scopes, protocol === 'imap');
    },
    revokeSignIn: (email) => void house.storage.forget(email.toLowerCase()),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function metadataOf(layout: Layout, client: RegisteredClient): Record<string, unknown> {
  const microsoft = layout === 'microsoft';
  const confidential = client.type === 'web';
  return {
    client_id: client.clientId,
    client_name: client.name,
    ...(client.clientSecret === '' ? {} : { client_secret: client.clientSecret }),
    token_endpoint_auth_method: client.clientSecret === '' ? 'none' : 'client_secret_post',
    // Microsoft ignores the port of a localhost redirect URI for web clients as well; Google does not.
    application_type: confidential && !microsoft ? 'web' : 'native',
    redirect_uris: client.redirectUris,
    response_types: ['code'],
    grant_types: [
      'authorization_code',
      'refresh_token',
      ...(microsoft ? ['urn:ietf:params:oauth:grant-type:device_code'] : []),
      ...(microsoft && confidential ? ['client_credentials'] : []),
    ],
  };
}

function makeClientId(layout: Layout): string {
  if (layout === 'microsoft') return randomUUID();
  const letters = Array.from({ length: 32 }, () => randomInt(36).toString(36)).join('');
  return `${randomInt(100_000_000_000, 999_999_999_999)}-${letters}.apps.googleusercontent.com`;
}

function makeSecret(layout: Layout): string {
  if (layout === 'google') return `GOCSPX-${randomBytes(21).toString('base64url')}`;
  return `${randomBytes(3).toString('hex').slice(0, 3)}8Q~${randomBytes(26).toString('base64url').slice(0, 34)}`;
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function sendJson(response: ServerResponse, { status, body }: Refusal): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(html);
}
