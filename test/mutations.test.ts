import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MUTATIONS, ROOT } from './mutations.js';

test('every mutation still finds its place, once, and its tests', () => {
  const astray = MUTATIONS.filter(
    ({ file, from, to }) => from === to || readFileSync(join(ROOT, file), 'utf8').split(from).length !== 2,
  );
  expect(astray.map(({ file, breaks }) => `${file}: ${breaks}`)).toEqual([]);
  expect(MUTATIONS.flatMap(({ tests }) => tests).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
