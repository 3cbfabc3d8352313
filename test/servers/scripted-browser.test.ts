import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AuthorizationServer, startAuthorizationServer } from './authorization-server.js';
import { writeBrowser } from './browser-program.js';
import { makeAuthority } from './certificates.js';
import { redirectAddress, signIn, type Visit } from './scripted-browser.js';

const ADDRESS = 'reception@happypaws.example';
const authority = makeAuthority();
let directory: string;
let provider: AuthorizationServer;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'browser-'));
  provider = await startAuthorizationServer({ layout: 'google', authority });
});
afterEach(async () => {
  rmSync(directory, { recursive: true, force: true });
  await provider.stop();
});

/** A program's callback listener: 303 to a page, everything else 404. */
async function listen(): Promise<{ port: number; asked: string[]; close(): void }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    asked.push(pathname);
    if (pathname === '/callback')
      response.writeHead(303, { location: `/done?saw=${searchParams.get('code') === null ? 'error' : 'code'}` }).end();
    else if (pathname === '/done') response.end('<title>Done</title><h1>You are signed in</h1><script>no()</script>');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, asked, close: () => server.close() };
}

async function requestFor(port: number): Promise<string> {
  const { clientId } = await provider.registerClient({ type: 'desktop' });
  const url = new URL(`${provider.origin}/o/oauth2/v2/auth`);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: `http://127.0.0.1:${port}/callback`,
    scope: 'openid email https://mail.google.com/',
    state: 'abc',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
    login_hint: ADDRESS,
  }).toString();
  return url.href;
}

function runs(program: string, url: string): Promise<number | null> {
  return new Promise((resolve) => spawn(program, [url], { env: {}, stdio: 'inherit' }).on('exit', resolve));
}

test('goes from the address through sign-in and consent to the program and its page', async () => {
  const listener = await listen();
  const visit = await signIn(await requestFor(listener.port), { ca: authority.cert });
  expect(visit.pages.map(({ title }) => title)).toEqual([
    'Choose an account',
    'mailauth wants access to your account',
    'Done',
  ]);
  expect(visit).toMatchObject({
    status: 200,
    text: 'You are signed in',
    address: `http://127.0.0.1:${listener.port}/done`,
  });
  expect(listener.asked).toEqual(['/callback', '/done', '/favicon.ico']);
  listener.close();
});

test('the redirect address can be had without opening it, for pasting', async () => {
  const address = new URL(await redirectAddress(await requestFor(1), { ca: authority.cert, action: 'cancel' }));
  expect(address.origin + address.pathname).toBe('http://127.0.0.1:1/callback');
  expect(address.searchParams.get('error')).toBe('access_denied');
});

test('as a program named in BROWSER it needs nothing from its environment, and notes what it saw', async () => {
  const listener = await listen();
  const record = join(directory, 'visit.json');
  const program = writeBrowser(directory, { ca: authority.cert, account: 'pat@happypaws.example', record });
  expect(await runs(program, await requestFor(listener.port))).toBe(0);
  const visit = JSON.parse(readFileSync(record, 'utf8')) as Visit;
  expect(visit.text).toBe('You are signed in');
  expect(JSON.stringify(visit)).not.toContain('code=');
  listener.close();
});

test('a provider that is not trusted is a failure that is noted', async () => {
  const record = join(directory, 'visit.json');
  const program = writeBrowser(directory, { ca: makeAuthority('another').cert, record });
  await runs(program, `${provider.origin}/o/oauth2/v2/auth`);
  expect(JSON.parse(readFileSync(record, 'utf8'))).toHaveProperty('error');
});
