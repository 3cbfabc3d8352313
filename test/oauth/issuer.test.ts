import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beginAuthorization } from '../../src/oauth/authorization.js';
import { discover } from '../../src/oauth/issuer.js';
import { type Network, openNetwork } from '../../src/system/network.js';
import { startAuthorizationServer } from '../servers/authorization-server.js';
import { makeAuthority } from '../servers/certificates.js';
import {
  type ScriptedAnswer,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../servers/scripted-token-endpoint.js';

const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-issuer-'));
const WELL_KNOWN = '/.well-known/openid-configuration';
const METADATA = '/.well-known/oauth-authorization-server';
let network: Network;
let server: ScriptedEndpoint;

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  network = await openNetwork({ env: {}, caFile: join(folder, 'ca.pem') });
});
afterAll(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  server = await startScriptedEndpoint(authority);
});
afterEach(() => server.stop());

const document = (changes: Record<string, unknown> = {}) => ({
  issuer: server.origin,
  authorization_endpoint: `${server.origin}/authorize`,
  token_endpoint: `${server.origin}/token`,
  response_types_supported: ['code'],
  token_endpoint_auth_methods_supported: ['client_secret_post'],
  ...changes,
});

async function discovered(answer: ScriptedAnswer, allowedHosts: readonly string[] = []) {
  server.answer(WELL_KNOWN, answer);
  return discover(server.origin, { network, allowedHosts });
}

async function refused(answer: ScriptedAnswer) {
  const outcome = await discovered(answer);
  if (outcome.ok) throw new Error('the document was accepted');
  return outcome.evidence;
}

