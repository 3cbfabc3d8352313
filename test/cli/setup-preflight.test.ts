import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MailauthError } from '../../src/explain/problem.js';
import type { Interviewer } from '../../src/flows/interviewer.js';
import { freePort } from '../servers/ports.js';
import type { ScriptedAnswer } from '../servers/scripted-token-endpoint.js';
import { ADDRESS, type Office, openOffice } from './office.js';

let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

interface ErrorDocument {
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
  readonly who: string;
  readonly retryable: boolean;
  readonly server?: string;
  readonly fix: readonly { readonly text: string; readonly step?: string; readonly command?: string }[];
}

const SECRETS = {
  gmail: 'GOCSPX-0123456789abcdefghijklmnopqr',
  outlook: `aBc8Q~${'x'.repeat(34)}`,
  custom: 'a-secret-of-no-special-form',
};
const GUID = '11111111-2222-3333-4444-555555555555';
const GOOGLE_ID = '123456789012-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com';
const TENANT = '99999999-2222-3333-4444-555555555555';

/** A set-up by script up to the preflight; whoever gets further is stopped where the address to open is printed. */
async function setUp(
  provider: 'gmail' | 'outlook' | 'custom',
  flags: readonly string[] = [],
  answers: Partial<Interviewer> = {},
) {
  const secretFile = join(office.configDir, 'secret.txt');
  writeFileSync(secretFile, SECRETS[provider], { mode: 0o600 });
  const { origin } = office.endpoint;
  const stop = new AbortController();
  const hears = (text: string) =>
    text.includes('/authorize?') && stop.abort(new MailauthError('interrupted', 'stopped'));
  office.endpoint.answer('/.well-known/openid-configuration', {
    body: {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    },
  });
  const servers = (['smtp', 'imap'] as const).flatMap((protocol) => [
    ...[`--${protocol}-host`, 'localhost', `--${protocol}-port`, String(office[protocol].port)],
    ...[`--${protocol}-security`, protocol === 'smtp' ? 'starttls' : 'tls'],
  ]);
  return office.mailauth(
    [
      ...['setup', provider, '--json', '--no-browser', '--account', ADDRESS, '--issuer', origin],
      ...['--ca', office.caFile, '--client-id', provider === 'gmail' ? GOOGLE_ID : GUID],
      ...(flags.includes('desktop') && provider === 'outlook' ? [] : ['--client-secret-file', secretFile]),
      ...(provider === 'outlook' && !flags.includes('--tenant') ? ['--tenant', TENANT] : []),
      ...(provider === 'custom' ? ['--redirect-port', String(await freePort())] : []),
      ...servers,
      ...flags,
    ],
    { env: { ...office.env, MAILAUTH_STORE: 'file' }, signal: stop.signal, hears, answers },
  );
}

const refused = (error: string, description: string, status = 400): ScriptedAnswer => ({
  status,
  body: { error, error_description: description },
});

/** It came as far as the sign-in, where the test stopped it. */
const atSignIn = { code: 'interrupted', exitCode: 130 };
/** An authorization code that nobody issued, in each provider's words. */
const NO_SUCH_CODE = refused('invalid_grant', 'Malformed auth code.');

