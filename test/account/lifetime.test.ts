import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../src/account/credential.js';
import { secondsLeft } from '../../src/account/lifetime.js';
import { Secret } from '../../src/words/secret.js';

const ISSUED = 1_800_000_000;
const DAY = 86_400;

const credential = (changes: Partial<Credential> = {}): Credential => ({
  refreshToken: new Secret('the-refresh-token'),
  accessToken: new Secret('the-access-token'),
  accessTokenIssued: ISSUED,
  accessTokenExpires: ISSUED + 3600,
  generation: 1,
  ...changes,
});
const at = (seconds: number): Date => new Date(seconds * 1000);

describe('T13 a stored token lives', () => {
  it('from its issue to its end, and then no more', () => {
    expect([0, 3480, 3599, 3600, 3601, DAY].map((age) => secondsLeft(credential(), at(ISSUED + age)))).toEqual([
      3600, 120, 1, 0, 0, 0,
    ]);
  });

  it('not at all where the clock has been set back behind its issue: its end means nothing then', () => {
    expect(secondsLeft(credential(), at(ISSUED - 61))).toBe(0);
    expect(secondsLeft(credential(), at(ISSUED - DAY))).toBe(0);
    // The clock of a machine that is set by the network moves by seconds.
    expect(secondsLeft(credential(), at(ISSUED - 30))).toBeGreaterThan(0);
  });

  it('never longer than it was given, wherever the clock jumps', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DAY, max: DAY }), fc.integer({ min: 1, max: 7200 }), (jump, life) => {
        const left = secondsLeft(credential({ accessTokenExpires: ISSUED + life }), at(ISSUED + jump));
        expect(left).toBeGreaterThanOrEqual(0);
        expect(left).toBeLessThanOrEqual(life + 60);
      }),
    );
  });

  it('not where there is none', () => {
    const { accessToken: _, accessTokenExpires: __, ...rest } = credential();
    expect(secondsLeft(rest, at(ISSUED))).toBe(0);
  });
});