describe('discover', () => {
  it('reads the endpoints of an issuer that speaks for itself', async () => {
    const outcome = await discovered({
      body: document({
        revocation_endpoint: `${server.origin}/revoke`,
        device_authorization_endpoint: `${server.origin}/device`,
        authorization_response_iss_parameter_supported: true,
      }),
    });
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        endpoints: {
          issuer: server.origin,
          authorization: `${server.origin}/authorize`,
          token: `${server.origin}/token`,
          revocation: `${server.origin}/revoke`,
          deviceAuthorization: `${server.origin}/device`,
          issInResponse: true,
        },
      },
    });
    expect(server.received[0]).toMatchObject({ method: 'GET', path: WELL_KNOWN });
  });

  it('takes the word of a record for an issuer that publishes nothing, by the same rules', async () => {
    const reading = (changes: Record<string, unknown>) =>
      discover(server.origin, { network, allowedHosts: [], metadata: document(changes) });
    expect(await reading({})).toMatchObject({
      ok: true,
      value: { endpoints: { issuer: server.origin, token: `${server.origin}/token` } },
    });
    expect(await reading({ token_endpoint: 'https://other.example/token' })).toMatchObject({ ok: false });
    expect(server.received).toEqual([]);
  });

  it.each([
    'http://accounts.example.com',
    'https://user@accounts.example.com',
    'https://accounts.example.com?tenant=1',
    'https://accounts.example.com/#x',
    'accounts.example.com',
    'file:///etc/passwd',
    '',
  ])('T16 the issuer %j is no issuer', async (issuer) => {
    await expect(discover(issuer, { network, allowedHosts: [] })).rejects.toMatchObject({ code: 'bad_input' });
  });

  it('T16 R19 an issuer that names another one is refused', async () => {
    for (const issuer of [
      'https://evil.example',
      `${server.origin}/`,
      `${server.origin}/x`,
      server.origin.toUpperCase(),
    ]) {
      const evidence = await refused({ body: document({ issuer }) });
      expect(evidence).toMatchObject({ where: 'discovery', stage: 'response', error: 'issuer_mismatch', status: 200 });
      // The one to give instead, which may differ by no more than its last slash.
      expect(evidence.text).toContain(`is for the issuer ${issuer}, not for ${server.origin}`);
    }
    for (const issuer of [undefined, 7, null, '']) {
      expect((await refused({ body: document({ issuer }) })).error).toMatch(/^(?:issuer_mismatch|intercepted)$/);
    }
  });

  const faults: [string, Record<string, unknown>, RegExp][] = [
    ['a missing authorization endpoint', { authorization_endpoint: undefined }, /no authorization_endpoint/],
    ['a missing token endpoint', { token_endpoint: undefined }, /no token_endpoint/],
    ['a token endpoint that is a number', { token_endpoint: 7 }, /no token_endpoint/],
    ['a token endpoint in the clear', { token_endpoint: 'http://localhost/token' }, /token_endpoint is not an https/],
    [
      'a token endpoint elsewhere',
      { token_endpoint: 'https://evil.example/token' },
      /token_endpoint is on evil\.example/,
    ],
    [
      'a token endpoint with a user',
      { token_endpoint: 'https://a:b@localhost/token' },
      /token_endpoint holds a user name/,
    ],
    ['a token endpoint that is no address', { token_endpoint: 'token' }, /token_endpoint is not a web address/],
    [
      'an authorization endpoint elsewhere',
      { authorization_endpoint: 'https://evil.example/a' },
      /authorization_endpoint is on/,
    ],
    [
      'an authorization endpoint with a "#"',
      { authorization_endpoint: 'https://localhost/a#b' },
      /authorization_endpoint holds a "#"/,
    ],
    [
      'a script for an authorization endpoint',
      { authorization_endpoint: 'javascript:alert(1)' },
      /authorization_endpoint is not an https/,
    ],
    ['a revocation endpoint elsewhere', { revocation_endpoint: 'https://evil.example/r' }, /revocation_endpoint is on/],
    [
      'a device endpoint in the clear',
      { device_authorization_endpoint: 'http://localhost/d' },
      /device_authorization_endpoint is not/,
    ],
  ];
  it.each(faults)('T16 %s is refused, and named', async (_name, changes, text) => {
    const evidence = await refused({ body: document(changes) });
    expect(evidence.error).toBe('endpoint_refused');
    expect(evidence.text).toMatch(text);
  });

  it('T16 endpoints may be on hosts that were allowed', async () => {
    const body = document({ token_endpoint: 'https://oauth2.example.com/token' });
    const outcome = await discovered({ body }, ['oauth2.example.com']);
    expect(outcome).toMatchObject({ ok: true, value: { endpoints: { token: 'https://oauth2.example.com/token' } } });
  });

  it('T16 a redirect, a page, a torn or a huge document are no document', async () => {
    expect(await refused({ status: 302, headers: { location: 'https://evil.example/' } })).toMatchObject({
      error: 'intercepted',
      status: 302,
    });
    expect(await refused({ body: '<html><title>Sign in to Wi-Fi</title>' })).toMatchObject({
      error: 'intercepted',
      text: 'Sign in to Wi-Fi',
    });
    expect(await refused({ body: '{"issuer":' })).toMatchObject({ error: 'intercepted' });
    expect(await refused({ body: '[]' })).toMatchObject({ error: 'intercepted' });
    expect(await refused({ body: Buffer.alloc(2 * 1024 * 1024, ' ') })).toMatchObject({ error: 'EMSGSIZE' });
    server.answer(METADATA, { status: 500 });
    expect(await refused({ status: 404, body: 'Not Found' })).toMatchObject({ error: 'not_found', status: 404 });
    expect(await refused({ status: 503, body: 'later' })).toMatchObject({ error: 'server_error', status: 503 });
  });

  it('the metadata of RFC 8414 alone are enough', async () => {
    server.answer(METADATA, { body: document() });
    const outcome = await discovered({ status: 404, body: 'Not Found' });
    expect(outcome).toMatchObject({ ok: true, value: { endpoints: { token: `${server.origin}/token` } } });
  });

  it.each([
    ['on the issuer', '/register', true],
    ['elsewhere', 'https://evil.example/register', false],
    ['in the clear', 'http://localhost/register', false],
    ['that is no address', 7, false],
  ])('a place to register %s', async (_, place, isTaken) => {
    const endpoint = typeof place === 'string' && place.startsWith('/') ? `${server.origin}${place}` : place;
    const outcome = await discovered({ body: document({ registration_endpoint: endpoint }) });
    expect(outcome.ok && outcome.value.registration).toBe(isTaken ? endpoint : undefined);
  });

  it('one redirect that stays on the host is followed, and no other', async () => {
    const moved = (location: string) => ({ status: 301, headers: { location } });
    server.answer('/moved', { body: document() });
    expect((await discovered(moved('/moved'))).ok).toBe(true);
    server.answer('/moved', { body: document() });
    expect((await discovered(moved(`${server.origin}/moved`))).ok).toBe(true);
    server.answer('/moved', moved('/again'));
    expect(await refused(moved('/moved'))).toMatchObject({ status: 301 });
    for (const location of ['https://evil.example/', `http://localhost:${server.port}/moved`, 'https://localhost:2/']) {
      const before = server.received.length;
      expect(await refused(moved(location))).toMatchObject({ where: 'discovery', status: 301 });
      expect(server.received.length).toBe(before + 1);
    }
  });

  it('a server that is not there is a matter of the network', async () => {
    const outcome = await discover('https://localhost:2', { network, allowedHosts: [] });
    expect(outcome).toMatchObject({
      ok: false,
      evidence: { where: 'discovery', stage: 'connect', error: 'ECONNREFUSED', port: 2 },
    });
  });

  it('a server that does not take the secret in the body gets it in the header', async () => {
    const body = document({ token_endpoint_auth_methods_supported: ['client_secret_basic'] });
    expect(await discovered({ body })).toMatchObject({
      ok: true,
      value: { endpoints: { clientAuthentication: 'client_secret_basic' } },
    });
    const both = document({ token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] });
    const outcome = await discovered({ body: both });
    expect(outcome.ok && 'clientAuthentication' in outcome.value.endpoints).toBe(false);
  });

  it('finds both providers’ layouts, and no tenant that is not there', async () => {
    const google = await startAuthorizationServer({ layout: 'google', authority });
    const microsoft = await startAuthorizationServer({ layout: 'microsoft', authority });
    try {
      expect((await discover(google.issuer, { network, allowedHosts: [] })).ok).toBe(true);
      expect((await discover(microsoft.issuer, { network, allowedHosts: [] })).ok).toBe(true);
      const nobody = await discover(microsoft.issuerOf('nowhere.example'), { network, allowedHosts: [] });
      expect(nobody).toMatchObject({
        ok: false,
        evidence: { where: 'discovery', text: expect.stringContaining('AADSTS90002') },
      });
      // Only the real origin has the rule for {tenantid}: anywhere else it is just another issuer.
      const common = await discover(microsoft.issuerOf('common'), { network, allowedHosts: [] });
      expect(common).toMatchObject({ ok: false, evidence: { error: 'issuer_mismatch' } });
    } finally {
      await google.stop();
      await microsoft.stop();
    }
  });

  it('takes the tenant place of Entra’s shared authorities, and no other issuer under that name', async () => {
    const entra = 'https://login.microsoftonline.com';
    const answers = (issuer: string): Network => ({
      ...network,
      fetch: async () =>
        Response.json({
          issuer,
          authorization_endpoint: `${entra}/common/oauth2/v2.0/authorize`,
          token_endpoint: `${entra}/common/oauth2/v2.0/token`,
          token_endpoint_auth_methods_supported: ['client_secret_post'],
        }),
    });
    const read = (issuer: string) => discover(`${entra}/common/v2.0`, { network: answers(issuer), allowedHosts: [] });
    expect((await read(`${entra}/{tenantid}/v2.0`)).ok).toBe(true);
    expect((await read(`${entra}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`)).ok).toBe(true);
    expect((await read('https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/')).ok).toBe(false);
    expect((await read('https://evil.example/{tenantid}/v2.0')).ok).toBe(false);
  });
});

