/**
 * A real glewlwyd of Debian over TLS, with an empty SQLite database: one person and one confidential client, made by the
 * calls that its administration pages make. Its pages for people are programs for a browser; `signIn` makes their calls.
 */
import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { get as getLoopback, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { Authority } from './certificates.js';
import type { Registered } from './packaged-issuer.js';
import { freePorts } from './ports.js';

const SCHEMA = '/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz';
/** What the schema above begins with. */
const ADMINISTRATOR = { username: 'admin', password: 'password' };
const SCOPES = ['openid', 'mail'];

export interface Glewlwyd {
  readonly issuer: string;
  /** A person who opens the address, types the password and lets the client in. @returns the scopes asked about */
  signIn(url: string): Promise<string>;
}

export async function startGlewlwyd(authority: Authority, folder: string, given: Registered): Promise<Glewlwyd> {
  const [port = 0] = await freePorts(1);
  const base = `https://localhost:${port}`;
  const { cert, key } = authority.issue();
  const files = { 'cert.pem': cert, 'key.pem': key, 'ca.pem': authority.cert, 'glewlwyd.conf': settings(folder, port) };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  execFileSync('sqlite3', [join(folder, 'db')], { input: gunzipSync(readFileSync(SCHEMA)) });
  const child = spawn('glewlwyd', ['--config-file', join(folder, 'glewlwyd.conf')], { stdio: 'ignore' });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const administrator = openVisitor(base, authority.cert);
  await answering(() => administrator('GET', '/config'));
  await administrator('POST', '/api/auth/', ADMINISTRATOR);
  for (const [path, record] of recordsOf(`${base}/api/oidc`, given)) await administrator('POST', path, record);
  return {
    issuer: `${base}/api/oidc`,
    signIn: (url) => signIn(openVisitor(base, authority.cert), url, given),
  };
}

function settings(folder: string, port: number): string {
  const paths = { user: 'user', client: 'client', user_auth_scheme: 'scheme', plugin: 'plugin' };
  return [
    `port=${port}`,
    'bind_address="127.0.0.1"',
    `external_url="https://localhost:${port}"`,
    ...['login_url="login.html"', 'api_prefix="api"', 'cookie_domain="localhost"', 'cookie_secure=1'],
    ...['log_mode="console"', 'log_level="ERROR"', 'admin_scope="g_admin"', 'profile_scope="g_profile"'],
    ...Object.entries(paths).map(([kind, name]) => `${kind}_module_path="/usr/lib/glewlwyd/${name}"`),
    'user_middleware_module_path="/usr/lib/glewlwyd/user_middleware"',
    'use_secure_connection=true',
    `secure_connection_key_file="${join(folder, 'key.pem')}"`,
    `secure_connection_pem_file="${join(folder, 'cert.pem')}"`,
    `secure_connection_ca_file="${join(folder, 'ca.pem')}"`,
    'hash_algorithm="SHA512"',
    `database={ type="sqlite3" path="${join(folder, 'db')}" };`,
    '',
  ].join('\n');
}

/** The OpenID Connect plugin as its form is filled in, a scope, the person and the client. */
function recordsOf(issuer: string, { user, password, clientId, clientSecret, redirectUri }: Registered) {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const openIdConnect = {
    iss: issuer,
    ...{ 'jwt-type': 'rsa', 'jwt-key-size': '256', key: pair.privateKey, cert: pair.publicKey },
    ...{ 'access-token-duration': 3600, 'refresh-token-duration': 1_209_600, 'code-duration': 600 },
    ...{ 'refresh-token-rolling': true, 'refresh-token-one-use': 'always', 'oauth-as-iss-id': true },
    ...{ 'auth-type-code-enabled': true, 'auth-type-refresh-enabled': true, 'auth-type-code-revoke-replayed': true },
    ...{ 'pkce-allowed': true, 'pkce-required': true, 'allowed-scope': SCOPES },
    ...{ 'email-claim': 'mandatory', 'secret-type': 'pairwise' },
    ...{ 'introspection-revocation-allowed': true, 'introspection-revocation-allow-target-client': true },
  };
  const client = {
    ...{ client_id: clientId, name: 'mailauth', enabled: true, confidential: true, client_secret: clientSecret },
    ...{ redirect_uri: [redirectUri], authorization_type: ['code', 'refresh_token'], scope: [] },
    token_endpoint_auth_method: ['client_secret_basic', 'client_secret_post'],
  };
  const person = { username: user.split('@')[0], password, email: user, name: 'Ann', enabled: true, scope: SCOPES };
  const plugin = { module: 'oidc', name: 'oidc', display_name: 'OpenID Connect', parameters: openIdConnect };
  return [
    ['/api/mod/plugin/', plugin],
    ['/api/scope/', { name: 'mail', display_name: 'Your mail', password_required: true, password_max_age: 0 }],
    ['/api/user/', person],
    ['/api/client/', client],
  ] as const;
}

async function signIn(visitor: Visitor, url: string, { user, password }: Registered): Promise<string> {
  const opened = await visitor('GET', url);
  const page = new URL(opened.location);
  const scope = page.searchParams.get('scope') ?? '';
  const client = encodeURIComponent(page.searchParams.get('client_id') ?? '');
  const callback = page.searchParams.get('callback_url') ?? '';
  await visitor('POST', '/api/auth/', { username: user.split('@')[0], password });
  await visitor('PUT', `/api/auth/grant/${client}`, { scope });
  const { location } = await visitor('GET', `${callback}&g_continue`);
  await new Promise((resolve, reject) => {
    getLoopback(location, (response) => response.resume().once('end', resolve)).once('error', reject);
  });
  return scope;
}

type Visitor = (method: string, path: string, body?: object) => Promise<{ readonly location: string }>;

/** Keeps cookies; fails where an answer is none of success or a redirect. */
function openVisitor(base: string, ca: string): Visitor {
  const cookies = new Map<string, string>();
  return async (method, path, body) => {
    const headers = {
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(body && { 'content-type': 'application/json' }),
    };
    const url = new URL(path, base);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asking = request(url, { method, headers, ca, agent: false }, resolve);
      asking.once('error', reject).end(body && JSON.stringify(body));
    });
    let text = '';
    for await (const chunk of response) text += chunk;
    if ((response.statusCode ?? 500) >= 400) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return { location: response.headers.location ?? '' };
  };
}

async function answering(ask: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answered = await ask().then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(50);
  }
  throw new Error('glewlwyd did not start');
}
