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

async function codeOf(text: string): Promise<string> {
  const pasted = text.replace(/\\([nrt])/g, (_, letter: string) => ESCAPES[letter] ?? '');
  return (await explainPaste(pasted, pasteProviders)).code;
}

describe('what others say of a login or a connection', () => {
  it.each(groups)('is known in the words of $whose', async ({ errors }) => {
    const told = await Promise.all(errors.map(async ([, text]) => [await codeOf(text), text]));
    expect(told).toEqual(errors);
  });

  it.each<[how: string, change: (text: string) => string]>([
    ['in capitals', (text) => text.replace(/\\[nrt]/g, ' ').toUpperCase()],
    ['in brackets', (text) => `[${text}]`],
    ['in quotation marks', (text) => `„${text}“`],
    ['behind words of another language', (text) => `Le serveur a répondu : ${text}`],
    ['behind a full-width colon', (text) => `服务器返回：${text}`],
  ])('is no other cause %s', async (_, change) => {
    // Every fifth one, since each is read anew.
    const errors = groups.flatMap((group) => group.errors).filter((__, index) => index % 5 === 0);
    const told = await Promise.all(errors.map(async ([code, text]) => [code, await codeOf(change(text)), text]));
    const others = told.filter(([code, changed]) => changed !== code && changed !== 'unknown');
    expect(others).toEqual([]);
    expect(told.filter(([code, changed]) => changed === code).length).toBeGreaterThan(errors.length * 0.9);
  });

  it('is hardly ever another cause where it ends before its reason', async () => {
    const errors = groups
      .flatMap((group) => group.errors)
      .filter(([, text], index) => index % 3 === 0 && !/\\n/.test(text));
    const cuts = errors.flatMap(([code, text]) =>
      Array.from(text.matchAll(/: /g), ({ index }) => [code, text.slice(0, index + 1)] as const),
    );
    const told = await Promise.all(cuts.map(async ([code, text]) => [code, await codeOf(text), text]));
    const others = told.filter(([code, cut]) => cut !== code && cut !== 'unknown');
    expect(others.length, JSON.stringify(others)).toBeLessThan(cuts.length / 50);
  });
});