describe('beginAuthorization', () => {
  async function begin(
    changes: Record<string, unknown> = {},
    scopes = ['openid', 'email', 'https://mail.example.com/'],
  ) {
    const outcome = await discovered({ body: document(changes) });
    if (!outcome.ok) throw new Error(outcome.evidence.text);
    return beginAuthorization(outcome.value, {
      client: { clientId: 'a client' },
      redirectUri: 'http://127.0.0.1:8765/callback',
      scopes,
      loginHint: 'a+b@example.com',
      parameters: {
        prompt: 'select_account consent',
        access_type: 'offline',
        state: 'mine',
        code_challenge_method: 'plain',
      },
    });
  }

  it('B asks for consent with offline_access where the provider says nothing, or says it otherwise', async () => {
    const outcome = await discovered({ body: document() });
    if (!outcome.ok) throw new Error(outcome.evidence.text);
    const promptOf = async (scopes: readonly string[], parameters: Readonly<Record<string, string>> = {}) => {
      const redirectUri = 'http://127.0.0.1:8765/callback';
      const asked = { client: { clientId: 'a client' }, redirectUri, scopes, parameters };
      return new URL((await beginAuthorization(outcome.value, asked)).url).searchParams.get('prompt');
    };
    expect(await promptOf(['openid', 'offline_access'])).toBe('consent');
    expect(await promptOf(['openid', 'offline_access'], { prompt: 'select_account' })).toBe('select_account');
    expect(await promptOf(['openid'])).toBeNull();
  });

  it('T03 sends S256 even where the metadata do not list it, and the provider cannot change our parameters', async () => {
    for (const methods of [undefined, ['plain'], ['S256']]) {
      const pending = await begin({ code_challenge_methods_supported: methods });
      const query = new URL(pending.url).searchParams;
      expect(Object.fromEntries(query)).toEqual({
        prompt: 'select_account consent',
        access_type: 'offline',
        login_hint: 'a+b@example.com',
        response_type: 'code',
        client_id: 'a client',
        redirect_uri: 'http://127.0.0.1:8765/callback',
        scope: 'openid email https://mail.example.com/',
        state: pending.state.reveal(),
        nonce: pending.nonce?.reveal(),
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge_method: 'S256',
      });
      expect([...query.keys()]).toHaveLength(new Set(query.keys()).size);
    }
  });

  it('T02 R02 verifier, state and nonce are 32 bytes each, and never the same twice', async () => {
    const outcome = await discovered({ body: document() });
    if (!outcome.ok) throw new Error(outcome.evidence.text);
    const issuer = outcome.value;
    const values = new Set<string>();
    for (let n = 0; n < 300; n++) {
      const request = {
        client: { clientId: 'c' },
        redirectUri: 'http://127.0.0.1:1/c',
        scopes: ['openid'],
        parameters: {},
      };
      const { state, nonce, codeVerifier } = await beginAuthorization(issuer, request);
      for (const secret of [state, nonce, codeVerifier]) {
        expect(secret?.reveal()).toMatch(/^[\w-]{43}$/);
        values.add(secret?.reveal() ?? '');
      }
    }
    expect(values.size).toBe(900);
  });

  it('X13 the address holds no secret of the client, and asks for a nonce only with openid', async () => {
    const pending = await begin({}, ['https://mail.example.com/']);
    expect(pending.nonce).toBeUndefined();
    expect(new URL(pending.url).searchParams.has('nonce')).toBe(false);
    expect(new URL(pending.url).searchParams.has('client_secret')).toBe(false);
    expect(pending.url).not.toContain(pending.codeVerifier.reveal());
    expect(JSON.stringify(pending)).not.toContain(pending.codeVerifier.reveal());
  });
});
