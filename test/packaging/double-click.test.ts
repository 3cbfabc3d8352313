import { expect, it } from 'vitest';
import { isDoubleClicked, type Parent } from '../../packaging/double-click.js';

function windows(lines: string, more: Partial<Parent> = {}) {
  const asked: (readonly string[])[] = [];
  const ask: Parent['ask'] = async (program, args) => {
    asked.push([program, ...args]);
    return lines;
  };
  return { asked, parent: { platform: 'win32', env: { SystemRoot: 'C:\\Windows' }, ask, ...more } as Parent };
}

it('a window that the desktop opened for the program is known by the process that started it', async () => {
  const { asked, parent } = windows('"explorer.exe","4711","Console","1","80,000 K"\r\n');
  expect(await isDoubleClicked(parent)).toBe(true);
  expect(asked).toEqual([
    ['C:\\Windows\\System32\\tasklist.exe', '/FI', `PID eq ${process.ppid}`, '/FO', 'CSV', '/NH'],
  ]);
});

it.each([
  ['PowerShell', windows('"powershell.exe","1","Console","1","80,000 K"\r\n').parent],
  ['a parent that has ended', windows('INFO: No tasks are running which match the specified criteria.\r\n').parent],
  ['no answer', windows('').parent],
  ['the Command Prompt, which is not even asked', windows('"explorer.exe"', { env: { PROMPT: '$P$G' } }).parent],
  ['another system', windows('"explorer.exe"', { platform: 'linux' }).parent],
])('%s is no double click', async (_, parent) => {
  expect(await isDoubleClicked(parent)).toBe(false);
});
