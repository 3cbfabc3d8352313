import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fullPath, looksLikePath, meantPath, namesJsonFile, pathToWrite } from '../../src/cli/file-path.js';

let home = '';
let file = '';
const NAME = 'client_secret (1).json';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mailauth paths-'));
  vi.stubEnv('HOME', home);
  mkdirSync(join(home, 'Downloads'));
  file = join(home, 'Downloads', NAME);
  writeFileSync(file, '{}');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

it('a file is found as a person, a shell, a browser or a file manager writes its name', () => {
  const escaped = file.replace(/[ ()]/g, '\\$&');
  const spellings = [file, ` ${file} `, `'${file}'`, `"${file}"`, escaped, pathToFileURL(file).href, `& '${file}'`];
  for (const spelling of [...spellings, `~/Downloads/${NAME}`, `~\\Downloads/${NAME}`, `"~/Downloads/${NAME}"`]) {
    expect(meantPath(spelling), spelling).toBe(file);
    expect(namesJsonFile(spelling), spelling).toBe(true);
    expect(fullPath(spelling), spelling).toBe(file);
    expect(looksLikePath(spelling) || spelling.startsWith('&') || spelling.startsWith(' '), spelling).toBe(true);
  }
});

it('a bare name is looked for where browsers save, and only where a person is asked', () => {
  expect(meantPath(NAME, true)).toBe(file);
  expect(meantPath(NAME)).toBe(NAME);
  expect(meantPath('none.json', true)).toBe('none.json');
});

it('a text of JSON, an address and a value name no file', () => {
  const texts = ['{"installed":{}}', '{ "a": "x.json"', 'https://example.com/a.json', '123.apps.example.com'];
  expect(texts.filter(namesJsonFile)).toEqual([]);
  expect(looksLikePath('GOCSPX-abc/def')).toBe(false);
});

it('a device of Windows is refused by name where a file is to be made, and only there', () => {
  for (const name of ['NUL', 'con', 'Aux.txt', 'C:\\work\\prn.py', 'D:/x/lpt1', '.\\COM3 .ini', 'CONOUT$', 'nul:']) {
    expect(() => pathToWrite(name, 'win32'), name).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(pathToWrite(name, 'linux'), name).toBe(fullPath(name));
  }
  for (const name of ['null', 'config', 'com10.txt', 'my.con', 'aux-token.py'])
    expect(pathToWrite(name, 'win32'), name).toBe(fullPath(name));
});