describe('T10 the client is proved before the browser opens', () => {
  it.each([
    ['an unknown client', refused('invalid_client', 'The OAuth client was not found.', 401), 'client_not_found', '7'],
    [
      'a wrong secret',
      refused('invalid_client', 'The provided client secret is invalid.', 401),
      'client_secret_wrong',
      '7.v',
    ],
    ['a deleted client', refused('deleted_client', 'The OAuth client was deleted.', 401), 'client_not_found', '7'],
  ] as const)('gmail: %s ends a script with 78, and names the step', async (_name, answer, code, step) => {
    office.answer(answer);
    const ended = await setUp('gmail');
    const error = ended.document<ErrorDocument>();
    expect(error).toMatchObject({ schema: 'mailauth.error/1', code, exitCode: 78, who: 'you', retryable: false });
    expect(error.server).toBe((answer.body as { error_description: string }).error_description);
    expect(error.fix.map((fix) => fix.step)).toContain(step);
    expect(ended.code).toBe(78);
    expect(office.endpoint.received.at(-1)?.form.get('grant_type')).toBe('authorization_code');
    expect(ended.stderr).not.toContain('/authorize');
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(SECRETS.gmail);
  });

  it.each([
    [
      'an unknown client',
      refused('unauthorized_client', 'AADSTS700016: Application was not found'),
      'client_not_found',
      '6',
    ],
    [
      'a wrong secret',
      refused('invalid_client', 'AADSTS7000215: Invalid client secret', 401),
      'client_secret_wrong',
      '9',
    ],
    ['an expired secret', refused('invalid_client', 'AADSTS7000222: expired', 401), 'client_secret_expired', '7'],
    ['a tenant nobody knows', refused('invalid_request', 'AADSTS90002: Tenant not found'), 'tenant_wrong', '6'],
    [
      'a client of another kind',
      refused('invalid_client', 'AADSTS700025: Client is public', 401),
      'client_type_mismatch',
      '5',
    ],
    [
      'a disabled client',
      refused('unauthorized_client', 'AADSTS7000112: Application is disabled.'),
      'client_not_found',
      undefined,
    ],
  ] as const)('outlook: %s ends a script with 78, and names the step', async (_name, answer, code, step) => {
    office.answer(answer);
    const ended = await setUp('outlook');
    const error = ended.document<ErrorDocument>();
    expect(error).toMatchObject({ code, exitCode: 78 });
    expect(error.fix[0]?.step).toBe(step);
    expect(office.endpoint.received.at(-1)?.form.get('grant_type')).toBe('client_credentials');
    expect(office.endpoint.received.at(-1)?.form.get('scope')).toBe('https://graph.microsoft.com/.default');
  });

  it('outlook: a token of the client itself proves the pair, and is thrown away unread', async () => {
    office.answer({ body: { access_token: 'canary-app-token', token_type: 'Bearer', expires_in: 3599 } });
    const ended = await setUp('outlook');
    expect(ended.document<ErrorDocument>()).toMatchObject(atSignIn);
    expect(ended.stderr).toContain('OK  Microsoft Outlook knows this client');
    expect(`${ended.stdout}${ended.stderr}`).not.toContain('canary');
  });

  it.each(['gmail', 'custom'] as const)('%s: an answer about the code proves the client', async (provider) => {
    office.answer(NO_SUCH_CODE);
    const ended = await setUp(provider);
    expect(ended.document<ErrorDocument>()).toMatchObject(atSignIn);
    expect(ended.stderr).toMatch(/OK {2}\S.* knows this client/);
  });

  it('custom: an answer about the client refuses it, and names the step that asks for it', async () => {
    office.answer(refused('invalid_client', 'client authentication failed', 401));
    const error = (await setUp('custom')).document<ErrorDocument>();
    expect(error).toMatchObject({ code: 'client_secret_wrong', exitCode: 78 });
    expect(error.fix[0]?.step).toBe('3');
  });
});

const NOT_FOUND = refused('invalid_client', 'The OAuth client was not found.', 401);
const WRONG = refused('invalid_client', 'AADSTS7000215: Invalid client secret', 401);
const TOKEN: ScriptedAnswer = { body: { access_token: 'app-token', token_type: 'Bearer', expires_in: 3599 } };

describe('a client of this run that is refused as a new one is', () => {
  /** Seconds, as they are waited. */
  const pauses = (waits: readonly number[], until = Number.POSITIVE_INFINITY): Partial<Interviewer> => ({
    async countdown({ seconds }) {
      (waits as number[]).push(seconds);
      return waits.length > until ? 'declined' : 'over';
    },
  });

  it.each([
    ['gmail', [NOT_FOUND, NOT_FOUND, NO_SUCH_CODE], [30, 30]],
    ['gmail', [refused('invalid_client', 'Unauthorized', 401), NO_SUCH_CODE], [30]],
    ['outlook', [refused('unauthorized_client', 'AADSTS700016: not found'), WRONG, TOKEN], [15, 15]],
  ] as const)('%s: is tried again until it is known (%#)', async (provider, answers, waited) => {
    for (const answer of answers) office.answer(answer);
    const waits: number[] = [];
    const ended = await setUp(provider, [], pauses(waits));
    expect(ended.document<ErrorDocument>()).toMatchObject(atSignIn);
    expect(waits).toEqual(waited);
    expect(ended.stderr).toMatch(/OK {2}\S.* knows this client/);
  });

  it.each([
    ['gmail', NOT_FOUND, [30, 30, 60, 60, 120]],
    ['outlook', WRONG, [15, 15, 30, 60]],
  ] as const)('%s: is blamed when it is still refused after all pauses', async (provider, answer, waited) => {
    for (let tries = 0; tries <= waited.length; tries++) office.answer(answer);
    const waits: number[] = [];
    const error = (await setUp(provider, [], pauses(waits))).document<ErrorDocument>();
    expect(error.exitCode).toBe(78);
    expect(waits).toEqual(waited);
  });

  it('is blamed at once when the person does not want to wait', async () => {
    office.answer(NOT_FOUND);
    office.answer(NOT_FOUND);
    const waits: number[] = [];
    expect((await setUp('gmail', [], pauses(waits, 1))).code).toBe(78);
    expect(waits).toEqual([30, 30]);
  });

  it.each([
    ['gmail', refused('deleted_client', 'The OAuth client was deleted.', 401)],
    ['outlook', refused('invalid_client', 'AADSTS7000222: expired', 401)],
    ['outlook', refused('invalid_client', 'AADSTS700025: Client is public', 401)],
    ['outlook', refused('invalid_request', 'AADSTS90002: Tenant not found')],
    ['custom', refused('invalid_client', 'client authentication failed', 401)],
  ] as const)('%s: is not waited for where waiting fixes nothing (%#)', async (provider, answer) => {
    office.answer(answer);
    const waits: number[] = [];
    expect((await setUp(provider, [], pauses(waits))).code).toBe(78);
    expect(waits).toEqual([]);
  });

  it.each([
    ['gmail', NOT_FOUND, /five minutes or more/],
    ['outlook', WRONG, /a minute or two/],
  ] as const)(
    '%s: is asked about once by a script, which is told that waiting may help',
    async (provider, answer, how) => {
      office.answer(answer);
      const error = (await setUp(provider)).document<ErrorDocument>();
      expect(error.fix.at(-1)?.text).toMatch(how);
      expect(office.endpoint.received.filter(({ path }) => path === '/token')).toHaveLength(1);
    },
  );
});

