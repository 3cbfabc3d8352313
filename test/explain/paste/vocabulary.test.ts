import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explainPaste } from '../../../src/explain/paste/paste.js';
import { pasteProviders } from '../../../src/providers/words.js';

/**
 * The errors of programs, libraries and servers in their own words, as people post them: a code and a line each, below a
 * heading that says whose they are.
 */
const groups = readFileSync(new URL('vocabulary.tsv', import.meta.url), 'utf8')
  .split(/^# /m)
  .filter((group) => group.trim() !== '')
  .map((group) => {
    const [whose = '', ...lines] = group.trim().split('\n');
    return { whose, errors: lines.map((line) => line.split('\t') as [code: string, text: string]) };
  });

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

describe('what others say of a login or a connection', () => {
  it.each(groups)('is known in the words of $whose', async ({ errors }) => {
    const told = await Promise.all(
      errors.map(async ([, text]) => {
        const pasted = text.replace(/\\([nrt])/g, (_, letter: string) => ESCAPES[letter] ?? '');
        const { code } = await explainPaste(pasted, pasteProviders);
        return [code, text];
      }),
    );
    expect(told).toEqual(errors);
  });
});
