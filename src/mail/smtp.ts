import type { Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Outcome } from '../explain/outcome.js';
import { MailauthError } from '../explain/problem.js';
import { converse } from './conversation.js';
import { type Course, EHLO_NAME, SMTP } from './dialect.js';
import { mechanismMissing } from './evidence.js';
import type { MailLogin } from './login.js';
import { MECHANISMS } from './sasl.js';
import { authenticate, mechanismsIn } from './smtp-login.js';
import type { Wire } from './wire.js';

/**
 * The name nodemailer knows our login by. It must be one that no server offers: for a name of its own the library
 * prefers its own way, and for `XOAUTH2` without its own token source even another mechanism.
 */
const LOGIN = 'MAILAUTH-TOKEN';

/**
 * Logs in over SMTP with a token and ends after the answer: no mail is begun. One attempt, never repeated.
 * @returns the server's last line, such as `235 2.7.0 Accepted`
 */
export function proveSmtp(login: MailLogin): Promise<Outcome<{ readonly reply: string }>> {
  return converse(SMTP, login, async (wire, course) => {
    const accepted = { reply: '' };
    await transport(login, wire, course, (reply) => {
      accepted.reply = reply;
    }).verify();
    return accepted;
  });
}

/** Sends one small plain message from the account to `to`, over a login like that of `proveSmtp`. */
export function sendTest(login: MailLogin, to: string): Promise<Outcome<{ readonly reply: string }>> {
  if (!/^[^\s<>,;:"()\\\x00-\x1f]+@[^\s<>,;:"()\\\x00-\x1f]+$/.test(to)) {
    throw new MailauthError('bad_input', 'the address for the test message is not one mail address');
  }
  return converse(SMTP, login, async (wire, course) => {
    const sent = await transport(login, wire, course, () => {}).sendMail({
      from: login.user,
      to,
      subject: 'mailauth test message',
      text: 'mailauth sent this message to show that this account can send mail with OAuth2.\n',
      xMailer: false,
    });
    return { reply: sent.response };
  });
}

function transport(login: MailLogin, wire: Wire, course: Course, onAccepted: (reply: string) => void) {
  const { host, port } = login.server;
  return createTransport({
    host,
    port,
    name: EHLO_NAME,
    // The wire is a Duplex with the few methods of a socket that the library calls.
    connection: wire as unknown as Socket,
    secure: true,
    secured: true,
    // The wire keeps the deadlines of the stages; these only must not be shorter.
    connectionTimeout: login.deadline,
    greetingTimeout: login.deadline,
    socketTimeout: login.deadline,
    disableFileAccess: true,
    disableUrlAccess: true,
    // Without this a server that announces no AUTH at all would count as proved.
    forceAuth: true,
    auth: { type: 'custom', method: LOGIN, user: login.user, pass: LOGIN },
    customAuth: {
      [LOGIN]: async ({ sendCommand }) => {
        try {
          const offered = mechanismsIn(course.heard);
          const mechanism = MECHANISMS.find(({ name }) => offered.includes(name));
          if (mechanism === undefined) throw mechanismMissing(offered);
          onAccepted(await authenticate(login, mechanism, async (line) => (await sendCommand(line)).response));
        } catch (error) {
          wire.abandon(error as Error);
          throw new Error('abandoned');
        }
      },
    },
  });
}
