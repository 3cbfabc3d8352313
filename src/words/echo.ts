/**
 * Finds what was sent in what came back, however a server spelled it: percent-encoded (twice too), escaped as in JSON,
 * HTML or a shell, in base64 or hexadecimal, inside a longer text of that kind, or cut in the middle.
 */

/** So many characters in a row of a secret are a part of it; fewer stand in ordinary words. */
const PART = 8;
/** Spellings inside each other. */
const DEPTH = 4;
/** Much longer than anything that is shown; the rest is cut off. */
const LONGEST = 16_384;

export const MASK = '[secret]';

/** The text with every part of the values masked, at most 16,384 characters of it. Time grows with its length alone. */
export function maskEchoes(text: string, values: readonly string[]): string {
  const parts = partsOf(values);
  const shown = text.slice(0, LONGEST);
  if (parts.size === 0) return shown;
  const masked = new Uint8Array(shown.length);
  for (const [start, end] of echoesIn(asItStands(shown), parts, DEPTH)) masked.fill(1, start, end);
  let result = '';
  for (let at = 0; at < shown.length; at++) {
    if (masked[at] === 0) result += shown[at];
    else if (at === 0 || masked[at - 1] === 0) result += MASK;
  }
  return result;
}

/** A text decoded so far, and where each of its characters stands in the text that was given. */
interface Layer {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

type Span = readonly [start: number, end: number];

function asItStands(text: string): Layer {
  const starts = Array.from({ length: text.length }, (_, at) => at);
  return { text, starts, ends: starts.map((at) => at + 1) };
}

/** A value counts as its characters and as its bytes, since an escape may stand for either; `+` is how forms write a blank. */
function partsOf(values: readonly string[]): ReadonlySet<string> {
  const parts = new Set<string>();
  for (const value of values) {
    for (const spelling of [value, Buffer.from(value).toString('latin1'), value.replaceAll(' ', '+')]) {
      for (let at = 0; at + PART <= spelling.length; at++) parts.add(spelling.slice(at, at + PART));
    }
  }
  return parts;
}

function echoesIn(layer: Layer, parts: ReadonlySet<string>, depth: number): Span[] {
  const { text, starts, ends } = layer;
  const span = (start: number, end: number): Span => [starts[start] as number, ends[end - 1] as number];
  const found: Span[] = [];
  for (let at = 0; at + PART <= text.length; at++) {
    if (parts.has(text.slice(at, at + PART))) found.push(span(at, at + PART));
  }
  if (depth === 0) return found;
  for (const { index, 0: run } of text.matchAll(/[A-Za-z0-9+/_-]{11,}/g)) {
    if (decodingsOf(run).some((decoded) => echoesIn(asItStands(decoded), parts, depth - 1).length > 0))
      found.push(span(index, index + run.length));
  }
  const decoded = unescaped(layer);
  return decoded === undefined ? found : [...found, ...echoesIn(decoded, parts, depth - 1)];
}

/** What is cut in the middle may begin at any of the four characters of a group. */
function decodingsOf(run: string): string[] {
  const base64 = [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), 'base64').toString('latin1'));
  const hex = /^[0-9a-fA-F]+$/.test(run)
    ? [0, 1].map((from) => Buffer.from(run.slice(from), 'hex').toString('latin1'))
    : [];
  return [...base64, ...hex];
}

const ESCAPE =
  /%u([0-9a-f]{4})|%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})|&#x([0-9a-f]{1,6});|&#([0-9]{1,7});|\\(["'\\/])|&(amp|lt|gt|quot|apos);/gi;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** One layer of escapes taken off; undefined where there is none. */
function unescaped({ text, starts, ends }: Layer): Layer | undefined {
  let decoded = '';
  const from: number[] = [];
  const to: number[] = [];
  const add = (chars: string, start: number, end: number): void => {
    decoded += chars;
    for (let unit = 0; unit < chars.length; unit++) {
      from.push(starts[start] as number);
      to.push(ends[end - 1] as number);
    }
  };
  let done = 0;
  const keep = (until: number): void => {
    for (; done < until; done++) add(text[done] as string, done, done + 1);
  };
  for (const found of text.matchAll(ESCAPE)) {
    keep(found.index);
    done = found.index + found[0].length;
    add(meaningOf(found), found.index, done);
  }
  if (from.length === 0 || decoded === text) return undefined;
  keep(text.length);
  return { text: decoded, starts: from, ends: to };
}

function meaningOf([, wide, byte, unit, point, low, hex, decimal, literal, name]: RegExpMatchArray): string {
  if (literal !== undefined) return literal;
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? '';
  const digits = wide ?? byte ?? unit ?? point ?? low ?? hex;
  const code = digits === undefined ? Number(decimal) : Number.parseInt(digits, 16);
  return code > 0x10ffff ? '?' : String.fromCodePoint(code);
}
