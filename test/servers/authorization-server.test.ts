import { createHash, randomBytes } from 'node:crypto';
import { Agent, fetch } from 'undici';
import { afterEach, expect, test } from 'vitest';
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type RegisteredClient,
  startAuthorizationServer,
} from './authorization-server.js';
import { makeAuthority } from './certificates.js';
import { type BrowserSettings, redirectAddress, signIn } from './scripted-browser.js';

const GOOGLE_SCOPE = 'https://mail.google.com/';
const IMAP_SCOPE = 'https://outlook.office.com/IMAP.AccessAsUser.All';
const SMTP_SCOPE = 'https://outlook.office.com/SMTP.Send';
const ADDRESS = 'reception@happypaws.example';

const authority = makeAuthority();
const dispatcher = new Agent({ connect: { ca: authority.cert } });
const running: AuthorizationServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(
  layout: 'google' | 'microsoft',
  options: Partial<AuthorizationServerOptions> = {},
): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer({ layout, authority, ...options });
  running.push(server);
  return server;
}

type Json = Record<string, unknown>;

async function getJson(url: string): Promise<Json> {
  return (await (await fetch(url, { dispatcher })).json()) as Json;
}

async function post(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Json }> {
  const response = await fetch(url, { dispatcher, method: 'POST', body: new URLSearchParams(form), headers });
  return { status: response.status, body: (await response.json()) as Json };
}

async function endpoints(server: AuthorizationServer, tenant = server.tenant): Promise<Record<string, string>> {
  return (await getJson(`${server.issuerOf(tenant)}/.well-known/openid-configuration`)) as Record<string, string>;
}

interface Attempt {
  readonly client: RegisteredClient;
  readonly redirectUri: string;
  readonly scope: string;
  readonly extra?: Record<string, string>;
  readonly browser?: Partial<BrowserSettings>;
  readonly tenant?: string;
}

async function authorize(
  server: AuthorizationServer,
  attempt: Attempt,
): Promise<{ response: URLSearchParams; verifier: string; token: string }> {
  const { authorization_endpoint: authorization = '', token_endpoint: token = '' } = await endpoints(
    server,
    attempt.tenant ?? server.tenant,
  );
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(authorization);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: attempt.client.clientId,
    redirect_uri: attempt.redirectUri,
    scope: attempt.scope,
    state: 'state-of-the-test',
    nonce: 'nonce-of-the-test',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    prompt: 'select_account consent',
    login_hint: ADDRESS,
    ...attempt.extra,
  }).toString();
  const address = await redirectAddress(url.href, { ca: authority.cert, ...attempt.browser });
  return { response: new URL(address).searchParams, verifier, token };
}

async function signInAndExchange(
  server: AuthorizationServer,
  attempt: Attempt,
): Promise<{ status: number; body: Json }> {
  const { response, verifier, token } = await authorize(server, attempt);
  return post(token, {
    grant_type: 'authorization_code',
    code: response.get('code') ?? '',
    redirect_uri: attempt.redirectUri,
    code_verifier: verifier,
    client_id: attempt.client.clientId,
    ...(attempt.client.clientSecret === '' ? {} : { client_secret: attempt.client.clientSecret }),
  });
}

async function googleAttempt(server: AuthorizationServer): Promise<Attempt> {
  return {
    client: await server.registerClient({ type: 'desktop' }),
    redirectUri: 'http://127.0.0.1:49152/callback',
    scope: `openid email ${GOOGLE_SCOPE}`,
    extra: { access_type: 'offline' },
  };
}

async function microsoftAttempt(server: AuthorizationServer): Promise<Attempt> {
  return {
    client: await server.registerClient({ type: 'web', redirectUris: ['http://localhost:8765/callback'] }),
    redirectUri: 'http://localhost:8766/callback',
    scope: `openid email profile offline_access ${IMAP_SCOPE} ${SMTP_SCOPE}`,
  };
}

function claims(idToken: unknown): Json {
  return JSON.parse(Buffer.from(String(idToken).split('.')[1] ?? '', 'base64url').toString()) as Json;
}

