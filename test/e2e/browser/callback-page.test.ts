/** A real Chromium meets the port and the pages of a real sign-in. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeKeyFile } from '../../../src/store/file/key.js';
import { type AuthorizationServer, startAuthorizationServer } from '../../servers/authorization-server.js';
import { makeAuthority } from '../../servers/certificates.js';
import { type ImapServer, startImapServer } from '../../servers/imap-server.js';
import { documentOf, PROGRAM, type Ran } from '../whole/computer.js';
import { type Chromium, openChromium, signInWith } from './chromium.js';

const ADDRESS = 'a.very.long.name.at.the.reception.desk.of.happypaws@gmail.com';

let folder: string;
let chromium: Chromium;
let authorization: AuthorizationServer;
let imap: ImapServer;
let page: Page;
const running: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-callback-'));
  const authority = makeAuthority();
  writeFileSync(join(folder, 'ca.pem'), authority.cert);
  await makeKeyFile(join(folder, 'key'));
  authorization = await startAuthorizationServer({ layout: 'google', authority, accounts: [ADDRESS] });
  imap = await startImapServer({ leaf: authority.issue(), security: 'tls', verify: authorization.verifierOf('imap') });
  chromium = await openChromium();
});

afterAll(async () => {
  await chromium?.close();
  await imap?.close();
  await authorization?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  page = await chromium.context.newPage();
});

afterEach(async () => {
  await page.close();
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

interface SignIn {
  /** The address that stands alone on its line. */
  readonly url: string;
  readonly redirectUri: URL;
  readonly state: string;
  /** What the program says to its end. */
  readonly ended: Promise<Ran>;
}

/** `mailauth setup`, up to the moment at which it waits for the browser. */
async function startSignIn(): Promise<SignIn> {
  const home = mkdtempSync(join(folder, 'home-'));
  mkdirSync(join(home, 'tmp'));
  const { clientId, clientSecret } = await authorization.registerClient({ type: 'desktop' });
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...[PROGRAM, 'setup', 'gmail', '--json', '--no-browser', '--account', ADDRESS, '--client-id', clientId],
      ...['--client-secret-file', '-', '--store', 'file', '--issuer', authorization.issuer],
      ...['--ca', join(folder, 'ca.pem'), '--no-smtp', '--imap-host', 'localhost', '--imap-port', String(imap.port)],
    ],
    { env: { PATH: process.env['PATH'], HOME: home, MAILAUTH_KEY_FILE: join(folder, 'key') } },
  );
  running.push(child);
  child.stdin.end(clientSecret);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  const ended = new Promise<Ran>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr, ms: performance.now() - started })),
  );
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      stderr += `${line}\n`;
      if (line.startsWith('https://')) resolve(line);
    });
    ended.then((ran) => reject(new Error(`no address was shown\n${ran.stderr}\n${ran.stdout}`)));
  });
  const { searchParams } = new URL(url);
  return {
    url,
    redirectUri: new URL(searchParams.get('redirect_uri') ?? ''),
    state: searchParams.get('state') ?? '',
    ended,
  };
}

async function expectSuccess({ ended }: SignIn): Promise<void> {
  const ran = await ended;
  expect(documentOf(ran), ran.stderr).toMatchObject({ schema: 'mailauth.setup/1', ok: true });
  expect(ran.code).toBe(0);
}

test('L23 nothing is left of the code: not in the address, the history, a header, a cookie or a request', async () => {
  const signIn = await startSignIn();
  const requests: { readonly url: string; readonly referer: string | undefined }[] = [];
  page.on('request', (request) => requests.push({ url: request.url(), referer: request.headers()['referer'] }));
  const response = page.waitForResponse((candidate) => candidate.url().includes('/done-'));
  await signInWith(page, signIn.url);
  await expectSuccess(signIn);

  expect(page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/done-[\w-]{22}$/);
  const session = await chromium.context.newCDPSession(page);
  const { entries } = await session.send('Page.getNavigationHistory');
  expect(entries.filter(({ url }) => /[?&]code=/.test(url))).toEqual([]);
  expect(await page.evaluate('document.referrer')).toBe('');
  expect(await chromium.context.cookies(signIn.redirectUri.origin)).toEqual([]);
  expect((await response).headers()).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });

  const ours = requests.filter(({ url }) => url.startsWith(signIn.redirectUri.origin));
  const paths = ours.map(({ url }) => new URL(url).pathname.replace(/^\/done-.*/, '/done'));
  expect(paths.filter((path) => path !== '/favicon.ico')).toEqual(['/callback', '/done']);
  expect(ours.filter(({ referer }) => referer?.includes('code='))).toEqual([]);
  const hosts = new Set(requests.map(({ url }) => new URL(url).hostname));
  expect([...hosts].filter((host) => host !== 'localhost' && host !== '127.0.0.1')).toEqual([]);
});

test('the page fits a telephone and a large font, and says what happened to a screen reader', async () => {
  const signIn = await startSignIn();
  await page.setViewportSize({ width: 320, height: 560 });
  await signInWith(page, signIn.url);
  await expectSuccess(signIn);
  for (const size of ['100%', '200%']) {
    await page.evaluate(`document.documentElement.style.zoom = '${size}'`);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
  }
  expect(await page.getByRole('status').innerText()).toContain(`Signed in as ${ADDRESS}`);
  expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
});

test('L05 what a browser asks for by itself is not there, and ends nothing', async () => {
  const signIn = await startSignIn();
  for (const path of ['/', '/favicon.ico', '/apple-touch-icon.png', '/robots.txt', '/.well-known/appspecific/x.json']) {
    const response = await page.goto(new URL(path, signIn.redirectUri).href);
    expect(response?.status(), path).toBe(404);
    expect(await page.content()).not.toContain(signIn.state);
  }
  await signInWith(page, signIn.url);
  await expectSuccess(signIn);
});

const HARM = [
  '<script>window.harmed=1</script>',
  '"><img src=x onerror=window.harmed=1>',
  '</title><svg/onload=window.harmed=1>',
  "'-window.harmed=1-'",
  'javascript:window.harmed=1',
  '{{constructor.constructor("window.harmed=1")()}}',
  '<meta http-equiv="refresh" content="0;url=https://example.com">',
  '\u0000\u202e\u2028<base href=//example.com>',
];

function harmful(signIn: SignIn, parameters: Readonly<Record<string, string>>): string {
  const address = new URL(signIn.redirectUri);
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
}

async function expectHarmless(words: string): Promise<void> {
  await page.waitForLoadState('networkidle');
  expect(await page.evaluate("'harmed' in window")).toBe(false);
  expect(new URL(page.url()).hostname).toBe('127.0.0.1');
  expect(await page.content()).not.toContain(words);
  expect(await page.locator('body').innerText()).not.toContain('harmed');
}

test('L20 no word of an address becomes part of a page, whichever page it is', async () => {
  const signIn = await startSignIn();
  for (const words of HARM) {
    await page.goto(harmful(signIn, { error: words, error_description: words, state: words, code: words, iss: words }));
    expect(await page.title()).toBe('Not this tab - mailauth');
    await expectHarmless(words);
  }
  const [worst = ''] = HARM;
  const refused = { error: 'access_denied', error_description: HARM.join(' '), state: signIn.state };
  await page.goto(harmful(signIn, refused));
  expect(await page.title()).toBe('Not signed in - mailauth');
  await expectHarmless(worst);
  const ran = await signIn.ended;
  expect(ran.code).toBe(77);
  expect(documentOf(ran)).toMatchObject({ code: 'signin_cancelled' });
});
