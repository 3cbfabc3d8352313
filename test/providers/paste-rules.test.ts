import { describe, expect, it } from 'vitest';
import { explainPaste } from '../../src/explain/paste/paste.js';
import { pasteProviders } from '../../src/providers/words.js';
import { sampleOf } from '../explain/samples.js';
import { pasteRulesOf, rulesOf } from './own-rules.js';

const rules = pasteProviders.flatMap((provider) =>
  [...(provider.whenShown === true ? rulesOf(provider) : []), ...pasteRulesOf(provider)].map((rule) => ({
    provider,
    rule,
  })),
);

describe('a rule for what other programs show', () => {
  it('is named once', () => {
    const ids = pasteProviders.flatMap((provider) =>
      [...rulesOf(provider), ...pasteRulesOf(provider)].map(({ id }) => id),
    );
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(rules.length).toBeGreaterThan(30);
  });

  it.each(rules.map(({ provider, rule }) => [rule.id, provider] as const))(
    'knows its sample where the provider is named: %s',
    async (id, { title, whenShown, id: provider }) => {
      const sample = sampleOf(id);
      const text = whenShown === true ? `${title}: ${sample.text}` : sample.text;
      expect(await explainPaste(text, pasteProviders)).toMatchObject({ rule: id, provider });
    },
  );
});

/** Microsoft's list and some numbers that are in no list. */
const NUMBERS =
  '16000 16001 16002 16003 17003 20001 28002 40008 50000 50001 50003 50005 50011 50012 50013 50014 50017 50020 50027 50034 50053 50057 50064 50076 50079 50086 50105 50107 50125 50127 50129 50135 50140 50155 50161 50187 51005 52004 53000 53004 53010 54000 65001 65004 67003 70000 70005 70007 75001 75011 80001 80014 81004 81012 90004 90006 90010 90015 90020 90036 90051 90081 90093 90099 90107 90121 90126 120000 120020 130004 135011 140001 165004 220450 221000 240002 500112 501461 700011 700213 700229 1000000 1000031 7000114 7500529 9002313 50998 53998 65998 700998 900998 123456';

describe('a number of Microsoft', () => {
  it.each(NUMBERS.split(' '))('is never unknown: AADSTS%s', async (number) => {
    const { code, provider, fix } = await explainPaste(`AADSTS${number}: Something. Trace ID: x`, pasteProviders);
    expect(code).not.toBe('unknown');
    expect(provider).toBe('outlook');
    expect(fix.length).toBeGreaterThan(0);
  });
});