test('Google: a desktop client signs in over any loopback port, iss comes back, the refresh token stays', async () => {
  const server = await start('google');
  const attempt = await googleAttempt(server);
  expect(attempt.client.clientId).toMatch(/^\d{12}-[0-9a-z]{32}\.apps\.googleusercontent\.com$/);
  expect(attempt.client.clientSecret).toMatch(/^GOCSPX-[\w-]{28}$/);

  const { response, verifier, token } = await authorize(server, attempt);
  expect(Object.fromEntries(response)).toMatchObject({ state: 'state-of-the-test', iss: server.issuer, authuser: '0' });
  const client = { client_id: attempt.client.clientId, client_secret: attempt.client.clientSecret };
  const code = {
    grant_type: 'authorization_code',
    code: response.get('code') ?? '',
    redirect_uri: attempt.redirectUri,
  };
  const first = await post(token, { ...code, ...client, code_verifier: verifier });
  expect(first.status).toBe(200);
  expect(first.body['scope']).toBe(`openid https://www.googleapis.com/auth/userinfo.email ${GOOGLE_SCOPE}`);
  expect(first.body).not.toHaveProperty('refresh_token_expires_in');
  expect(claims(first.body['id_token'])).toMatchObject({
    email: ADDRESS,
    email_verified: true,
    nonce: 'nonce-of-the-test',
    iss: server.issuer,
  });

  const refreshToken = String(first.body['refresh_token']);
  const refreshed = await post(token, { grant_type: 'refresh_token', refresh_token: refreshToken, ...client });
  expect(refreshed.body['refresh_token']).toBe(refreshToken);
  expect(server.authorizations[0]?.parameters).toMatchObject({
    prompt: 'select_account consent',
    access_type: 'offline',
  });
  expect(server.ledger.map(({ grantType, outcome }) => [grantType, outcome])).toEqual([
    ['authorization_code', 'ok'],
    ['refresh_token', 'ok'],
  ]);
  for (const secret of [refreshToken, verifier, attempt.client.clientSecret, code.code])
    expect(server.secrets).toContain(secret);
});

test('Google: the refusals of the token endpoint in its own words', async () => {
  const server = await start('google');
  const { client } = await googleAttempt(server);
  const { token_endpoint: token = '' } = await endpoints(server);
  const probe = {
    grant_type: 'authorization_code',
    code: 'bogus',
    redirect_uri: 'http://127.0.0.1/',
    code_verifier: 'v'.repeat(43),
  };
  const asked = async (form: Record<string, string>) => {
    const { status, body } = await post(token, { ...probe, ...form });
    return [status, body['error'], body['error_description']];
  };
  const good = { client_id: client.clientId, client_secret: client.clientSecret };
  expect(await asked(good)).toEqual([400, 'invalid_grant', 'Malformed auth code.']);
  expect(await asked({ ...good, client_secret: 'GOCSPX-wrong' })).toEqual([
    401,
    'invalid_client',
    'The provided client secret is invalid.',
  ]);
  expect(await asked({ ...good, client_id: 'nobody' })).toEqual([
    401,
    'invalid_client',
    'The OAuth client was not found.',
  ]);
  expect(await asked({ client_id: client.clientId })).toEqual([400, 'invalid_request', 'client_secret is missing.']);
  await server.deleteClient(client.clientId);
  expect(await asked(good)).toEqual([401, 'deleted_client', 'The OAuth client was deleted.']);
});

test('Google: a project in Testing announces the end of the sign-in, and lets only its testers in', async () => {
  const server = await start('google');
  server.circumstances.publishing = 'testing';
  const attempt = await googleAttempt(server);
  expect((await signInAndExchange(server, attempt)).body['refresh_token_expires_in']).toBe(604_799);
  server.circumstances.testUsers = ['somebody.else@happypaws.example'];
  await expect(authorize(server, attempt)).rejects.toThrow('has not completed the Google verification process');
});

test('Google: the mail box can be left unticked, another account chosen, the whole cancelled', async () => {
  const server = await start('google', { accounts: ['pat@happypaws.example'] });
  const attempt = await googleAttempt(server);
  const unticked = await signInAndExchange(server, { ...attempt, browser: { tick: [] } });
  expect(unticked.body['scope']).toBe('openid https://www.googleapis.com/auth/userinfo.email');
  const other = await signInAndExchange(server, { ...attempt, browser: { account: 'pat@happypaws.example' } });
  expect(claims(other.body['id_token'])['email']).toBe('pat@happypaws.example');
  const { response } = await authorize(server, { ...attempt, browser: { action: 'cancel' } });
  expect(Object.fromEntries(response)).toEqual({ error: 'access_denied', state: 'state-of-the-test' });
});

