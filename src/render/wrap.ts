import stringWidth from 'fast-string-width';

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

/** Columns of a terminal: colours take none, a character of China, Japan or Korea takes two. */
export function columnsOf(text: string): number {
  // Nearly every text is ASCII, and quickly measured.
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}
