import { describe, expect, it } from 'vitest';
import { addressOf } from '../../src/account/identity.js';

describe('who signed in', () => {
  it('is the e-mail address, unless the issuer doubts it', () => {
    const identity = { issuer: 'https://issuer.example', email: 'ann@example.com', preferredUsername: 'a@example.com' };
    expect(addressOf(identity)).toBe('ann@example.com');
    expect(addressOf({ ...identity, emailVerified: false })).toBe('a@example.com');
    expect(addressOf({ issuer: 'https://issuer.example', preferredUsername: 'ann' })).toBe(undefined);
    expect(addressOf(undefined)).toBe(undefined);
  });

  it.each([
    'ann@example.com\nOK  signed in as root@example.com',
    'ann@example.com\x1b[2J',
    'ann\u202e@example.com',
    'ann @example.com',
    'ann@bob@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(256)}`,
  ])('X08 X09 X14 is not %j', (email) => {
    expect(addressOf({ issuer: 'https://issuer.example', email })).toBe(undefined);
  });
});
