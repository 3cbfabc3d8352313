/**
 * Apps with access of their own, as Microsoft's directory and Google's service accounts have them: what a person does at
 * the console, what the token endpoint demands of an assertion, and what such a token says.
 */
import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomInt,
  randomUUID,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { readForm, sendJson } from './exchange.js';
import { EXCHANGE_DEFAULT, type House, REAL_DIRECTORY } from './house.js';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const CLIENT_ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface RegisteredApp {
  readonly clientId: string;
  readonly tenant: string;
  /** Empty unless it was registered with one. */
  readonly clientSecret: string;
  /** Of its service principal. */
  readonly objectId: string;
  /** Grants or takes away application permissions, as admin consent does. */
  allow(...roles: readonly string[]): void;
  /** Uploads the public half. */
  uploadCertificate(pem: string): Promise<void>;
  /** Only its secret is left. */
  forgetCertificate(): Promise<void>;
  /** A federated credential; tokens of that issuer are made by `tokenFor`. */
  trust(issuer: string, subject: string): { tokenFor(subject?: string, life?: number): string };
}

export interface ServiceAccount {
  readonly email: string;
  readonly clientId: string;
  /** The JSON key as the console saves it. */
  readonly keyFile: string;
  /** Domain-wide delegation: these scopes, for every mailbox of the domain. */
  delegate(...scopes: readonly string[]): void;
  deleteKey(): void;
}

export interface Apps {
  registerApp(credential?: 'secret'): Promise<RegisteredApp>;
  makeServiceAccount(): Promise<ServiceAccount>;
  /** Mailboxes that an administrator has opened to every app (FullAccess), or that exist in the Workspace. */
  readonly openMailboxes: Set<string>;
}

interface KnownApp {
  readonly objectId: string;
  roles: readonly string[];
  thumbprint?: string;
  readonly federated: { issuer: string; subject: string; key: KeyObject }[];
  /** By which the front door speaks for a federated app. */
  readonly innerSecret: string;
}

interface KnownServiceAccount {
  readonly clientId: string;
  readonly keyId: string;
  key: KeyObject | undefined;
  scopes: readonly string[];
}

/** What the house keeps of apps. */
export interface AppBooks {
  readonly apps: Map<string, KnownApp>;
  readonly serviceAccounts: Map<string, KnownServiceAccount>;
  /** By token, what it allows. */
  readonly appTokens: Map<string, { readonly roles: readonly string[]; readonly inner: string }>;
  readonly openMailboxes: Set<string>;
}

export function makeBooks(): AppBooks {
  return { apps: new Map(), serviceAccounts: new Map(), appTokens: new Map(), openMailboxes: new Set() };
}

export function openApps(house: House): Apps {
  return {
    openMailboxes: house.books.openMailboxes,
    registerApp: (credential) => registerApp(house, credential),
    makeServiceAccount: () => makeServiceAccount(house),
  };
}

async function registerApp(house: House, credential?: 'secret'): Promise<RegisteredApp> {
  const store = house.storage.adapter('Client');
  const clientId = randomUUID();
  const secret = `${randomBytes(3).toString('hex').slice(0, 3)}8Q~${randomBytes(26).toString('base64url').slice(0, 34)}`;
  house.secrets.add(secret);
  const known: KnownApp = { objectId: randomUUID(), roles: [], federated: [], innerSecret: secret };
  house.books.apps.set(clientId, known);
  const metadata: AdapterPayload = {
    client_id: clientId,
    client_name: 'mailauth',
    client_secret: secret,
    token_endpoint_auth_method: 'client_secret_post',
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
  };
  await store.upsert(clientId, metadata);
  return {
    clientId,
    tenant: REAL_DIRECTORY,
    clientSecret: credential === 'secret' ? secret : '',
    objectId: known.objectId,
    allow(...roles) {
      known.roles = roles;
    },
    async uploadCertificate(pem) {
      const certificate = new X509Certificate(pem);
      known.thumbprint = createHash('sha256').update(certificate.raw).digest('base64url');
      const { client_secret: _, ...rest } = metadata;
      await store.upsert(clientId, {
        ...rest,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'PS256',
        jwks: { keys: [{ ...certificate.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'PS256' }] },
      });
    },
    forgetCertificate: async () => void (await store.upsert(clientId, metadata)),
    trust(issuer, subject) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      known.federated.push({ issuer, subject, key: publicKey });
      return { tokenFor: (sub = subject, life = 600) => foreignToken({ issuer, sub, life }, privateKey) };
    },
  };
}

