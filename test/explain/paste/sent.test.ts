import { describe, expect, it } from 'vitest';
import { explainPaste } from '../../../src/explain/paste/paste.js';
import { pasteProviders } from '../../../src/providers/words.js';

const explained = async (text: string) => await explainPaste(text, pasteProviders);
const told = async (text: string): Promise<string> => {
  const { message, fix } = await explained(text);
  return [message, ...fix.map((one) => one.text)].join('\n');
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const jwt = (claims: object): string => `${base64('{"typ":"JWT"}')}.${base64(JSON.stringify(claims))}.c2ln`;
const sasl = (user: string, token: string): string => base64(`user=${user}\u0001auth=Bearer ${token}\u0001\u0001`);

describe('what was sent', () => {
  it.each([
    ['535-5.7.8 Username and Password not accepted. gsmtp\n"command": "AUTH PLAIN"', 'token_refused'],
    [
      'Error login on [imap.gmail.com] auth [LOGIN]: 2 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)',
      'token_refused',
    ],
    [
      'C: AUTH LOGIN\nS: 334 UGFzc3dvcmQ6\nS: 535 5.7.3 Authentication unsuccessful [X.PROD.OUTLOOK.COM]',
      'policy_blocked',
    ],
    [
      'a1 LOGIN "a@yahoo.com" "xxx"\na1 NO [AUTHENTICATIONFAILED] LOGIN Invalid credentials (imap.mail.yahoo.com)',
      'token_refused',
    ],
  ])('was a password, and nothing is said of a token that nobody sent: %s', async (text, code) => {
    expect(await explained(text)).toMatchObject({ code, rule: 'password-sent' });
    expect(await told(text)).toMatch(/password/);
    expect(await told(text)).not.toMatch(/fresh|belongs to another/);
  });

  it.each([
    `C: AUTH XOAUTH2 ${sasl('a@gmail.com', 'undefined')}\nS: 535-5.7.8 Username and Password not accepted gsmtp`,
    `C: AUTH XOAUTH2 ${sasl('a@gmail.com', '')}\nS: 535-5.7.8 Username and Password not accepted gsmtp`,
    `AUTH PLAIN ${base64('\0undefined\0undefined')}\n535-5.7.8 Username and Password not accepted. gsmtp`,
  ])('was nothing: %s', async (text) => {
    expect(await explained(text)).toMatchObject({ code: 'token_refused', rule: 'login-sent-empty' });
  });

  it('was a text that no server can read', async () => {
    expect((await explained('xm001 NO Invalid SASL argument. gmail')).rule).toBe('login-sent-malformed');
  });

  it('was a token past its hour', async () => {
    const claims = { aud: 'https://outlook.office.com', exp: Date.UTC(2026, 0, 1) / 1000, upn: 'a@example.com' };
    const log = `2026-01-05T10:00:00Z C: AUTHENTICATE XOAUTH2 ${sasl('a@example.com', jwt(claims))}\nS: A1 NO AUTHENTICATE failed.`;
    expect((await explained(log)).rule).toBe('token-sent-expired');
  });

  it('was a token of somebody else, who is named', async () => {
    const claims = { aud: 'https://outlook.office.com', exp: 2e9, upn: 'other@example.com' };
    const log = `C: AUTHENTICATE XOAUTH2 ${sasl('shared@example.com', jwt(claims))}\nS: A1 NO AUTHENTICATE failed. (outlook)`;
    expect((await explained(log)).rule).toBe('token-sent-for-another');
    expect(await told(log)).toContain('other@example.com');
  });

  it('was a token for another service, which is named', async () => {
    const claims = { aud: 'https://graph.microsoft.com', exp: 2e9, upn: 'a@example.com' };
    const log = `C: AUTHENTICATE XOAUTH2 ${sasl('a@example.com', jwt(claims))}\nS: A1 NO AUTHENTICATE failed. (outlook)`;
    expect((await explained(log)).rule).toBe('token-sent-for-another-service');
    expect(await told(log)).toContain('Microsoft Graph');
  });

  it('is what a proxy sent on, not what it took from its program', async () => {
    const taken = '--> a1 AUTHENTICATE PLAIN\n';
    const sentOn = '--> a1 AUTHENTICATE XOAUTH2\n';
    expect((await explained(`${taken}${sentOn}<-- a1 NO AUTHENTICATE failed.`)).rule).not.toBe('password-sent');
    expect((await explained(`${sentOn}${taken}<-- a1 NO AUTHENTICATE failed.`)).rule).toBe('password-sent');
  });

  it('is never repeated', async () => {
    const secret = 'hunter2-and-more';
    const texts = [
      `AUTH PLAIN ${base64(`\0a@gmail.com\0${secret}`)}\n535-5.7.8 Username and Password not accepted. gsmtp`,
      `a1 LOGIN "a@gmail.com" "${secret}"\na1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)`,
      `PASS ${secret}\n-ERR [AUTH] Username and password not accepted.`,
      `what is password=${secret}`,
    ];
    for (const text of texts) {
      const shown = JSON.stringify(await explained(text));
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(base64(`\0a@gmail.com\0${secret}`).replace(/=+$/, ''));
    }
  });
});

describe('the words of an explanation', () => {
  it.each([
    [
      'msmtp: authentication failed (method PLAIN)\nmsmtp: server message: 535-5.7.8 Username and Password not accepted gsmtp',
      'msmtp',
      /passwordeval/,
    ],
    [
      'mbsync: Error: SASL(-13): authentication failure: server rejected XOAUTH2 AUTHENTICATIONFAILED a1 NO [AUTHENTICATIONFAILED]',
      'mbsync',
      /AuthMechs XOAUTH2/,
    ],
    ['[GLPI] Access token does not provide a refresh token', 'GLPI', /create the authorization again/],
    ['Error: Invalid login: 535-5.7.8 Username and Password not accepted gsmtp', 'Nodemailer', /type: 'OAuth2'/],
  ])('name the setting of the program that shows them: %s', async (text, program, setting) => {
    expect((await explained(text)).program).toBe(program);
    expect(await told(text)).toMatch(setting);
  });

  it('speak of no server that is not shown, and leave nothing to be filled in', async () => {
    const texts = [
      'CERTIFICATE_VERIFY_FAILED: self signed certificate in certificate chain',
      'Connection refused',
      'AADSTS50011',
      'invalid_client',
    ];
    for (const text of texts) {
      expect(await told(text)).not.toMatch(/IMAP server|SMTP server|\{[a-z-]+\}|<[a-z-]+>/);
      expect((await explained(text)).fix.flatMap(({ command }) => command ?? []).join()).not.toMatch(/<name>|\{/);
    }
  });

  it.each([
    'FetchError: request to https://oauth2.example.com/token failed, reason: connect ETIMEDOUT 192.0.2.1:443',
    'curl: (28) Failed to connect to login.example.com port 443: Connection timed out',
    'TypeError: fetch failed\n    at node:internal/deps/undici/undici:1:1\n  [cause]: Error: connect ETIMEDOUT 192.0.2.1',
    'Error: connect ETIMEDOUT 192.0.2.1:443\n    at request (/app/node_modules/gaxios/build/src/gaxios.js:143:19)',
  ])('speak of no mail server where a sign-in server is asked: %s', async (text) => {
    expect((await explained(text)).code).toBe('connect_timeout');
    expect(await told(text)).not.toMatch(/mail|IMAP|SMTP/);
  });

  it.each([
    'SMTP login of user@email.com with a password: 535 5.7.0 not your login or password',
    '535 5.7.0 wrong password (queued as 8bgmxq2)',
    'LOGIN a b: 535 5.7.0 wrong password from host.web.debug.example.com',
  ])('name no provider whose name is only part of another word: %s', async (text) => {
    expect(await told(text)).not.toMatch(/GMX|Mail\.ru|Yandex/);
  });

  it('name the server that no name server knows', async () => {
    expect(await told('getaddrinfo ENOTFOUND imap.exmaple.com')).toContain('imap.exmaple.com');
  });

  it('name only what the text is about: sending, or reading', async () => {
    const reading = 'imaplib.IMAP4.error: b"AUTHENTICATE failed." imap outlook.office365.com LOGIN';
    const sending = "smtplib.SMTPAuthenticationError: (535, b'5.7.3 Authentication unsuccessful [X.PROD.OUTLOOK.COM]')";
    expect(await told(reading)).not.toMatch(/smtp/i);
    expect(await told(sending)).not.toMatch(/imap/i);
  });

  it('end with no colon and no "this shows" where no command of ours follows', async () => {
    expect(
      await told('530 5.7.57 SMTP; Client was not authenticated to send anonymous mail [X.PROD.OUTLOOK.COM]'),
    ).not.toMatch(/this shows/);
  });

  it('name mailauth as one way, with a command that leads on', async () => {
    const commands = (
      await explained('{"error":"invalid_grant","error_description":"Bad Request"} googleapis')
    ).fix.flatMap(({ command }) => command ?? []);
    expect(commands).toEqual(['mailauth setup gmail']);
  });

  it.each([
    "smtplib.SMTPAuthenticationError: (535, b'Login fail. service.mail.qq.com')",
    'nodemailer Invalid login: 535 authentication failed, smtp.mail.me.com',
    'imaplib.error: LOGIN => NO [AUTHENTICATIONFAILED] imap.gmx.net',
  ])('offer no OAuth where the provider has none for programs: %s', async (text) => {
    const { code, fix } = await explained(text);
    expect(code).toBe('token_refused');
    expect(fix.map((one) => `${one.text} ${one.command ?? ''}`).join('\n')).not.toMatch(/OAuth|mailauth/i);
  });

  it('tell every cause that is there, in the order of its line', async () => {
    const { code, also } = await explained(
      'getaddrinfo ENOTFOUND smtp.gmail.com\nsomething else\nAADSTS7000222: The provided client secret keys are expired.',
    );
    expect([code, ...(also ?? []).map((one) => one.code)].sort()).toEqual(['client_secret_expired', 'dns_failed']);
  });

  it.each(['HTTP Error 400: Bad Request', 'email-oauth2-proxy: HTTP 404', 'connected to smtp.gmail.com:587'])(
    'are no guess from a status, a host or a program’s name: %s',
    async (text) => {
      const { code, fix } = await explained(text);
      expect(code).toBe('unknown');
      expect(fix[0]?.text).toMatch(/paste/);
    },
  );
});
