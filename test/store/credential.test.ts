import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Credential } from '../../src/account/credential.js';
import { decodeCredential, encodeCredential } from '../../src/store/credential.js';
import { newCredentialId } from '../../src/store/store.js';
import { Secret } from '../../src/words/secret.js';

const revealed = (credential: Credential): unknown => ({
  ...credential,
  refreshToken: credential.refreshToken?.reveal(),
  accessToken: credential.accessToken?.reveal(),
});

test('a credential comes back as it was stored', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' });
  const credentials = fc.record(
    {
      refreshToken: text.map((value) => new Secret(value)),
      accessToken: text.map((value) => new Secret(value)),
      accessTokenIssued: fc.nat(),
      accessTokenExpires: fc.double({ min: 0, max: 1e12, noNaN: true }),
      scopes: fc.array(text),
      generation: fc.nat(),
    },
    { requiredKeys: ['refreshToken', 'generation'] },
  );
  fc.assert(
    fc.property(credentials, (credential) => {
      const again = decodeCredential(encodeCredential(credential));
      expect(revealed(again)).toEqual(
        revealed({ ...credential, accessTokenExpires: again.accessTokenExpires } as never),
      );
      expect(again.accessTokenExpires ?? 0).toBeCloseTo(credential.accessTokenExpires ?? 0, 3);
    }),
  );
});

test.each([
  ['', 'it is not what mailauth writes'],
  ['[]', 'it is not what mailauth writes'],
  ['"text"', 'it is not what mailauth writes'],
  ['{"refreshToken":"r-123456789","generation":1}', 'its version is missing'],
  ['{"v":2,"refreshToken":"r-123456789","generation":1}', 'newer version'],
  ['{"v":1,"generation":1}', 'its refresh token is missing'],
  ['{"v":1,"refreshToken":"","generation":1}', 'its refresh token is missing'],
  ['{"v":1,"refreshToken":"r-123456789"}', 'its generation is not a number'],
  ['{"v":1,"refreshToken":"r-123456789","generation":-1}', 'its generation is not a number'],
  ['{"v":1,"refreshToken":"r-123456789","generation":1,"accessToken":7}', 'its access token is not a text'],
  ['{"v":1,"refreshToken":"r-123456789","generation":1,"accessTokenExpires":"1"}', 'a date in it is not a number'],
  ['{"v":1,"refreshToken":"r-123456789","generation":1,"scopes":"a"}', 'its scopes are no list'],
])('S15 %s is damage, told without the secret', (text, message) => {
  const decode = (): Credential => decodeCredential(new Secret(text));
  expect(decode).toThrow(expect.objectContaining({ code: 'store_damaged', message: expect.stringContaining(message) }));
  try {
    decode();
  } catch (error) {
    expect(JSON.stringify(error) + String(error)).not.toContain('r-123456789');
  }
});

test.each([
  ['reception@happypaws.example', /^reception-at-happypaws-example-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}$/],
  ['gmail', /^gmail-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}$/],
  ['../../Käfer & Söhne', /^k-fer-s-hne-[0-9a-f-]{18}$/],
  ['', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ['猫', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
])(
  'the entry for %j is known by its name, in letters that every store takes, and is never the same twice',
  (of, name) => {
    const [one, two] = [newCredentialId(of), newCredentialId(of)];
    expect([one, two]).toEqual([expect.stringMatching(name), expect.stringMatching(name)]);
    expect(one).not.toBe(two);
  },
);
