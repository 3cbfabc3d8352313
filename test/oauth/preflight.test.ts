import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Provider } from '../../src/guide/provider.js';
import type { ClientCredentials } from '../../src/oauth/client-authentication.js';
import { discover } from '../../src/oauth/issuer.js';
import { preflight } from '../../src/oauth/preflight.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { type Network, openNetwork } from '../../src/system/network.js';
import { Secret } from '../../src/words/secret.js';
import { type AuthorizationServer, startAuthorizationServer } from '../servers/authorization-server.js';
import { makeAuthority } from '../servers/certificates.js';

const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-preflight-'));
const PROBE: Provider['preflight'] = { kind: 'probe', knownBy: ['invalid_grant'] };
const OWN_TOKEN = outlook.preflight;
let network: Network;
let server: AuthorizationServer;

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  network = await openNetwork({ env: {}, caFile: join(folder, 'ca.pem') });
});
afterAll(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => server.stop());

async function start(layout: 'google' | 'microsoft', type: 'web' | 'public' = 'web') {
  server = await startAuthorizationServer({ layout, authority });
  const registered = await server.registerClient({ type, redirectUris: ['http://localhost:8765/callback'] });
  const ask = async (
    client: Partial<{ clientId: string; secret: string | undefined }>,
    how: Provider['preflight'],
    sharedTenant = false,
  ) => {
    const outcome = await discover(server.issuer, { network, allowedHosts: [] });
    if (!outcome.ok) throw new Error(outcome.evidence.text);
    const { clientId = registered.clientId, secret = registered.clientSecret } = client;
    const credentials: ClientCredentials = { clientId, ...(secret ? { clientSecret: new Secret(secret) } : {}) };
    return preflight(outcome.value, credentials, how, {
      network,
      redirectUri: 'http://localhost:8765/callback',
      sharedTenant,
    });
  };
  return { registered, ask };
}

describe('preflight by a bogus code', () => {
  it('T10 proves a good pair, and tells a wrong id from a wrong secret', async () => {
    const { registered, ask } = await start('google');
    expect(await ask({}, PROBE)).toMatchObject({ result: 'proven' });
    const wrongId = await ask({ clientId: '123456-nobody.apps.googleusercontent.com' }, PROBE);
    const wrongSecret = await ask({ secret: 'GOCSPX-canary-wrong-secret-0000000' }, PROBE);
    expect(wrongId).toMatchObject({
      result: 'refused',
      evidence: { error: 'invalid_client', grant: 'probe', status: 401 },
    });
    expect(wrongSecret).toMatchObject({ result: 'refused', evidence: { error: 'invalid_client' } });
    expect(JSON.stringify(wrongId)).not.toBe(JSON.stringify(wrongSecret));
    expect(JSON.stringify([wrongId, wrongSecret])).not.toMatch(/canary/);
    expect(server.ledger.some(({ outcome, clientId }) => clientId === registered.clientId && outcome === 'ok')).toBe(
      false,
    );
  });

  describe('B of a client that is registered for the other way of sending its secret', () => {
    async function against(refusing: (method: 'basic' | 'body') => Record<string, string> | undefined) {
      const tried: string[] = [];
      server = await startAuthorizationServer({ layout: 'google', authority });
      server.circumstances.answer = (request, response) => {
        if (request.method !== 'POST') return false;
        const method = request.headers.authorization?.startsWith('Basic ') ? 'basic' : 'body';
        tried.push(method);
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(JSON.stringify(refusing(method) ?? { error: 'invalid_grant', error_description: 'no such code' }));
        return true;
      };
      const found = await discover(server.issuer, { network, allowedHosts: [] });
      if (!found.ok) throw new Error(found.evidence.text);
      const client = { clientId: 'the-client', clientSecret: new Secret('canary-secret') };
      const options = { network, redirectUri: 'http://localhost:8765/callback', sharedTenant: false };
      const proof = await preflight(found.value, client, PROBE, options);
      return { tried, proof, kept: found.value.endpoints.clientAuthentication };
    }

    it.each([
      [{ error: 'unauthorized_client' }],
      [{ error: 'invalid_client' }],
      [{ error: 'invalid_grant', error_description: 'client must use client_secret_basic' }],
      [{ error: 'invalid_request', error_description: 'authentication method not allowed for this client' }],
    ])('tries the other one, and keeps what worked: %j', async (refusal) => {
      const { tried, proof, kept } = await against((method) => (method === 'body' ? refusal : undefined));
      expect(tried).toEqual(['body', 'basic']);
      expect(proof).toMatchObject({ result: 'proven' });
      expect(kept).toBe('client_secret_basic');
    });

    it('tries each way once, and tells what the first was told', async () => {
      const { tried, proof, kept } = await against((method) => ({
        error: 'invalid_client',
        error_description: method,
      }));
      expect(tried).toEqual(['body', 'basic']);
      expect(proof).toMatchObject({ result: 'refused', evidence: { text: 'body' } });
      expect(kept).toBeUndefined();
    });

    it('never says that an answer about the way proves the client', async () => {
      const { proof } = await against(() => ({
        error: 'invalid_grant',
        error_description: 'this client uses another authentication method',
      }));
      expect(proof).toMatchObject({ result: 'unproven' });
    });
  });

  it('a portal, an outage or a closed port prove nothing', async () => {
    const { ask } = await start('google');
    for (const [status, error] of [
      [200, 'intercepted'],
      [503, 'server_error'],
      [429, 'rate_limited'],
    ] as const) {
      server.circumstances.answer = (request, response) => {
        if (request.method !== 'POST') return false;
        response.writeHead(status, { 'content-type': 'text/html' }).end('<title>no</title>');
        return true;
      };
      expect(await ask({}, PROBE)).toMatchObject({ result: 'unproven', evidence: { error, grant: 'probe' } });
    }
  });

  it('a server that gives a token for a code nobody issued proves nothing', async () => {
    const { ask } = await start('google');
    server.circumstances.answer = (request, response) => {
      if (request.method !== 'POST') return false;
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"access_token":"abcdefgh","token_type":"Bearer"}');
      return true;
    };
    expect(await ask({}, PROBE)).toEqual({ result: 'unproven' });
  });
});

