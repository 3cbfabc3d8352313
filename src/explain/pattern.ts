/**
 * Whether a rule's pattern occurs in a text. There are hundreds of patterns and most of them never match, while making
 * one ready to run takes longer than reading a line: so the words that a pattern needs are looked for first.
 */

const known = new WeakMap<RegExp, readonly string[]>();

/** `lower` is the text in small letters, for those who ask about one text often. */
export function occursIn(pattern: RegExp, text: string, lower = text.toLowerCase()): boolean {
  let words = known.get(pattern);
  if (words === undefined) {
    words = neededWords(pattern);
    known.set(pattern, words);
  }
  if (words.length > 0 && !words.some((word) => lower.includes(word))) return false;
  return pattern.test(text);
}

/** Shorter ones stand in nearly every text. */
const SHORTEST = 3;

/**
 * Words in small letters, one of which stands in every text that the pattern matches; none where that cannot be said.
 * Only ASCII letters count: others do not always have one small letter.
 */
export function neededWords(pattern: RegExp): readonly string[] {
  return /[uvgy]/.test(pattern.flags) || /\\[1-9kcpP]/.test(pattern.source)
    ? []
    : alternatives({ source: pattern.source, at: 0 });
}

interface Place {
  readonly source: string;
  at: number;
}

/** `a|b`, up to the end or the bracket that closes the group: every one must need a word. */
function alternatives(place: Place): readonly string[] {
  const all: (readonly string[])[] = [];
  do all.push(sequence(place));
  while (place.source[place.at++] === '|');
  return all.some((words) => words.length === 0) ? [] : all.flat();
}

/** One alternative: of all that it needs, what is least likely to stand in a text by chance. */
function sequence(place: Place): readonly string[] {
  let best: readonly string[] = [];
  let run = '';
  const offer = (words: readonly string[]): void => {
    if (shortest(words) >= SHORTEST && (best.length === 0 || worth(words) > worth(best))) best = words;
  };
  while (place.at < place.source.length && !'|)'.includes(place.source[place.at] as string)) {
    const atom = readAtom(place);
    const count = readCount(place);
    if (typeof atom === 'string' && count !== 'none or more') run += atom;
    if (typeof atom === 'string' && count === 'once') continue;
    offer([run.toLowerCase()]);
    run = '';
    if (typeof atom !== 'string' && count !== 'none or more') offer(atom);
  }
  offer([run.toLowerCase()]);
  return best;
}

/** Few and long words stand in few texts. */
function worth(words: readonly string[]): number {
  return shortest(words) - 2 * words.length;
}

function shortest(words: readonly string[]): number {
  return words.length === 0 ? 0 : Math.min(...words.map(({ length }) => length));
}

/** A character that stands for itself, or the words that anything else needs. */
function readAtom(place: Place): string | readonly string[] {
  const { source } = place;
  const char = source[place.at++] as string;
  if (char === '\\') return readEscape(place);
  if (char === '[') {
    while (source[place.at] !== ']') place.at += source[place.at] === '\\' ? 2 : 1;
    place.at += 1;
    return [];
  }
  if (char === '(') return readGroup(place);
  return '.^$'.includes(char) || char > '\x7f' ? [] : char;
}

const DIGITS_AFTER: Readonly<Record<string, number>> = { u: 4, x: 2 };

function readEscape(place: Place): string | readonly string[] {
  const char = place.source[place.at++] as string;
  if (!/[A-Za-z0-9]/.test(char)) return char > '\x7f' ? [] : char;
  place.at += DIGITS_AFTER[char] ?? 0;
  return [];
}

/** What looks ahead or behind needs nothing by itself. */
function readGroup(place: Place): readonly string[] {
  const opening = /^\?(?::|<?[=!]|<\w+>)/.exec(place.source.slice(place.at, place.at + 40))?.[0] ?? '';
  place.at += opening.length;
  const words = alternatives(place);
  return /[=!]$/.test(opening) ? [] : words;
}

/** How often the atom before stands there. */
function readCount(place: Place): 'once' | 'none or more' | 'several' {
  const found = /^(?:[?*+]|\{(\d+)(?:,\d*)?\})\??/.exec(place.source.slice(place.at, place.at + 20));
  if (found === null) return 'once';
  place.at += found[0].length;
  return '?*'.includes(found[0][0] as string) || found[1] === '0' ? 'none or more' : 'several';
}
