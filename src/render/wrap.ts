import { createRequire } from 'node:module';
import type stringWidth from 'fast-string-width';

/**
 * Breaks prose into lines of at most `width` columns, each behind `indent`. A word longer than the line, such as an
 * address to copy, stays whole: it must never be broken.
 */
export function wrap(text: string, width: number, indent = '', hanging = indent): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const prefix = lines.length === 0 ? indent : hanging;
    if (line !== '' && columnsOf(prefix) + columnsOf(line) + 1 + columnsOf(word) > width) {
      lines.push(prefix + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push((lines.length === 0 ? indent : hanging) + line);
  return lines;
}

/** The letters and signs of Latin texts: one column each. */
const NARROW = /^[\x20-\x7e\xa1-\xac\xae-\xff\u2010-\u2015\u2018-\u201f\u2022\u2026]*$/;

/** Columns of a terminal: colours take none, a character of China, Japan or Korea takes two. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  // Loaded where a text needs it: its patterns take longer to read than most commands.
  widthOf ??= (createRequire(import.meta.url)('fast-string-width') as { readonly default: typeof stringWidth }).default;
  return widthOf(text);
}

let widthOf: typeof stringWidth | undefined;
