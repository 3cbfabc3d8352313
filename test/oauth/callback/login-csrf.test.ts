import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beginAuthorization, type PendingAuthorization } from '../../../src/oauth/authorization.js';
import type { Listener } from '../../../src/oauth/callback/listener.js';
import type { ClientCredentials } from '../../../src/oauth/client-authentication.js';
import { discover, type Issuer } from '../../../src/oauth/issuer.js';
import { exchangeCode } from '../../../src/oauth/tokens.js';
import { type Network, openNetwork } from '../../../src/system/network.js';
import { Secret } from '../../../src/words/secret.js';
import { type AuthorizationServer, startAuthorizationServer } from '../../servers/authorization-server.js';
import { makeAuthority } from '../../servers/certificates.js';
import { redirectAddress } from '../../servers/scripted-browser.js';
import { ANYWHERE, openPort, raw, takeCode } from './free-port.js';

const VICTIM = 'reception@happypaws.example';
const ATTACKER = 'mallory@evil.example';
const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-csrf-'));
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
beforeEach(async () => {
  server = await startAuthorizationServer({ layout: 'google', authority, accounts: [VICTIM, ATTACKER] });
});
afterEach(() => server.stop());

interface SignIn {
  readonly client: ClientCredentials;
  readonly issuer: Issuer;
  readonly listener: Listener;
  readonly pending: PendingAuthorization;
}

/** The sign-in that waits for the victim, and the client it uses, whose secret is no secret to anybody who has the program. */
async function begin(): Promise<SignIn> {
  const registered = await server.registerClient({ type: 'desktop' });
  const client = { clientId: registered.clientId, clientSecret: new Secret(registered.clientSecret) };
  const outcome = await discover(server.issuer, { network, allowedHosts: [] });
  if (!outcome.ok) throw new Error(outcome.evidence.text);
  const listener = await openPort(ANYWHERE);
  const pending = await request(outcome.value, client, listener.redirectUri, VICTIM);
  return { client, issuer: outcome.value, listener, pending };
}

const request = (issuer: Issuer, client: ClientCredentials, redirectUri: string, loginHint: string) =>
  beginAuthorization(issuer, {
    client,
    redirectUri,
    loginHint,
    scopes: ['openid', 'email', ...server.mailScopes],
    parameters: { access_type: 'offline', prompt: 'select_account consent' },
  });

/** What the attacker's own sign-in gives: an answer with a code that is good, for the attacker's account. */
async function attackersAnswer({ issuer, client, listener }: SignIn, change: (url: URL) => void = () => {}) {
  const own = await request(issuer, client, listener.redirectUri, ATTACKER);
  const url = new URL(own.url);
  change(url);
  const back = new URL(await redirectAddress(url.href, { ca: authority.cert, account: ATTACKER }));
  return { own, back };
}

/** Sends an answer to the callback port and exchanges what the port lets through. */
async function bring({ client, issuer, listener, pending }: SignIn, answer: URL) {
  const arrival = listener.expect({ ...pending, state: pending.state.reveal() }, { rejected: () => {} });
  const browser = raw(listener.port, `GET ${answer.pathname}${answer.search} HTTP/1.1\r\nHost: ${answer.host}\r\n\r\n`);
  const arrived = await takeCode(arrival);
  const outcome = await exchangeCode(issuer, client, { pending, response: arrived.url });
  void arrived.settle({ kind: 'failure', title: 't', heading: 'h', lines: [] });
  await browser;
  return outcome;
}

const exchanges = () => server.ledger.filter(({ grantType }) => grantType === 'authorization_code');

describe('L19 an attacker who wants somebody else to use their account', () => {
  it('L19 whose answer carries its own state is not heard', async () => {
    const signIn = await begin();
    const { back } = await attackersAnswer(signIn);
    const arrival = signIn.listener.expect(
      { ...signIn.pending, state: signIn.pending.state.reveal() },
      { rejected: () => {} },
    );
    arrival.catch(() => {});
    const reply = await raw(
      signIn.listener.port,
      `GET ${back.pathname}${back.search} HTTP/1.1\r\nHost: ${back.host}\r\n\r\n`,
    );
    expect(reply.status).toBe(400);
    expect(exchanges()).toEqual([]);
  });

  it('L19 R01 who has learnt our state fails at the server: the code was made for another verifier', async () => {
    const signIn = await begin();
    const { back } = await attackersAnswer(signIn);
    back.searchParams.set('state', signIn.pending.state.reveal());
    const outcome = await bring(signIn, back);
    expect(outcome).toMatchObject({ ok: false, evidence: { where: 'token', error: 'invalid_grant' } });
    expect(exchanges().map(({ outcome }) => outcome)).toEqual(['invalid_grant']);
  });

  it('L19 who has learnt state and challenge gives away the account: the signed-in address is told to the caller', async () => {
    const signIn = await begin();
    const { back } = await attackersAnswer(signIn, (url) => {
      // The whole request of the victim, sent from the attacker's browser.
      url.search = new URL(signIn.pending.url).search;
      url.searchParams.delete('login_hint');
    });
    const outcome = await bring(signIn, back);
    // This is what the comparison with the wanted mailbox is for.
    expect(outcome).toMatchObject({ ok: true, value: { identity: { email: ATTACKER } } });
  });
});
