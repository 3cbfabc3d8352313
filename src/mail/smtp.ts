import type { Socket } from 'node:net';
import SmtpTransport, { type SMTPTransportOptions } from 'nodemailer/lib/smtp-transport';
import type { Outcome } from '../explain/outcome.js';
import { MailauthError } from '../explain/problem.js';
import { converse } from './conversation.js';
import { authenticate, mechanismIn } from './exchange.js';
import type { MailLogin } from './login.js';
import { mechanismsIn, SMTP_AUTH } from './smtp-login.js';
import type { MailStream } from './stream.js';
import { type ConversationState, EHLO_NAME, SMTP } from './syntax.js';

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
  return converse(SMTP, login, async (stream, state) => {
    const accepted = { reply: '' };
    const options = optionsFor(login, stream, state, (reply) => {
      accepted.reply = reply;
    });
    await new SmtpTransport(options).verify();
    return accepted;
  });
}

/** Sends one small plain message from the account to `to`, over a login like that of `proveSmtp`. */
export function sendTest(login: MailLogin, to: string): Promise<Outcome<{ readonly reply: string }>> {
  if (!/^[^\s<>,;:"()\\\x00-\x1f]+@[^\s<>,;:"()\\\x00-\x1f]+$/.test(to)) {
    throw new MailauthError('bad_input', 'the address for the test message is not one mail address');
  }
  return converse(SMTP, login, async (stream, state) => {
    // Composing a message is most of the library, and a login needs none of it.
    const { createTransport } = await import('nodemailer');
    const sent = await createTransport(optionsFor(login, stream, state, () => {})).sendMail({
      from: login.user,
      to,
      subject: 'mailauth test message',
      text: 'mailauth sent this message to show that this account can send mail with OAuth2.\n',
      xMailer: false,
    });
    return { reply: sent.response };
  });
}

function optionsFor(
  login: MailLogin,
  stream: MailStream,
  state: ConversationState,
  onAccepted: (reply: string) => void,
): SMTPTransportOptions {
  const { host, port } = login.server;
  return {
    host,
    port,
    name: EHLO_NAME,
    // The stream is a Duplex with the few methods of a socket that the library calls.
    connection: stream as unknown as Socket,
    secure: true,
    secured: true,
    // The stream keeps the deadlines of the stages; these only must not be shorter.
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
          const mechanism = mechanismIn(mechanismsIn(state.heard));
          const send = async (line: string) => (await sendCommand(line)).response;
          onAccepted(await authenticate(login, mechanism, SMTP_AUTH, send));
        } catch (error) {
          stream.abandon(error as Error);
          throw new Error('abandoned');
        }
      },
    },
  };
}