function foreignToken({ issuer, sub, life }: { issuer: string; sub: string; life: number }, key: KeyObject): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub, aud: 'api://AzureADTokenExchange', iat: now, nbf: now, exp: now + life };
  const text = [{ alg: 'ES256', typ: 'JWT' }, claims].map(encoded).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

async function makeServiceAccount(house: House): Promise<ServiceAccount> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const email = `mailauth-${randomInt(1000, 9999)}@clinic-${randomInt(100_000, 999_999)}.iam.gserviceaccount.com`;
  const clientId = `1${Array.from({ length: 20 }, () => randomInt(10)).join('')}`;
  const keyId = randomBytes(20).toString('hex');
  const known: KnownServiceAccount = { clientId, keyId, key: publicKey, scopes: [] };
  house.books.serviceAccounts.set(email, known);
  await house.storage.adapter('Client').upsert(clientId, {
    client_id: clientId,
    token_endpoint_auth_method: 'none',
    redirect_uris: [],
    response_types: [],
    grant_types: [JWT_BEARER],
  });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  house.secrets.add(privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'));
  const file = {
    type: 'service_account',
    project_id: email.slice(email.indexOf('@') + 1).split('.')[0],
    private_key_id: keyId,
    private_key: pem,
    client_email: email,
    client_id: clientId,
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: 'https://oauth2.googleapis.com/token',
    universe_domain: 'googleapis.com',
  };
  return {
    email,
    clientId,
    keyFile: `${JSON.stringify(file, null, 2)}\n`,
    delegate(...scopes) {
      known.scopes = scopes;
    },
    deleteKey() {
      known.key = undefined;
    },
  };
}

/** The grant of RFC 7523 section 2.1, which oidc-provider does not have: what is demanded of its assertion is here. */
export function addJwtBearer(house: House): void {
  house.provider.registerGrantType(
    JWT_BEARER,
    async (context) => {
      const ctx = context as unknown as KoaContextWithOIDC;
      const assertion = String(ctx.oidc.params?.['assertion'] ?? '');
      const { header, claims, signed, signature } = partsOf(assertion);
      const known = house.books.serviceAccounts.get(String(claims['iss']));
      if (known?.key === undefined || header['kid'] !== known.keyId)
        throw await refused('invalid_grant', 'Invalid JWT Signature.');
      if (header['alg'] !== 'RS256' || header['typ'] !== 'JWT')
        throw await refused('invalid_grant', 'Invalid JWT: unsupported header.');
      if (!verify('sha256', signed, known.key, signature))
        throw await refused('invalid_grant', 'Invalid JWT Signature.');
      await refuseClaims(house, claims);
      if (
        String(claims['scope']) === '' ||
        !String(claims['scope'])
          .split(' ')
          .every((one) => known.scopes.includes(one))
      ) {
        throw await refused(
          'unauthorized_client',
          'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
          401,
        );
      }
      const mailbox = String(claims['sub']).toLowerCase();
      if (!house.books.openMailboxes.has(mailbox)) throw await refused('invalid_grant', 'Invalid email or User ID');
      const token = new house.provider.AccessToken({
        accountId: mailbox,
        client: ctx.oidc.client as NonNullable<typeof ctx.oidc.client>,
        grantId: undefined as unknown as string,
        gty: JWT_BEARER,
        scope: String(claims['scope']),
        expiresIn: 3600,
      });
      token.extra = { email: mailbox, username: mailbox };
      const value = await token.save();
      ctx.body = { access_token: value, expires_in: 3599, token_type: 'Bearer' };
    },
    ['assertion'],
  );
}

