import { afterEach, describe, expect, it, vi } from 'vitest';
import { explain } from '../../src/explain/explain.js';
import { proveImap } from '../../src/mail/imap.js';
import { oauthbearer } from '../../src/mail/sasl.js';
import { proveSmtp } from '../../src/mail/smtp.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import { LEAF, loginTo } from './login-to.js';

vi.mock('node:dns/promises', async (original) => ({
  ...(await original<typeof import('node:dns/promises')>()),
  lookup: vi.fn(async () => [{ address: '127.0.0.1', family: 4 }]),
}));

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function play(script: string) {
  server = await playScript(script, LEAF);
  return loginTo({ port: server.port });
}

const CHALLENGE = Buffer.from('{"status":"invalid_token","schemes":"bearer"}').toString('base64');
const smtpOffering = (mechanisms: string) => `
  !tls
  S: 220 mail.example.com ESMTP
  C: EHLO [127.0.0.1]
  S: 250-mail.example.com
  S: 250 AUTH ${mechanisms}`;
const imapOffering = (capabilities: string) => `
  !tls
  S: * OK ready
  C: $tag CAPABILITY
  S: * CAPABILITY IMAP4rev1 SASL-IR ${capabilities}
  S: $tag OK done`;

describe('E the mechanism is the one the server offers', () => {
  it('OAUTHBEARER over SMTP, with host and port of the connection (RFC 7628 section 3.1)', async () => {
    const login = await play(`${smtpOffering('PLAIN OAUTHBEARER')}
      C: AUTH OAUTHBEARER *
      S: 235 2.7.0 Accepted
      C: QUIT
      S: 221 bye`);
    expect(await proveSmtp(login)).toMatchObject({ ok: true });
    const sent = server?.secured.find((line) => line.startsWith('AUTH')) ?? '';
    expect(sent).toBe(`AUTH OAUTHBEARER ${oauthbearer(login.user, login.accessToken, login.server).reveal()}`);
  });

  it('XOAUTH2 first, where both are offered', async () => {
    const login = await play(`${smtpOffering('OAUTHBEARER XOAUTH2')}
      C: AUTH XOAUTH2 *
      S: 235 2.7.0 Accepted
      C: QUIT
      S: 221 bye`);
    expect(await proveSmtp(login)).toMatchObject({ ok: true });
  });

  it('the list of an older server, with an equals sign, is read too', async () => {
    const login = await play(`
      !tls
      S: 220 mail.example.com ESMTP
      C: EHLO [127.0.0.1]
      S: 250-mail.example.com
      S: 250 AUTH=LOGIN XOAUTH2
      C: AUTH XOAUTH2 *
      S: 235 2.7.0 Accepted
      C: QUIT
      S: 221 bye`);
    expect(await proveSmtp(login)).toMatchObject({ ok: true });
  });

  it('its error challenge is answered with a lone ^A (section 3.2.3), and kept', async () => {
    const login = await play(`${smtpOffering('OAUTHBEARER')}
      C: AUTH OAUTHBEARER *
      S: 334 ${CHALLENGE}
      C: AQ==
      S: 535 5.7.8 authentication failed`);
    const outcome = await proveSmtp(login);
    expect(outcome).toMatchObject({ ok: false, evidence: { stage: 'auth', status: 535 } });
    expect(!outcome.ok && outcome.evidence.challenge).toContain('invalid_token');
  });

  it('OAUTHBEARER over IMAP, refused with a challenge', async () => {
    const login = await play(`${imapOffering('AUTH=OAUTHBEARER')}
      C: $tag AUTHENTICATE OAUTHBEARER *
      S: + ${CHALLENGE}
      C: AQ==
      S: $tag NO [AUTHENTICATIONFAILED] no`);
    const outcome = await proveImap(login);
    expect(outcome).toMatchObject({ ok: false, evidence: { stage: 'auth', error: 'AUTHENTICATIONFAILED' } });
    expect(!outcome.ok && outcome.evidence.challenge).toContain('invalid_token');
    expect(JSON.stringify(outcome)).not.toContain(login.accessToken.reveal());
  });

  it('neither is told with what there is', async () => {
    const login = await play(smtpOffering('PLAIN LOGIN'));
    const outcome = await proveSmtp(login);
    expect(outcome).toMatchObject({
      ok: false,
      evidence: { error: 'MECHANISM_NOT_OFFERED', text: 'the server offers PLAIN, LOGIN' },
    });
  });
});

describe('E what was really answered is what is told', () => {
  const explained = async (outcome: Awaited<ReturnType<typeof proveImap | typeof proveSmtp>>) => {
    if (outcome.ok) throw new Error('the login was accepted');
    return await explain(outcome.evidence, { answers: {} });
  };

  it('BAD to AUTHENTICATE: the command was not understood, and nothing is said of the token', async () => {
    const login = await play(`${imapOffering('AUTH=XOAUTH2')}
      C: $tag AUTHENTICATE XOAUTH2 *
      S: $tag BAD invalid command`);
    expect(await explained(await proveImap(login))).toMatchObject({
      code: 'mechanism_not_offered',
      rule: 'imap-authenticate-not-known',
    });
  });

  it('a referral names another server (RFC 2221)', async () => {
    const login = await play(`${imapOffering('AUTH=XOAUTH2')}
      C: $tag AUTHENTICATE XOAUTH2 *
      S: $tag NO [REFERRAL IMAP://jo;AUTH=*@imap2.example.com/] Specified user is invalid on this server`);
    const problem = await explained(await proveImap(login));
    expect(problem).toMatchObject({ code: 'mailbox_mismatch', rule: 'imap-referral' });
    expect(problem.server).toContain('imap2.example.com');
  });

  it.each(['550 5.7.1 Helo command rejected', '501 5.5.4 HELO/EHLO argument invalid', '554 5.7.1 no'])(
    'EHLO answered %s under TLS: no HELO follows, and no login is judged',
    async (reply) => {
      const login = await play(`
        !tls
        S: 220 mail.example.com ESMTP
        C: EHLO [127.0.0.1]
        S: ${reply}`);
      expect(await explained(await proveSmtp(login))).toMatchObject({
        code: 'policy_blocked',
        rule: 'smtp-ehlo-refused',
      });
    },
  );
});

describe('E a host with letters beyond ASCII', () => {
  it('is the one whose certificate spells it xn--', async () => {
    const login = await play(`${smtpOffering('XOAUTH2')}
      C: AUTH XOAUTH2 *
      S: 235 2.7.0 Accepted
      C: QUIT
      S: 221 bye`);
    const outcome = await proveSmtp({ ...login, server: { ...login.server, host: 'bücher.localhost' } });
    // The certificate here is for localhost: that the names were compared in one spelling is what counts.
    expect(outcome).toMatchObject({ ok: false, evidence: { stage: 'tls', host: 'xn--bcher-kva.localhost' } });
    expect(!outcome.ok && outcome.evidence.text).toContain('xn--bcher-kva.localhost');
  });
});
