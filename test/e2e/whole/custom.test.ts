/** `custom` with authorization servers that Debian has: from the set-up to the renewed token, as an administrator has it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Interviewer } from '../../../src/flows/interviewer.js';
import { makeKeyFile } from '../../../src/store/file/key.js';
import { mailauth } from '../../cli/in-process.js';
import { makeAuthority } from '../../servers/certificates.js';
import { startDjango } from '../../servers/django-oauth.js';
import { signInByForms } from '../../servers/form-browser.js';
import { startImapServer } from '../../servers/imap-server.js';
import { testFolder } from '../../store/folder.js';

const PERSON = { user: 'ann@example.org', password: 'the-password-of-ann' };
const CLIENT = { clientId: 'the-mail-client', clientSecret: 'the secret+of/mailauth' };

/** Whether the issuer says that a token is of this person. */
function knows(userinfo: string, ca: string, token: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(userinfo, { ca, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).once('error', reject);
  });
}

it('django-oauth-toolkit signs a person in, and renews the token each time', async () => {
  const folder = testFolder();
  const authority = makeAuthority();
  const redirectUri = 'http://127.0.0.1:8765/callback';
  const { issuer } = await startDjango(authority, folder, { ...PERSON, ...CLIENT, redirectUri });
  const imap = await startImapServer({
    leaf: authority.issue(),
    security: 'tls',
    messages: 2,
    verify: async (user, token) => user === PERSON.user && (await knows(`${issuer}/userinfo/`, authority.cert, token)),
  });
  onTestFinished(() => imap.close());
  const configDir = join(folder, 'config');
  mkdirSync(configDir, { mode: 0o700 });
  await makeKeyFile(join(folder, 'key'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  let pages: readonly string[] = [];
  const awaitRedirect: Interviewer['awaitRedirect'] = async ({ url }, signal) => {
    const fields = { username: PERSON.user, password: PERSON.password };
    pages = await signInByForms(url, authority.cert, { fields, button: ['allow', 'Authorize'] });
    return new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
  const env = { MAILAUTH_KEY_FILE: join(folder, 'key'), MAILAUTH_STORE: 'file' };
  const run = (...argv: readonly string[]) => mailauth(argv, { configDir, env, answers: { awaitRedirect } });
  const set = await run(
    ...[
      'setup',
      'custom',
      '--json',
      '--account',
      PERSON.user,
      '--issuer',
      issuer,
      '--ca',
      file('ca.pem', authority.cert),
    ],
    ...['--client-id', CLIENT.clientId, '--client-secret-file', file('secret', CLIENT.clientSecret)],
    ...['--scope', 'openid', '--scope', 'mail', '--no-smtp'],
    ...['--imap-host', 'localhost', '--imap-port', String(imap.port), '--imap-security', 'tls'],
  );
  expect(set.document(), set.stderr).toMatchObject({ ok: true, account: { address: PERSON.user } });
  expect(pages).toEqual([expect.stringContaining('Username'), expect.stringMatching(/Authorize mailauth/)]);
  const tokens: string[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const { code, stdout, stderr } = await run('token', 'custom', '--force-refresh');
    expect([code, stderr]).toEqual([0, '']);
    tokens.push(stdout);
  }
  expect(new Set(tokens).size).toBe(3);
  expect((await run('check', 'custom', '--json')).document()).toMatchObject({
    ok: true,
    accounts: [
      { checks: [{}, { id: 'client', status: 'ok' }, { id: 'signin', status: 'ok' }, { id: 'imap', messages: 2 }] },
    ],
  });
  // A secret that the issuer does not take changes nothing.
  const changed = await run('setup', PERSON.user, '--json', '--client-secret-file', file('other', 'another'));
  expect([changed.code, changed.document()]).toMatchObject([78, { who: 'you' }]);
  expect((await run('token', 'custom', '--force-refresh')).code).toBe(0);
  expect((await run('remove', 'custom', '--yes')).code).toBe(0);
});
