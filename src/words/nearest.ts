/** The one of `words` that is most likely meant by a mistyped one; undefined where none is within `most` slips. */
export function nearest(
  typed: string,
  words: readonly string[],
  // Two slips in a long word, one in a short one.
  most = typed.length > 4 ? 2 : 1,
): string | undefined {
  const word = typed.toLowerCase();
  const far = words.map((other) => ({ other, slips: slipsBetween(word, other.toLowerCase(), most) }));
  const [best] = far.filter(({ slips }) => slips <= most).sort((one, other) => one.slips - other.slips);
  return best?.other;
}

/** The question behind a sentence that refuses a word; nothing where no other one is likely. */
export function didYouMean(word: string | undefined): string {
  return word === undefined ? '' : `. Did you mean "${word}"?`;
}

/** Letters left out, added, replaced, or two neighbours swapped (Damerau and Levenshtein); more than `most` is `most + 1`. */
function slipsBetween(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most || one.length > 64) return most + 1;
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line++) {
    const next = [line];
    for (let column = 1; column <= other.length; column++) {
      const same = one[line - 1] === other[column - 1];
      const options = [
        (row[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (row[column - 1] ?? 0) + (same ? 0 : 1),
        ...(one[line - 1] === other[column - 2] && one[line - 2] === other[column - 1]
          ? [(before[column - 2] ?? line) + 1]
          : []),
      ];
      next.push(Math.min(...options));
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? most + 1;
}
