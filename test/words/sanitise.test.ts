import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { styleFor, writable } from '../../src/render/style.js';
import { defuse, json, oneLine } from '../../src/words/sanitise.js';

/** The words of others as a person gets to see them: in a sentence, and through the wall. */
const sanitise = (text: string, limit?: number): string => defuse(oneLine(text, limit));

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
  it('X08 never carries a character that a terminal acts upon, but tabs and line ends', () => {
    fc.assert(fc.property(hostile, (text) => !DANGEROUS.test(defuse(text).replace(/[\t\n]/g, ''))));
  });

  it('X08 X12 stays one document when it is JSON, with no such character for whoever parses it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const document = json({ text, within: [{ text }] });
        const parsed = JSON.parse(document);
        return (
          document.trimEnd().split('\n').length === 1 &&
          parsed.text === defuse(text) &&
          parsed.within[0].text === parsed.text &&
          defuse(document) === document
        );
      }),
    );
  });

  it('keeps the colours that mailauth itself paints with, and nobody else’s', () => {
    const style = styleFor(true);
    const ours = writable(`${style.heading('STEP 1')}\n\tü 日本 ${style.dim('later')}\n`);
    expect(ours).toBe('\x1b[1mSTEP 1\x1b[22m\n\tü 日本 \x1b[2mlater\x1b[22m\n');
    // What has left once is anybody's, and so is what a server paints inside of ours.
    expect(writable(ours)).toContain('\\u{1b}[1mSTEP 1');
    expect(writable(style.heading('a\x1b[31mb'))).not.toContain('\x1b[31m');
    expect(defuse('\x1b[31mred \x9b31m \x1b]0;x\x07 \u202e \u{e0041}')).toBe(
      '\\u{1b}[31mred \\u{9b}31m \\u{1b}]0;x\\u{7} \\u{202e} \\u{e0041}',
    );
  });
});
