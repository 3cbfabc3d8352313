import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { PROVIDER_NAMES } from '../src/providers/outline.js';
import { generatedPages, pathOf } from './generate-docs.js';

test.each(generatedPages)('$file is current (npm run docs)', async (page) => {
  expect(await readFile(pathOf(page), 'utf8')).toBe(await page.render());
});

test.each(PROVIDER_NAMES.filter((id) => id !== 'custom'))('README.md names %s and links its guide', async (id) => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`\`${id}\``);
  expect(readme).toContain(`(docs/${id}.md)`);
});

test.each(['CONTRIBUTING.md', 'docs/architecture.md'])('%s names files that are there', async (page) => {
  const text = await readFile(new URL(`../${page}`, import.meta.url), 'utf8');
  // A file is named without src/ or without its room where the sentence says which.
  const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w-]+\.(?:ts|js|jsonl))`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(10);
  const places = (path: string) =>
    ['', 'src/', 'src/flows/', 'src/explain/'].map((room) => new URL(`../${room}${path}`, import.meta.url));
  expect(named.filter((path) => !places(path).some(existsSync))).toEqual([]);
});
