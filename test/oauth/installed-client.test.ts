import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { beginAuthorization } from '../../src/oauth/authorization.js';
import type { ClientCredentials } from '../../src/oauth/client-authentication.js';
import { discover } from '../../src/oauth/issuer.js';
import { exchangeCode } from '../../src/oauth/tokens.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { type Network, openNetwork } from '../../src/system/network.js';
import { Secret } from '../../src/words/secret.js';
import { makeAuthority } from '../servers/certificates.js';
import { startScriptedEndpoint } from '../servers/scripted-token-endpoint.js';

const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-installed-'));
const SECRET = 'GOCSPX-the-secret-in-every-copy';
let network: Network;

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  network = await openNetwork({ env: {}, caFile: join(folder, 'ca.pem') });
});
afterAll(async () => {
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One sign-in up to the token request: what the browser was sent with, and what the token endpoint was sent. */
async function requests(client: ClientCredentials, provider: typeof gmail, methods: readonly string[] | undefined) {
  const server = await startScriptedEndpoint(authority);
  onTestFinished(() => server.stop());
  server.answer('/.well-known/openid-configuration', {
    body: {
      issuer: server.origin,
      authorization_endpoint: `${server.origin}/authorize`,
      token_endpoint: `${server.origin}/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      ...(methods && { code_challenge_methods_supported: methods }),
    },
  });
  const outcome = await discover(server.origin, { network, allowedHosts: [] });
  if (!outcome.ok) throw new Error(outcome.evidence.text);
  const redirectUri = 'http://127.0.0.1:50123/callback';
  const pending = await beginAuthorization(outcome.value, {
    client,
    redirectUri,
    scopes: ['https://mail.example.com/'],
    loginHint: 'ann@example.com',
    parameters: provider.authorizationParameters,
  });
  server.answer('/token', { body: { access_token: 'a', token_type: 'Bearer', expires_in: 60 } });
  const back = new URL(`${redirectUri}?code=the-code&state=${pending.state.reveal()}`);
  expect((await exchangeCode(outcome.value, client, { pending, response: back })).ok).toBe(true);
  const sent = server.received.at(-1);
  return {
    asked: new URL(pending.url),
    form: Object.fromEntries(sent?.form ?? []),
    authorization: sent?.headers['authorization'],
  };
}

const CLIENTS: readonly (readonly [string, ClientCredentials])[] = [
  ['an installed client with the secret that Google gives it', { clientId: 'c', clientSecret: new Secret(SECRET) }],
  ['an installed client without one', { clientId: 'c' }],
];

it.each(
  CLIENTS.flatMap(([name, client]) =>
    [gmail, outlook].flatMap((provider) =>
      [undefined, ['plain'], ['plain', 'S256']].map((methods) => ({
        name,
        client,
        provider,
        methods,
        id: provider.id,
      })),
    ),
  ),
)('R15 R01 $id, $name, where the metadata say $methods: the proof is the verifier', async (one) => {
  const { asked, form, authorization } = await requests(one.client, one.provider, one.methods);
  const { state, code_challenge: challenge, ...rest } = Object.fromEntries(asked.searchParams);
  expect(rest).toEqual({
    ...one.provider.authorizationParameters,
    login_hint: 'ann@example.com',
    response_type: 'code',
    client_id: 'c',
    redirect_uri: 'http://127.0.0.1:50123/callback',
    scope: 'https://mail.example.com/',
    code_challenge_method: 'S256',
  });
  expect(state).toMatch(/^[\w-]{43}$/);
  const verifier = form['code_verifier'] ?? '';
  expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
  expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge);
  expect(form).toEqual({
    grant_type: 'authorization_code',
    code: 'the-code',
    redirect_uri: 'http://127.0.0.1:50123/callback',
    code_verifier: verifier,
    client_id: 'c',
    ...(one.client.clientSecret && { client_secret: SECRET }),
  });
  expect(authorization).toBeUndefined();
  expect(asked.href).not.toContain(SECRET);
});