describe('whatever else comes back proves nothing, and is never called good', () => {
  const unproven: readonly (readonly [string, 'gmail' | 'outlook', readonly string[], ScriptedAnswer])[] = [
    ['an outage', 'gmail', [], { status: 503, body: 'down' }],
    ['the page of a network', 'gmail', [], { body: '<title>Wi-Fi</title>' }],
    ['an error nobody knows', 'gmail', [], refused('moon_is_full', 'later')],
    ['a token for a code nobody issued', 'gmail', [], { body: { access_token: 'x', token_type: 'Bearer' } }],
    ['a rule against tokens of programs', 'outlook', [], refused('unauthorized_client', 'AADSTS7000229: no principal')],
    ['a rule of the organisation', 'outlook', [], refused('interaction_required', 'AADSTS53003: blocked')],
    ['a public client', 'outlook', ['--client-type', 'desktop'], refused('invalid_grant', 'AADSTS70000: malformed')],
    ['a shared tenant', 'outlook', ['--tenant', 'organizations'], refused('invalid_grant', 'AADSTS9002313: Invalid')],
  ];
  it.each(unproven)('%s (%s)', async (_name, provider, flags, answer) => {
    office.answer(answer);
    const ended = await setUp(provider, flags);
    expect(ended.document<ErrorDocument>()).toMatchObject(atSignIn);
    expect(ended.stderr).toContain('not proven yet, the sign-in will show it');
    expect(ended.stderr).not.toContain('knows this client');
  });

  it.each([
    [
      'a public client',
      ['--client-type', 'desktop'],
      refused('invalid_client', 'AADSTS7000218: client_secret', 401),
      'client_type_mismatch',
    ],
    [
      'a shared tenant',
      ['--tenant', 'common'],
      refused('unauthorized_client', 'AADSTS50194: not multi-tenant'),
      'tenant_wrong',
    ],
  ] as const)('but an error that names the client counts: %s', async (_name, flags, answer, code) => {
    office.answer(answer);
    expect((await setUp('outlook', flags)).document<ErrorDocument>()).toMatchObject({ code, exitCode: 78 });
    expect(office.endpoint.received.at(-1)?.form.get('grant_type')).toBe('authorization_code');
  });
});

describe('a tenant is proved by its document', () => {
  it('that is not there', async () => {
    const { origin } = office.endpoint;
    const secretFile = join(office.configDir, 'secret.txt');
    writeFileSync(secretFile, SECRETS.outlook, { mode: 0o600 });
    // Both places that a document has: OpenID Connect Discovery section 4, RFC 8414 section 3.
    for (const place of ['openid-configuration', 'oauth-authorization-server']) {
      office.endpoint.answer(`/.well-known/${place}`, { status: 404, body: 'Not Found' });
    }
    const argv = ['setup', 'outlook', '--json', '--account', ADDRESS, '--issuer', origin, '--ca', office.caFile];
    const rest = ['--client-id', GUID, '--tenant', TENANT, '--client-secret-file', secretFile, '--no-browser'];
    const ended = await office.mailauth([...argv, ...rest], { env: { ...office.env, MAILAUTH_STORE: 'file' } });
    expect(ended.document<ErrorDocument>()).toMatchObject({ code: 'bad_input', exitCode: 65 });
    expect(office.endpoint.received).toHaveLength(2);
  });
});
