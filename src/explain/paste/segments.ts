import { type Unfolded, unfold } from './unfold.js';

/** A part of a paste that is read by itself: one line, or lines that belong together. */
export interface Segment extends Unfolded {
  /** Of its first line, from 1. */
  readonly number: number;
  /** That line as it was pasted. */
  readonly raw: string;
  /** Several lines, read as one: a message that was wrapped, a document that was laid out. */
  readonly joined: boolean;
}

export interface Reading {
  readonly segments: readonly Segment[];
  /** Everything that was read, without wrapping: what tells the program, the provider, what was sent. */
  readonly whole: string;
  readonly hidden: string;
  readonly lines: number;
  /** How many of the lines were left out because nothing in them speaks of trouble, or there were too many. */
  readonly skipped: number;
}

/** A longer paste is a log: of it, only the lines that speak of trouble are read, each kind of line once. */
const SHORT = 300;
const MOST_LINES = 1_500;
const LINE_LIMIT = 4_000;
/** A wrapped message spans this many lines at most. */
const WINDOW = 6;
const WHOLE_LIMIT = 6_000;

const TROUBLE =
  /err|fail|fatal|warn|except|caused|denied|refus|reject|invalid|expired|unable|cannot|can['\u2019]?t|could ?n|not |no |bad|bye|block|block|limit|disabl|unauthori[sz]|forbid|unknown|required|too many|timed? ?out|timeout|missing|mismatch|revoked|aadsts|authenticat|\b[2345]\d\d\b|[^\0-\x7f]|[A-Za-z0-9+/]{40}/i;

export function readSegments(pasted: string): Reading {
  const all = pasted.split(/\r\n|\r|\n/);
  const kept = all.length <= SHORT ? all.map((raw, index) => ({ raw, index })) : linesOfTrouble(all);
  const lines = kept
    .map(({ raw, index }) => ({ raw, number: index + 1, joined: false, ...unfold(raw.slice(0, LINE_LIMIT)) }))
    .filter(({ text }) => text !== '');
  const segments = [...lines, ...(lines.length > 1 ? windows(lines) : [])];
  return {
    segments,
    whole: lines.map(({ text }) => text).join('\n'),
    hidden: lines.map(({ hidden }) => hidden).join('\n'),
    lines: all.length,
    skipped: all.length - kept.length,
  };
}

function linesOfTrouble(all: readonly string[]): { raw: string; index: number }[] {
  const seen = new Set<string>();
  const kept: { raw: string; index: number }[] = [];
  for (const [index, raw] of all.entries()) {
    if (!TROUBLE.test(raw.slice(0, LINE_LIMIT))) continue;
    const kind = raw.slice(0, 400).replace(/[0-9a-f]{8,}|\d+/gi, '0');
    if (seen.has(kind) || kept.length >= MOST_LINES) continue;
    seen.add(kind);
    kept.push({ raw, index });
  }
  return kept;
}

/** Neighbouring lines as one text, without what a log or a quotation repeats before each. */
function windows(lines: readonly Segment[]): Segment[] {
  const bare = lines.map((line) => ({ ...line, text: withoutPrefix(line.text) }));
  const join = (from: number, count: number): Segment => {
    const part = bare.slice(from, from + count);
    const [first] = part as [Segment];
    const text = part.map((line) => line.text).join(' ');
    return { ...first, joined: true, text, hidden: part.map(({ hidden }) => hidden).join(' ') };
  };
  const total = bare.reduce((sum, { text }) => sum + text.length, 0);
  if (total <= WHOLE_LIMIT && bare.length <= 2 * WINDOW) return [join(0, bare.length)];
  const step = WINDOW / 2;
  return Array.from({ length: Math.ceil(bare.length / step) }, (_, index) => join(index * step, WINDOW));
}

const PREFIXES: readonly RegExp[] = [
  /^(?:[>|*#]{1,3} ?){1,6}/,
  // syslog (RFC 3164, RFC 5424), logcat, ISO dates, brackets.
  /^(?:<\d{1,3}>\d? ?)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8} |\[?\d{4}-\d\d-\d\d[T ][\d:.,+\-Z]{8,32}\]? ?|\d\d-\d\d [\d:.]{8,16} )/,
  /^[\w.-]{1,60} [\w./-]{1,60}\[\d{1,10}\]: /,
  /^(?:\[[^\]]{0,60}\] ?){1,4}/,
];

export function withoutPrefix(text: string): string {
  return PREFIXES.reduce((rest, prefix) => rest.replace(prefix, ''), text);
}
