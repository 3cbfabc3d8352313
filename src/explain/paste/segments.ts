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
const MOST_LINES = 600;
const LINE_LIMIT = 4_000;
/** A wrapped message spans this many lines at most. */
const WINDOW = 6;
const WHOLE_LIMIT = 6_000;

const TROUBLE =
  /err|fail|fatal|warn|except|caused|denied|refus|reject|invalid|expired|unable|cannot|can['\u2019]?t|could ?n|not |no |bad|bye|block|limit|disabl|unauthori[sz]|forbid|unknown|required|too many|timed? ?out|timeout|handshake|certificate|missing|mismatch|revoked|aadsts|authenticat|\b[2345]\d\d\b|[^\0-\x7f]|[A-Za-z0-9+/]{40}/i;

export function readSegments(pasted: string): Reading {
  const all = pasted.split(/\r\n|\r|\n/);
  const kept = all.length <= SHORT ? unwrapped(all.map((raw, index) => ({ raw, index }))) : linesOfTrouble(all);
  const lines = kept
    .map(({ raw, index }) => ({ raw, number: index + 1, joined: false, ...unfold(raw.slice(0, LINE_LIMIT)) }))
    .filter(({ text }) => text !== '');
  const segments = [...lines, ...(lines.length > 1 ? windows(lines) : [])];
  return {
    segments,
    whole: lines.map(({ text }) => text).join('\n'),
    hidden: lines.map(({ hidden }) => hidden).join('\n'),
    lines: all.length,
    skipped: all.length <= SHORT ? 0 : all.length - kept.length,
  };
}

/** What only an error says: replies, errors of the standards, numbers of a provider, names of faults. */
const STRONG_NAMES =
  /AADSTS\d|\b[45]\d\d[ -]\d\.\d|\b(?:NO|BAD|BYE) (?:\[|[A-Z])|-ERR\b|\bE[A-Z]{5,}\b|\b[A-Z]{3,}_[A-Z_]{3,}\b/;
const STRONG_WORDS =
  /invalid_[a-z]|_denied|_mismatch|\b(?:refused|denied|expired|revoked|disabled|unauthori[sz]ed|forbidden|untrusted|unreachable|resolve[dr]?|getaddrinfo)\b|authenticat\w{1,8} (?:fail|unsuccess|error)|certificate|handshake|timed out|exception\b/i;

function isStrong(line: string): boolean {
  return STRONG_NAMES.test(line) || STRONG_WORDS.test(line);
}

interface Kept {
  readonly raw: string;
  readonly index: number;
}

/** Lines of one kind differ in numbers and names only, such as the time; of each kind the first is kept. */
function linesOfTrouble(all: readonly string[]): Kept[] {
  const strong = new Map<string, Kept>();
  const others = new Map<string, Kept>();
  for (const [index, raw] of all.entries()) {
    const line = raw.slice(0, LINE_LIMIT);
    const isClear = isStrong(line);
    if (!isClear && !TROUBLE.test(line)) continue;
    const start = line.slice(0, 400);
    const [kinds, kind] = isClear
      ? [strong, start.replace(/\b[0-9a-f-]{8,}\b|\b\d{1,2}\b|\d{8,}/gi, '0')]
      : [others, start.replace(/\S*\d\S*/g, '0')];
    if (!kinds.has(kind)) kinds.set(kind, { raw, index });
  }
  // What ended a program stands at the end of its log.
  const kept = [...[...strong.values()].slice(-MOST_LINES), ...[...others.values()].slice(-MOST_LINES / 2)];
  return kept.sort((one, other) => one.index - other.index);
}

/** Of a console, a mail or a page that breaks long lines. */
const WIDTH = { least: 60, most: 132 } as const;

/** What begins a line of its own: a place in a program, a command, an entry of a log. */
const BEGINS = /^(?:\s|at |File "|Caused by|[A-Z]: |<<|<-|->|[-\w]{1,12}> |\[?\d{2,4}[-/:.]\d\d[-/:.])/;

/** Lines that were broken because the next word had no room are one again: where most are, or two in a row. */
function unwrapped(lines: readonly Kept[]): readonly Kept[] {
  const width = Math.max(...lines.map(({ raw }) => raw.trimEnd().length));
  if (width < WIDTH.least || width > WIDTH.most) return lines;
  const broken = lines.map(({ raw }, at) => isRest(raw, lines[at - 1]?.raw, width));
  const isUsual = broken.filter((one) => one).length >= (lines.length - 1) / 2;
  const whole: Kept[] = [];
  for (const [at, line] of lines.entries()) {
    const isMeant = broken[at] === true && (isUsual || broken[at - 1] === true || broken[at + 1] === true);
    const start = isMeant ? whole.pop() : undefined;
    whole.push(
      start === undefined ? line : { ...start, raw: `${start.raw.trimEnd()} ${line.raw.replace(QUOTATION, '')}` },
    );
  }
  return whole;
}

function isRest(raw: string, before: string | undefined, width: number): boolean {
  const rest = raw.replace(QUOTATION, '');
  const [word = ''] = /^\S+/.exec(rest) ?? [];
  return before !== undefined && word !== '' && before.trimEnd().length + 1 + word.length > width && !BEGINS.test(rest);
}

/** Neighbouring lines as one text, without what a log or a quotation repeats before each. */
function windows(lines: readonly Segment[]): Segment[] {
  const bare = lines.map((line) => ({ ...line, text: withoutPrefix(line.text) }));
  const join = (from: number, count: number): Segment => {
    const part = bare.slice(from, from + count);
    const [first] = part as [Segment];
    const text = part
      .map((line) => line.text)
      .join('\n')
      .replace(NEW_ENTRY, '. ')
      .replaceAll('\n', ' ');
    return { ...first, joined: true, text, hidden: part.map(({ hidden }) => hidden).join(' ') };
  };
  const total = bare.reduce((sum, { text }) => sum + text.length, 0);
  if (total <= WHOLE_LIMIT && bare.length <= 2 * WINDOW) return [join(0, bare.length)];
  const step = WINDOW / 2;
  return Array.from({ length: Math.ceil(bare.length / step) }, (_, index) => join(index * step, WINDOW));
}

/** An entry of a log, which says something of its own. */
const NEW_ENTRY = /\n(?=[-[ ]{0,3}(?:debug|info|warn(?:ing)?|error|fatal)\b)/gi;

const QUOTATION = /^(?:[>|*#]{1,3} ?){1,6}/;

const PREFIXES: readonly RegExp[] = [
  QUOTATION,
  // syslog (RFC 3164, RFC 5424), logcat, ISO dates, brackets.
  /^(?:<\d{1,3}>\d? ?)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8} |\[?\d{4}-\d\d-\d\d[T ][\d:.,+\-Z]{8,32}\]? ?|\d\d-\d\d [\d:.]{8,16} )/,
  /^[\w.-]{1,60} [\w./-]{1,60}\[\d{1,10}\]: /,
  /^(?:\[[^\]]{0,60}\] ?){1,4}/,
];

function withoutPrefix(text: string): string {
  return PREFIXES.reduce((rest, prefix) => rest.replace(prefix, ''), text);
}
