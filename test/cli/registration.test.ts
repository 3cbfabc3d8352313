/** A client that mailauth makes itself at a real authorization server that lets it, and takes away again. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Configuration } from '../../src/account/account.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import { type AuthorizationServer, startAuthorizationServer } from '../servers/authorization-server.js';
import { writeBrowser } from '../servers/browser-program.js';
import { makeAuthority } from '../servers/certificates.js';
import { type ImapServer, startImapServer } from '../servers/imap-server.js';
import { freePorts } from '../servers/ports.js';
import { mailauth } from './in-process.js';

const ADDRESS = 'reception@happypaws.example';
const home = mkdtempSync(join(tmpdir(), 'mailauth-registration-'));
const configDir = join(home, 'config');
const authority = makeAuthority();
const ca = join(home, 'ca.pem');
const env: Record<string, string> = { PATH: process.env['PATH'] ?? '', HOME: home, MAILAUTH_STORE: 'file' };
let server: AuthorizationServer;
let closed: AuthorizationServer;
let imap: ImapServer;
/** Of the redirect URI: the usual one may be another test's. */
let port: number;

beforeAll(async () => {
  writeFileSync(ca, authority.cert);
  [port = 0] = await freePorts(1);
  const options = { layout: 'google', authority, accounts: [ADDRESS] } as const;
  server = await startAuthorizationServer({ ...options, registration: true });
  closed = await startAuthorizationServer(options);
  imap = await startImapServer({ leaf: authority.issue(), security: 'tls', verify: server.verifierOf('imap') });
  env['MAILAUTH_KEY_FILE'] = join(home, 'key');
  await makeKeyFile(join(home, 'key'));
  env['BROWSER'] = writeBrowser(home, { ca: authority.cert, record: join(home, 'visit.json') });
});
afterAll(async () => {
  for (const one of [server, closed]) await one.stop();
  await imap.close();
  rmSync(home, { recursive: true, force: true });
});

const registered = () => [...server.selfRegistered.values()];

const setUp = (issuer: string, ...more: readonly string[]) => setUpAt('custom', issuer, ...more);

const setUpAt = (provider: string, issuer: string, ...more: readonly string[]) =>
  mailauth(
    [
      ...['setup', provider, '--json', '--account', ADDRESS, '--issuer', issuer, '--ca', ca, '--no-smtp'],
      ...['--scope', 'openid', '--scope', 'email', '--scope', 'offline_access', '--scope', 'https://mail.google.com/'],
      ...['--redirect-port', String(port)],
      ...['--imap-host', 'localhost', '--imap-port', String(imap.port), '--imap-security', 'tls', ...more],
    ],
    { configDir, env },
  );

describe('an issuer that lets programs register themselves', () => {
  it('needs no client from a script, and no console from anybody', async () => {
    const ended = await setUp(server.issuer);
    expect(ended.stderr).toContain(`mailauth has registered itself at ${server.issuer}`);
    expect(ended.document()).toMatchObject({ ok: true, changed: true, account: { address: ADDRESS } });
    expect(ended.code).toBe(0);
    const [client] = registered();
    expect(client).toMatchObject({
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
      application_type: 'native',
    });
    const file = readFileSync(join(configDir, 'accounts.json'), 'utf8');
    const [kept] = (JSON.parse(file) as Configuration).clients;
    expect(kept).toMatchObject({ clientId: client?.client_id, clientType: 'desktop' });
    expect(kept?.registration?.uri).toContain(String(client?.client_id));
    expect(kept).not.toHaveProperty('secretCredential');
  });

  it('stands as it is when the same is wished again, and works', async () => {
    const again = await setUp(server.issuer);
    expect(again.document()).toMatchObject({ ok: true, changed: false });
    expect(registered()).toHaveLength(1);
    const check = await mailauth(['check', '--json'], { configDir, env });
    expect(check.document()).toMatchObject({ ok: true });
  });

  it('loses the registration with the last account that uses it', async () => {
    const ended = await mailauth(['remove', 'custom', '--yes', '--json'], { configDir, env });
    expect(ended.document()).toMatchObject({ registration: 'deleted', left: [] });
    expect(ended.code).toBe(0);
    expect(registered()).toEqual([]);
    expect(readdirSync(join(configDir, 'secrets')).filter((name) => name.endsWith('.enc'))).toEqual([]);
  });
});

