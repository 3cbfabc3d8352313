/**
 * Takes the wrapping off a line as programs and people paste them: terminal colours, escapes of JSON and of source code,
 * percent and quoted-printable encoding, HTML, base64. Every pattern here runs in linear time: the text is anybody's.
 */

/** A line without its wrapping, and the readable parts of what was base64 in it. */
export interface Unfolded {
  readonly text: string;
  /** Decoded base64: may hold a password or a token, so it is only ever read by rules and never shown. */
  readonly hidden: string;
}

/** How often a text can be packed into another: JSON in JSON in a log line. */
const LAYERS = 4;

export function unfold(line: string): Unfolded {
  let text = plain(line);
  for (let layer = 0; layer < LAYERS; layer++) {
    const inner = withoutLayer(text);
    if (inner === text) break;
    text = inner;
  }
  return { text: text.replace(/\s+/g, ' ').trim(), hidden: base64Within(text).join(' ') };
}

/** Colours and cursor moves, also where a console has shown the escape character as an arrow. */
function plain(line: string): string {
  return line
    .replace(/(?:\x1b|\u2190|\\x1b|\\u001b|\\033)\[[\d;]{0,20}[A-Za-z]/gi, '')
    .replace(/[\0-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, ' ')
    .replace(/[\u00a0\u2000-\u200a\u202f\u3000]/g, ' ');
}

/** Tags of pages only: programs put angle brackets around addresses and errors. */
const TAGS =
  /<\/?(?:!doctype|html|head|body|title|meta|link|div|span|p|br|hr|a|b|i|u|h[1-6]|strong|em|code|pre|font|center|table|tbody|tr|td|th|ul|ol|li|img|form|input|button|label|section|main|nav|article|header|footer|blockquote|svg|path|style|script)(?: [^<>]{0,400})?\/?>/gi;

function withoutLayer(text: string): string {
  let inner = text.replace(UTF8_AS_LATIN, (bytes) => Buffer.from(bytes, 'latin1').toString('utf8'));
  if (inner.includes('\\')) inner = withoutEscapes(inner);
  if (/%[0-9a-f]{2}|[A-Za-z]\+[A-Za-z]/i.test(inner)) inner = withoutPercents(inner);
  if (inner.includes('&')) inner = withoutEntities(inner);
  if (inner.includes('<')) inner = inner.replace(TAGS, ' ');
  if (/=(?:3D|20|0D|0A|C2|C3|E2|09)/.test(inner)) inner = withoutQuotedPrintable(inner);
  return inner;
}

/** Letters of UTF-8 that a console or a log has read byte by byte: `fÃ¼r`. */
const UTF8_AS_LATIN = /[\u00c3-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}/g;

const ESCAPES: Readonly<Record<string, string>> = { n: ' ', r: ' ', t: ' ', '"': '"', "'": "'", '/': '/', '\\': '\\' };

/** A backslash before a letter that is no escape, as in the path of a file, stays. */
function withoutEscapes(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|([nrt"'/\\]))/gi, (whole, unit, byte, letter) => {
    if (letter !== undefined) return ESCAPES[String(letter)] ?? whole;
    const code = Number.parseInt(String(unit ?? byte), 16);
    return code < 0x20 || (code >= 0xd800 && code < 0xe000) ? ' ' : String.fromCharCode(code);
  });
}

/** In the words of an address a plus sign is a space. */
function withoutPercents(text: string): string {
  return text.replace(/[^\s"'<>]+/g, (word) => {
    if (!word.includes('%')) return isFormEncoded(word) ? word.replaceAll('+', ' ') : word;
    return word
      .replaceAll('+', ' ')
      .replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => utf8(Buffer.from(bytes.replaceAll('%', ''), 'hex')));
  });
}

/** Words with a plus sign between them, and no base64, whose signs are far apart. */
function isFormEncoded(word: string): boolean {
  const value = word.slice(word.lastIndexOf('=') + 1);
  const pluses = value.split('+').length - 1;
  return pluses >= 3 && value.length / pluses < 16;
}

function withoutQuotedPrintable(text: string): string {
  return text.replace(/(?:=[0-9A-F]{2})+/g, (bytes) => utf8(Buffer.from(bytes.replaceAll('=', ''), 'hex')));
}

function utf8(bytes: Buffer): string {
  return plain(bytes.toString('utf8'));
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  rsquo: '\u2019',
  lsquo: '\u2018',
  hellip: '\u2026',
};

function withoutEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : ' ';
  });
}

/** A token stands in base64 inside a SASL string that is base64 itself. */
function base64Within(text: string): string[] {
  const outer = base64In(text);
  return [...outer, ...outer.flatMap(base64In)];
}

/** Longer base64 than any answer: an attachment, of which the beginning tells what it is. */
const BASE64_LIMIT = 8_000;

/**
 * The readable parts of what may be base64, whole, cut or damaged: a challenge (RFC 7628 section 3.2.2), a SASL string,
 * the error in the address of a sign-in page. What decodes to noise was none.
 */
function base64In(text: string): string[] {
  const found: string[] = [];
  for (const [word] of text.matchAll(/[A-Za-z0-9+/_-]{10,}={0,2}/g)) {
    const readable = readableIn(Buffer.from(word.slice(0, BASE64_LIMIT), 'base64'));
    if (readable !== undefined) found.push(readable);
    if (found.length === 20) break;
  }
  return found;
}

/** Runs of printable ASCII; undefined where too little of it is readable to be a text. */
function readableIn(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  const runs = text.match(/[\x20-\x7e\x01\0]{4,}/g) ?? [];
  const kept = runs.reduce((sum, run) => sum + run.length, 0);
  const [first = ''] = runs;
  const begins = first.length >= 12 && text.indexOf(first) < 4;
  if (kept < 6 || !(kept / text.length > 0.8 || begins)) return undefined;
  // Words of a text are letters for the most part; a chance run of noise is not.
  const letters = first.replace(/[^A-Za-z ":,./@]/g, '').length;
  return letters / first.length < 0.6 ? undefined : runs.join(' ');
}
