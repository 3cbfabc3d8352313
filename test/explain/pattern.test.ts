import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { neededWords, withPatterns } from '../../packaging/patterns.js';
import { PROGRAMS } from '../../src/explain/paste/programs.js';
import { Pattern } from '../../src/explain/pattern.js';
import { commonRules } from '../../src/explain/rules/order.js';
import { pasteProviders } from '../../src/providers/words.js';
import { pasteRulesOf, rulesOf } from '../providers/own-rules.js';
import { samples } from './samples.js';

describe('what the build makes of a pattern', () => {
  it.each<readonly [source: string, words: readonly string[] | undefined]>([
    ['unknown user', ['unknown user']],
    ['Unknown user|No such user', ['unknown user', 'no such user']],
    ['unknown user|..', undefined],
    ['(?:not|never) (?:found|known)', ['found', 'known']],
    ['mail(?:box)? is (?:full|over)', ['mail']],
    ['not found(?! here)', ['not found']],
    ['(?<!is )not found', ['not found']],
    ['not(?= found)', [' found']],
    ['(?:not found)?', undefined],
    ['(?:not found){0,2}', undefined],
    ['(?:not found){1,2}', ['not found']],
    ['colou?rs', ['colo']],
    ['lost!+ never', [' never']],
    ['abc{2}defg', ['defg']],
    ['a[bc]d\\d\\.', undefined],
    ['5\\.7\\.139', ['5.7.139']],
    ['\\u0041bcd', ['bcd']],
    ['拒绝', ['拒绝']],
    // What the flag i takes for one letter has several small ones.
    ['пароль', ['пар']],
    ['σας λογ', [' λογ']],
    ['😀abc', ['abc']],
  ])('%s needs %j', (source, words) => expect(neededWords(source)).toEqual(words));

  it('does not change what a rule or a program is known by', () => {
    const rules = [
      ...commonRules,
      ...pasteProviders.flatMap((provider) => [...rulesOf(provider), ...pasteRulesOf(provider)]),
    ];
    const patterns = [...rules.map(({ when }) => when.text), ...PROGRAMS.map(({ shows }) => shows)].filter(
      (text): text is RegExp => text instanceof RegExp,
    );
    const ready = patterns.flatMap((pattern) => {
      const words = neededWords(pattern.source);
      return words === undefined ? [] : [[pattern, new Pattern(pattern.source, pattern.flags, words)] as const];
    });
    expect(ready.length).toBeGreaterThan(patterns.length * 0.9);
    for (const { text } of samples) {
      for (const [pattern, made] of ready) {
        const matches = pattern.test(text);
        if (matches !== made.test(text)) expect.fail(`${pattern} on ${text}`);
        if (matches && pattern.flags === 'i' && !made.test(text.toUpperCase())) expect.fail(`${pattern} in capitals`);
      }
    }
  });

  it('is asked for in their place, and where only what it can do is asked of them', () => {
    const text =
      "const a = { text: /No user/i };\nconst b = [/x|y/i, /long word/];\nconst c = 'd'.replace(/long word/, '');\n";
    expect(withPatterns(text, parseAst(text, { lang: 'ts' }))).toMatch(
      /^import \{ Pattern \} from "[^"]*pattern\.ts";\nconst a = \{ text: new Pattern\("No user", "i", \["no user"\]\) \};\nconst b = \[\/x\|y\/i, new Pattern\("long word", "", \["long word"\]\)\];\nconst c = 'd'\.replace\(\/long word\/, ''\);\n$/,
    );
  });
});
