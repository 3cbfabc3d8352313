import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../src/explain/check.js';
import type { Received, ScriptedAnswer } from '../servers/scripted-token-endpoint.js';
import { GOOD, type Office, openOffice } from './office.js';

let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

const NEW_SECRET = `aBc8Q~${'n'.repeat(34)}`;
const TENANT = '99999999-2222-3333-4444-555555555555';
const CLIENT_ID = '11111111-2222-3333-4444-555555555555';

interface SetupDocument {
  readonly schema: string;
  readonly ok: boolean;
  readonly account: {
    readonly name: string;
    readonly secretExpires: string | null;
    readonly signInEnds: string | null;
  };
  readonly checks: readonly Check[];
}

function announceIssuer(): void {
  const { origin } = office.endpoint;
  office.endpoint.answer('/.well-known/openid-configuration', {
    body: {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    },
  });
}

/** `--from-step 7` by script, with the answers of the token endpoint in order. */
function renew(
  answers: readonly (ScriptedAnswer | ((received: Received) => ScriptedAnswer))[],
  flags: readonly string[] = [],
) {
  const secretFile = join(office.configDir, 'secret.txt');
  writeFileSync(secretFile, NEW_SECRET, { mode: 0o600 });
  announceIssuer();
  for (const answer of answers) office.endpoint.answer('/token', answer);
  return office.mailauth(
    ['setup', 'outlook', '--json', '--yes', '--from-step', '7', '--client-secret-file', secretFile, ...flags],
    { env: { ...office.env, MAILAUTH_STORE: 'file' } },
  );
}

const client = async () => {
  const [found] = (await office.configuration()).clients;
  if (found === undefined) throw new Error('no client');
  return found;
};

describe('setup --from-step 7 renews the client secret and nothing else', () => {
  const employ = () =>
    office.employ({
      account: { signedIn: '2026-11-01T08:00:00.000Z', lastCheck: '2026-11-20T08:00:00.000Z' },
      client: { clientId: CLIENT_ID, tenant: TENANT, secretExpires: '2026-12-01' },
    });

  it('proves the new one, keeps the sign-in, and deletes the old one from the store', async () => {
    const { name } = await employ();
    const before = await client();
    // Programs that log in through `serve` with this one go on.
    expect((await office.mailauth(['password', name, '--label', 'scanner'])).code).toBe(0);
    const account = await office.account();
    const ended = await renew(
      [{ body: { access_token: 'app', token_type: 'Bearer' } }, { body: GOOD }],
      ['--secret-expires', '2028-11-22'],
    );
    const document = ended.document<SetupDocument>();
    expect(document).toMatchObject({ schema: 'mailauth.setup/1', ok: true, account: { secretExpires: '2028-11-22' } });
    expect(document.checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'store ok',
      'client ok',
      'signin ok',
      'smtp ok',
      'imap ok',
    ]);
    expect(ended.code).toBe(0);

    const requests = office.endpoint.received.filter(({ path }) => path === '/token').map(({ form }) => form);
    expect(requests.map((form) => [form.get('grant_type'), form.get('client_secret')])).toEqual([
      ['client_credentials', NEW_SECRET],
      ['refresh_token', NEW_SECRET],
    ]);
    expect(requests[1]?.get('refresh_token')).toBe('the-first-refresh-token');

    const after = await client();
    expect(after).toEqual({ ...before, secretCredential: after.secretCredential, secretExpires: '2028-11-22' });
    expect(after.secretCredential).not.toBe(before.secretCredential);
    expect(await office.store.get(before.secretCredential ?? '')).toBeUndefined();
    expect((await office.store.get(after.secretCredential ?? ''))?.value.reveal()).toBe(NEW_SECRET);
    expect(await office.account()).toEqual({ ...account, lastCheck: expect.any(String) });
    expect((await office.configuration()).accounts).toHaveLength(1);
    expect(ended.stderr).not.toContain('/authorize');
  });

  it('changes nothing when the new one is refused', async () => {
    const account = await employ();
    const before = await client();
    const ended = await renew([
      { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret' } },
    ]);
    expect(ended.document<{ code: string; fix: { step?: string }[] }>()).toMatchObject({
      code: 'client_secret_wrong',
      exitCode: 78,
      fix: [{ step: '9' }, { text: expect.stringContaining('a minute or two') }],
    });
    expect(await client()).toEqual(before);
    expect(await office.account()).toEqual(account);
    expect((await office.store.get(before.secretCredential ?? ''))?.value.reveal()).toBe('the-client-secret');
  });

  it('forgets the old day where no new one is given', async () => {
    await employ();
    await renew([{ body: { access_token: 'app', token_type: 'Bearer' } }, { body: GOOD }]);
    expect(await client()).not.toHaveProperty('secretExpires');
  });

  it('stays stored, with what fails told, where the mailbox does not open afterwards', async () => {
    await employ();
    const ended = await renew([
      { body: { access_token: 'app', token_type: 'Bearer' } },
      { status: 400, body: { error: 'invalid_grant', error_description: 'AADSTS50173: revoked' } },
    ]);
    const document = ended.document<SetupDocument>();
    expect(document.ok).toBe(false);
    expect(document.checks.find(({ id }) => id === 'signin')).toMatchObject({
      status: 'fail',
      code: 'signin_expired',
      who: 'you',
      retryable: false,
      fix: [expect.objectContaining({ command: 'mailauth authorize outlook' })],
      server: 'AADSTS50173: revoked',
    });
    expect(ended.code).toBe(77);
    expect((await office.store.get((await client()).secretCredential ?? ''))?.value.reveal()).toBe(NEW_SECRET);
  });
});
