import { describe, expect, it } from 'vitest';
import { explainPaste } from '../../../src/explain/paste/paste.js';
import { PROGRAMS } from '../../../src/explain/paste/programs.js';
import { commonRules } from '../../../src/explain/rules/order.js';
import { pasteProviders } from '../../../src/providers/directory.js';

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

const rules = [...commonRules, ...pasteProviders.flatMap(({ rules: own, pasteRules = [] }) => [...own, ...pasteRules])];
const patterns = [
  ...rules.flatMap(({ id, when: { text } }) => (text === undefined ? [] : [[id, text] as const])),
  ...PROGRAMS.map(({ title, shows }) => [title, shows] as const),
  ...pasteProviders.flatMap(({ id, shows }) => (shows === undefined ? [] : [[id, shows] as const])),
];

/** Milliseconds of processor time that the work takes, at best of three: a busy machine makes one slow, not all. */
function cost(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

const LENGTH = 60_000;
/** Quadratic work at this length takes ten seconds and more; linear work a few milliseconds. */
const MOST = 1_500;

describe('text that repeats one thing', () => {
  it('costs no pattern more than its length', () => {
    const slow = patterns.flatMap(([id, pattern]) =>
      RUNS.flatMap((run) => {
        const text = run.repeat(Math.ceil(LENGTH / run.length));
        const before = performance.now();
        pattern.test(text);
        if (performance.now() - before < 200) return [];
        const spent = cost(() => pattern.test(text));
        return spent > 200 ? [`${id}: ${JSON.stringify(run)} ${spent} ms`] : [];
      }),
    );
    expect(slow).toEqual([]);
  }, 60_000);

  it.each(RUNS)('is read in linear time: %j', (run) => {
    const text = run.repeat(Math.ceil(LENGTH / run.length));
    expect(cost(() => explainPaste(text, pasteProviders))).toBeLessThan(MOST);
  });
});
