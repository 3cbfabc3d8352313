import { stripVTControlCharacters } from 'node:util';

/**
 * Breaks prose into lines of at most `width` characters, each behind `indent`. A word longer than the line, such as an
 * address to copy, stays whole: it must never be broken.
 */
export function wrap(text: string, width: number, indent = '', hanging = indent): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const prefix = lines.length === 0 ? indent : hanging;
    if (line !== '' && columns(prefix) + columns(line) + 1 + columns(word) > width) {
      lines.push(prefix + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push((lines.length === 0 ? indent : hanging) + line);
  return lines;
}

/** Colours take no room. */
function columns(text: string): number {
  return stripVTControlCharacters(text).length;
}
