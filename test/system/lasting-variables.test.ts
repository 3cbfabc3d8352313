import { expect, test } from 'vitest';
import { inThisWindowAlone } from '../../src/system/lasting-variables.js';

test('a variable that neither the user nor the machine keeps is in this window alone', async () => {
  const kept: Readonly<Record<string, string>> = {
    OF_USER: 'HKCU\\Environment',
    OF_MACHINE: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment',
  };
  const env = { SystemRoot: 'D:\\Windows', OF_USER: '1', OF_MACHINE: '1', OF_WINDOW: '1' };
  const asked = new Set<string>();
  const run = async (program: string, [query, key, flag, name = '']: readonly string[]) => {
    asked.add([program, query, flag].join(' '));
    return kept[name] === key;
  };
  expect(await inThisWindowAlone([...Object.keys(kept), 'OF_WINDOW', 'NOT_SET'], env, run)).toEqual(['OF_WINDOW']);
  expect([...asked]).toEqual(['D:\\Windows\\System32\\reg.exe query /v']);
});
