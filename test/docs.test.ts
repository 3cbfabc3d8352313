import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generatedPages, pathOf } from './generate-docs.js';

test.each(generatedPages)('$file is current (npm run docs)', async (page) => {
  expect(await readFile(pathOf(page), 'utf8')).toBe(await page.render());
});
