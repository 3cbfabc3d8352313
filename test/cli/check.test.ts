import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../servers/ports.js';
import type { ScriptedAnswer } from '../servers/scripted-token-endpoint.js';
import { check } from './check-report.js';
import { ADDRESS, cachedFor, GOOD, IMAP_SCOPE, type Office, openOffice, SMTP_SCOPE } from './office.js';

let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const refused = (error: string, description: string, status = 400): ScriptedAnswer => ({
  status,
  body: { error, error_description: description },
});

describe('a check that finds nothing wrong', () => {
  it('is one document of the promised shape', async () => {
    await office.employ({ client: { secretExpires: '2099-11-22' } });
    office.answer({ body: GOOD });
    const { report, code } = await check(office);
    expect(code).toBe(0);
    expect(Object.keys(report)).toEqual(['schema', 'time', 'ok', 'exitCode', 'accounts']);
    expect(report).toMatchObject({ schema: 'mailauth.check/1', ok: true, exitCode: 0 });
    expect(report.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(report.accounts).toEqual([
      {
        name: 'outlook',
        signIn: 'person',
        credential: null,
        address: ADDRESS,
        provider: 'outlook',
        ok: true,
        secretExpires: '2099-11-22',
        signInEnds: null,
        checks: [
          { id: 'store', status: 'ok', store: 'file' },
          { id: 'client', status: 'ok' },
          {
            id: 'signin',
            status: 'ok',
            expiresIn: expect.closeTo(3600, -1),
            scopes: ['openid', 'offline_access', IMAP_SCOPE, SMTP_SCOPE],
          },
          { id: 'smtp', status: 'ok', host: 'localhost', port: office.smtp.port },
          { id: 'imap', status: 'ok', host: 'localhost', port: office.imap.port, messages: 402 },
        ],
      },
    ]);
  });
});

/** One reply of the token endpoint, two lines of the check. */
const REPLIES: readonly (readonly [
  name: string,
  answer: ScriptedAnswer,
  states: Record<string, string>,
  exit: number,
])[] = [
  [
    'an unknown client',
    refused('unauthorized_client', "AADSTS700016: Application with identifier 'x' was not found in the directory"),
    { client: 'fail client_not_found', signin: 'skip' },
    78,
  ],
  [
    'a wrong secret',
    refused('invalid_client', 'AADSTS7000215: Invalid client secret provided.', 401),
    { client: 'fail client_secret_wrong', signin: 'skip' },
    78,
  ],
  [
    'an expired secret',
    refused('invalid_client', 'AADSTS7000222: The provided client secret keys are expired.', 401),
    { client: 'fail client_secret_expired', signin: 'skip' },
    78,
  ],
  [
    'a secret for a public client',
    refused('invalid_client', 'AADSTS700025: Client is public', 401),
    { client: 'fail client_type_mismatch', signin: 'skip' },
    78,
  ],
  [
    'a wrong tenant',
    refused('invalid_request', "AADSTS90002: Tenant 'exmaple.com' not found."),
    { client: 'fail tenant_wrong', signin: 'skip' },
    78,
  ],
  [
    'a revoked sign-in',
    refused('invalid_grant', 'AADSTS50173: The provided grant has expired due to it being revoked'),
    { client: 'ok', signin: 'fail signin_expired' },
    77,
  ],
  [
    'a second factor',
    refused('interaction_required', 'AADSTS50076: you must use multi-factor authentication'),
    { client: 'ok', signin: 'fail signin_required' },
    77,
  ],
  [
    'a consent that was taken back',
    refused('consent_required', 'AADSTS65001: The user or administrator has not consented'),
    { client: 'ok', signin: 'fail consent_missing_scope' },
    77,
  ],
  [
    'Conditional Access',
    refused('interaction_required', 'AADSTS53003: Access has been blocked by Conditional Access policies.'),
    { client: 'ok', signin: 'fail policy_blocked' },
    69,
  ],
  [
    'an OAuth error that nobody knows',
    refused('moon_is_full', 'come back on Tuesday'),
    { client: 'ok', signin: 'fail unknown' },
    76,
  ],
  [
    'a server in trouble that speaks OAuth',
    refused('temporarily_unavailable', 'AADSTS90033: A transient error has occurred.'),
    { client: 'skip', signin: 'fail server_unavailable' },
    75,
  ],
  [
    'too many requests',
    { status: 429, headers: { 'retry-after': '300' }, body: 'slow down' },
    { client: 'skip', signin: 'fail rate_limited' },
    75,
  ],
  [
    'a server error',
    { status: 503, body: '<title>Down</title>' },
    { client: 'skip', signin: 'fail server_unavailable' },
    75,
  ],
  [
    'the page of a network',
    { status: 200, body: '<title>Sign in to Wi-Fi</title>' },
    { client: 'skip', signin: 'fail intercepted' },
    75,
  ],
  ['a filter', { status: 403, body: '<title>Blocked</title>' }, { client: 'skip', signin: 'fail intercepted' }, 75],
];

describe('what the token endpoint says', () => {
  it.each(REPLIES)('T10 T24 %s is read as client or as sign-in', async (_name, answer, states, exit) => {
    await office.employ();
    office.answer(answer);
    const ended = await check(office);
    expect(ended.states).toEqual({ store: 'ok', ...states, smtp: 'skip', imap: 'skip' });
    expect(ended.code).toBe(exit);
    const failure = ended.report.accounts[0]?.checks.find(({ status }) => status === 'fail');
    expect(failure).toMatchObject({
      retryable: exit === 75,
      who: expect.stringMatching(/^(?:you|admin|provider|network)$/),
      message: expect.any(String),
      fix: [expect.objectContaining({ text: expect.any(String) }), ...(failure?.fix?.slice(1) ?? [])],
      server: expect.any(String),
    });
    for (const skipped of ended.report.accounts[0]?.checks.filter(({ status }) => status === 'skip') ?? []) {
      expect(skipped.message, skipped.id).toMatch(/\w/);
    }
  });

  it('a refusal changes nothing in the store', async () => {
    const account = await office.employ();
    office.answer(refused('invalid_grant', 'revoked'));
    const before = await office.store.get(account.credential);
    await check(office);
    expect((await office.store.get(account.credential))?.value.reveal()).toBe(before?.value.reveal());
  });

  it('names where to go for each client error: the step, the page and the command', async () => {
    await office.employ({ client: { clientId: '11111111-2222-3333-4444-555555555555' } });
    office.answer(refused('invalid_client', 'AADSTS7000222: The provided client secret keys are expired.', 401));
    expect((await check(office)).line('client')?.fix?.[0]).toEqual({
      text: 'make a new client secret; the sign-in itself stays',
      command: 'mailauth setup outlook --from-step 7',
      url: expect.stringMatching(/^https:\/\/entra\.microsoft\.com\/.*11111111-2222-3333-4444-555555555555$/),
      step: '7',
    });
  });

  it('gives the link for an administrator, and the words to send, where consent is the cause', async () => {
    const client = { clientId: '11111111-2222-3333-4444-555555555555', tenant: 'happypaws.example' };
    await office.employ({ client });
    const answer = refused('consent_required', 'AADSTS65001: The user or administrator has not consented');
    office.answer(answer);
    const fix = (await check(office)).line('signin')?.fix ?? [];
    const link = fix.find(({ url }) => url?.includes('/adminconsent?'));
    expect(link?.url).toContain(`/happypaws.example/v2.0/adminconsent?client_id=${client.clientId}&`);
    expect(link?.send).toMatch(/^Please open the link and click Accept\./);
    expect(link?.send).toContain(ADDRESS);
    expect(link?.send?.endsWith(link.url ?? 'no link')).toBe(true);
    office.answer(answer);
    const { stdout } = await office.mailauth(['check']);
    expect(stdout).toContain('send: Please open the link and click Accept.');
    expect(stdout.split(link?.url ?? 'no link')).toHaveLength(2);
  });

  it('is shown on one line, without what could act on a terminal and without the secrets that were sent', async () => {
    await office.employ();
    office.answer((({ form }: { form: URLSearchParams }) =>
      refused(
        'invalid_grant',
        `no\r\n\u001b[31mOK\u001b[0m \u202e ${form.get('refresh_token')} ${form.get('client_secret')} eyJhbGciOiJIUzI1NiJ9.e30 ${'x '.repeat(400)}`,
      )) as never);
    const { line, stdout } = await check(office);
    const server = line('signin')?.server ?? '';
    expect(server).toMatch(/^no \\u\{1b\}\[31mOK/);
    expect(server).toContain('[secret]');
    expect(server.length).toBeLessThanOrEqual(300);
    expect(stdout).not.toMatch(/the-first-refresh-token|the-client-secret|eyJhbGci|[\u001b\u202e]/);
  });
});

describe('a token endpoint that cannot be asked', () => {
  const nobody = async (cached: number) => {
    const token = `https://localhost:${await freePort()}/token`;
    const issuer = 'https://localhost';
    const endpoints = { issuer, authorization: `${issuer}/authorize`, token, issInResponse: false };
    await office.employ({ credential: cachedFor(cached), account: { endpoints } });
  };

  it('T08 leaves the mail servers to a cached token that still works for a minute', async () => {
    await nobody(70);
    const { states, code, line, report } = await check(office);
    expect(states).toEqual({ store: 'ok', client: 'skip', signin: 'fail connect_refused', smtp: 'ok', imap: 'ok' });
    expect(code).toBe(75);
    expect(report.ok).toBe(false);
    expect(line('imap')).toMatchObject({ messages: 402, message: expect.stringContaining('the old token') });
    expect(line('signin')).toMatchObject({
      retryable: true,
      who: 'network',
      detail: expect.stringMatching(/ECONNREFUSED/),
    });
    expect(line('signin')).not.toHaveProperty('server');
  });

  it('T08 and not to one that ends sooner', async () => {
    await nobody(50);
    const { states, line } = await check(office);
    expect(states).toEqual({ store: 'ok', client: 'skip', signin: 'fail connect_refused', smtp: 'skip', imap: 'skip' });
    expect(line('smtp')?.message).toBe('there is no access token to log in with');
  });

  it.each([
    ['a client error', refused('invalid_client', 'AADSTS7000222: expired', 401), 78],
    ['an outage', { status: 503, body: 'down' }, 75],
  ] as const)('stops nothing that can still be learned: %s', async (_name, answer, exit) => {
    await office.employ({ credential: cachedFor(600) });
    office.answer(answer);
    const { states, code } = await check(office);
    expect(states).toMatchObject({ smtp: 'ok', imap: 'ok' });
    expect(code).toBe(exit);
  });

  it('takes an old token that a mail server refuses for what it is', async () => {
    await office.employ({ credential: cachedFor(600, 'bad-cached-token') });
    office.answer(refused('invalid_grant', 'AADSTS50173: revoked'));
    const ended = await check(office);
    expect(ended.states).toEqual({
      store: 'ok',
      client: 'ok',
      signin: 'fail signin_expired',
      smtp: 'skip',
      imap: 'skip',
    });
    office.answer({ status: 503, body: 'down' });
    const later = await check(office);
    // Whether somebody has to sign in can only be told once the token endpoint is back.
    expect(later.states).toEqual({ ...ended.states, client: 'skip', signin: 'fail server_unavailable' });
    expect(later.line('imap')?.message).toBe('the mail server refuses the old token, and no newer one could be had');
    expect(later.code).toBe(75);
  });
});

describe('what the token is worth', () => {
  it('T12 names a permission that was left out, and asks the servers all the same', async () => {
    await office.employ();
    office.answer({ body: { ...GOOD, scope: `openid ${IMAP_SCOPE}` } });
    const { states, line, code } = await check(office);
    expect(states).toEqual({ store: 'ok', client: 'ok', signin: 'fail consent_missing_scope', smtp: 'ok', imap: 'ok' });
    expect(line('signin')).toMatchObject({
      message: expect.stringContaining(SMTP_SCOPE),
      scopes: ['openid', IMAP_SCOPE],
    });
    expect(code).toBe(77);
  });

  it('T12 remembers which permissions there were where an answer does not repeat them', async () => {
    await office.employ({ mail: false, credential: { scopes: ['openid', SMTP_SCOPE] } });
    office.answer({ body: GOOD });
    expect((await check(office)).line('signin')?.message).toContain(IMAP_SCOPE);
  });

  it.each(['https://graph.microsoft.com', 'https://graph.microsoft.com/', '00000003-0000-0000-c000-000000000000'])(
    'tells a token that was made for Microsoft Graph by its audience %s',
    async (aud) => {
      await office.employ();
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      office.answer({ body: { ...GOOD, access_token: `${part({ alg: 'RS256' })}.${part({ aud })}.sig` } });
      const { states, line } = await check(office);
      expect(states).toMatchObject({ client: 'ok', signin: 'fail consent_missing_scope', smtp: 'fail token_refused' });
      expect(line('signin')?.message).toContain('Microsoft Graph');
      expect(line('signin')?.fix?.[0]?.text).toContain('https://outlook.office.com/');
    },
  );

  it('reads no audience out of a token that is no JWT, or of one for the mail servers', async () => {
    await office.employ({ mail: false });
    for (const token of [
      'good.e30.x',
      'good.~~.x',
      `good.${Buffer.from('null').toString('base64url')}.x`,
      `good.${Buffer.from('{"aud":["https://outlook.office.com"]}').toString('base64url')}.x`,
      `good.${Buffer.from('{"aud":7}').toString('base64url')}.x`,
    ]) {
      office.answer({ body: { ...GOOD, access_token: token } });
      expect((await check(office)).states, token).toMatchObject({ signin: 'ok' });
    }
  });

  it.each([
    [-86_400, 'behind'],
    [86_400, 'ahead'],
  ])('T13 N10 warns of a clock that is off: %d s', async (offset, word) => {
    await office.employ({ mail: false });
    const date = new Date(Date.now() - offset * 1000).toUTCString();
    office.answer({ body: GOOD, headers: { date } });
    const ended = await check(office);
    expect(ended.states).toMatchObject({ signin: 'warn clock_skew' });
    expect(ended.code).toBe(0);
    expect(ended.line('signin')?.message).toContain(`24 hours ${word}`);
    expect(ended.line('signin')?.fix?.[0]?.text).toContain('automatic time');
    office.answer({ body: GOOD, headers: { date } });
    expect((await check(office, ['--strict'])).code).toBe(76);
  });

  it('T13 forgives a clock four minutes', async () => {
    await office.employ({ mail: false });
    office.answer({ body: GOOD, headers: { date: new Date(Date.now() + 240_000).toUTCString() } });
    expect((await check(office, ['--strict'])).code).toBe(0);
  });
});

const DAY = 86_400;
const inDays = (days: number): string => new Date(Date.now() + days * DAY * 1000).toISOString().slice(0, 10);

describe('T24 the end of a sign-in', () => {
  const WEEK = 604_799;

  it('is kept, shown by check and list, and advised about by its length', async () => {
    await office.employ({ mail: false, provider: 'gmail', account: { signedIn: new Date().toISOString() } });
    office.answer({ body: { ...GOOD, refresh_token_expires_in: WEEK } });
    const { line, report, code, states } = await check(office);
    const day = inDays(7);
    expect(states).toMatchObject({ signin: 'warn signin_ends_soon' });
    expect(code).toBe(0);
    expect([day, inDays(6.999)]).toContain(report.accounts[0]?.signInEnds);
    expect(line('signin')?.message).toMatch(/project in Testing after 7 days/);
    expect(line('signin')?.fix?.[0]).toMatchObject({ step: '6', command: 'mailauth authorize gmail' });
    expect((await office.account('gmail')).signInEnds?.slice(0, 10)).toBe(report.accounts[0]?.signInEnds);
    const listed = await office.mailauth(['list', '--json']);
    expect(listed.document<{ accounts: { signInEnds: string }[] }>().accounts[0]?.signInEnds).toBe(
      report.accounts[0]?.signInEnds,
    );
    expect((await office.mailauth(['list'])).stdout).toContain(`sign-in ends    ${report.accounts[0]?.signInEnds}`);
    office.answer({ body: GOOD });
    const text = await office.mailauth(['check']);
    expect(text.stdout).toContain(`sign-in ends ${report.accounts[0]?.signInEnds}`);
  });

  it('counts down with every refresh, from the same beginning', async () => {
    const signedIn = new Date(Date.now() - 5 * DAY * 1000).toISOString();
    await office.employ({ mail: false, provider: 'gmail', account: { signedIn } });
    office.answer({ body: { ...GOOD, refresh_token_expires_in: WEEK - 5 * DAY } });
    const { line, report } = await check(office);
    expect(line('signin')?.message).toMatch(/Testing/);
    expect([inDays(2), inDays(1.999)]).toContain(report.accounts[0]?.signInEnds);
  });

  it('ends a warning with 77 where that is wished', async () => {
    await office.employ({ mail: false, provider: 'gmail', account: { signedIn: new Date().toISOString() } });
    office.answer({ body: { ...GOOD, refresh_token_expires_in: WEEK } });
    expect((await check(office, ['--strict'])).code).toBe(77);
  });

  it('is a limit that somebody chose where it is of another length, and worth a warning when it comes near', async () => {
    await office.employ({ mail: false, provider: 'gmail', account: { signedIn: new Date().toISOString() } });
    office.answer({ body: { ...GOOD, refresh_token_expires_in: 90 * DAY } });
    const far = await check(office);
    expect(far.states).toMatchObject({ signin: 'ok' });
    expect(far.report.accounts[0]?.signInEnds).toBe(inDays(90));
    office.answer({ body: { ...GOOD, refresh_token_expires_in: 30 * DAY } });
    const near = await check(office);
    expect(near.line('signin')?.message).toMatch(/usually somebody chose a limited time/);
  });

  it('explains a sign-in that is refused after it', async () => {
    const signedIn = new Date(Date.now() - 8 * DAY * 1000).toISOString();
    const signInEnds = new Date(Date.now() - DAY * 1000).toISOString();
    await office.employ({ mail: false, provider: 'gmail', account: { signedIn, signInEnds } });
    office.answer(refused('invalid_grant', 'Token has been expired or revoked.'));
    const { line, code, report } = await check(office);
    expect(line('signin')).toMatchObject({
      code: 'signin_expired',
      message: `this sign-in ended on ${signInEnds.slice(0, 10)}: Google ends each sign-in to a project in Testing after 7 days`,
      server: 'Token has been expired or revoked.',
      fix: [{ step: '6' }],
    });
    expect(code).toBe(77);
    expect(report.accounts[0]?.signInEnds).toBe(signInEnds.slice(0, 10));
  });

  it('that has passed while the sign-in goes on is forgotten', async () => {
    await office.employ({ mail: false, account: { signInEnds: '2026-01-01T00:00:00.000Z' } });
    office.answer({ body: GOOD });
    const { states, report } = await check(office);
    expect(states).toMatchObject({ signin: 'ok' });
    expect(report.accounts[0]?.signInEnds).toBeNull();
    expect(await office.account()).not.toHaveProperty('signInEnds');
  });

  it('and a clock that is off are both told on one line', async () => {
    await office.employ({ mail: false, provider: 'gmail', account: { signedIn: new Date().toISOString() } });
    const date = new Date(Date.now() - DAY * 1000).toUTCString();
    office.answer({ body: { ...GOOD, refresh_token_expires_in: WEEK }, headers: { date } });
    const { line, states } = await check(office);
    expect(states).toMatchObject({ signin: 'warn signin_ends_soon' });
    expect(line('signin')?.message).toMatch(/Testing after 7 days; this machine’s clock is 24 hours ahead/);
  });
});

describe('the last day of a client secret', () => {
  const withSecret = (days: number) => office.employ({ mail: false, client: { secretExpires: inDays(days) } });
  const ask = (argv: readonly string[] = []) => {
    office.answer({ body: GOOD });
    return check(office, argv);
  };

  it('is no warning 62 days before, and one 59 days before', async () => {
    await withSecret(62);
    expect((await ask(['--strict'])).states).toMatchObject({ client: 'ok' });
    await office.close();
    office = await openOffice();
    await withSecret(59);
    const near = await ask();
    expect(near.states).toMatchObject({ client: 'warn client_secret_expires_soon' });
    expect(near.code).toBe(0);
    expect(near.line('client')).toMatchObject({ retryable: false, who: 'you', fix: [{ step: '7' }] });
    expect((await ask(['--strict'])).code).toBe(78);
    expect((await ask(['--warn-days', '50', '--strict'])).code).toBe(0);
  });

  it('that is over while the secret is still taken is a warning all the same', async () => {
    await withSecret(-3);
    const { states, line } = await ask();
    expect(states).toMatchObject({ client: 'warn client_secret_expires_soon' });
    expect(line('client')?.message).toContain(inDays(-3));
  });

  it('does not cover a refusal', async () => {
    await withSecret(-3);
    office.answer(refused('invalid_client', 'AADSTS7000222: expired', 401));
    expect((await check(office)).states).toMatchObject({ client: 'fail client_secret_expired' });
  });

  it('is told even where nobody could be asked about the client', async () => {
    await withSecret(12);
    office.answer({ status: 503, body: 'down' });
    const { line, code } = await check(office);
    expect(line('client')).toMatchObject({
      status: 'warn',
      code: 'client_secret_expires_soon',
      message: expect.stringMatching(/ends in 1[12] days.*; the token endpoint gave no answer/),
    });
    expect(code).toBe(75);
  });

  it('stands in the text of check and list', async () => {
    await withSecret(200);
    office.answer({ body: GOOD });
    expect((await office.mailauth(['check'])).stdout).toContain(`client secret expires ${inDays(200)}`);
    expect((await office.mailauth(['list'])).stdout).toContain(`secret expires  ${inDays(200)}`);
  });

  it('stands there as over once it is over', async () => {
    await withSecret(-3);
    office.answer({ body: GOOD });
    expect((await office.mailauth(['check'])).stdout).toContain(`client secret expired ${inDays(-3)}`);
    expect((await office.mailauth(['list'])).stdout).toContain(`secret expired  ${inDays(-3)}`);
  });
});