describe('an issuer with wishes', () => {
  it('gets the form of redirect URI that it takes, the request from the program alone, and the resource it names', async () => {
    const resource = 'https://mail.happypaws.example/';
    const wishes = {
      registration: true,
      redirects: /^http:\/\/localhost/,
      pushed: true,
      protectedResource: resource,
    } as const;
    const strict = await startAuthorizationServer({ layout: 'google', authority, accounts: [ADDRESS], ...wishes });
    onTestFinished(() => strict.stop());
    const [posted, opened]: [string[], URL[]] = [[], []];
    strict.circumstances.answer = ({ method, url = '' }) => {
      if (method === 'POST') posted.push(url);
      if (url.includes('client_id=')) opened.push(new URL(url, strict.issuer));
      return false;
    };
    const own = await startImapServer({ leaf: authority.issue(), security: 'tls', verify: strict.verifierOf('imap') });
    onTestFinished(() => own.close());
    const ended = await setUp(strict.issuer, '--imap-port', String(own.port));
    expect(ended.document()).toMatchObject({ ok: true, account: { address: ADDRESS } });
    expect([...strict.selfRegistered.values()]).toMatchObject([
      { redirect_uris: [`http://localhost:${port}/callback`] },
    ]);
    // With the port and without it, on the usual host first.
    expect(posted.filter((url) => url === '/reg')).toHaveLength(3);
    expect(posted).toContain('/request');
    expect([...(opened[0]?.searchParams.keys() ?? [])].sort()).toEqual(['client_id', 'request_uri']);
    expect(opened.map(({ href }) => href).join()).not.toContain('code_challenge');
    expect((await setUp(strict.issuer, '--imap-port', String(own.port))).document()).toMatchObject({ changed: false });
    const again = await mailauth(['authorize', 'custom', '--json'], { configDir, env });
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('request_uri=')]);
    const removed = await mailauth(['remove', 'custom', '--yes', '--json'], { configDir, env });
    expect(removed.document()).toMatchObject({ registration: 'deleted', left: [] });
  });

  /** Signs in with this one alone, from the registration to the removal. @returns the redirect URI that was sent */
  async function redirectSentTo(strict: AuthorizationServer): Promise<string | null> {
    onTestFinished(() => strict.stop());
    const own = await startImapServer({ leaf: authority.issue(), security: 'tls', verify: strict.verifierOf('imap') });
    onTestFinished(() => own.close());
    const ended = await setUp(strict.issuer, '--imap-port', String(own.port));
    expect(ended.document(), ended.stderr).toMatchObject({ ok: true });
    const again = await mailauth(['authorize', 'custom', '--json'], { configDir, env });
    expect([again.code, again.stderr]).toEqual([0, expect.any(String)]);
    const sent = strict.authorizations.map(({ parameters }) => parameters['redirect_uri']);
    expect(sent).toEqual([sent[0], sent[0]]);
    expect((await mailauth(['remove', 'custom', '--yes', '--json'], { configDir, env })).code).toBe(0);
    return sent[0] ?? null;
  }

  it('signs in over IPv6 where it takes that address alone', async () => {
    const wishes = { registration: true, redirects: /^http:\/\/\[::1\]/ } as const;
    const strict = await startAuthorizationServer({ layout: 'google', authority, accounts: [ADDRESS], ...wishes });
    expect(await redirectSentTo(strict)).toBe(`http://[::1]:${port}/callback`);
  });

  it('is followed where it writes down another name of this computer than it was asked for', async () => {
    const wishes = { registration: true } as const;
    const strict = await startAuthorizationServer({ layout: 'google', authority, accounts: [ADDRESS], ...wishes });
    const { clientId } = await strict.registerClient({ type: 'public', redirectUris: ['http://localhost/callback'] });
    strict.circumstances.answer = ({ method, url }, response) => {
      if (method !== 'POST' || url !== '/reg') return false;
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ client_id: clientId, redirect_uris: ['http://localhost/callback'] }));
      return true;
    };
    expect(await redirectSentTo(strict)).toBe(`http://localhost:${port}/callback`);
  });

  it('is told apart where it takes no form of them', async () => {
    const wishes = { registration: true, redirects: /^com\.example:/ } as const;
    const strict = await startAuthorizationServer({ layout: 'google', authority, ...wishes });
    onTestFinished(() => strict.stop());
    let tries = 0;
    strict.circumstances.answer = ({ method }) => {
      tries += Number(method === 'POST');
      return false;
    };
    const ended = await setUp(strict.issuer);
    expect([ended.code, ended.document()]).toMatchObject([
      69,
      { code: 'policy_blocked', server: expect.stringContaining('redirect_uris') },
    ]);
    expect(tries).toBe(6);
  });
});

describe('Fastmail', () => {
  it('needs an address and nothing else: mailauth registers itself, and names the resource that the sign-in demands', async () => {
    const asked: URL[] = [];
    server.circumstances.answer = (request) => {
      const url = new URL(request.url ?? '', server.issuer);
      if (url.searchParams.has('client_id')) asked.push(url);
      return false;
    };
    const ended = await setUpAt('fastmail', server.issuer);
    server.circumstances.answer = undefined;
    expect(ended.stderr).toContain(`mailauth has registered itself at ${server.issuer}`);
    expect(ended.document()).toMatchObject({ ok: true, account: { address: ADDRESS, provider: 'fastmail' } });
    expect(registered()).toMatchObject([{ token_endpoint_auth_method: 'none' }]);
    const [first] = asked;
    expect(first?.searchParams.get('client_id')).toBe(registered()[0]?.client_id);
    // RFC 8707 section 2
    expect(first?.searchParams.get('resource')).toBe('https://api.fastmail.com/jmap/session');
    expect(first?.searchParams.get('redirect_uri')).toBe(`http://127.0.0.1:${port}/callback`);
    const removed = await mailauth(['remove', 'fastmail', '--yes', '--json'], { configDir, env });
    expect(removed.document()).toMatchObject({ registration: 'deleted', left: [] });
    expect(registered()).toEqual([]);
  });
});

describe('an issuer that registers nobody by itself', () => {
  it('wants a client from a script, before the store is touched', async () => {
    const ended = await setUp(closed.issuer);
    expect(ended.document()).toMatchObject({
      code: 'missing_input',
      missing: [{ flag: '--client-id' }, { flag: '--client-secret-file' }],
    });
    expect(ended.code).toBe(64);
  });

  it('is not asked by whoever has a client, or wants one with a secret', async () => {
    const ended = await setUp(server.issuer, '--client-type', 'web');
    expect(ended.document()).toMatchObject({ code: 'missing_input' });
    expect(registered()).toEqual([]);
  });

  it('is told where it refuses', async () => {
    server.circumstances.answer = (request, response) => {
      if (request.method !== 'POST' || request.url !== '/reg') return false;
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end('{"error":"access_denied","error_description":"registration needs a contract"}');
      return true;
    };
    const ended = await setUp(server.issuer);
    expect(ended.document()).toMatchObject({ code: 'policy_blocked', rule: 'registration-refused' });
    expect(ended.code).toBe(69);
  });
});
