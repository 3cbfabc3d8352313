import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aercValue,
  arrayLiteral,
  fetchmailString,
  iniValue,
  msmtpString,
  muttString,
  phpString,
  quoted,
  rawIniValue,
  shellCommand,
  shellWord,
  stringLiteral,
  urlPart,
} from '../../src/export/quoting.js';

/** Values full of what configuration files give a meaning to. */
const nasty = fc.string({
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...'"\'\\$`%#;:=@ (){}[]<>|&*?!~^,.+-xn2') },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
  ),
  maxLength: 30,
});
const values = nasty.filter((value) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(value));

/** Each way of quoting with a reader of its own, written from the format's description and not from our code. */
const ROUND_TRIPS: readonly [name: string, write: (value: string) => string, read: (text: string) => string][] = [
  ['shell word', shellWord, readShellWord],
  ['isync, curl, git', quoted, (text) => inside(text).replace(/\\(["\\])/g, '$1')],
  ['mutt', muttString, readMutt],
  ['fetchmail', fetchmailString, readFetchmail],
  ['msmtp', msmtpString, inside],
  ['JSON, JavaScript, Python, TOML', stringLiteral, (text) => JSON.parse(text)],
  ['PHP', phpString, (text) => inside(text, "'").replace(/\\(['\\])/g, '$1')],
  ['URL', urlPart, decodeURIComponent],
];

describe.each(ROUND_TRIPS)('%s', (_name, write, read) => {
  test('reads back as the value, on one line', () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = write(value);
        expect(text).not.toMatch(/[\r\n]/);
        expect(read(text)).toBe(value);
      }),
    );
  });

  test.each(['\n', '\r', '\0', '\x1b', '\x7f', '\u2028', '\ud800'])('refuses %j', (character) => {
    expect(() => write(`a${character}b`)).toThrow(/control character/);
  });
});

test('a command reads back as its words', () => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), (words) => {
      expect(readShellWords(shellCommand(words))).toEqual(words);
      expect(JSON.parse(arrayLiteral(words))).toEqual(words);
    }),
  );
});

test('ordinary commands stay readable', () => {
  expect(shellCommand(['mailauth', 'token', 'gmail-2'])).toBe('mailauth token gmail-2');
  expect(shellCommand(['/opt/my apps/mailauth', 'token', "o'hara"])).toBe(`'/opt/my apps/mailauth' token 'o'\\''hara'`);
});

describe('ini files', () => {
  const trimmed = values.filter((value) => value !== '' && value === value.trim());

  test("Python's configparser halves the percent signs", () => {
    fc.assert(
      fc.property(trimmed, (value) => {
        expect(iniValue(value).replaceAll('%%', '\0').includes('%')).toBe(false);
        expect(iniValue(value).replaceAll('%%', '%')).toBe(value);
        expect(rawIniValue(value)).toBe(value);
      }),
    );
  });

  test.each(['', ' a', 'a '])('%j would not survive the reading', (value) => {
    expect(() => rawIniValue(value)).toThrow(/begins or ends with a space/);
    expect(() => iniValue(value)).toThrow(/begins or ends with a space/);
  });

  test('aerc takes what stands between backquotes', () => {
    fc.assert(
      fc.property(
        values.filter((value) => !/%\(.*\)s/.test(value)),
        (value) => {
          const text = aercValue(value);
          if (text.startsWith('`')) expect(text.slice(1, text.lastIndexOf('`'))).toBe(value);
          else expect([text, /["#;'\\]/.test(text)]).toEqual([value, false]);
        },
      ),
    );
    expect(() => aercValue('%(home)s')).toThrow(/cannot hold/);
  });
});

function inside(text: string, mark = '"'): string {
  expect([text.at(0), text.at(-1)]).toEqual([mark, mark]);
  return text.slice(1, -1);
}

function readShellWord(text: string): string {
  const [word, ...more] = readShellWords(text);
  expect(more).toEqual([]);
  return word ?? '';
}

/** POSIX shell, section 2.2: quotes and backslashes only; any other special character is an error here. */
function readShellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "'") {
      const end = text.indexOf("'", at + 1);
      word = (word ?? '') + text.slice(at + 1, end);
      at = end;
    } else if (character === '\\') {
      at++;
      word = (word ?? '') + text.charAt(at);
    } else if (character === ' ') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      expect(character).toMatch(/[A-Za-z0-9_/:@.,-]/);
      word = (word ?? '') + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** muttrc: a backslash takes the next character as it is (after the letters n, r, t, f, e, c and digits it would not). */
function readMutt(text: string): string {
  const body = inside(text);
  expect(body.replace(/\\["\\$`]/g, '')).not.toMatch(/["\\$`]/);
  return body.replace(/\\(["\\$`])/g, '$1');
}

function readFetchmail(text: string): string {
  const body = inside(text);
  expect(body).not.toContain('"');
  return body.replace(/\\(\\|x22)/g, (_all, escaped) => (escaped === 'x22' ? '"' : '\\'));
}
