import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('every way a connection can end is told in docs/running.md', () => {
  const outcomes = [...read('src/serve/ending.ts').matchAll(/^ {2}\| '(\w+)'/gm)].map(([, word = '']) => word);
  expect(outcomes.length).toBeGreaterThan(10);
  const [table = ''] = /^\| how it ended[\s\S]*?\n\n/m.exec(read('docs/running.md')) ?? [];
  const [told, others] = [outcomes.filter((word) => table.includes(`\`${word}\``)), ['bug']];
  expect([...told, ...others].sort()).toEqual(outcomes.sort());
});
