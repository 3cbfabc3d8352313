import type { Words } from './rule.js';

/**
 * What the build makes of the pattern of a rule (packaging/patterns.js): it is compiled only where one of the words that
 * it cannot do without occurs, because compiling all of them takes longer than everything else that `explain` does.
 */
export class Pattern implements Words {
  private readonly source: string;
  private readonly flags: string;
  /** In small letters. */
  private readonly words: readonly string[];
  private compiled: RegExp | undefined;

  constructor(source: string, flags: string, words: readonly string[]) {
    this.source = source;
    this.flags = flags;
    this.words = words;
  }

  test(text: string): boolean {
    const small = inSmallLetters(text);
    if (!this.words.some((word) => small.includes(word))) return false;
    this.compiled ??= new RegExp(this.source, this.flags);
    return this.compiled.test(text);
  }
}

/** Of one text: hundreds of rules ask for the same one, in turn. */
let read = { text: '', small: '' };

function inSmallLetters(text: string): string {
  if (read.text !== text) read = { text, small: text.toLowerCase() };
  return read.small;
}
