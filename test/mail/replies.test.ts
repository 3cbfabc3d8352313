import { afterEach, expect, test } from 'vitest';
import type { Evidence } from '../../src/explain/evidence.js';
import { proveImap } from '../../src/mail/imap.js';
import { proveSmtp } from '../../src/mail/smtp.js';
import { Secret } from '../../src/words/secret.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import { LEAF, LONG_TOKEN, loginTo } from './login-to.js';

/** The dialogues of the two providers, as public sources show them, and what is kept of each as evidence. */

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const GOOGLE_CHALLENGE = '{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const GMAIL_SMTP = `
  !tls
  S: 220 smtp.gmail.com ESMTP x1 - gsmtp
  C: EHLO [127.0.0.1]
  S: 250-smtp.gmail.com at your service, [203.0.113.5]
  S: 250-SIZE 35882577
  S: 250-8BITMIME
  S: 250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH
  S: 250-ENHANCEDSTATUSCODES
  S: 250 SMTPUTF8
  C: AUTH XOAUTH2 *`;

const GMAIL_IMAP = `
  !tls
  S: * OK Gimap ready for requests from 203.0.113.5 abc123
  C: $tag CAPABILITY
  S: * CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER
  S: $tag OK Thats all she wrote! abc123
  C: $tag ID ("name" "mailauth")
  S: * ID ("name" "GImap" "vendor" "Google, Inc.")
  S: $tag OK Success
  C: $tag AUTHENTICATE XOAUTH2 *`;

const EXCHANGE_SMTP = `
  S: 220 DM6PR0.outlook.office365.com Microsoft ESMTP MAIL Service ready at Mon, 23 Nov 2026 09:14:07 +0000
  C: EHLO [127.0.0.1]
  S: 250-DM6PR0.outlook.office365.com Hello [203.0.113.5]
  S: 250-SIZE 157286400
  S: 250-STARTTLS
  S: 250 SMTPUTF8
  C: STARTTLS
  S: 220 2.0.0 SMTP server ready
  !tls
  C: EHLO [127.0.0.1]
  S: 250-DM6PR0.outlook.office365.com Hello [203.0.113.5]
  S: 250-AUTH LOGIN XOAUTH2
  S: 250 SMTPUTF8
  C: AUTH XOAUTH2
  S: 334 
  C: *`;

const EXCHANGE_IMAP = `
  !tls
  S: * OK The Microsoft Exchange IMAP4 service is ready. [TQBX]
  C: $tag CAPABILITY
  S: * CAPABILITY IMAP4 IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+
  S: $tag OK CAPABILITY completed.
  C: $tag ID ("name" "mailauth")
  S: * ID ("name" "Microsoft.Exchange.Imap4.Imap4Server" "version" "15.20")
  S: $tag OK ID completed
  C: $tag AUTHENTICATE XOAUTH2 *`;

interface Reply {
  readonly name: string;
  readonly script: string;
  readonly evidence: Partial<Evidence>;
}

const smtpDisabled = (of: string) =>
  `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the ${of}. Visit https://aka.ms/smtp_auth_disabled for more information. [DM6PR0.namprd 2026-11-23T09:14:07.000Z 08DE]`;

const smtpReplies: readonly Reply[] = [
  {
    name: 'gmail: a token that is expired, without the mail scope, or of another account',
    script: `${GMAIL_SMTP}
      S: 334 ${base64(GOOGLE_CHALLENGE)}
      C: 
      S: 535-5.7.8 Username and Password not accepted. For more information, go to
      S: 535 5.7.8  https://support.google.com/mail/?p=BadCredentials x1 - gsmtp`,
    evidence: {
      stage: 'auth',
      status: 535,
      enhanced: '5.7.8',
      challenge: GOOGLE_CHALLENGE,
      text: '535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials x1 - gsmtp',
    },
  },
  {
    name: 'gmail: a temporary trouble',
    script: `${GMAIL_SMTP}\nS: 454 4.7.0 Cannot authenticate due to a temporary system problem. Try again later. x1 - gsmtp`,
    evidence: { stage: 'auth', status: 454, enhanced: '4.7.0' },
  },
  {
    name: 'gmail: too many logins',
    script: `${GMAIL_SMTP}\nS: 454 4.7.0 Too many login attempts, please try again later. x1 - gsmtp`,
    evidence: { stage: 'auth', status: 454, enhanced: '4.7.0', text: expect.stringContaining('Too many login') },
  },
  {
    name: 'gmail: M24 a 421 instead of a greeting',
    script: '!tls\nS: 421 4.7.0 Try again later, closing connection. x1 - gsmtp',
    evidence: { stage: 'greeting', status: 421, enhanced: '4.7.0' },
  },
  {
    name: 'gmail: a mechanism that is not known',
    script: `${GMAIL_SMTP}\nS: 504 5.7.4 Unrecognized authentication type. x1 - gsmtp`,
    evidence: { stage: 'auth', status: 504, enhanced: '5.7.4' },
  },
];