test('Google: a web client has its exact redirect URI and no other', async () => {
  const server = await start('google');
  const client = await server.registerClient({ type: 'web', redirectUris: ['http://127.0.0.1:8765/callback'] });
  const attempt: Attempt = {
    client,
    redirectUri: 'http://127.0.0.1:8765/callback',
    scope: `openid email ${GOOGLE_SCOPE}`,
    extra: { access_type: 'offline' },
  };
  expect((await signInAndExchange(server, attempt)).status).toBe(200);
  await expect(authorize(server, { ...attempt, redirectUri: 'http://127.0.0.1:8766/callback' })).rejects.toThrow(
    'redirect_uri_mismatch',
  );
  await server.addRedirectUri(client.clientId, 'http://127.0.0.1:8766/callback');
  expect((await signInAndExchange(server, { ...attempt, redirectUri: 'http://127.0.0.1:8766/callback' })).status).toBe(
    200,
  );
});

test('Google: revoking ends the grant, a second time there is nothing to revoke', async () => {
  const server = await start('google');
  const attempt = await googleAttempt(server);
  const { body } = await signInAndExchange(server, attempt);
  const { revocation_endpoint: revocation = '', token_endpoint: token = '' } = await endpoints(server);
  expect(await server.verify(ADDRESS, String(body['access_token']))).toBe(true);
  expect((await post(revocation, { token: String(body['refresh_token']) })).status).toBe(200);
  expect(await server.verify(ADDRESS, String(body['access_token']))).toBe(false);
  expect((await post(revocation, { token: String(body['refresh_token']) })).body['error']).toBe('invalid_token');
  const client = { client_id: attempt.client.clientId, client_secret: attempt.client.clientSecret };
  const refused = await post(token, {
    grant_type: 'refresh_token',
    refresh_token: String(body['refresh_token']),
    ...client,
  });
  expect(refused.body).toEqual({ error: 'invalid_grant', error_description: 'Token has been expired or revoked.' });
});

test('Microsoft: no iss, refresh tokens rotate, and reuse ends the whole family', async () => {
  const server = await start('microsoft', { domains: ['happypaws.example'] });
  const attempt = { ...(await microsoftAttempt(server)), tenant: 'happypaws.example' };
  const { response, verifier, token } = await authorize(server, attempt);
  expect([...response.keys()].sort()).toEqual(['code', 'state']);
  expect(new URL(token).pathname).toBe('/happypaws.example/oauth2/v2.0/token');
  const client = { client_id: attempt.client.clientId, client_secret: attempt.client.clientSecret };
  const first = await post(token, {
    grant_type: 'authorization_code',
    code: response.get('code') ?? '',
    redirect_uri: attempt.redirectUri,
    code_verifier: verifier,
    ...client,
  });
  expect(first.body['scope']).toBe(`openid email profile ${IMAP_SCOPE} ${SMTP_SCOPE}`);
  expect(claims(first.body['id_token'])).toMatchObject({
    preferred_username: ADDRESS,
    tid: server.tenant,
    iss: server.issuer,
  });
  const refresh = (value: unknown) =>
    post(token, { grant_type: 'refresh_token', refresh_token: String(value), ...client });
  const second = await refresh(first.body['refresh_token']);
  expect(second.body['refresh_token']).not.toBe(first.body['refresh_token']);
  expect((await refresh(first.body['refresh_token'])).body['error_codes']).toEqual([50173]);
  expect((await refresh(second.body['refresh_token'])).body['error']).toBe('invalid_grant');
});

