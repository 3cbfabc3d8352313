import { failure } from './evidence.js';
import type { MailLogin } from './login.js';
import type { Mechanism } from './sasl.js';

/** Octets of an SMTP command line, CRLF included (RFC 5321 section 4.5.3.1.4). */
const COMMAND_LINE = 512;

/** One SASL exchange (RFC 4954 section 4). The token goes in a line of its own where a command would be too long. */
export async function authenticate(
  { user, accessToken, server }: MailLogin,
  { name, response: responseFor, afterError }: Mechanism,
  send: (line: string) => Promise<string>,
): Promise<string> {
  const response = responseFor(user, accessToken, server).reveal();
  const oneLine = `AUTH ${name} ${response}`;
  const fits = oneLine.length + 2 <= COMMAND_LINE;
  let reply = await send(fits ? oneLine : `AUTH ${name}`);
  if (!fits && reply.startsWith('334')) reply = await send(response);
  // The error challenge wants its answer before the refusal is given; the wire limits how often.
  while (reply.startsWith('334')) reply = await send(afterError);
  if (!reply.startsWith('235')) throw failure('LOGIN_REFUSED');
  return reply;
}

/** What the reply to EHLO lists behind AUTH, with a space or, in an older spelling, an equals sign. */
export function mechanismsIn(heard: readonly string[]): readonly string[] {
  return heard
    .map((line) => /^250[ -]AUTH[ =](.*)$/i.exec(line)?.[1] ?? '')
    .flatMap((list) => list.toUpperCase().split(/\s+/))
    .filter((name) => name !== '');
}