const exchangeSmtpReplies: readonly Reply[] = [
  {
    name: 'outlook: wrong audience, scope or user',
    script: '535 5.7.3 Authentication unsuccessful [DM6PR0.namprd 2026-11-23T09:14:07.000Z 08DE]',
    evidence: { stage: 'auth', status: 535, enhanced: '5.7.3' },
  },
  {
    name: 'outlook: SMTP AUTH is off for the organisation',
    script: smtpDisabled('Tenant'),
    evidence: { stage: 'auth', status: 535, enhanced: '5.7.139', text: smtpDisabled('Tenant') },
  },
  {
    name: 'outlook: SMTP AUTH is off for the mailbox',
    script: smtpDisabled('Mailbox'),
    evidence: { stage: 'auth', status: 535, enhanced: '5.7.139', text: smtpDisabled('Mailbox') },
  },
  {
    name: 'outlook: M24 too many connections',
    script: '432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending [DM6PR0]',
    evidence: { stage: 'auth', status: 432, enhanced: '4.3.2' },
  },
].map((reply) => ({ ...reply, script: `${EXCHANGE_SMTP}\nS: ${reply.script}` }) as Reply);

test.each([...smtpReplies, ...exchangeSmtpReplies])('smtp $name', async ({ script, evidence }) => {
  const exchange = script.startsWith(EXCHANGE_SMTP);
  server = await playScript(script, LEAF);
  const { port } = server;
  const login = exchange
    ? loginTo({ port, security: 'starttls' }, { accessToken: new Secret(LONG_TOKEN) })
    : loginTo({ port });
  expect(await proveSmtp(login)).toMatchObject({ ok: false, evidence: { where: 'smtp', ...evidence } });
  await server.played;
});

const imapReplies: readonly Reply[] = [
  {
    name: 'gmail: a token that is expired, without the mail scope, or of another account',
    script: `${GMAIL_IMAP}
      S: + ${base64(GOOGLE_CHALLENGE)}
      C: 
      S: $tag NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)`,
    evidence: {
      stage: 'auth',
      error: 'AUTHENTICATIONFAILED',
      challenge: GOOGLE_CHALLENGE,
      text: 'NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)',
    },
  },
  {
    name: 'gmail: IMAP is off for the domain',
    script: `${GMAIL_IMAP}\nS: $tag NO [ALERT] IMAP access is disabled for your domain. Please contact your domain administrator for questions about this feature. (Failure)`,
    evidence: { stage: 'auth', error: 'ALERT', text: expect.stringMatching(/^NO \[ALERT\] IMAP access is disabled/) },
  },
  {
    name: 'gmail: a web login is asked for, in an untagged line',
    script: `${GMAIL_IMAP}
      S: * NO [WEBALERT https://accounts.google.com/signin/continue?sarp=1] Web login required.
      S: $tag NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)`,
    evidence: { stage: 'auth', error: 'ALERT', text: expect.stringMatching(/^\* NO \[WEBALERT .*\nNO \[ALERT\] /s) },
  },
  {
    name: 'gmail: M24 too many connections',
    script: `${GMAIL_IMAP}\nS: $tag NO [ALERT] Too many simultaneous connections. (Failure)`,
    evidence: { stage: 'auth', error: 'ALERT' },
  },
  {
    name: 'gmail: a temporary trouble',
    script: `${GMAIL_IMAP}\nS: $tag NO [UNAVAILABLE] Temporary System Problem (Failure)`,
    evidence: { stage: 'auth', error: 'UNAVAILABLE' },
  },
  {
    name: 'gmail: M24 a goodbye instead of an answer',
    script: `${GMAIL_IMAP}\nS: * BYE Session expired, please login again.\n!close`,
    evidence: { stage: 'auth', error: 'BYE', text: '* BYE Session expired, please login again.' },
  },
  {
    name: 'gmail: M24 a goodbye instead of a greeting',
    script: '!tls\nS: * BYE Too many connections',
    evidence: { stage: 'greeting', error: 'BYE', text: '* BYE Too many connections' },
  },
  {
    name: 'outlook: wrong audience, scope or user, or IMAP off for a personal mailbox',
    script: `${EXCHANGE_IMAP}\nS: $tag NO AUTHENTICATE failed.`,
    evidence: { stage: 'auth', error: 'NO', text: 'NO AUTHENTICATE failed.' },
  },
  {
    name: 'outlook: M18 the token is taken and the mailbox is not there',
    script: `${EXCHANGE_IMAP}
      S: $tag OK AUTHENTICATE completed.
      C: $tag CAPABILITY
      S: * CAPABILITY IMAP4 IMAP4rev1 UIDPLUS MOVE ID UNSELECT CLIENTACCESSRULES NAMESPACE LITERAL+
      S: $tag OK CAPABILITY completed.
      C: $tag NAMESPACE
      S: $tag BAD User is authenticated but not connected.
      S: * BYE Connection closed. 14
      !close`,
    evidence: {
      stage: 'mailbox',
      error: 'BAD',
      text: expect.stringContaining('User is authenticated but not connected.'),
    },
  },
];

test.each(imapReplies)('imap $name', async ({ script, evidence }) => {
  server = await playScript(script, LEAF);
  expect(await proveImap(loginTo(server))).toMatchObject({ ok: false, evidence: { where: 'imap', ...evidence } });
  await server.played;
});