test('Microsoft: the refusals by number', async () => {
  const server = await start('microsoft');
  const { client } = await microsoftAttempt(server);
  const publicClient = await server.registerClient({ type: 'public', redirectUris: ['http://localhost/callback'] });
  const asked = async (form: Record<string, string>, tenant = server.tenant) => {
    const whole = { grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default', ...form };
    const { status, body } = await post(`${server.origin}/${tenant}/oauth2/v2.0/token`, whole);
    return [status, body['error'], ...((body['error_codes'] as number[] | undefined) ?? [])];
  };
  const good = { client_id: client.clientId, client_secret: client.clientSecret };
  expect(await asked(good)).toEqual([200, undefined]);
  expect(await asked(good, 'common')).toEqual([400, 'invalid_request', 9001023]);
  expect(await asked(good, 'nowhere.example')).toEqual([400, 'invalid_request', 90002]);
  expect(await asked({ ...good, client_id: client.tenant })).toEqual([400, 'unauthorized_client', 700016]);
  expect(await asked({ ...good, client_secret: client.secretId })).toEqual([401, 'invalid_client', 7000215]);
  expect(await asked({ client_id: client.clientId })).toEqual([401, 'invalid_client', 7000218]);
  expect(await asked({ client_id: publicClient.clientId, client_secret: 'x' })).toEqual([
    401,
    'invalid_client',
    700025,
  ]);
  await server.expireSecret(client.clientId);
  expect(await asked(good)).toEqual([401, 'invalid_client', 7000222]);
  expect(await asked({ ...good, client_secret: await server.replaceSecret(client.clientId) })).toEqual([
    200,
    undefined,
  ]);
});

test('Microsoft: discovery is per tenant, and an unknown tenant has none', async () => {
  const server = await start('microsoft');
  expect((await endpoints(server, 'common'))['issuer']).toBe(`${server.origin}/{tenantid}/v2.0`);
  expect((await endpoints(server))['issuer']).toBe(server.issuer);
  expect(await endpoints(server)).not.toHaveProperty('revocation_endpoint');
  expect(await endpoints(server, 'nowhere.example')).toMatchObject({ error: 'invalid_tenant', error_codes: [90002] });
});

test('Microsoft: an unregistered redirect URI and a missing admin consent stay on the page', async () => {
  const server = await start('microsoft');
  const attempt = await microsoftAttempt(server);
  await expect(authorize(server, { ...attempt, redirectUri: 'http://localhost:8765/other' })).rejects.toThrow(
    'AADSTS50011',
  );
  server.circumstances.adminConsentRequired = true;
  const { response } = await authorize(server, attempt);
  expect(response.get('error')).toBe('access_denied');
  expect(response.get('error_description')).toContain('AADSTS65004');
});

test('Microsoft: a device signs in with a code typed elsewhere', async () => {
  const server = await start('microsoft');
  const client = await server.registerClient({ type: 'public', redirectUris: ['http://localhost/callback'] });
  const { device_authorization_endpoint: device = '', token_endpoint: token = '' } = await endpoints(server);
  const scope = `openid email offline_access ${SMTP_SCOPE}`;
  const { body } = await post(device, { client_id: client.clientId, scope });
  expect(body).toMatchObject({ interval: 1 });
  expect(body).not.toHaveProperty('verification_uri_complete');
  const poll = () =>
    post(token, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: String(body['device_code']),
      client_id: client.clientId,
    });
  expect((await poll()).body['error']).toBe('authorization_pending');
  const visit = await signIn(String(body['verification_uri']), {
    ca: authority.cert,
    account: ADDRESS,
    userCode: String(body['user_code']),
  });
  expect(visit.text).toContain('You have signed in');
  const granted = await poll();
  expect(granted.status).toBe(200);
  expect(await server.verifierOf('smtp')(ADDRESS, String(granted.body['access_token']))).toBe(true);
  expect(await server.verifierOf('imap')(ADDRESS, String(granted.body['access_token']))).toBe(false);
});

test('a token made for tests is known to the introspection endpoint and to verify, until it ends', async () => {
  const server = await start('microsoft');
  const token = await server.mint(ADDRESS, { scope: IMAP_SCOPE });
  const url = new URL(server.introspectionUrl);
  const authorization = `Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}`;
  url.username = url.password = '';
  expect((await post(url.href, { token }, { authorization })).body).toMatchObject({
    active: true,
    email: ADDRESS,
    scope: IMAP_SCOPE,
  });
  expect(await server.verify('RECEPTION@happypaws.example', token)).toBe(true);
  expect(await server.verify('pat@happypaws.example', token)).toBe(false);
  expect(await server.verifierOf('smtp')(ADDRESS, token)).toBe(false);
  server.circumstances.delegates['desk@happypaws.example'] = [ADDRESS];
  expect(await server.verifierOf('imap')('desk@happypaws.example', token)).toBe(true);
  server.revokeSignIn(ADDRESS);
  expect((await post(url.href, { token }, { authorization })).body).toEqual({ active: false });
});

test('a test can answer in the place of the server', async () => {
  const server = await start('google');
  server.circumstances.answer = (request, response) => {
    if (request.url !== '/token') return false;
    response.writeHead(503).end('<html>maintenance</html>');
    return true;
  };
  const response = await fetch(`${server.origin}/token`, { dispatcher, method: 'POST' });
  expect(response.status).toBe(503);
  expect((await endpoints(server))['issuer']).toBe(server.issuer);
});
