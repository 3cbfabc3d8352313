import { afterEach, describe, expect, test } from 'vitest';
import { MailauthError } from '../../src/explain/problem.js';
import { proveSmtp, sendTest } from '../../src/mail/smtp.js';
import { Secret } from '../../src/words/secret.js';
import { playScript } from '../servers/scripted-mail.js';
import { type SmtpServer, startSmtpServer } from '../servers/smtp-server.js';
import { LEAF, LONG_TOKEN, loginTo, saslString, TOKEN, USER } from './login-to.js';

let server: SmtpServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(security: 'tls' | 'starttls' = 'tls'): Promise<SmtpServer> {
  server = await startSmtpServer({
    leaf: LEAF,
    security,
    verify: async (user, token) => user === USER && (token === TOKEN || token === LONG_TOKEN),
  });
  return server;
}

describe.each(['tls', 'starttls'] as const)('proveSmtp over %s', (security) => {
  test('logs in with a good token and says what the server said', async () => {
    const { port } = await start(security);
    expect(await proveSmtp(loginTo({ port, security }))).toEqual({
      ok: true,
      value: { reply: '235 Authentication successful' },
    });
  });

  test('M23 says EHLO, AUTH and QUIT, and begins no mail', async () => {
    const { port, commands } = await start(security);
    await proveSmtp(loginTo({ port, security }));
    await expect.poll(() => commands.at(-1)).toBe('QUIT');
    expect(commands.filter((line) => !line.startsWith('EHLO'))).toEqual([
      ...(security === 'starttls' ? ['STARTTLS'] : []),
      'AUTH XOAUTH2',
      'QUIT',
    ]);
  });

  test('M15 tells the refusal and the decoded challenge of a bad token', async () => {
    const { port } = await start(security);
    expect(await proveSmtp(loginTo({ port, security }, { accessToken: new Secret('expired-token') }))).toEqual({
      ok: false,
      evidence: {
        where: 'smtp',
        stage: 'auth',
        host: 'localhost',
        port,
        status: 535,
        text: '535 Error: Username and Password not accepted',
        challenge: '{"status":"401","schemes":"bearer","scope":"mail"}',
      },
    });
  });
});

test('makes one attempt at a login, however it ends', async () => {
  const { port, commands } = await start();
  await proveSmtp(loginTo({ port }, { accessToken: new Secret('expired-token') }));
  expect(commands.filter((line) => line.startsWith('AUTH'))).toHaveLength(1);
});

describe('M22 the form of the login', () => {
  const opening = `
    !tls
    S: 220 mail.example.com ESMTP
    C: EHLO [127.0.0.1]
    S: 250-mail.example.com
    S: 250 AUTH LOGIN PLAIN XOAUTH2`;

  test('a token that fits the command line goes in one line', async () => {
    const script = await playScript(
      `${opening}\nC: AUTH XOAUTH2 ${saslString()}\nS: 235 2.7.0 Accepted\nC: QUIT\nS: 221 bye`,
      LEAF,
    );
    expect(await proveSmtp(loginTo(script))).toMatchObject({ ok: true });
    await script.played;
    await script.close();
  });

  test('a token as long as those of Exchange goes in a line of its own', async () => {
    const script = await playScript(
      `${opening}\nC: AUTH XOAUTH2\nS: 334 \nC: ${saslString(LONG_TOKEN)}\nS: 235 2.7.0 Accepted\nC: QUIT\nS: 221 bye`,
      LEAF,
    );
    expect(await proveSmtp(loginTo(script, { accessToken: new Secret(LONG_TOKEN) }))).toMatchObject({ ok: true });
    await script.played;
    await script.close();
  });
});

describe('sendTest', () => {
  test('sends one message from the account to the address', async () => {
    const { port, mails } = await start('starttls');
    const outcome = await sendTest(loginTo({ port, security: 'starttls' }), 'grace@example.org');
    expect(outcome).toMatchObject({ ok: true, value: { reply: expect.stringMatching(/^250/) } });
    expect(mails).toEqual([
      { from: USER, to: ['grace@example.org'], text: expect.stringContaining('Subject: mailauth test message') },
    ]);
  });

  test('tells the refusal of a sender as evidence of its own stage', async () => {
    const script = await playScript(
      `!tls
       S: 220 mail.example.com ESMTP
       C: EHLO [127.0.0.1]
       S: 250-mail.example.com
       S: 250 AUTH XOAUTH2
       C: AUTH XOAUTH2 *
       S: 235 2.7.0 Accepted
       C: MAIL FROM:<${USER}>
       S: 250 ok
       C: RCPT TO:<grace@example.org>
       S: 250 ok
       C: DATA
       S: 554 5.2.252 SendAsDenied; ada@example.com not allowed to send as boss@example.com`,
      LEAF,
    );
    expect(await sendTest(loginTo(script), 'grace@example.org')).toMatchObject({
      ok: false,
      evidence: { where: 'smtp', stage: 'response', status: 554, enhanced: '5.2.252' },
    });
    await script.close();
  });

  test.each(['grace@example.org\r\nRCPT TO:<eve@example.org>', 'a@b.example, c@d.example', 'nobody', ''])(
    'refuses %j as an address',
    async (to) => {
      await expect(async () => sendTest(loginTo({ port: 1 }), to)).rejects.toThrow(MailauthError);
    },
  );
});

test('M26 trusts a private authority only where it is given', async () => {
  const { port } = await start();
  const { trust: _given, ...withoutCa } = loginTo({ port });
  expect(await proveSmtp(withoutCa)).toMatchObject({
    ok: false,
    evidence: { stage: 'tls', error: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  });
  expect(await proveSmtp(loginTo({ port }))).toMatchObject({ ok: true });
});
