import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defuse, sanitise } from '../../src/words/sanitise.js';

const DANGEROUS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\x1b[2J',
      '\x9b',
      '\r\n',
      '\u202e',
      '\u200b',
      '\u3164',
      '\ufff9',
      '\ud83d',
      '😀',
      'a',
      ' ',
      '\u2028',
    ),
  }),
);

describe('what a server says', () => {
  it('X08 never carries a character that a terminal acts upon', () => {
    fc.assert(fc.property(hostile, (text) => !DANGEROUS.test(sanitise(text))));
  });

  it('X09 stays on one line within its limit', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 400 }), (text, limit) => sanitise(text, limit).length <= limit),
    );
  });

  it('is left alone the second time', () => {
    fc.assert(fc.property(hostile, (text) => sanitise(sanitise(text)) === sanitise(text)));
  });

  it('is left as it is where it is harmless', () => {
    expect(sanitise('535 5.7.8 Fehler: Anmeldung fehlgeschlagen (ü, 日本, 😀)')).toBe(
      '535 5.7.8 Fehler: Anmeldung fehlgeschlagen (ü, 日本, 😀)',
    );
  });

  it.each([
    ['a clear screen', 'ok\x1b[2Jgone', 'ok\\u{1b}[2Jgone'],
    ['a title', '\x1b]0;root\x07', '\\u{1b}]0;root\\u{7}'],
    ['an eight-bit escape', '\x9b31mred', '\\u{9b}31mred'],
    ['a text that turns round', 'file\u202etxt.exe', 'file\\u{202e}txt.exe'],
    ['a forged line', 'NO\r\nOK: all is well', 'NO OK: all is well'],
    ['a hidden character', 'pay\u200bpal', 'pay\\u{200b}pal'],
    ['a letter without a shape', 'pay\u3164pal', 'pay\\u{3164}pal'],
  ])('X08 shows %s instead of doing it', (_, text, shown) => {
    expect(sanitise(text)).toBe(shown);
  });

  it('is cut with a sign, and never through a character', () => {
    expect(sanitise('x'.repeat(400))).toBe(`${'x'.repeat(299)}…`);
    expect(sanitise('😀'.repeat(10), 4)).toBe('😀…');
  });
});

describe('a whole output', () => {
  it('X08 never carries a character that a terminal acts upon, but tabs, line ends and colours', () => {
    fc.assert(fc.property(hostile, (text) => !DANGEROUS.test(defuse(text).replace(/\x1b\[[\d;]*m|[\t\n]/g, ''))));
  });

  it('X08 X12 stays the same document when it is JSON', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const document = JSON.stringify({ text });
        return JSON.parse(defuse(document)).text === JSON.parse(document).text;
      }),
    );
  });

  it('keeps what mailauth itself prints', () => {
    const ours = '\x1b[1mSTEP 1\x1b[22m\n\tü 日本 \x1b[31;1mFAIL\x1b[39m\n';
    expect(defuse(ours)).toBe(ours);
    expect(defuse('\x9b31m \x1b]0;x\x07 \u202e \u{e0041}')).toBe(
      '\\u009b31m \\u001b]0;x\\u0007 \\u202e \\udb40\\udc41',
    );
  });
});
