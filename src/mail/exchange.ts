import { failure, mechanismMissing } from './evidence.js';
import { readLines } from './lines.js';
import type { MailLogin } from './login.js';
import { MECHANISMS, type Mechanism } from './sasl.js';
import type { MailStream } from './stream.js';
import type { Command } from './syntax.js';

/** The lines of a reply, and whether it is a positive one. */
export interface Reply {
  readonly lines: readonly string[];
  readonly last: string;
  readonly isPositive: boolean;
}

/** Sends one command and waits for the whole reply. */
export type Ask = (command: Command) => Promise<Reply>;

/** Speaks in commands and replies, one after the other, for a protocol that needs no library. */
export async function inLines<T>(stream: MailStream, talk: (ask: Ask) => Promise<T>): Promise<T> {
  const reader = readLines(stream);
  const ask = async ({ line, ends, accepts }: Command): Promise<Reply> => {
    stream.write(`${line}\r\n`);
    const lines: string[] = [];
    for (;;) {
      const last = await reader.next();
      lines.push(last);
      if (ends.test(last)) return { lines, last, isPositive: accepts.test(last) };
    }
  };
  try {
    // The greeting was judged before this stream was made, and something stands for it here.
    await reader.next();
    return await talk(ask);
  } catch (error) {
    stream.abandon(error as Error);
    throw error;
  } finally {
    reader.release();
  }
}

/** The first of our mechanisms that a server lists. @throws failure `MECHANISM_NOT_OFFERED` */
export function mechanismIn(offered: readonly string[]): Mechanism {
  const mechanism = MECHANISMS.find(({ name }) => offered.includes(name));
  if (mechanism === undefined) throw mechanismMissing(offered);
  return mechanism;
}

/** How a protocol frames the command AUTH and its replies. */
export interface AuthCommand {
  /** Octets of a command line, CRLF included. */
  readonly longest: number;
  /** A line that asks the client to go on. */
  readonly continues: RegExp;
  readonly accepts: RegExp;
}

/**
 * One SASL exchange with the command AUTH, as SMTP (RFC 4954 section 4) and POP (RFC 5034 section 4) have it. The token
 * goes in a line of its own where a command would be too long.
 * @returns the server's last line
 */
export async function authenticate(
  { user, accessToken, server }: MailLogin,
  { name, response: responseFor, afterError }: Mechanism,
  { longest, continues, accepts }: AuthCommand,
  send: (line: string) => Promise<string>,
): Promise<string> {
  const response = responseFor(user, accessToken, server).reveal();
  const oneLine = `AUTH ${name} ${response}`;
  const fits = oneLine.length + 2 <= longest;
  let reply = await send(fits ? oneLine : `AUTH ${name}`);
  if (!fits && continues.test(reply)) reply = await send(response);
  // The error challenge wants its answer before the refusal is given; the stream limits how often.
  while (continues.test(reply)) reply = await send(afterError);
  if (!accepts.test(reply)) throw failure('LOGIN_REFUSED');
  return reply;
}
