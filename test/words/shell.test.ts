import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { askingAgain, lastingSetting, quoted, setting, shellOf, without } from '../../src/words/shell.js';

it.each([
  [{}, 'linux', 'posix'],
  [{ SHELL: '/bin/zsh' }, 'darwin', 'posix'],
  [{ PSModulePath: 'C:\\x' }, 'win32', 'powershell'],
  [{ PROMPT: '$P$G', PSModulePath: 'C:\\x' }, 'win32', 'cmd'],
  [{ MSYSTEM: 'MINGW64', PROMPT: '$P$G' }, 'win32', 'posix'],
])('%j on %s is %s', (env, platform, shell) => {
  expect(shellOf(env, platform)).toBe(shell);
});

it('a variable is set as each shell does it', () => {
  const path = "C:\\Users\\Jane Doe\\it's.key";
  expect(setting('powershell', 'K', path)).toBe("$env:K = 'C:\\Users\\Jane Doe\\it''s.key'");
  expect(setting('cmd', 'K', path)).toBe(`set "K=${path}"`);
  expect(lastingSetting('cmd', 'win32', 'K', path)).toBe(`setx K "${path}"`);
  // Between double quotes the other shells read $ and backslashes.
  expect(lastingSetting('powershell', 'win32', 'K', 'C:\\a$b c\\K')).toBe("setx K 'C:\\a$b c\\K'");
  expect(lastingSetting('posix', 'win32', 'K', '\\\\server\\K')).toBe("setx K '\\\\server\\K'");
  expect(lastingSetting('posix', 'linux', 'K', path)).toBeUndefined();
  expect(without('posix', 'K', 'mailauth')).toBe('env -u K mailauth');
});

it('PowerShell takes typographic quotation marks for its own, so they are doubled too', () => {
  expect(quoted('powershell', "Jane\u2019s and it's")).toBe("'Jane\u2019\u2019s and it''s'");
  expect(setting('powershell', 'K', 'C:\\Jane\u2019s')).toBe("$env:K = 'C:\\Jane\u2019\u2019s'");
});

it('Git Bash is told how a program of Windows can ask there', () => {
  const again = (env: Record<string, string>, platform: string) =>
    askingAgain(env, platform, { program: 'mailauth.cmd', args: ['setup', 'jane doe@example.com'] });
  expect(again({ MSYSTEM: 'MINGW64' }, 'win32')).toBe("winpty mailauth.cmd setup 'jane doe@example.com'");
  expect(again({}, 'win32')).toBeUndefined();
  expect(again({ MSYSTEM: 'MINGW64' }, 'linux')).toBeUndefined();
});

it.skipIf(process.platform === 'win32')('a word reaches a POSIX shell as it is', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/[\0\r\n]/.test(text)),
      (word) => {
        const said = execFileSync('/bin/sh', ['-c', `${setting('posix', 'K', word)}; printf '%s' "$K"`]).toString();
        expect(said).toBe(word);
        expect(quoted('posix', word)).not.toBe('');
      },
    ),
    { numRuns: 60 },
  );
});
