import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/explain/evidence.js';
import { awaitDevice, beginDevice, type Clock, type DeviceAuthorization } from '../../src/oauth/device.js';
import { discover, type Issuer } from '../../src/oauth/issuer.js';
import { type Network, openNetwork } from '../../src/system/network.js';
import { Secret } from '../../src/words/secret.js';
import { startAuthorizationServer } from '../servers/authorization-server.js';
import { makeAuthority } from '../servers/certificates.js';
import { signIn } from '../servers/scripted-browser.js';
import {
  type ScriptedAnswer,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../servers/scripted-token-endpoint.js';

const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-device-'));
let network: Network;

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  network = await openNetwork({ env: {}, caFile: join(folder, 'ca.pem') });
});
afterAll(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

it('R17 a person signs in on another device, at a real server', async () => {
  const server = await startAuthorizationServer({ layout: 'microsoft', authority, accounts: ['a@example.com'] });
  try {
    const { clientId } = await server.registerClient({
      type: 'public',
      redirectUris: ['http://localhost:8765/callback'],
    });
    const found = await discover(server.issuer, { network, allowedHosts: [] });
    if (!found.ok) throw new Error(found.evidence.text);
    const scopes = ['openid', 'email', 'profile', 'offline_access', ...server.mailScopes];
    const begun = await beginDevice(found.value, { clientId }, { scopes, verificationHosts: ['localhost'] });
    if (!begun.ok) throw new Error(JSON.stringify(begun.evidence));
    const { userCode, verificationUri, interval } = begun.value;
    expect(interval).toBe(1);
    await signIn(verificationUri, { ca: authority.cert, account: 'a@example.com', userCode });
    const outcome = await awaitDevice(found.value, { clientId }, begun.value);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.evidence));
    expect(await server.verify('a@example.com', outcome.value.accessToken.reveal())).toBe(true);
    expect(outcome.value.identity?.preferredUsername ?? outcome.value.identity?.email).toBe('a@example.com');
  } finally {
    await server.stop();
  }
});