async function refuseClaims(house: House, claims: Claims): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const [iat, exp] = [Number(claims['iat']), Number(claims['exp'])];
  if (claims['aud'] !== `${house.origin}/token`)
    throw await refused('invalid_grant', 'Invalid JWT: Failed audience check.');
  if (!(Math.abs(now - iat) < 300 && exp > now && exp - iat <= 3600)) {
    throw await refused(
      'invalid_grant',
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
    );
  }
  if (!/^[^\s@]+@[^\s@]+$/.test(String(claims['sub'])))
    throw await refused('invalid_request', 'Invalid impersonation "sub" field.');
}

/** An error of the grant, in the provider's own words. */
async function refused(error: string, description: string, status = 400): Promise<Error> {
  const { errors } = await import('oidc-provider');
  const refusal = new errors.CustomOIDCProviderError(error, description);
  refusal.error_detail = `as it is: ${description}`;
  return Object.assign(refusal, { status, statusCode: status });
}

type Claims = Readonly<Record<string, unknown>>;

function partsOf(jwt: string): { header: Claims; claims: Claims; signed: Buffer; signature: Buffer } {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const read = (part: string): Claims => JSON.parse(Buffer.from(part, 'base64url').toString() || '{}');
  return {
    header: read(header),
    claims: read(payload),
    signed: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** What Entra demands of an assertion besides oidc-provider: the thumbprint of the certificate, and a short life. */
export async function judgeAssertion(
  house: Pick<House, 'books'>,
  claims: Claims,
  header: Claims,
  clientId: string,
): Promise<void> {
  const known = house.books.apps.get(clientId);
  const life = Number(claims['exp']) - Number(claims['iat']);
  const isWell =
    header['alg'] === 'PS256' &&
    header['typ'] === 'JWT' &&
    header['x5t#S256'] === known?.thumbprint &&
    claims['sub'] === clientId &&
    life > 0 &&
    life <= 600 &&
    Number(claims['nbf']) <= Date.now() / 1000;
  if (isWell) return;
  const { errors } = await import('oidc-provider');
  throw new errors.InvalidClientAuth(`the key was not found: ${String(header['x5t#S256'])}`);
}

/** An assertion is for the token endpoint that is asked, its directory included, and for nothing else. */
export function expectAudience(house: House): void {
  const prototype = house.provider.OIDCContext.prototype as { clientJwtAuthExpectedAudience(): Set<string> };
  prototype.clientJwtAuthExpectedAudience = function (this: { ctx: KoaContextWithOIDC }) {
    return new Set([`${house.origin}/${house.tenants.get(this.ctx.req) ?? ''}/oauth2/v2.0/token`]);
  };
}

/**
 * What oidc-provider cannot know by itself: that the issuer of an assertion is a service account, and that an assertion
 * of another issuer stands for an app. Gives the body as it is to be read, or nothing after an answer of its own.
 */
export async function readAppForm(house: House, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const form = await readForm(request);
  const body = Object.fromEntries(form);
  (request as IncomingMessage & { body?: object }).body = body;
  const assertion = form.get('client_assertion');
  if (form.get('grant_type') === JWT_BEARER) {
    const issuer = String(partsOf(form.get('assertion') ?? '').claims['iss']);
    const known = house.books.serviceAccounts.get(issuer);
    if (form.has('client_id') || form.has('client_secret')) throw new Error('an assertion needs no client besides');
    if (known === undefined) {
      house.ledger.push({
        grantType: JWT_BEARER,
        clientId: '',
        tenant: '',
        refreshTokenHash: undefined,
        outcome: 'invalid_grant',
      });
      sendJson(response, {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'Invalid grant: account not found' },
      });
      return false;
    }
    Object.assign(body, { client_id: known.clientId });
  } else if (assertion !== null && form.get('client_assertion_type') === CLIENT_ASSERTION) {
    return asFederated(house, body, { assertion, response });
  }
  return true;
}

/** The front door judges the token of another issuer, and then speaks for the app with its own secret. */
function asFederated(
  house: House,
  body: Record<string, string>,
  { assertion, response }: { assertion: string; response: ServerResponse },
): boolean {
  const { claims, signed, signature } = partsOf(assertion);
  const clientId = body['client_id'] ?? '';
  const app = house.books.apps.get(clientId);
  if (app === undefined || claims['iss'] === clientId) return true;
  const now = Date.now() / 1000;
  const found = app.federated.find(
    ({ issuer, subject }) =>
      claims['iss'] === issuer && claims['sub'] === subject && claims['aud'] === 'api://AzureADTokenExchange',
  );
  const isTrue =
    found !== undefined && verify('sha256', signed, { key: found.key, dsaEncoding: 'ieee-p1363' }, signature);
  const words = !isTrue
    ? `AADSTS700213: No matching federated identity record found for presented assertion subject '${String(claims['sub'])}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`
    : Number(claims['exp']) < now
      ? 'AADSTS700024: Client assertion is not within its valid time range.'
      : undefined;
  if (words !== undefined) {
    house.ledger.push({
      grantType: 'client_credentials',
      clientId,
      tenant: '',
      refreshTokenHash: undefined,
      outcome: 'invalid_client',
    });
    sendJson(response, { status: 401, body: { error: 'invalid_client', error_description: words } });
    return false;
  }
  house.secrets.add(assertion);
  delete body['client_assertion'];
  delete body['client_assertion_type'];
  body['client_secret'] = app.innerSecret;
  return true;
}

/** The token as Entra writes it: readable, with what the administrator has allowed, and without a scope beside it. */
export function asEntra(house: House, ctx: KoaContextWithOIDC): void {
  const body = ctx.body as Record<string, unknown>;
  const clientId = ctx.oidc.client?.clientId ?? '';
  const app = house.books.apps.get(clientId);
  const inner = body['access_token'];
  if (app === undefined || typeof inner !== 'string') return;
  const isForMail = ctx.oidc.params?.['scope'] === EXCHANGE_DEFAULT;
  const roles = isForMail ? app.roles : [];
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: isForMail ? 'https://outlook.office365.com' : 'https://graph.microsoft.com',
    iss: `https://sts.windows.net/${REAL_DIRECTORY}/`,
    iat: now,
    exp: now + Number(body['expires_in']),
    appid: clientId,
    oid: app.objectId,
    tid: REAL_DIRECTORY,
    ...(roles.length > 0 && { roles }),
    uti: randomBytes(16).toString('base64url'),
  };
  const token = `${encoded({ typ: 'JWT', alg: 'RS256' })}.${encoded(claims)}.${randomBytes(256).toString('base64url')}`;
  house.books.appTokens.set(token, { roles, inner });
  delete body['scope'];
  body['access_token'] = token;
}

