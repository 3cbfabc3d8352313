/**
 * The only way a server's words reach a terminal, a log or a document: one line, quoted by the caller, at most
 * 300 characters, every control, bidi, format and escape character shown as \u{..} instead of acted upon.
 */
const LIMIT = 300;
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** What moves the cursor and means no more than a space. */
const BLANK = /[\r\n\t\p{Zs}]+/gu;

export function sanitise(text: string, limit = LIMIT): string {
  const line = text
    .slice(0, limit * 4)
    .replace(BLANK, ' ')
    .trim()
    .replace(UNSAFE, (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? '?'}}`);
  // A cut between the halves of a surrogate pair would leave a character that is none.
  return line.length > limit ? `${line.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}
