/**
 * Patterns of rules, made ready at build time: `/unknown user|no such user/i` becomes
 * `new Pattern('unknown user|no such user', 'i', ['unknown user', 'no such user'])` (src/explain/pattern.ts).
 */
import { fileURLToPath } from 'node:url';

const RULES = /src\/(?:explain\/(?:rules\/[\w-]+|paste\/programs)|providers\/[\w-]+\/(?:errors|sentences))\.ts$/;
const PATTERN = fileURLToPath(new URL('../src/explain/pattern.ts', import.meta.url));

/** @type {import('rolldown').Plugin} */
export const patterns = {
  name: 'patterns',
  transform: {
    filter: { id: RULES },
    handler(code) {
      return withPatterns(code, this.parse(code, { lang: 'ts' }));
    },
  },
};

/** The text of a module in which every pattern that stands alone in a record or a list is made ready. */
export function withPatterns(code, tree) {
  let rest = code.length;
  let ready = '';
  for (const { start, end, regex } of literalsIn(tree).reverse()) {
    const words = neededWords(regex.pattern);
    if (words === undefined || !['', 'i'].includes(regex.flags)) continue;
    const parts = [regex.pattern, regex.flags, words].map((part) => JSON.stringify(part));
    ready = `new Pattern(${parts.join(', ')})${code.slice(end, rest)}${ready}`;
    rest = start;
  }
  return `import { Pattern } from ${JSON.stringify(PATTERN)};\n${code.slice(0, rest)}${ready}`;
}

function literalsIn(node, parent = undefined) {
  if (node === null || typeof node !== 'object') return [];
  const isAlone = parent?.type === 'Property' || parent?.type === 'ArrayExpression';
  if (node.regex !== undefined) return isAlone ? [node] : [];
  return Object.values(node).flatMap((child) => literalsIn(child, typeof node.type === 'string' ? node : parent));
}

/** Too many texts have a shorter one. A letter of Chinese or Japanese says as much as two of the others. */
const LEAST_WEIGHT = 3;

/**
 * Words, in small letters, of which every text that the pattern matches has at least one, whether or not it minds the
 * case; undefined where there are none. It may miss words, and never names one that is not needed.
 */
export function neededWords(source) {
  const reader = { source, at: 0 };
  return readAlternatives(reader);
}

function readAlternatives(reader) {
  let all = readSequence(reader);
  while (reader.source[reader.at] === '|') {
    reader.at += 1;
    const words = readSequence(reader);
    all = all && words && [...all, ...words];
  }
  return all;
}

/** The best of what its parts need: all of them have to be there. */
function readSequence(reader) {
  let best;
  let run = '';
  const endRun = () => {
    if (weightOf(run) >= LEAST_WEIGHT) best = better(best, [run]);
    run = '';
  };
  while (reader.at < reader.source.length && !'|)'.includes(reader.source[reader.at])) {
    const { letter, words } = readTerm(reader);
    const { least, most } = readQuantifier(reader);
    if (letter !== undefined && least > 0) run += letter;
    if (letter === undefined || least !== 1 || most !== 1) endRun();
    if (least > 0) best = better(best, words);
  }
  endRun();
  return best;
}

const CLASS = /\[(?:\\.|[^\]\\])*\]/sy;
const GROUP = /\((?:\?(?:[:=!]|<[=!]|<\w+>))?/y;
const ESCAPE = /\\(?:u[\da-f]{4}|x[\da-f]{2}|c[a-z]|k<\w+>|p\{[^}]*\}|\d+|.)/isy;

/** One letter that stands for itself, the words of a group, or neither. */
function readTerm(reader) {
  const group = readToken(reader, GROUP);
  if (group !== undefined) {
    const words = readAlternatives(reader);
    reader.at += 1;
    return group.endsWith('!') ? {} : { words };
  }
  if (readToken(reader, CLASS) !== undefined) return {};
  const escaped = readToken(reader, ESCAPE);
  if (escaped !== undefined) return /^\\[^\w]$/.test(escaped) ? { letter: escaped[1] } : {};
  const letter = reader.source[reader.at];
  reader.at += 1;
  return !'.^$'.includes(letter) && standsForItself(letter) ? { letter: letter.toLowerCase() } : {};
}

const QUANTIFIER = /(?:([?*+])|\{(\d+)(,?)(\d*)\})\??/y;

function readQuantifier(reader) {
  QUANTIFIER.lastIndex = reader.at;
  const [whole, sign, least, comma, most] = QUANTIFIER.exec(reader.source) ?? [''];
  reader.at += whole.length;
  if (whole === '') return { least: 1, most: 1 };
  if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
  return { least: Number(least), most: comma === '' ? Number(least) : most === '' ? Infinity : Number(most) };
}

function readToken(reader, token) {
  token.lastIndex = reader.at;
  const [found] = token.exec(reader.source) ?? [];
  reader.at += found?.length ?? 0;
  return found;
}

/** The heavier the lightest of its words, the fewer texts have one. */
function better(one, other) {
  if (one === undefined || other === undefined) return one ?? other;
  const [first, second] = [one, other].map((words) => Math.min(...words.map(weightOf)));
  return second > first || (second === first && other.length < one.length) ? other : one;
}

function weightOf(word) {
  return [...word].reduce((sum, letter) => sum + (letter >= '\u2e80' ? 2 : 1), 0);
}

/** By capital letter: the small letters of all that the flag i takes for one (ECMA-262, Canonicalize). */
const FOLDED = new Map();
for (let code = 0; code <= 0xffff; code += 1) {
  const letter = String.fromCharCode(code);
  const capital = canonical(letter);
  FOLDED.set(capital, (FOLDED.get(capital) ?? new Set()).add(letter.toLowerCase()));
}

function canonical(letter) {
  const capital = letter.toUpperCase();
  return capital.length !== 1 || (letter >= '\x80' && capital < '\x80') ? letter : capital;
}

/** Whether a text in small letters has this one wherever the text has what the flag i takes for it. Half a letter may not. */
function standsForItself(letter) {
  const [small, ...others] = FOLDED.get(canonical(letter)) ?? [];
  return small?.length === 1 && others.length === 0 && !/[\ud800-\udfff]/.test(letter);
}
