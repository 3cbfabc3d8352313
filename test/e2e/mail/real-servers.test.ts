import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Security } from '../../../src/account/account.js';
import { proveImap } from '../../../src/mail/imap.js';
import type { MailLogin } from '../../../src/mail/login.js';
import { provePop } from '../../../src/mail/pop.js';
import { proveSmtp, sendTest } from '../../../src/mail/smtp.js';
import { trusting } from '../../../src/system/trust.js';
import { Secret } from '../../../src/words/secret.js';
import { type AuthorizationServer, startAuthorizationServer } from '../../servers/authorization-server.js';
import { makeAuthority } from '../../servers/certificates.js';
import { type Dovecot, startDovecot } from '../../servers/dovecot.js';
import { type Postfix, startPostfix } from '../../servers/postfix.js';

/** Real mail servers, each token checked by introspection at an authorization server that issued it. */

const ADA = 'ada@example.com';
const authority = makeAuthority();

let authorization: AuthorizationServer;
let dovecot: Dovecot;
let postfix: Postfix;

beforeAll(async () => {
  authorization = await startAuthorizationServer({ layout: 'google', authority });
  dovecot = await startDovecot({
    authority,
    introspectionUrl: authorization.introspectionUrl,
    scope: 'https://mail.google.com/',
  });
  postfix = await startPostfix({ authority, dovecot });
}, 60_000);

afterAll(async () => {
  await postfix?.stop();
  await dovecot?.stop();
  await authorization?.stop();
}, 30_000);

function loginTo(port: number, security: Security, token: string, user = ADA): MailLogin {
  return {
    server: { host: 'localhost', port, security },
    user,
    accessToken: new Secret(token),
    trust: trusting([authority.cert]),
    deadline: 20_000,
  };
}

const SERVERS = [
  { name: 'Dovecot IMAP', security: 'tls', port: () => dovecot.imaps, prove: proveImap },
  { name: 'Dovecot IMAP', security: 'starttls', port: () => dovecot.imap, prove: proveImap },
  { name: 'Dovecot POP', security: 'tls', port: () => dovecot.pops, prove: provePop },
  { name: 'Dovecot POP', security: 'starttls', port: () => dovecot.pop, prove: provePop },
  { name: 'Dovecot submission', security: 'tls', port: () => dovecot.submissions, prove: proveSmtp },
  { name: 'Dovecot submission', security: 'starttls', port: () => dovecot.submission, prove: proveSmtp },
  { name: 'Postfix', security: 'tls', port: () => postfix.submissions, prove: proveSmtp },
  { name: 'Postfix', security: 'starttls', port: () => postfix.submission, prove: proveSmtp },
] as const;

const TOKENS: Readonly<Record<string, () => Promise<string>>> = {
  'that is garbage': async () => 'ya29.no-such-token-was-ever-issued',
  'that is garbage as long as a token of Exchange': async () => `EwB${'x'.repeat(1_800)}`,
  'that has expired': async () => {
    const token = await authorization.mint(ADA, { ttl: 1 });
    await sleep(1_500);
    return token;
  },
  'that was revoked': async () => {
    const token = await authorization.mint(ADA);
    authorization.revokeSignIn(ADA);
    return token;
  },
  'of somebody else': () => authorization.mint('eve@example.com'),
  'without the mail scope': () => authorization.mint(ADA, { scope: 'openid email' }),
};

describe.each(SERVERS)('$name over $security', ({ security, port, prove }) => {
  test('lets in a good token', async () => {
    expect(await prove(loginTo(port(), security, await authorization.mint(ADA)))).toMatchObject({ ok: true });
  });

  test.each(Object.keys(TOKENS))('refuses a token %s, with its reason', async (kind) => {
    const token = (await TOKENS[kind]?.()) ?? '';
    const outcome = await prove(loginTo(port(), security, token));
    expect(outcome).toMatchObject({
      ok: false,
      evidence: {
        stage: 'auth',
        text: expect.stringMatching(/authentication failed/i),
        challenge: expect.stringContaining('"status":"401"'),
      },
    });
    expect(JSON.stringify(outcome)).not.toContain(token);
  });
});

test('IMAP counts the messages of an empty mailbox', async () => {
  const outcome = await proveImap(loginTo(dovecot.imaps, 'tls', await authorization.mint(ADA)));
  expect(outcome).toEqual({ ok: true, value: { messages: 0 } });
});

test('POP counts the messages of an empty mailbox, and leaves a mailbox as it was', async () => {
  const outcome = await provePop(loginTo(dovecot.pops, 'tls', await authorization.mint(ADA)));
  expect(outcome).toEqual({ ok: true, value: { messages: 0 } });
  await expect.poll(() => dovecot.log()).toMatch(/pop3.*Disconnected: Logged out .*del=0\/0/);
});

test('a refused login is one attempt, as the server counts', async () => {
  const before = (await dovecot.log()).length;
  await proveSmtp(loginTo(dovecot.submissions, 'tls', 'ya29.no-such-token-was-ever-issued'));
  await expect.poll(async () => (await dovecot.log()).slice(before)).toMatch(/auth failed, 1 attempts/);
});

test('the test message arrives', async () => {
  const token = await authorization.mint(ADA);
  expect(await sendTest(loginTo(postfix.submission, 'starttls', token), 'grace@example.org')).toMatchObject({
    ok: true,
  });
  await expect.poll(() => postfix.log()).toMatch(/to=<grace@example\.org>.*status=sent/);
});

test('an authorization server that is down is a temporary refusal', async () => {
  authorization.circumstances.answer = (_request, response) => {
    response.writeHead(503).end();
    return true;
  };
  const login = (port: number) => loginTo(port, 'tls', 'ya29.some-token-that-cannot-be-checked');
  const [imap, smtp] = await Promise.all([proveImap(login(dovecot.imaps)), proveSmtp(login(dovecot.submissions))]);
  authorization.circumstances.answer = undefined;
  expect(imap).toMatchObject({ ok: false, evidence: { stage: 'auth', error: 'UNAVAILABLE' } });
  expect(smtp).toMatchObject({ ok: false, evidence: { stage: 'auth', status: 454, enhanced: '4.7.0' } });
});
