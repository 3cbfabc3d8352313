/** What goes wrong between real servers, and what the program says about it: the code, who can fix it, the exit code. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeKeyFile } from '../../../src/store/file/key.js';
import { writeBrowser } from '../../servers/browser-program.js';
import { makeAuthority } from '../../servers/certificates.js';
import { type Dovecot, startDovecot } from '../../servers/dovecot.js';
import { ALL_OK, type Check, type Computer, documentOf, openComputer, type Report, verdicts } from './computer.js';
import {
  type MailProvider,
  makePlace,
  openGmail,
  openOutlook,
  type Place,
  type Registration,
  register,
  serverFlags,
} from './providers.js';

const EVE = 'eve@elsewhere.example';

let folder: string;
let place: Place;
/** `brief` is Google whose access tokens live for one second. */
const providers: Partial<Record<'gmail' | 'outlook' | 'brief', MailProvider>> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-whole-'));
  place = makePlace(folder);
  await makeKeyFile(join(folder, 'key'));
  [providers.gmail, providers.outlook, providers.brief] = await Promise.all([
    openGmail(place),
    openOutlook(place),
    openGmail(place, { accessTokenLife: 1 }),
  ]);
});

afterAll(async () => {
  await Promise.all(Object.values(providers).map((provider) => provider.stop()));
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

afterEach(() => {
  for (const { authorization } of Object.values(providers)) {
    Object.assign(authorization.circumstances, { answer: undefined, withheldScopes: [], claims: {} });
  }
});

interface SetUp {
  readonly provider: MailProvider;
  readonly computer: Computer;
  readonly registration: Registration;
  /** `mailauth setup --json`, with more flags, by the owner of the mailbox or by somebody else. */
  setup(more?: readonly string[], account?: string): Promise<{ readonly code: number | null; readonly report: Report }>;
  check(): Promise<{ readonly code: number | null; readonly checks: readonly Check[] }>;
}

async function computerFor(which: 'gmail' | 'outlook' | 'brief'): Promise<SetUp> {
  const provider = providers[which];
  if (provider === undefined) throw new Error(`${which} was not opened`);
  const home = mkdtempSync(join(folder, 'home-'));
  const computer = openComputer({
    PATH: process.env['PATH'],
    HOME: home,
    MAILAUTH_STORE: 'file',
    MAILAUTH_KEY_FILE: join(folder, 'key'),
  });
  const registration = await register(provider, folder);
  const args = ['setup', provider.id, '--yes', '--json', '--account', provider.address];
  return {
    provider,
    computer,
    registration,
    async setup(more = [], account = provider.address) {
      const browsers = join(folder, `browser-${account}`);
      mkdirSync(browsers, { recursive: true });
      const settings = { ca: place.authority.cert, record: join(browsers, 'visit'), account };
      const env = { ...registration.env, BROWSER: writeBrowser(browsers, settings) };
      const ran = await computer.mailauth([...args, ...registration.flags, ...provider.flags, ...more], { env });
      return { code: ran.code, report: documentOf(ran) };
    },
    async check() {
      const ran = await computer.mailauth(['check', '--json']);
      const report = documentOf(ran);
      expect(report.exitCode).toBe(ran.code);
      return { code: ran.code, checks: report.accounts.flatMap(({ checks }) => checks) };
    },
  };
}

async function accountAt(which: 'gmail' | 'outlook' | 'brief', more: readonly string[] = []): Promise<SetUp> {
  const set = await computerFor(which);
  const { report } = await set.setup(more);
  expect(report.schema).toBe('mailauth.setup/1');
  return set;
}

function line(checks: readonly Check[], id: string): Check {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`no line for ${id}`);
  return found;
}

/** The token endpoint answers this, whatever it is asked; the mail servers' questions still reach the server. */
function answerTokens(provider: MailProvider, answer: (response: ServerResponse) => void): void {
  provider.authorization.circumstances.answer = (request, response) => {
    if (!/\/token$/.test(request.url ?? '')) return false;
    answer(response);
    return true;
  };
}

/** Called when a mail server asks about a token, before it is answered. */
function beforeIntrospection(provider: MailProvider, happens: () => void): void {
  provider.authorization.circumstances.answer = (request: IncomingMessage) => {
    if (request.url === '/introspect') happens();
    return false;
  };
}

/** Holds up everything in this process, the authorization server too. */
function sleepNow(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const REFUSED = ['store ok', 'client ok', 'signin ok', 'smtp fail token_refused', 'imap fail token_refused'];

/** Both mail servers refused the token, in their own words, and a person has to sign in again. */
function expectRefused({ id }: MailProvider, { code, checks }: Awaited<ReturnType<SetUp['check']>>): void {
  expect(verdicts(checks)).toEqual(REFUSED);
  expect(code).toBe(77);
  expect(line(checks, 'smtp').server).toMatch(/^535 5\.7\.8 .*authentication failed/i);
  expect(line(checks, 'imap').server).toMatch(/^NO \[AUTHENTICATIONFAILED\] Authentication failed\./);
  for (const protocol of ['smtp', 'imap']) {
    expect(line(checks, protocol)).toMatchObject({
      who: 'you',
      retryable: false,
      fix: [expect.objectContaining({ command: `mailauth authorize ${id}` })],
    });
  }
}

describe.each(['gmail', 'outlook'] as const)('%s: a token the mail servers refuse', (which) => {
  test('that was revoked between the refresh and the login', async () => {
    const { provider, check } = await accountAt(which);
    beforeIntrospection(provider, () => provider.authorization.revokeSignIn(provider.address));
    expectRefused(provider, await check());
  });

  test('M19 that is of somebody else, whatever the sign-in said', async () => {
    const { provider, computer, setup, check } = await computerFor(which);
    const claims = { email: provider.address, preferred_username: provider.address };
    provider.authorization.circumstances.claims[EVE] = claims;
    const { code, report } = await setup([], EVE);
    expect([code, verdicts(report.checks)]).toEqual([77, REFUSED]);
    const checked = await check();
    expectRefused(provider, checked);
    expect(line(checked.checks, 'imap').message).toMatch(/usually it belongs to another mailbox/);
    expect(computer.leaks(provider.authorization.secrets)).toBe('');
  });
});

test('a token that expired on the way to the mail servers is refused by both', async () => {
  const { provider, check } = await accountAt('brief');
  let waited = false;
  beforeIntrospection(provider, () => {
    if (!waited) sleepNow(1_300);
    waited = true;
  });
  expectRefused(provider, await check());
});

test('a token without the mail scope is refused by servers that ask for it', async () => {
  const { provider, check } = await accountAt('gmail', ['--scope', 'openid', '--scope', 'email']);
  const checked = await check();
  expectRefused(provider, checked);
  expect(line(checked.checks, 'smtp').message).toMatch(/lacks the access to mail/);
});

describe('a sign-in that does not hold', () => {
  test.each(['gmail', 'outlook'] as const)(
    'L19 T23 at %s: somebody else signed in, and nothing is stored',
    async (which) => {
      const { computer, setup } = await computerFor(which);
      const { code, report } = await setup([], EVE);
      expect([code, report.schema, report.code]).toEqual([77, 'mailauth.error/1', 'wrong_account']);
      expect(report.message).toContain(EVE);
      expect(documentOf(await computer.mailauth(['list', '--json'])).accounts).toEqual([]);
    },
  );

  test.each(['gmail', 'outlook'] as const)(
    'T12 at %s: the mail permission was left out, and nothing is stored',
    async (which) => {
      const { provider, computer, setup } = await computerFor(which);
      provider.authorization.circumstances.withheldScopes = [...provider.authorization.mailScopes];
      const { code, report } = await setup();
      expect([code, report.schema, report.code]).toEqual([77, 'mailauth.error/1', 'consent_missing_scope']);
      expect(documentOf(await computer.mailauth(['list', '--json'])).accounts).toEqual([]);
    },
  );

  test.each(['gmail', 'outlook'] as const)('at %s: it was revoked, and the provider says so', async (which) => {
    const { provider, computer, check } = await accountAt(which);
    provider.authorization.revokeSignIn(provider.address);
    const { code, checks } = await check();
    expect(verdicts(checks)).toEqual(['store ok', 'client ok', 'signin fail signin_expired', 'smtp skip', 'imap skip']);
    expect(code).toBe(77);
    expect(line(checks, 'signin')).toMatchObject({ who: 'you', server: expect.stringMatching(/expired|AADSTS50173/) });
    const forced = await computer.mailauth(['token', which, '--force-refresh']);
    expect(forced).toMatchObject({ code: 77, stdout: '' });
    expect(forced.stderr).toContain(`mailauth authorize ${which}`);
  });
});

describe('a token endpoint in trouble', () => {
  const OUTAGES: readonly [string, string, (response: ServerResponse) => void][] = [
    ['is overloaded', 'server_unavailable', (response) => void response.writeHead(503).end('busy')],
    [
      'is behind a page of the network',
      'intercepted',
      (response) =>
        void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in to the wifi</html>'),
    ],
    ['hangs up', 'server_unavailable', (response) => void response.destroy()],
  ];

  test.each(OUTAGES)('that %s: the stored token still proves the mail servers', async (_, expected, answer) => {
    const { provider, check } = await accountAt('gmail');
    answerTokens(provider, answer);
    const { code, checks } = await check();
    expect(line(checks, 'signin')).toMatchObject({ status: 'fail', code: expected, retryable: true });
    expect(verdicts(checks).filter((verdict) => !verdict.startsWith('signin'))).toEqual([
      'store ok',
      'client skip',
      'smtp ok',
      'imap ok',
    ]);
    expect(code).toBe(75);
    provider.authorization.circumstances.answer = undefined;
    expect(verdicts((await check()).checks)).toEqual(ALL_OK);
  });
});

describe('a registration that no longer holds', () => {
  test('an expired client secret, over everything a wrong token could be', async () => {
    const { provider, registration, check } = await accountAt('outlook');
    await provider.authorization.expireSecret(registration.clientId);
    const { code, checks } = await check();
    expect(verdicts(checks).slice(0, 3)).toEqual(['store ok', 'client fail client_secret_expired', 'signin skip']);
    expect(line(checks, 'client').server).toContain('AADSTS7000222');
    expect(code).toBe(78);
  });

  test.each(['gmail', 'outlook'] as const)('a client that was deleted at %s', async (which) => {
    const { provider, registration, check } = await accountAt(which);
    await provider.authorization.deleteClient(registration.clientId);
    const { code, checks } = await check();
    expect(line(checks, 'client')).toMatchObject({ status: 'fail', code: 'client_not_found', who: 'you' });
    expect(code).toBe(78);
  });
});

describe('mail servers that are not as they were described', () => {
  const started: Dovecot[] = [];
  afterAll(async () => {
    for (const dovecot of started) await dovecot.stop();
  });

  /** Flags for both protocols of a Dovecot that differs from the one before. */
  async function another(options: Partial<Parameters<typeof startDovecot>[0]>): Promise<readonly string[]> {
    const { authority } = place;
    const introspectionUrl = providers.gmail?.authorization.introspectionUrl ?? '';
    const dovecot = await startDovecot({ authority, introspectionUrl, ...options });
    started.push(dovecot);
    return [...serverFlags('smtp', [dovecot.submission, 'starttls']), ...serverFlags('imap', [dovecot.imaps, 'tls'])];
  }

  async function expectBoth(more: readonly string[], code: string, exit: number): Promise<readonly Check[]> {
    const { setup, check } = await computerFor('gmail');
    const { code: ended, report } = await setup(more);
    const expected = ['store ok', 'client ok', 'signin ok', `smtp fail ${code}`, `imap fail ${code}`];
    expect([ended, verdicts(report.checks)]).toEqual([exit, expected]);
    const checked = await check();
    expect([checked.code, verdicts(checked.checks)]).toEqual([exit, expected]);
    return checked.checks;
  }

  test('M26 signed by an authority nobody named: refused, and the way to name it is told', async () => {
    const checks = await expectBoth(await another({ authority: makeAuthority() }), 'tls_untrusted', 76);
    expect(JSON.stringify(checks)).toContain('--ca FILE');
  });

  test('M17 without a login by token', async () => {
    await expectBoth(await another({ mechanisms: ['plain'] }), 'mechanism_not_offered', 76);
  });

  test('M09 with TLS where STARTTLS was told', async () => {
    const { dovecot, postfix } = providers.gmail as MailProvider;
    const flags = [...serverFlags('smtp', [postfix.submission, 'tls']), ...serverFlags('imap', [dovecot.imap, 'tls'])];
    const checks = await expectBoth(flags, 'tls_failed', 76);
    expect(line(checks, 'imap').message).toMatch(/speaks plain text/);
  });

  test('where nobody listens', async () => {
    const flags = [...serverFlags('smtp', [1, 'starttls']), ...serverFlags('imap', [1, 'tls'])];
    await expectBoth(flags, 'connect_refused', 75);
  });

  test('that cannot ask about tokens for the moment: try again', async () => {
    const { provider, check } = await accountAt('outlook');
    provider.authorization.circumstances.answer = (request, response) => {
      if (request.url !== '/introspect') return false;
      response.writeHead(503).end();
      return true;
    };
    const { code, checks } = await check();
    expect(verdicts(checks).slice(3)).toEqual(['smtp fail server_unavailable', 'imap fail server_unavailable']);
    expect(checks.slice(3).map(({ retryable }) => retryable)).toEqual([true, true]);
    expect(code).toBe(75);
  });
});
