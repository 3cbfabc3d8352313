import type { Guard } from './step.js';

/** What clipboards add to a value, and how it is taken off again. Nothing here knows what the value means. */

interface Tidied {
  readonly text: string;
  /** "removed 1 space", for the person to see. */
  readonly notes: readonly string[];
}

const LINE_BREAKS = /[\r\n\u0085\u2028\u2029]+/g;
const SPACES = /[\s\u00a0\u180e\u2800\u3164]+/g;
/** Control, format (zero width, bidi), unpaired surrogate, private use and unassigned characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\uffa0]/gu;
const QUOTES = `"'\`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a`;
const QUOTE = new RegExp(`[${QUOTES}]`);
const SPACE = /[\s\u00a0\u180e\u2800\u3164]/;

/** Removes what cannot belong to a one-line value, and says what it removed. Applying it twice changes nothing more. */
export function tidy(pasted: string, inside: Guard['inside']): Tidied {
  const removed = { breaks: 0, spaces: 0, invisible: 0, quotes: 0 };
  const take = (text: string, pattern: RegExp, what: keyof typeof removed, instead: string) =>
    text.replace(pattern, (match) => {
      removed[what] += what === 'breaks' ? 1 : [...match].length;
      return instead;
    });
  const lines = pasted.replace(/\r\n?/g, '\n');
  let last = lines.length;
  while (lines.charAt(last - 1) === '\n') last--;
  let text = take(lines.slice(0, last), LINE_BREAKS, 'breaks', ' ');
  text = take(text.replaceAll('\t', ' '), INVISIBLE, 'invisible', '');
  // Character by character: a pattern that looks for the end of a long run would begin anew at each of its characters.
  const isEdge = (character: string): boolean => {
    if (SPACE.test(character)) removed.spaces++;
    else if (QUOTE.test(character)) removed.quotes++;
    else return false;
    return true;
  };
  let [start, end] = [0, text.length];
  while (start < end && isEdge(text.charAt(start))) start++;
  while (start < end && isEdge(text.charAt(end - 1))) end--;
  text = text.slice(start, end);
  text = inside === 'joined' ? take(text, SPACES, 'spaces', '') : text.replace(SPACES, ' ');
  // A line break stood in for one space, which is then not a second thing removed.
  removed.spaces = Math.max(0, removed.spaces - removed.breaks);
  return { text, notes: notesOf(removed) };
}

function notesOf(removed: Readonly<Record<'breaks' | 'spaces' | 'invisible' | 'quotes', number>>): readonly string[] {
  const words = [
    [removed.spaces, 'space'],
    [removed.breaks, 'line break'],
    [removed.quotes, 'quotation mark'],
    [removed.invisible, 'invisible character'],
  ] as const;
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `removed ${count} ${word}${count === 1 ? '' : 's'}`);
}
