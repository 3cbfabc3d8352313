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
