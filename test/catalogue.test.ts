import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DUTIES, ROWS } from './catalogue.js';

const TESTS = fileURLToPath(new URL('.', import.meta.url));

interface Title {
  readonly file: string;
  readonly ids: readonly string[];
}

const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(TESTS, file), 'utf8') }));

/** A title is the first argument of `it`, `test` or `describe`, their tables included; one or more ids may lead it. */
const titles: readonly Title[] = files.flatMap(({ file, text }) =>
  [...text.matchAll(/\(\s*(['"`])((?:[RLTSXMNCD]\d\d )+)/g)].map(([, , ids = '']) => ({
    file,
    ids: ids.trim().split(' '),
  })),
);
const tested = new Set(titles.flatMap(({ ids }) => ids));
const isHeld = (id: string): boolean => tested.has(id) || ROWS.some((row) => row.id === id && row.elsewhere);

describe('the catalogue', () => {
  it('lists every row once, in order', () => {
    const ids = [...DUTIES, ...ROWS].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const letters = [...new Set(ids.map((id) => id.charAt(0)))];
    const numbers = letters.map((letter) => {
      const own = ids.filter((id) => id.startsWith(letter));
      return [letter, own.length, own.at(-1)?.slice(1)];
    });
    expect(numbers).toEqual([
      ['R', 27, '27'],
      ['L', 34, '34'],
      ['T', 28, '28'],
      ['S', 34, '34'],
      ['X', 14, '14'],
      ['M', 26, '26'],
      ['N', 19, '19'],
      ['C', 12, '12'],
      ['D', 16, '16'],
    ]);
  });

  it('is what the titles speak of: no title names a row that does not exist', () => {
    const known = new Set([...DUTIES, ...ROWS].map(({ id }) => id));
    const unknown = titles.flatMap(({ file, ids }) =>
      ids.filter((id) => !known.has(id)).map((id) => `${id} in ${file}`),
    );
    expect(titles.length).toBeGreaterThan(200);
    expect(unknown).toEqual([]);
  });

  it('has a test or a reason for every row of priority A and B', () => {
    const open = ROWS.filter(({ id, priority }) => priority !== 'C' && !isHeld(id));
    const later = ROWS.filter(({ id, priority }) => priority === 'C' && !isHeld(id));
    const elsewhere = ROWS.filter((row) => row.elsewhere);
    console.info(
      [
        `the catalogue: ${ROWS.length} rows, ${ROWS.filter(({ id }) => tested.has(id)).length} held by tests,`,
        `${elsewhere.length} elsewhere (${elsewhere.map(({ id }) => id).join(' ')}), ${open.length} open,`,
        `${later.length} of priority C left (${later.map(({ id }) => id).join(' ')})`,
      ].join(' '),
    );
    expect(open.map(({ id, priority, holds }) => `${id} ${priority} ${holds}`)).toEqual([]);
  });

  it('has a held row behind every demand of a standard', () => {
    const known = new Set(ROWS.map(({ id }) => id));
    expect(DUTIES.flatMap(({ by }) => by.filter((id) => !known.has(id)))).toEqual([]);
    const open = DUTIES.filter(({ by }) => !by.every(isHeld));
    expect(open.map(({ id, holds }) => `${id} ${holds}`)).toEqual([]);
  });

  it('gives no reason for a row that a test holds', () => {
    expect(ROWS.filter((row) => row.elsewhere && tested.has(row.id)).map(({ id }) => id)).toEqual([]);
  });

  it('is not held by tests that do not run', () => {
    const asleep = files.filter(({ text }) =>
      /\b(?:it|test|describe)(?:\.\w+)*\.(?:skip|todo|only|fails)\b/.test(text),
    );
    expect(asleep.map(({ file }) => file)).toEqual([]);
  });
});