describe('preflight by a token of the client itself', () => {
  it('T10 proves a secret in its own directory, and names what is wrong with it', async () => {
    const { registered, ask } = await start('microsoft');
    expect(await ask({}, OWN_TOKEN)).toEqual({ result: 'proven' });
    expect(server.ledger.map(({ grantType }) => grantType)).toEqual(['client_credentials']);
    const wrongSecret = await ask({ secret: 'canary-wrong-secret' }, OWN_TOKEN);
    expect(wrongSecret).toMatchObject({
      result: 'refused',
      evidence: { grant: 'client_credentials', text: expect.stringContaining('AADSTS7000215') },
    });
    const wrongId = await ask({ clientId: '00000000-1111-2222-3333-444444444444' }, OWN_TOKEN);
    expect(wrongId).toMatchObject({ result: 'refused', evidence: { text: expect.stringContaining('AADSTS700016') } });
    server.expireSecret(registered.clientId);
    expect(await ask({}, OWN_TOKEN)).toMatchObject({
      result: 'refused',
      evidence: { text: expect.stringContaining('AADSTS7000222') },
    });
  });

  it('a public client and a shared tenant are only probed, and stay unproven', async () => {
    const { ask } = await start('microsoft', 'public');
    const shared = await ask({}, OWN_TOKEN, true);
    expect(shared).toMatchObject({ result: 'unproven', evidence: { grant: 'probe' } });
    expect(await ask({}, OWN_TOKEN)).toMatchObject({ result: 'unproven' });
    expect(server.ledger.map(({ grantType }) => grantType)).toEqual(['authorization_code', 'authorization_code']);
  });

  it('a shared tenant with a secret is probed; an error that names the secret refuses it', async () => {
    const { ask } = await start('microsoft');
    expect(await ask({ secret: 'canary-wrong-secret' }, OWN_TOKEN, true)).toMatchObject({ result: 'refused' });
  });
});
