/** `custom` with authorization servers that Debian has: from the set-up to the renewed token, as an administrator has it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Interviewer } from '../../../src/flows/interviewer.js';
import { makeKeyFile } from '../../../src/store/file/key.js';
import { mailauth } from '../../cli/in-process.js';
import { type Authority, makeAuthority } from '../../servers/certificates.js';
import { signInByForms } from '../../servers/form-browser.js';
import { startGlewlwyd } from '../../servers/glewlwyd.js';
import { startImapServer } from '../../servers/imap-server.js';
import { type Registered, startIssuer } from '../../servers/packaged-issuer.js';
import { testFolder } from '../../store/folder.js';

const CLIENT = {
  ...{ clientId: 'the-mail-client', clientSecret: 'the secret+of/mailauth' },
  redirectUri: 'http://127.0.0.1:8765/callback',
};
const ANN: Registered = { ...CLIENT, user: 'ann@example.org', password: 'the-password-of-ann' };
/** One of the accounts that LemonLDAP::NG demonstrates itself with. */
const DWHO: Registered = { ...CLIENT, user: 'dwho@badwolf.org', password: 'dwho' };

/** What is asked of an issuer here. */
interface Walk {
  readonly issuer: string;
  readonly userinfo: string;
  readonly given: Registered;
  readonly scopes: readonly string[];
  /** A person who opens the address, and signs in there. */
  signIn(url: string): Promise<unknown>;
}

interface Place {
  readonly folder: string;
  readonly authority: Authority;
}

function makePlace(): Place {
  const folder = testFolder();
  mkdirSync(join(folder, 'config'), { mode: 0o700 });
  return { folder, authority: makeAuthority() };
}

/** Whether the issuer says that a token is of a person it knows. */
function knows(userinfo: string, ca: string, token: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(userinfo, { ca, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).once('error', reject);
  });
}

/** Sets the mailbox up, renews its token three times, checks it, and removes it. */
async function walk({ folder, authority }: Place, { issuer, userinfo, given, scopes, signIn }: Walk): Promise<void> {
  const imap = await startImapServer({
    leaf: authority.issue(),
    security: 'tls',
    messages: 2,
    verify: async (user, token) => user === given.user && (await knows(userinfo, authority.cert, token)),
  });
  onTestFinished(() => imap.close());
  await makeKeyFile(join(folder, 'key'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const awaitRedirect: Interviewer['awaitRedirect'] = async ({ url }, signal) => {
    await signIn(url);
    return new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
  const env = { MAILAUTH_KEY_FILE: join(folder, 'key'), MAILAUTH_STORE: 'file' };
  const run = (...argv: readonly string[]) =>
    mailauth(argv, { configDir: join(folder, 'config'), env, answers: { awaitRedirect } });
  const set = await run(
    ...['setup', 'custom', '--json', '--account', given.user, '--issuer', issuer],
    ...['--ca', file('ca.pem', authority.cert), ...scopes.flatMap((scope) => ['--scope', scope])],
    ...['--client-id', given.clientId, '--client-secret-file', file('secret', given.clientSecret)],
    ...['--no-smtp', '--imap-host', 'localhost', '--imap-port', String(imap.port), '--imap-security', 'tls'],
  );
  expect(set.document(), set.stderr).toMatchObject({ ok: true, account: { address: given.user } });
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
  const changed = await run('setup', given.user, '--json', '--client-secret-file', file('other', 'another'));
  expect([changed.code, changed.document()], changed.stdout).toMatchObject([78, { who: 'you' }]);
  expect((await run('token', 'custom', '--force-refresh')).code).toBe(0);
  expect((await run('remove', 'custom', '--yes')).code).toBe(0);
}

it('django-oauth-toolkit signs a person in, and renews the token each time', async () => {
  const place = makePlace();
  const issuer = await startIssuer('django-oauth-toolkit', place.authority, place.folder, ANN);
  let pages: readonly string[] = [];
  await walk(place, {
    ...{ issuer, userinfo: `${issuer}/userinfo/`, given: ANN, scopes: ['openid', 'mail'] },
    async signIn(url) {
      const fields = { username: ANN.user, password: ANN.password };
      pages = await signInByForms(url, place.authority.cert, { fields, button: ['allow', 'Authorize'] });
    },
  });
  expect(pages).toEqual([expect.stringContaining('Username'), expect.stringMatching(/Authorize mailauth/)]);
});

it('LemonLDAP::NG signs a person in, and renews the token each time', async () => {
  const place = makePlace();
  const issuer = await startIssuer('LemonLDAP::NG', place.authority, place.folder, DWHO);
  let pages: readonly string[] = [];
  await walk(place, {
    ...{ issuer, userinfo: `${issuer}/oauth2/userinfo`, given: DWHO, scopes: ['openid', 'email', 'offline_access'] },
    async signIn(url) {
      const fields = { user: 'dwho', password: DWHO.password };
      pages = await signInByForms(url, place.authority.cert, { fields, button: ['confirm', '1'] });
    },
  });
  expect(pages).toEqual([expect.stringContaining('Connect'), expect.stringContaining('Accept Refuse')]);
});

it('glewlwyd signs a person in, and renews the token each time', async () => {
  const place = makePlace();
  const { issuer, signIn } = await startGlewlwyd(place.authority, place.folder, ANN);
  let asked = '';
  await walk(place, {
    ...{ issuer, userinfo: `${issuer}/userinfo`, given: ANN, scopes: ['openid', 'mail'] },
    async signIn(url) {
      asked = await signIn(url);
    },
  });
  expect(asked).toBe('openid mail');
});
