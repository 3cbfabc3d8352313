/** A script on a machine without a browser: it is told at once, and never waits for an answer that cannot come. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Office, openOffice } from './office.js';

let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly fix: readonly { readonly text: string; readonly command?: string }[];
}

function setUp(more: readonly string[] = []) {
  const secret = join(office.configDir, 'secret.txt');
  writeFileSync(secret, 'GOCSPX-0123456789abcdefghijklmnopqr', { mode: 0o600 });
  const { origin } = office.endpoint;
  office.endpoint.answer('/.well-known/openid-configuration', {
    body: { issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` },
  });
  office.answer({ status: 400, body: { error: 'invalid_grant', error_description: 'Malformed auth code.' } });
  return office.mailauth(
    [
      ...['setup', 'gmail', '--json', '--account', 'reception@gmail.com', '--issuer', origin, '--ca', office.caFile],
      ...['--client-id', '123456789012-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com'],
      ...['--client-secret-file', secret, ...more],
    ],
    { env: { ...office.env, MAILAUTH_STORE: 'file', PATH: '/nothing' } },
  );
}

it('a set-up names the other ways in, and ends', async () => {
  const began = performance.now();
  const ended = await setUp();
  const { code, message, fix } = ended.document<ErrorDocument>();
  expect(code).toBe('signin_required');
  expect(message).toContain('no browser could be opened here');
  expect(fix.map(({ command }) => command)).toContain('mailauth setup gmail --begin');
  expect(fix.at(-1)?.text).toMatch(/BROWSER.*--no-browser/);
  expect(performance.now() - began).toBeLessThan(60_000);
});

it('with --no-browser the address was asked for, and the listener waits for it', async () => {
  const ended = await setUp(['--no-browser', '--timeout', '1']);
  expect(ended.document<ErrorDocument>().code).toBe('signin_timeout');
  expect(ended.stderr).toContain(`${office.endpoint.origin}/authorize?`);
});