describe('against odd answers', () => {
  const client = { clientId: 'the-client' };
  const device: DeviceAuthorization = {
    userCode: 'ABCD-EFGH',
    verificationUri: 'https://localhost/device',
    deviceCode: new Secret('canary-device-code'),
    expiresIn: 900,
    interval: 5,
  };
  let server: ScriptedEndpoint;
  let issuer: Issuer;

  beforeEach(async () => {
    server = await startScriptedEndpoint(authority);
    server.answer('/.well-known/openid-configuration', {
      body: {
        issuer: server.origin,
        authorization_endpoint: `${server.origin}/authorize`,
        token_endpoint: `${server.origin}/token`,
        device_authorization_endpoint: `${server.origin}/device`,
      },
    });
    const found = await discover(server.origin, { network, allowedHosts: [] });
    if (!found.ok) throw new Error(found.evidence.text);
    issuer = found.value;
  });
  afterEach(() => server.stop());

  const pending: ScriptedAnswer = { status: 400, body: { error: 'authorization_pending' } };
  const slower: ScriptedAnswer = { status: 400, body: { error: 'slow_down' } };
  const granted: ScriptedAnswer = { body: { access_token: 'ya29.canary', token_type: 'Bearer', expires_in: 3599 } };

  /** A clock on which a wait takes no time; `sleepsAt` is the wait during which the computer sleeps for an hour. */
  function fastClock(sleepsAt?: number): Clock & { readonly waits: number[] } {
    const waits: number[] = [];
    let now = 1_700_000_000;
    return {
      waits,
      now: () => now,
      wait: async (seconds) => {
        waits.push(seconds);
        now += waits.length === sleepsAt ? 3600 : seconds;
      },
    };
  }

  /** Plays the answers in turn; the waits between them are noted instead of slept. */
  async function polled(answers: readonly ScriptedAnswer[], wish: { expiresIn?: number; sleepsAt?: number } = {}) {
    for (const answer of answers) server.answer('/token', answer);
    const clock = fastClock(wish.sleepsAt);
    const notices: Evidence[] = [];
    const outcome = await awaitDevice(
      issuer,
      client,
      { ...device, expiresIn: wish.expiresIn ?? 900 },
      { clock, notice: (evidence) => void notices.push(evidence) },
    );
    return { outcome, waits: clock.waits, notices: notices.map(({ error }) => error) };
  }

  it('T19 R16 waits the interval each time, five seconds more after each slow_down, for good', async () => {
    const { outcome, waits, notices } = await polled([pending, slower, pending, slower, pending, slower, granted]);
    expect(outcome.ok).toBe(true);
    expect(waits).toEqual([5, 5, 10, 10, 15, 15, 20]);
    expect(notices).toEqual(['slow_down']);
    expect(Object.fromEntries(server.received.at(-1)?.form ?? [])).toEqual({
      client_id: 'the-client',
      device_code: 'canary-device-code',
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    });
  });

  it('T19 R16 stops when the code has run out', async () => {
    const { outcome, waits } = await polled([pending, pending, pending], { expiresIn: 19 });
    expect(outcome).toMatchObject({ ok: false, evidence: { grant: 'device_code', error: 'expired_token' } });
    expect(waits).toEqual([5, 5, 5]);
  });

  it('T19 R16 a computer that slept past the end asks no more', async () => {
    const { outcome, waits } = await polled([pending], { sleepsAt: 2 });
    expect(outcome).toMatchObject({ ok: false, evidence: { error: 'expired_token' } });
    expect(waits).toEqual([5, 5]);
  });

  it('T19 a server in trouble is asked half as often, and not before the time it names', async () => {
    const unwell: ScriptedAnswer = { status: 503, headers: { 'retry-after': '70' }, body: 'busy' };
    const busy: ScriptedAnswer = { status: 429, body: { error: 'temporarily_unavailable' } };
    const { outcome, waits, notices } = await polled([unwell, pending, busy, pending, granted]);
    expect(outcome.ok).toBe(true);
    expect(waits).toEqual([5, 70, 10, 20, 20]);
    expect(notices).toHaveLength(2);
  });

  it.each(['access_denied', 'authorization_declined', 'expired_token', 'invalid_grant', 'invalid_client'])(
    'T19 %s ends the wait',
    async (error) => {
      const { outcome, waits } = await polled([pending, { status: 400, body: { error } }]);
      expect(outcome).toMatchObject({ ok: false, evidence: { where: 'token', grant: 'device_code', error } });
      expect(waits).toHaveLength(2);
    },
  );

  it('T19 R16 a connection that fails makes it ask less often, and does not end the wait', async () => {
    const gone = {
      ...issuer,
      network: {
        ...network,
        fetch: async () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })),
      },
    };
    const clock = fastClock();
    const outcome = await awaitDevice(
      { ...gone, configuration: (given, fetch) => issuer.configuration(given, fetch) },
      client,
      { ...device, expiresIn: 100 },
      { clock },
    );
    expect(outcome).toMatchObject({ ok: false, evidence: { error: 'expired_token' } });
    expect(clock.waits).toEqual([5, 10, 20, 40]);
  });

  it('T19 an abort ends the real wait at once', async () => {
    const controller = new AbortController();
    const waiting = awaitDevice(issuer, client, device, { signal: controller.signal });
    controller.abort(new Error('interrupted'));
    await expect(waiting).rejects.toThrow('interrupted');
  });

  const begun = (answer: ScriptedAnswer, verificationHosts?: readonly string[]) => {
    server.answer('/device', answer);
    return beginDevice(issuer, client, {
      scopes: ['a'],
      ...(verificationHosts === undefined ? {} : { verificationHosts }),
    });
  };
  const codes = { device_code: 'canary-device-code', user_code: 'ABCD', expires_in: 900 };

  it.each([
    'http://localhost/device',
    'file:///etc/passwd',
    'https://user:pass@localhost/device',
    'https://evil.example/device',
    'javascript:alert(1)',
    'device',
  ])('T20 nobody is sent to %s', async (verification_uri) => {
    expect(await begun({ body: { ...codes, verification_uri } }, ['localhost'])).toMatchObject({
      ok: false,
      evidence: { where: 'device', error: 'endpoint_refused' },
    });
  });

  it('T20 an address on an allowed host is taken, with the interval of the standard', async () => {
    const outcome = await begun({ body: { ...codes, verification_uri: 'https://localhost/device' } }, ['localhost']);
    expect(outcome).toMatchObject({
      ok: true,
      value: { userCode: 'ABCD', verificationUri: 'https://localhost/device', interval: 5 },
    });
    expect(JSON.stringify(outcome)).not.toContain('canary');
  });

  it('R16 a longer interval than usual is kept', async () => {
    const answer = { ...codes, interval: 90, verification_uri: 'https://localhost/device' };
    expect(await begun({ body: answer })).toMatchObject({ ok: true, value: { interval: 90 } });
  });

  it('a refusal, a page and a server without the endpoint are told', async () => {
    expect(await begun({ status: 400, body: { error: 'invalid_scope' } })).toMatchObject({
      ok: false,
      evidence: { error: 'invalid_scope' },
    });
    expect(await begun({ body: '<html>portal' })).toMatchObject({ ok: false, evidence: { error: 'intercepted' } });
    const { deviceAuthorization: _, ...endpoints } = issuer.endpoints;
    const without = await beginDevice({ ...issuer, endpoints }, client, { scopes: ['a'] });
    expect(without).toMatchObject({ ok: false, evidence: { where: 'device', error: 'unsupported_grant_type' } });
  });
});
