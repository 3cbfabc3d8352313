/**
 * The wall on the way out: whatever leaves the program passes `defuse` once, as text or as the texts of a document, where
 * it is written (cli/output), and nowhere before. What others say, a server above all, is only given its shape where it becomes a
 * part of a sentence of ours: one line, of a limited length.
 */
const LIMIT = 300;
const PLAIN = /^[\x20-\x7e]*$/;
/** What moves the cursor and means no more than a space. */
const BLANK = '[\\r\\n\\t\\p{Zs}\\p{Zl}\\p{Zp}]+';
const UNSAFE = '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}]';

/** One line, as long as `limit` characters when it leaves, where what acts on a terminal is spelled out and so longer. */
export function oneLine(text: string, limit = LIMIT): string {
  const start = text.slice(0, limit * 4);
  // The patterns are made here, since the tables behind `\p` cost every start of the program half a millisecond as literals.
  const isPlain = PLAIN.test(start);
  const line = start.replace(isPlain ? / +/g : new RegExp(BLANK, 'gu'), ' ').trim();
  return (isPlain ? line : defuse(line)).length > limit ? `${cut(line, limit - 1)}…` : line;
}

/** The beginning that is at most so long when it leaves. */
function cut(line: string, limit: number): string {
  let [length, end] = [0, 0];
  for (const character of line) {
    length += defuse(character).length;
    if (length > limit) break;
    end += character.length;
  }
  return line.slice(0, end);
}

/** More of a path than a sentence can carry is cut off. */
const PATH_LIMIT = 1000;

/** A path as a sentence names it. A command has to guard it for the shell itself. */
export function shownPath(path: string): string {
  return oneLine(path, PATH_LIMIT);
}

const HARMLESS = /^[\t\n\x20-\x7e]*$/;

/** Text as it may be written: what acts on a terminal is spelled out, but for tabs and line ends. */
export function defuse(text: string): string {
  if (HARMLESS.test(text)) return text;
  return text.replace(new RegExp(`[\\t\\n]|${UNSAFE}`, 'gu'), (found) =>
    found === '\t' || found === '\n' ? found : `\\u{${found.codePointAt(0)?.toString(16)}}`,
  );
}

/** A document as JSON: whoever parses it gets each text as it could be written to a terminal. */
export function json(document: object): string {
  return `${JSON.stringify(document, (_, value: unknown) => (typeof value === 'string' ? defuse(value) : value))}\n`;
}
