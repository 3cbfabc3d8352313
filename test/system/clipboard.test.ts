import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { copyToClipboard } from '../../src/system/clipboard.js';
import { testFolder } from '../store/folder.js';

it('N19 on Windows no program is looked for: a bare name would be found in the current folder first', async () => {
  const folder = testFolder();
  const program = `#!/bin/sh\n: > '${join(folder, 'mark')}'\n`;
  writeFileSync(join(folder, 'clip.exe'), program, { mode: 0o755 });
  const env = { PATH: folder, SystemRoot: join(folder, 'windows') };
  const options = { env, platform: 'win32', isTerminal: false } as const;
  expect(await copyToClipboard('a Client ID', options)).toBe('no-clipboard');
  expect(existsSync(join(folder, 'mark'))).toBe(false);
});
