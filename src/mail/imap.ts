import { randomBytes } from 'node:crypto';
import type { Outcome } from '../explain/outcome.js';
import { converse } from './conversation.js';
import { failure } from './evidence.js';
import { inLines, mechanismIn } from './exchange.js';
import type { MailLogin } from './login.js';
import { CONTINUATIONS } from './sasl.js';
import { IMAP } from './syntax.js';

/** Octets of a command line a server must take (RFC 7162 section 4); a longer token goes in a line of its own. */
const COMMAND_LINE = 8192;
/** Octets around the token: tag, `AUTHENTICATE OAUTHBEARER` and CRLF, with some to spare. */
const AUTHENTICATE = 64;

/** Sends a line and gives the lines of the reply, up to the one that `ends` it. */
export type AskLines = (line: string, ends: RegExp) => Promise<readonly string[]>;

/** The little of IMAP (RFC 9051) that a login needs. */
export interface ImapTalk {
  /** Sends a command and gives the lines of its reply. */
  command(text: string): Promise<readonly string[]>;
  /** What the server offers, asked for. @throws failure `CAPABILITY_REFUSED` */
  capabilities(): Promise<readonly string[]>;
  /** Logs in with the first of our mechanisms that is offered. @returns the lines of the last reply */
  logIn(login: MailLogin, offered: readonly string[]): Promise<readonly string[]>;
}

export function talkImap(ask: AskLines): ImapTalk {
  const tag = `a${randomBytes(6).toString('hex')}`;
  const ends = new RegExp(`^(?:${tag}\\d|\\+)(?: |$)`);
  let number = 0;
  const command = (text: string) => ask(`${tag}${number++} ${text}`, ends);
  return {
    command,
    async capabilities() {
      const reply = await command('CAPABILITY');
      if (!isOk(reply)) throw failure('CAPABILITY_REFUSED');
      return capabilitiesIn(reply) ?? [];
    },
    async logIn({ user, accessToken, server }, offered) {
      const { name, response, afterError } = mechanismIn(
        offered.flatMap((word) => (word.startsWith('AUTH=') ? [word.slice(5)] : [])),
      );
      const token = response(user, accessToken, server).reveal();
      // RFC 4959.
      const inOneLine = offered.includes('SASL-IR') && token.length <= COMMAND_LINE - AUTHENTICATE;
      let reply = await command(`AUTHENTICATE ${name}${inOneLine ? ` ${token}` : ''}`);
      if (!inOneLine && isContinuation(reply)) reply = await ask(token, ends);
      for (let times = 1; isContinuation(reply); times += 1) {
        if (times > CONTINUATIONS) throw failure('SASL_LOOP');
        reply = await ask(afterError, ends);
      }
      if (!isOk(reply)) throw failure('LOGIN_REFUSED');
      return reply;
    },
  };
}

/** The last list of capabilities in these lines: an untagged response, or a response code. */
export function capabilitiesIn(lines: readonly string[]): readonly string[] | undefined {
  const words = lines
    .flatMap((line) => /^(?:\* CAPABILITY |\S+ OK \[CAPABILITY )([^\]]*)/i.exec(line)?.[1] ?? [])
    .at(-1);
  return words?.toUpperCase().trim().split(/\s+/);
}

function isOk(reply: readonly string[]): boolean {
  return /^\S+ OK\b/i.test(reply.at(-1) ?? '');
}

function isContinuation(reply: readonly string[]): boolean {
  return reply.at(-1)?.startsWith('+') === true;
}

/**
 * Logs in over IMAP with a token and opens INBOX with EXAMINE, which changes nothing. One attempt, never repeated.
 * A login that is accepted and a mailbox that does not open is evidence of stage `mailbox`.
 */
export function proveImap(login: MailLogin): Promise<Outcome<{ readonly messages: number }>> {
  return converse(IMAP, login, (stream) =>
    inLines(stream, async (ask) => {
      const talk = talkImap(async (line, ends) => (await ask({ line, ends, accepts: ends })).lines);
      const offered = await talk.capabilities();
      // RFC 2971, and our name alone. Some servers let nobody in who does not say it; what they answer does not matter.
      if (offered.includes('ID')) await talk.command('ID ("name" "mailauth")');
      await talk.logIn(login, offered);
      const inbox = await talk.command('EXAMINE INBOX');
      if (!isOk(inbox)) throw failure('LOGIN_REFUSED');
      // RFC 9051 section 6.3.3: the number of messages is always told.
      const messages = inbox.flatMap((line) => /^\* (\d{1,10}) EXISTS\b/i.exec(line)?.[1] ?? []).at(-1);
      if (messages === undefined) throw failure('PROTOCOL', 'the server does not say how many messages there are');
      // The goodbye is a courtesy; the proof stands whether or not the server answers it.
      stream.write('a LOGOUT\r\n');
      return { messages: Number(messages) };
    }),
  );
}
