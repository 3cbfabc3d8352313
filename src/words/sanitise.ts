/**
 * The only way a server's words reach a terminal, a log or a document: one line, quoted by the caller, at most
 * 300 characters, every control, bidi, format, invisible and escape character shown as \u{..} instead of acted upon.
 */
const LIMIT = 300;
const PLAIN = /^[\x20-\x7e]*$/;
/** What moves the cursor and means no more than a space. */
const BLANK = '[\\r\\n\\t\\p{Zs}]+';
const UNSAFE = '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}]';

export function sanitise(text: string, limit = LIMIT): string {
  const start = text.slice(0, limit * 4);
  const line = PLAIN.test(start) ? start.replace(/ +/g, ' ').trim() : spelledOut(start);
  // A cut between the halves of a surrogate pair would leave a character that is none.
  return line.length > limit ? `${line.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}

/** More of a path than a sentence can carry is cut off. */
const PATH_LIMIT = 1000;

/** A path as a sentence names it: its characters may be anybody's choice. A command has to guard it for the shell itself. */
export function shownPath(path: string): string {
  return sanitise(path, PATH_LIMIT);
}

/** The patterns are made here, since the tables behind `\p` cost every start of the program half a millisecond as literals. */
function spelledOut(text: string): string {
  return text
    .replace(new RegExp(BLANK, 'gu'), ' ')
    .trim()
    .replace(new RegExp(UNSAFE, 'gu'), (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? '?'}}`);
}

const HARMLESS = /^[\t\n\x20-\x7e]*$/;
/** Kept: tabs, line ends, and the colours that mailauth itself paints with. */
const ACTING = `\\x1b\\[[\\d;]*m|[\\t\\n]|${UNSAFE}`;

/**
 * The last wall, around whole outputs: whatever slipped through unsanitised is spelled as in JSON, so that a document
 * stays one.
 */
export function defuse(text: string): string {
  if (HARMLESS.test(text)) return text;
  return text.replace(new RegExp(ACTING, 'gu'), (found) =>
    /^(?:[\t\n]|\x1b\[.*)$/.test(found) ? found : found.replace(/[\s\S]/g, jsonEscape),
  );
}

function jsonEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
