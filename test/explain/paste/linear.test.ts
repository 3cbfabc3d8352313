import { describe, expect, it } from 'vitest';
import { explainPaste } from '../../../src/explain/paste/paste.js';
import { PROGRAMS } from '../../../src/explain/paste/programs.js';
import { commonRules } from '../../../src/explain/rules/order.js';
import { pasteProviders } from '../../../src/providers/words.js';
import { pasteRulesOf, rulesOf } from '../../providers/own-rules.js';

/** Long runs of every class of character, and of the beginnings that patterns look for. */
const RUNS = [
  ...'aA0_ .-=%\\&<"\'{[(:;/+@#|)~\n\t\u00e9\u4e2d',
  '%4',
  '\\u00',
  '&#',
  '<a ',
  'eyJ',
  'x ',
  'NO ',
  'error ',
  'AADSTS',
  'not ',
  'AUTH ',
  'LOGIN a ',
  'certificate ',
  'token ',
  'refresh ',
  '1.',
  'a@',
  '"a":',
];

const rules = [
  ...commonRules,
  ...pasteProviders.flatMap((provider) => [...rulesOf(provider), ...pasteRulesOf(provider)]),
];
const patterns = [
  ...rules.flatMap(({ id, when: { text } }) => (text === undefined ? [] : [[id, text] as const])),
  ...PROGRAMS.map(({ title, shows }) => [title, shows] as const),
  ...pasteProviders.flatMap(({ id, shows }) => (shows === undefined ? [] : [[id, shows] as const])),
];

/** Milliseconds of processor time that the work takes, up to three times until it is fast: a busy machine makes one slow, not all. */
async function cost(work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (const _ of [1, 2, 3]) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
    if (least < MOST) break;
  }
  return least;
}

const LENGTH = 60_000;
/** Quadratic work at this length takes ten seconds and more; linear work a few milliseconds. */
const MOST = 1_500;

describe('text that repeats one thing', () => {
  it('costs no pattern more than its length', async () => {
    const slow: string[] = [];
    for (const [id, pattern] of patterns) {
      for (const run of RUNS) {
        const text = run.repeat(Math.ceil(LENGTH / run.length));
        const before = performance.now();
        pattern.test(text);
        if (performance.now() - before < 200) continue;
        const spent = await cost(() => pattern.test(text));
        if (spent > 200) slow.push(`${id}: ${JSON.stringify(run)} ${spent} ms`);
      }
    }
    expect(slow).toEqual([]);
  }, 60_000);

  it.each(RUNS)('is read in linear time: %j', async (run) => {
    const text = run.repeat(Math.ceil(LENGTH / run.length));
    expect(await cost(() => explainPaste(text, pasteProviders))).toBeLessThan(MOST);
  });
});
