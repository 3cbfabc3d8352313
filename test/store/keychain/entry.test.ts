import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checksum, joinParts, parseEntry, splitEntry, wholeEntry } from '../../../src/store/keychain/entry.js';

const text = fc.string({ unit: 'grapheme', maxLength: 400 });

describe('a keychain entry', () => {
  test('has the checksum everybody else computes (CRC-32 of "123456789")', () => {
    expect(checksum('123456789')).toBe('cbf43926');
  });

  test('S29 comes back as it was, also with a line end behind it', () => {
    fc.assert(
      fc.property(text, (value) => {
        for (const end of ['', '\n', '\r\n']) {
          expect(parseEntry(wholeEntry(value) + end)).toEqual({ kind: 'whole', value });
        }
      }),
    );
  });

  test('S26 is split into parts that each fit, at no character, and joined again', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 40, max: 300 }), (start, limit) => {
        const value = `${start}.`;
        const { header, parts } = splitEntry(value, 'b', limit);
        for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(limit);
        const parsed = parseEntry(header);
        if (parsed?.kind !== 'parts') throw new Error('no header');
        const pieces = parts
          .map((part) => parseEntry(part))
          .map((entry) => (entry?.kind === 'part' ? entry.value : ''));
        expect(joinParts(parsed, pieces)).toBe(value);
        expect(joinParts(parsed, pieces.slice(1))).toBeUndefined();
        expect(joinParts(parsed, [...pieces.slice(0, -1), `${pieces.at(-1)}x`])).toBeUndefined();
      }),
    );
  });

  test.each([
    '',
    'hunter2',
    '{"v":1}',
    'mailauth:1:whole:00000000:x',
    'mailauth:2:whole:cbf43926:123456789',
    'mailauth:1:whole:CBF43926:123456789',
    'mailauth:1:parts:cbf43926:c:1',
    'mailauth:1:parts:cbf43926:a:0',
    'mailauth:1:parts:cbf43926:a:01',
    'mailauth:1:parts:cbf43926:a:1000000',
    Buffer.from(wholeEntry('value')).toString('hex'),
    ` ${wholeEntry('value')}`,
    `${wholeEntry('value')} `,
    wholeEntry('value').slice(0, -1),
  ])('S29 %j is not one', (odd) => {
    expect(parseEntry(odd)).toBeUndefined();
  });
});
