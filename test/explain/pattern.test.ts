import { describe, expect, it } from 'vitest';
import { neededWords, occursIn } from '../../src/explain/pattern.js';
import { commonRules } from '../../src/explain/rules/order.js';
import { pasteProviders } from '../../src/providers/directory.js';

describe('the words that a pattern needs', () => {
  it.each<[RegExp, readonly string[]]>([
    [/invalid_grant/, ['invalid_grant']],
    [/Invalid Grant/i, ['invalid grant']],
    [/(?:AADSTS|error code:? ?)700016(?!\d)|^700016$/i, ['700016', '700016']],
    [/\b(?:not found|missing)\b/, ['not found', 'missing']],
    [/colou?r/, ['colo']],
    [/ab+cde/, ['cde']],
    [/abcd*/, ['abc']],
    [/abc{0,2}def/, ['def']],
    [/abc{1,2}?def/, ['abc']],
    [/(?:abcdef)?ghi/, ['ghi']],
    [/(?:abcdef)+gh/, ['abcdef']],
    [/(?<name>abcdef)/, ['abcdef']],
    [/[abc\]]def/, ['def']],
    [/\[AUTH\] x/, ['[auth] x']],
    [/(?=look)|x/, []],
    [/(?<!before)abc/, ['abc']],
    [/abcd|\d+/, []],
    [/abc|de/, []],
    [/\u00e9abc\x41def/, ['abc']],
    [/caf\u00e9 e\u0301tait/, ['tait']],
    [/abcé?def/, ['abc']],
    [/(abc)\1/, []],
    [/abc/u, []],
    [/a.b.c/, []],
  ])('%s', (pattern, words) => {
    expect(neededWords(pattern)).toEqual(words);
  });
});

const rules = [...commonRules, ...pasteProviders.flatMap(({ rules: own, pasteRules = [] }) => [...own, ...pasteRules])];
const patterns = rules.flatMap(({ when: { text } }) => (text === undefined ? [] : [text]));
const samples = rules.flatMap(({ sample }) => [sample.text, sample.error ?? '', sample.challenge ?? '']);

describe('the patterns of the rules', () => {
  it('find in every sample what they find without the words', () => {
    const texts = [...new Set(samples.flatMap((text) => [text, text.toUpperCase(), text.toLowerCase()]))];
    const missed = patterns.flatMap((pattern) =>
      texts.filter((text) => pattern.test(text) && !occursIn(pattern, text)).map((text) => [pattern.source, text]),
    );
    expect(missed).toEqual([]);
  });

  it('need a word, nearly all of them', () => {
    const free = patterns.filter((pattern) => neededWords(pattern).length === 0);
    expect(free.length).toBeLessThan(patterns.length / 10);
  });
});