/** Whether a mail server lets an app in: the role of the protocol. The mailbox is another matter. */
export async function letsAppIn(house: House, token: string, role: string): Promise<boolean> {
  const known = house.books.appTokens.get(token);
  if (known === undefined || !known.roles.includes(role)) return false;
  return (await house.provider.ClientCredentials.find(known.inner)) !== undefined;
}

/** Whether the mailbox opens to whoever was let in: to an app only where an administrator has given it FullAccess. */
export function opensTo({ books }: House, token: string, mailbox: string): boolean {
  return !books.appTokens.has(token) || books.openMailboxes.has(mailbox.toLowerCase());
}

/**
 * Introspection of an app's token, which oidc-provider does not know by this name: it opens the one mailbox that was given
 * to it. False, with the form read, for any other token.
 */
export async function introspectApp(
  house: House,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const form = await readForm(request);
  (request as IncomingMessage & { body?: object }).body = Object.fromEntries(form);
  const known = house.books.appTokens.get(form.get('token') ?? '');
  if (known === undefined) return false;
  const [mailbox] = house.books.openMailboxes;
  const alive = await house.provider.ClientCredentials.find(known.inner);
  const active = alive !== undefined && mailbox !== undefined && known.roles.length > 0;
  sendJson(response, { status: 200, body: active ? { active, email: mailbox, username: mailbox } : { active } });
  return true;
}
