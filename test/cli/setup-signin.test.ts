import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../src/explain/check.js';
import type { ScriptedAnswer } from '../servers/scripted-token-endpoint.js';
import { GOOD, type Office, type OfficeOptions, openOffice } from './office.js';

let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const MAILBOX = 'reception.happypaws@gmail.com';
const MAIL_SCOPE = 'https://mail.google.com/';
const WEEK = 604_799;

interface SetupDocument {
  readonly schema: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly account: { readonly name: string; readonly signInEnds: string | null };
  readonly checks: readonly Check[];
}

function answerDiscovery(): void {
  const { origin } = office.endpoint;
  office.endpoint.answer('/.well-known/openid-configuration', {
    body: { issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` },
  });
}

/** A set-up by script that brings its sign-in along: the refresh is the sign-in, then comes the check. */
async function setUp(answers: readonly ScriptedAnswer[], options?: OfficeOptions, more: readonly string[] = []) {
  if (options !== undefined) {
    await office.close();
    office = await openOffice(options);
  }
  answerDiscovery();
  answerPreflight();
  for (const answer of answers) office.answer(answer);
  return office.mailauth(lastCommand(more), { env: { ...office.env, MAILAUTH_STORE: 'file' } });
}

function lastCommand(more: readonly string[]): readonly string[] {
  return [
    ...['setup', 'gmail', '--json', '--account', MAILBOX, '--issuer', office.endpoint.origin, '--ca', office.caFile],
    ...['--client-id', '123456789012-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com'],
    ...['--client-secret-file', write('secret.txt', 'GOCSPX-0123456789abcdefghijklmnopqr')],
    ...['--refresh-token-file', write('token.txt', '1//0abcdefghijklmnopqrstuvwxyz')],
    ...['--smtp-host', 'localhost', '--smtp-port', String(office.smtp.port), '--smtp-security', 'starttls'],
    ...['--imap-host', 'localhost', '--imap-port', String(office.imap.port), '--imap-security', 'tls'],
    ...more,
  ];
}

function write(name: string, content: string): string {
  const file = join(office.configDir, name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

/** The preflight: a code that nobody issued. */
function answerPreflight(): void {
  office.answer({ status: 400, body: { error: 'invalid_grant', error_description: 'Malformed auth code.' } });
}

const grant = (changes: object = {}): ScriptedAnswer => ({
  body: { ...GOOD, scope: `openid https://www.googleapis.com/auth/userinfo.email ${MAIL_SCOPE}`, ...changes },
});
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

describe('the end of a sign-in, in a set-up', () => {
  it('T24 is told, kept, and advised about by its length', async () => {
    const ended = await setUp([grant({ refresh_token_expires_in: WEEK }), grant({ refresh_token_expires_in: WEEK })]);
    const { ok, account, checks } = ended.document<SetupDocument>();
    expect(ok).toBe(true);
    expect(ended.code).toBe(0);
    expect([inDays(7), inDays(6.999)]).toContain(account.signInEnds);
    expect(ended.stderr).toContain(`this sign-in ends on ${account.signInEnds}`);
    expect(checks.find(({ id }) => id === 'signin')).toMatchObject({
      status: 'warn',
      code: 'signin_ends_soon',
      message: expect.stringMatching(/project in Testing after 7 days/),
      fix: [{ step: '6' }],
    });
    expect((await office.account('gmail')).signInEnds?.slice(0, 10)).toBe(account.signInEnds);
  });

  it('T24 is not made up where none was announced', async () => {
    const ended = await setUp([grant(), grant()]);
    expect(ended.document<SetupDocument>().account.signInEnds).toBeNull();
    expect(ended.stderr).toContain('names no day on which this sign-in ends');
    expect(await office.account('gmail')).not.toHaveProperty('signInEnds');
  });
});

describe('an account that is set up again', () => {
  /** The command of `setUp`, with nothing that a server would be asked first. */
  const again = (more: readonly string[] = []) =>
    office.mailauth(lastCommand(more), { env: { ...office.env, MAILAUTH_STORE: 'file' } });

  it('as it is stays so, and asks no server', async () => {
    await setUp([grant(), grant()]);
    const before = await office.configuration();
    const asked = office.endpoint.received.length;
    const ended = await again();
    expect(ended.document()).toMatchObject({ schema: 'mailauth.setup/1', ok: true, changed: false, checks: [] });
    expect(ended.code).toBe(0);
    expect(await office.configuration()).toEqual(before);
    expect(office.endpoint.received).toHaveLength(asked);
  });

  it('keeps its place in the lists, with the other sign-in that is given', async () => {
    await setUp([grant(), grant()]);
    await office.employ();
    answerDiscovery();
    office.answer(grant());
    office.answer(grant());
    const ended = await again(['--refresh-token-file', write('other.txt', '1//0another-one-abcdefghijklm')]);
    expect(ended.document()).toMatchObject({ ok: true, changed: true });
    expect(
      office.endpoint.received.filter(({ form }) => form.get('refresh_token') === '1//0another-one-abcdefghijklm'),
    ).toHaveLength(2);
    expect((await office.configuration()).accounts.map(({ name }) => name)).toEqual(['gmail', 'outlook']);
  });
});

describe('a sign-in that does not hold is not stored', () => {
  const stored = async () => (await office.configuration()).accounts.map(({ name }) => name);

  it('T12 because the permission for mail was left out', async () => {
    const ended = await setUp([grant({ scope: 'openid email' })]);
    expect(ended.document<SetupDocument>()).toMatchObject({ code: 'consent_missing_scope', exitCode: 77 });
    expect(await stored()).toEqual([]);
  });

  it('T24 because the provider no longer takes it', async () => {
    const ended = await setUp([
      { status: 400, body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' } },
    ]);
    expect(ended.document<SetupDocument>()).toMatchObject({ code: 'signin_expired', exitCode: 77 });
    expect(await stored()).toEqual([]);
  });

  /** The same set-up, carried on with a browser that nobody looks at. */
  const carryOn = async () => {
    answerDiscovery();
    // What an earlier run has proven counts no more.
    answerPreflight();
    const ended = await office.mailauth(['setup', 'gmail', '--json', '--no-browser', '--timeout', '1'], {
      env: { ...office.env, MAILAUTH_STORE: 'file' },
    });
    return ended.document<SetupDocument>().code;
  };

  it('T24 and is not tried again by the next run, which opens the browser', async () => {
    await setUp([
      { status: 400, body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' } },
    ]);
    expect(await carryOn()).toBe('signin_timeout');
  });

  it('T24 but is tried again where the provider was not there to ask', async () => {
    await setUp([{ status: 503, body: 'busy' }]);
    const ended = carryOn();
    office.answer({ status: 503, body: 'still busy' });
    expect(await ended).toBe('server_unavailable');
  });

  it('M19 T23 because the mailbox is somebody else’s', async () => {
    const ended = await setUp([grant()], { verify: async () => false });
    expect(ended.document<SetupDocument>()).toMatchObject({ code: 'token_refused', exitCode: 77 });
    expect(ended.stdout).toContain(MAILBOX);
    expect(await stored()).toEqual([]);
  });
});

describe('a mailbox that fails after the sign-in is stored', () => {
  it('T23 M18 is told line by line, with the exit code of a check', async () => {
    let logins = 0;
    // The proof of ownership is the first login; the check comes after it.
    const verify = async () => {
      logins += 1;
      return logins === 1;
    };
    const ended = await setUp([grant(), grant()], { verify });
    const document = ended.document<SetupDocument>();
    expect(document).toMatchObject({ schema: 'mailauth.setup/1', ok: false, account: { name: 'gmail' } });
    expect(document.checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'store ok',
      'client ok',
      'signin ok',
      'smtp fail',
      'imap fail',
    ]);
    expect(ended.code).toBe(77);
    expect((await office.account('gmail')).address).toBe(MAILBOX);
  });
});
