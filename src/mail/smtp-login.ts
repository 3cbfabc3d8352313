import type { AuthCommand } from './exchange.js';

/** RFC 4954 section 4; octets of a command line, CRLF included (RFC 5321 section 4.5.3.1.4). */
export const SMTP_AUTH: AuthCommand = { longest: 512, continues: /^334/, accepts: /^235/ };

/** What the reply to EHLO lists behind AUTH, with a space or, in an older spelling, an equals sign. */
export function mechanismsIn(heard: readonly string[]): readonly string[] {
  return heard
    .map((line) => /^250[ -]AUTH[ =](.*)$/i.exec(line)?.[1] ?? '')
    .flatMap((list) => list.toUpperCase().split(/\s+/))
    .filter((name) => name !== '');
}
