/** Loaded before each unit test on Windows' Node. */
import { relative } from 'node:path';
import { beforeEach } from 'vitest';
import { needOf } from './posix.js';

beforeEach(({ task, skip }) => {
  const file = relative('test', task.file.filepath).replaceAll('\\', '/');
  const need = needOf(file, task.name);
  if (need !== undefined) skip(`needs ${need}`);
});
