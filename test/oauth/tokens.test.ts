import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Endpoints } from '../../src/account/account.js';
import { beginAuthorization, type PendingAuthorization } from '../../src/oauth/authorization.js';
import type { ClientCredentials } from '../../src/oauth/client-authentication.js';
import { discover, type Issuer } from '../../src/oauth/issuer.js';
import { exchangeCode, refresh, revoke } from '../../src/oauth/tokens.js';
import { type Network, openNetwork } from '../../src/system/network.js';
import { Secret } from '../../src/words/secret.js';
import { type AuthorizationServer, startAuthorizationServer } from '../servers/authorization-server.js';
import { makeAuthority } from '../servers/certificates.js';
import { redirectAddress } from '../servers/scripted-browser.js';
import {
  type ScriptedAnswer,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../servers/scripted-token-endpoint.js';

const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-tokens-'));
const REDIRECT = 'http://127.0.0.1:8765/callback';
const CODE = '4/0AbCdEfGhIjKlMnOp';
let network: Network;

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  network = await openNetwork({ env: {}, caFile: join(folder, 'ca.pem') });
});
afterAll(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('against a real authorization server', () => {
  const address = 'reception@happypaws.example';
  const scopesOf = (server: AuthorizationServer) => ['openid', 'email', 'offline_access', ...server.mailScopes];

  async function start(layout: 'google' | 'microsoft', type: 'desktop' | 'web' | 'public') {
    const server = await startAuthorizationServer({ layout, authority, accounts: [address] });
    const redirectUri = layout === 'google' ? REDIRECT : 'http://localhost:8765/callback';
    const registered = await server.registerClient({ type, redirectUris: [redirectUri] });
    const client: ClientCredentials = {
      clientId: registered.clientId,
      ...(registered.clientSecret === '' ? {} : { clientSecret: new Secret(registered.clientSecret) }),
    };
    const outcome = await discover(server.issuer, { network, allowedHosts: [] });
    if (!outcome.ok) throw new Error(outcome.evidence.text);
    const scopes = layout === 'google' ? ['openid', 'email', ...server.mailScopes] : scopesOf(server);
    const pending = await beginAuthorization(outcome.value, {
      client,
      redirectUri,
      scopes,
      loginHint: address,
      parameters:
        layout === 'google'
          ? { access_type: 'offline', prompt: 'select_account consent' }
          : { response_mode: 'query', prompt: 'select_account' },
    });
    const back = new URL(await redirectAddress(pending.url, { ca: authority.cert }));
    return { server, client, issuer: outcome.value, pending, back };
  }

  const cases = [
    ['google', 'desktop'],
    ['google', 'web'],
    ['microsoft', 'web'],
    ['microsoft', 'public'],
  ] as const;
  it.each(cases)(
    '%s, a %s client: a code becomes a grant, is refreshed and, where possible, ended',
    async (layout, type) => {
      const { server, client, issuer, pending, back } = await start(layout, type);
      try {
        const outcome = await exchangeCode(issuer, client, { pending, response: back });
        if (!outcome.ok) throw new Error(JSON.stringify(outcome.evidence));
        const grant = outcome.value;
        expect(grant.identity).toMatchObject({ issuer: server.issuer });
        expect(grant.identity?.email ?? grant.identity?.preferredUsername).toBe(address);
        expect(grant.scopes).toEqual(expect.arrayContaining([...server.mailScopes]));
        expect(Math.abs(grant.clockOffset ?? 99)).toBeLessThan(5);
        expect(await server.verify(address, grant.accessToken.reveal())).toBe(true);
        if (grant.refreshToken === undefined) throw new Error('no refresh token');

        const again = await refresh(issuer.endpoints, client, grant.refreshToken, { network });
        if (!again.ok) throw new Error(JSON.stringify(again.evidence));
        expect(again.value.accessToken.reveal()).not.toBe(grant.accessToken.reveal());
        const kept = again.value.refreshToken?.reveal() ?? grant.refreshToken.reveal();
        expect(kept === grant.refreshToken.reveal()).toBe(layout === 'google');
        expect(again.value.identity).toBeUndefined();
        expect(server.ledger.map(({ grantType }) => grantType)).toEqual(['authorization_code', 'refresh_token']);

        if (issuer.endpoints.revocation === undefined) return;
        const end = () => revoke(issuer.endpoints, client, grant.refreshToken as Secret, { network });
        expect(await end()).toEqual({ ok: true, value: 'revoked' });
        expect(await end()).toEqual({ ok: true, value: 'already-gone' });
        const late = await refresh(issuer.endpoints, client, grant.refreshToken, { network });
        expect(late).toMatchObject({
          ok: false,
          evidence: { where: 'token', stage: 'response', grant: 'refresh_token', error: 'invalid_grant', status: 400 },
        });
      } finally {
        await server.stop();
      }
    },
  );

  it('T02 a code without its verifier is worthless', async () => {
    const { server, client, issuer, pending, back } = await start('google', 'desktop');
    try {
      const thief = { ...pending, codeVerifier: new Secret('x'.repeat(43)) };
      expect(await exchangeCode(issuer, client, { pending: thief, response: back })).toMatchObject({
        ok: false,
        evidence: { error: 'invalid_grant' },
      });
    } finally {
      await server.stop();
    }
  });
});

describe('against odd answers', () => {
  let server: ScriptedEndpoint;
  let issuer: Issuer;
  let pending: PendingAuthorization;
  let endpoints: Endpoints;
  const client: ClientCredentials = { clientId: 'the-client', clientSecret: new Secret('canary-client-secret') };
  const refreshToken = new Secret('1//0canary-refresh-token');
  const plain = { access_token: 'ya29.canary', token_type: 'Bearer', expires_in: 3599 };

  beforeEach(async () => {
    server = await startScriptedEndpoint(authority);
    server.answer('/.well-known/openid-configuration', {
      body: {
        issuer: server.origin,
        authorization_endpoint: `${server.origin}/authorize`,
        token_endpoint: `${server.origin}/token`,
        revocation_endpoint: `${server.origin}/revoke`,
        token_endpoint_auth_methods_supported: ['client_secret_post'],
        id_token_signing_alg_values_supported: ['RS256', 'RS384', 'ES512', 'none'],
      },
    });
    const outcome = await discover(server.origin, { network, allowedHosts: [] });
    if (!outcome.ok) throw new Error(outcome.evidence.text);
    issuer = outcome.value;
    endpoints = issuer.endpoints;
    pending = await beginAuthorization(issuer, {
      client,
      redirectUri: REDIRECT,
      scopes: ['openid', 'https://mail.example.com/'],
      parameters: {},
    });
  });
  afterEach(() => server.stop());

  const back = (changes: Record<string, string> = {}) => {
    const url = new URL(REDIRECT);
    url.search = new URLSearchParams({ code: CODE, state: pending.state.reveal(), ...changes }).toString();
    return url;
  };
  const exchange = () => exchangeCode(issuer, client, { pending, response: back() });
  const refreshed = (answer: ScriptedAnswer) => {
    server.answer('/token', answer);
    return refresh(endpoints, client, refreshToken, { network });
  };
  async function grantOf(body: object) {
    const outcome = await refreshed({ body });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.evidence));
    return outcome.value;
  }
  async function refusalOf(answer: ScriptedAnswer) {
    const outcome = await refreshed(answer);
    if (outcome.ok) throw new Error('the answer was accepted');
    expect(JSON.stringify(outcome.evidence)).not.toContain('canary');
    return outcome.evidence;
  }

  function idToken(changes: Record<string, unknown> = {}, header: Record<string, unknown> = { alg: 'RS256' }): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: server.origin,
      sub: '1',
      aud: client.clientId,
      iat: now,
      exp: now + 3600,
      nonce: pending.nonce?.reveal(),
      email: 'a@example.com',
      ...changes,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part(header)}.${part(claims)}.c2ln`;
  }

  it('T25 a refresh is one POST with one kind of client authentication, no scope and nothing in the address', async () => {
    await refreshed({ body: plain });
    const sent = server.received.at(-1);
    expect(sent).toMatchObject({ method: 'POST', path: '/token' });
    expect(sent?.headers['authorization']).toBeUndefined();
    expect(sent?.headers['content-type']).toContain('application/x-www-form-urlencoded');
    expect(Object.fromEntries(sent?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: refreshToken.reveal(),
      client_id: 'the-client',
      client_secret: 'canary-client-secret',
    });
  });

  it('T25 without scopes none is sent, and a public client sends no secret', async () => {
    server.answer('/token', { body: plain });
    await refresh(endpoints, { clientId: 'public' }, refreshToken, { network });
    expect([...(server.received.at(-1)?.form.keys() ?? [])].sort()).toEqual([
      'client_id',
      'grant_type',
      'refresh_token',
    ]);
  });

  it('T25 where the issuer wants the secret in the header it is there and nowhere else', async () => {
    server.answer('/token', { body: plain });
    await refresh({ ...endpoints, clientAuthentication: 'client_secret_basic' }, client, refreshToken, { network });
    const sent = server.received.at(-1);
    // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
    const basic = /^Basic (.+)$/.exec(sent?.headers['authorization'] ?? '')?.[1] ?? '';
    const parts = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
    expect(parts).toEqual(['the-client', 'canary-client-secret']);
    expect(sent?.form.has('client_secret')).toBe(false);
  });

  it('T25 an exchange sends the code, the verifier and the very redirect address', async () => {
    server.answer('/token', { body: { ...plain, id_token: idToken() } });
    expect((await exchange()).ok).toBe(true);
    expect(Object.fromEntries(server.received.at(-1)?.form ?? [])).toEqual({
      grant_type: 'authorization_code',
      code: CODE,
      redirect_uri: REDIRECT,
      code_verifier: pending.codeVerifier.reveal(),
      client_id: 'the-client',
      client_secret: 'canary-client-secret',
    });
  });

  const lifetimes: [unknown, number | undefined][] = [
    [3599, 3599],
    ['3600', 3600],
    [3599.7, 3599],
    [undefined, undefined],
    [0, undefined],
    [-1, undefined],
    [1e99, undefined],
    [null, undefined],
    ['NaN', undefined],
    ['soon', undefined],
    [{}, undefined],
    [true, undefined],
  ];
  it.each(lifetimes)('T04 expires_in %j lives %j s', async (expiresIn, seconds) => {
    expect((await grantOf({ ...plain, expires_in: expiresIn })).expiresIn).toBe(seconds);
  });

  it('T04 takes what the standards leave open', async () => {
    for (const type of ['Bearer', 'bearer', 'BEARER'])
      expect((await grantOf({ ...plain, token_type: type })).expiresIn).toBe(3599);
    expect((await grantOf({ ...plain, scope: 'a  b' })).scopes).toEqual(['a', 'b']);
    expect((await grantOf(plain)).scopes).toBeUndefined();
    expect((await grantOf({ ...plain, scope: ['a'] })).scopes).toBeUndefined();
    expect((await grantOf({ ...plain, unknown: { deep: [1] }, ext_expires_in: 1 })).accessToken.reveal()).toBe(
      'ya29.canary',
    );
    const doubled = '{"access_token":"first","token_type":"Bearer","access_token":"second"}';
    const outcome = await refreshed({ body: doubled, headers: { 'content-type': 'application/json' } });
    expect(outcome.ok && outcome.value.accessToken.reveal()).toBe('second');
    const textual = await refreshed({
      body: `\uFEFF${JSON.stringify(plain)}`,
      headers: { 'content-type': 'text/plain' },
    });
    expect(textual.ok).toBe(true);
  });

  it('H an access token outside the alphabet of RFC 6750 is refused at the door, unseen', async () => {
    for (const odd of ['a$(id)b', 'a"b', 'a\\nb', "a'b", 'a b', 'a\r\nb', 'a`b', 'a;b', 'a=b', 'ä', 'a\x01b']) {
      const outcome = await refreshed({ body: { ...plain, access_token: `canary${odd}` } });
      expect(outcome).toMatchObject({ ok: false, evidence: { error: 'token_malformed', status: 200 } });
      expect(JSON.stringify(outcome)).not.toContain('canary');
    }
    for (const good of ['a', 'ya29.a0-_~+/', 'YWJj==']) {
      expect((await grantOf({ ...plain, access_token: good })).accessToken.reveal()).toBe(good);
    }
  });

  it('B a token of another type than Bearer is refused, one without a type is taken for it', async () => {
    for (const type of ['DPoP', 'mac', 'N_A', '', 7]) {
      const outcome = await refreshed({ body: { ...plain, token_type: type } });
      expect(outcome).toMatchObject({ ok: false, evidence: { error: 'token_type_unsupported' } });
    }
    expect((await grantOf({ ...plain, token_type: undefined })).expiresIn).toBe(3599);
  });

  it('T11 a new refresh token is handed on, none or a useless one means: keep the old', async () => {
    expect((await grantOf({ ...plain, refresh_token: 'new-one' })).refreshToken?.reveal()).toBe('new-one');
    for (const useless of [undefined, '', null, 7, 'a b', 'a\nb']) {
      expect((await grantOf({ ...plain, refresh_token: useless })).refreshToken).toBeUndefined();
    }
  });

  it('T24 the announced end of the sign-in is read, as number or text', async () => {
    expect((await grantOf({ ...plain, refresh_token_expires_in: 604_799 })).refreshTokenExpiresIn).toBe(604_799);
    expect((await grantOf({ ...plain, refresh_token_expires_in: '604799' })).refreshTokenExpiresIn).toBe(604_799);
    expect((await grantOf({ ...plain, refresh_token_expires_in: -5 })).refreshTokenExpiresIn).toBeUndefined();
  });

  it('T04 no number in an answer ever becomes nonsense', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (expiresIn, ends) => {
        const grant = await grantOf({ ...plain, expires_in: expiresIn, refresh_token_expires_in: ends });
        for (const seconds of [grant.expiresIn, grant.refreshTokenExpiresIn]) {
          expect(seconds === undefined || (Number.isSafeInteger(seconds) && seconds > 0)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  const notTokens: [string, ScriptedAnswer][] = [
    [
      'a page',
      { body: '<html><head><title>Sign in to Wi-Fi</title></head>', headers: { 'content-type': 'text/html' } },
    ],
    ['an error that says 200', { body: { error: 'invalid_grant' } }],
    ['nothing', { body: '' }],
    ['a 204', { status: 204 }],
    ['a list', { body: '[1]', headers: { 'content-type': 'application/json' } }],
    ['a torn object', { body: '{"access_token":"a', headers: { 'content-type': 'application/json' } }],
    ['no token', { body: { token_type: 'Bearer' } }],
    ['an empty token', { body: { ...plain, access_token: '' } }],
    ['a token that is a number', { body: { ...plain, access_token: 7 } }],
    ['very deep JSON', { body: '{"a":'.repeat(10_000), headers: { 'content-type': 'application/json' } }],
    ['a packed page', { body: gzipSync('<html>portal'), headers: { 'content-encoding': 'gzip' } }],
    ['a redirect', { status: 302, headers: { location: 'https://portal.example/?token=canary' } }],
    ['a 307', { status: 307, headers: { location: 'https://evil.example/' } }],
    ['a 400 page', { status: 400, body: '<h1>Bad</h1>' }],
    ['a 403 page', { status: 403, body: '<h1>Blocked</h1>' }],
    ['a 511', { status: 511, body: 'sign in' }],
  ];
  it.each(notTokens)('T05 T06 %s is no token response', async (_name, answer) => {
    const evidence = await refusalOf(answer);
    expect(evidence).toMatchObject({ where: 'token', stage: 'response', grant: 'refresh_token', error: 'intercepted' });
    expect(evidence.status).toBe(answer.status ?? 200);
    expect(evidence.text).not.toBe('');
  });

  it('T06 an answer without end is left', async () => {
    expect(await refusalOf({ body: Buffer.alloc(50 * 1024 * 1024) })).toMatchObject({
      stage: 'response',
      error: 'EMSGSIZE',
    });
  });

  it('T07 a busy or broken server says when to come back', async () => {
    const soon = new Date(Date.now() + 30_000).toUTCString();
    const waits: [string, number | undefined][] = [
      ['7', 7],
      ['0', 0],
      ['-5', undefined],
      ['99999999999999', undefined],
      ['soon', undefined],
      ['', undefined],
      [new Date(0).toUTCString(), 0],
    ];
    for (const [value, seconds] of waits) {
      const evidence = await refusalOf({ status: 503, headers: { 'retry-after': value } });
      expect([evidence.error, evidence.retryAfter]).toEqual(['server_error', seconds]);
    }
    const dated = await refusalOf({ status: 429, headers: { 'retry-after': soon } });
    expect(dated.error).toBe('rate_limited');
    expect(dated.retryAfter).toBeGreaterThan(25);
    expect(dated.retryAfter).toBeLessThan(35);
  });

  it('T10 the words of a refusal are kept, the secrets in them are not', async () => {
    const evidence = await refusalOf({
      status: 401,
      body: {
        error: 'invalid_client',
        error_description: `AADSTS7000215: Invalid client secret provided: ${client.clientSecret?.reveal()} ${encodeURIComponent(refreshToken.reveal())}`,
        suberror: 'bad_token',
      },
      headers: { 'www-authenticate': 'Basic realm="x"' },
    });
    expect(evidence).toMatchObject({ error: 'invalid_client', status: 401 });
    expect(evidence.text).toBe('AADSTS7000215: Invalid client secret provided: [secret] [secret] bad_token');
  });

  it('T13 the server’s clock is compared with ours', async () => {
    const evidence = await refusalOf({
      status: 400,
      body: { error: 'invalid_grant' },
      headers: { date: new Date(Date.now() - 86_400_000).toUTCString() },
    });
    expect(Math.abs((evidence.clockOffset ?? 0) - 86_400)).toBeLessThan(5);
    expect(evidence.text).toBe('invalid_grant');
  });

  it('T01 a code is sent once, also when the connection is cut', async () => {
    server.answer('/token', { body: JSON.stringify({ ...plain, id_token: idToken() }), cutAfter: 20 });
    expect(await exchange()).toMatchObject({ ok: false, evidence: { stage: 'response', grant: 'authorization_code' } });
    expect(server.received.filter(({ path }) => path === '/token')).toHaveLength(1);
  });

  it('an ID token in a refresh never spoils it, whatever is in it', async () => {
    const strange = idToken({ iss: 'https://login.example.com/other/v2.0', exp: 1, nonce: 'x' }, { alg: 'none' });
    for (const token of [strange, 'garbage', 7]) {
      const grant = await grantOf({ ...plain, id_token: token });
      expect([grant.accessToken.reveal(), grant.identity]).toEqual(['ya29.canary', undefined]);
    }
  });

  describe('T15 R18 the ID token of an exchange', () => {
    const hash = (algorithm: string) => {
      const digest = createHash(algorithm).update(plain.access_token).digest();
      return digest.subarray(0, digest.length / 2).toString('base64url');
    };
    async function identityFrom(token: unknown) {
      server.answer('/token', { body: { ...plain, id_token: token } });
      return exchange();
    }

    it('gives the identity when everything fits', async () => {
      const outcome = await identityFrom(
        idToken({
          email_verified: 'true',
          preferred_username: 'b@example.com',
          azp: client.clientId,
          at_hash: hash('sha256'),
        }),
      );
      expect(outcome).toMatchObject({
        ok: true,
        value: {
          identity: {
            issuer: server.origin,
            email: 'a@example.com',
            emailVerified: true,
            preferredUsername: 'b@example.com',
          },
        },
      });
    });

    it('reads a refused e-mail address as such, and strange claims as none', async () => {
      const outcome = await identityFrom(idToken({ email_verified: false, email: 7, preferred_username: ['x'] }));
      expect(outcome.ok && outcome.value.identity).toEqual({ issuer: server.origin, emailVerified: false });
    });

    it.each([
      ['RS384', 'sha384'],
      ['ES512', 'sha512'],
    ])('takes the hash that goes with %s', async (alg, algorithm) => {
      expect((await identityFrom(idToken({ at_hash: hash(algorithm) }, { alg }))).ok).toBe(true);
      expect((await identityFrom(idToken({ at_hash: hash('sha256') }, { alg }))).ok).toBe(false);
    });

    const now = Math.floor(Date.now() / 1000);
    const bad: [string, Record<string, unknown>, string][] = [
      ['another issuer', { iss: 'https://evil.example' }, 'id_token_rejected'],
      ['another audience', { aud: 'somebody' }, 'id_token_rejected'],
      ['several audiences without a party', { aud: ['the-client', 'other'] }, 'id_token_rejected'],
      ['another authorized party', { azp: 'other' }, 'id_token_rejected'],
      ['several audiences and another party', { aud: ['the-client', 'other'], azp: 'other' }, 'id_token_rejected'],
      ['another nonce', { nonce: 'other' }, 'id_token_rejected'],
      ['no nonce', { nonce: undefined }, 'id_token_rejected'],
      ['another access token’s hash', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'id_token_rejected'],
      ['no subject', { sub: undefined }, 'id_token_rejected'],
      ['no end', { exp: undefined }, 'id_token_rejected'],
      ['an end in the past', { exp: now - 3600 }, 'id_token_expired'],
      ['a start in the future', { nbf: now + 3600 }, 'id_token_expired'],
    ];
    it.each(bad)('with %s is refused', async (_name, claims, error) => {
      const outcome = await identityFrom(idToken(claims));
      expect(outcome).toMatchObject({ ok: false, evidence: { where: 'token', stage: 'response', status: 200, error } });
      expect(JSON.stringify(outcome)).not.toContain('canary');
    });

    it('B16 missing names nobody, and spoils nothing', async () => {
      for (const token of [undefined, '', null]) {
        const outcome = await identityFrom(token);
        expect(outcome).toMatchObject({ ok: true });
        expect(outcome.ok && outcome.value.identity).toBeUndefined();
      }
    });

    it('B18 of a clock that is up to five minutes off is taken, of one further off is not', async () => {
      // Read now: the tests before this one may have taken their time.
      const now = Math.floor(Date.now() / 1000);
      const ahead = (seconds: number) => ({ iat: now + seconds, nbf: now + seconds, exp: now + 3600 + seconds });
      const behind = (seconds: number) => ({ iat: now - 3600, exp: now - seconds });
      for (const claims of [ahead(90), ahead(280), behind(280)]) {
        expect(await identityFrom(idToken(claims))).toMatchObject({ ok: true });
      }
      for (const claims of [ahead(330), behind(330)]) {
        expect(await identityFrom(idToken(claims))).toMatchObject({
          ok: false,
          evidence: { error: 'id_token_expired' },
        });
      }
    });

    it('unsigned, torn or encrypted is refused', async () => {
      for (const token of [
        idToken({}, { alg: 'none' }),
        idToken({}, { alg: 'HS256' }),
        idToken({}, {}),
        'a.b',
        'a.b.c.d.e',
      ]) {
        expect(await identityFrom(token)).toMatchObject({ ok: false, evidence: { error: 'id_token_rejected' } });
      }
    });
  });

  describe('L33 exchangeCode', () => {
    it('does not send a code that came with a wrong state, issuer or error', async () => {
      for (const changes of [{ state: 'other' }, { iss: 'https://evil.example' }, { error: 'access_denied' }]) {
        const outcome = await exchangeCode(issuer, client, { pending, response: back(changes) });
        expect(outcome).toMatchObject({ ok: false, evidence: { where: 'authorization' } });
      }
      expect(server.received.filter(({ path }) => path === '/token')).toEqual([]);
    });

    it('N11 an abort rejects with its reason', async () => {
      await expect(
        exchangeCode(issuer, client, {
          pending,
          response: back(),
          signal: AbortSignal.abort(new Error('interrupted')),
        }),
      ).rejects.toThrow('interrupted');
    });
  });

  describe('T22 revoke', () => {
    const end = () => revoke(endpoints, client, refreshToken, { network });

    it('sends the token in the body', async () => {
      server.answer('/revoke', { body: '{}' });
      expect(await end()).toEqual({ ok: true, value: 'revoked' });
      expect(server.received.at(-1)?.form.get('token')).toBe(refreshToken.reveal());
    });

    it('reports what a provider answers otherwise, without the token', async () => {
      server.answer('/revoke', {
        status: 400,
        body: { error: 'invalid_token', error_description: 'Token expired or revoked' },
      });
      expect(await end()).toEqual({ ok: true, value: 'already-gone' });
      server.answer('/revoke', { status: 503, body: `down ${refreshToken.reveal()}` });
      const outcome = await end();
      expect(outcome).toMatchObject({
        ok: false,
        evidence: { where: 'revocation', error: 'server_error', status: 503 },
      });
      expect(JSON.stringify(outcome)).not.toContain('canary');
    });

    it('reports a server that is gone, and refuses to be asked without an endpoint', async () => {
      const gone = { ...endpoints, revocation: 'https://localhost:2/revoke' };
      expect(await revoke(gone, client, refreshToken, { network })).toMatchObject({
        ok: false,
        evidence: { where: 'revocation', stage: 'connect', error: 'ECONNREFUSED', port: 2 },
      });
      const { revocation: _, ...without } = endpoints;
      await expect(revoke(without, client, refreshToken, { network })).rejects.toMatchObject({ code: 'bug' });
    });
  });
});
