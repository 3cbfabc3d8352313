import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, matching, PASSWORD_BYTES, spellPassword } from '../../src/account/password.js';

const bytes = fc.uint8Array({ minLength: PASSWORD_BYTES, maxLength: PASSWORD_BYTES });
const stored = (password: string) => ({ label: 'x', hash: hashOf(password), created: '2026-11-26T00:00:00Z' });

describe('a password', () => {
  it('D10 says all of its 160 bits, in groups that can be typed', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        expect(spellPassword(one)).toMatch(/^(?:[0-9a-hjkmnp-tv-z]{4}-){7}[0-9a-hjkmnp-tv-z]{4}$/);
        expect(spellPassword(one) === spellPassword(other)).toBe(Buffer.compare(one, other) === 0);
      }),
    );
  });

  it('is the same in capitals, without hyphens, and with letters in the place of digits', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const password = spellPassword(random);
        const typed = [
          password.toUpperCase(),
          password.replaceAll('-', ''),
          password.replaceAll('-', ' '),
          password.replaceAll('1', 'l').replaceAll('0', 'O'),
        ];
        for (const one of typed) expect(matching(one, [stored(password)])?.label).toBe('x');
      }),
    );
  });

  it('D10 is kept as a hash, and no other one matches', () => {
    fc.assert(
      fc.property(bytes, fc.string(), (random, guess) => {
        const password = spellPassword(random);
        expect(stored(password).hash).not.toContain(password);
        expect(matching(guess, [stored(password)])).toBeUndefined();
        expect(matching(hashOf(password), [stored(password)])).toBeUndefined();
      }),
    );
    expect(matching('', [])).toBeUndefined();
    expect(matching('x', [{ ...stored('y'), hash: 'short' }])).toBeUndefined();
  });
});
