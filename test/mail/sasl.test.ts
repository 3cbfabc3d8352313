import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oauthbearer, xoauth2 } from '../../src/mail/sasl.js';
import { Secret } from '../../src/words/secret.js';

const decode = (string: Secret) => Buffer.from(string.reveal(), 'base64').toString('utf8');

/** Names a login may have: anything without control characters, empty excluded. */
const names = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !/[\p{Cc}\p{Cs}]/u.test(name));
const tokens = fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,80}={0,2}$/).map((token) => new Secret(token));

describe('XOAUTH2', () => {
  test("Google's example", () => {
    const token = new Secret('vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==');
    expect(xoauth2('someuser@example.com', token).reveal()).toBe(
      'dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB2RjlkZnQ0cW1UYzJOdmIzUmxja0JoZEhSaGRtbHpkR0V1WTI5dENnPT0BAQ==',
    );
  });

  test('says the name and the token back, whatever they are', () => {
    fc.assert(
      fc.property(names, tokens, (name, token) => {
        expect(decode(xoauth2(name, token)).split('\x01')).toEqual([
          `user=${name}`,
          `auth=Bearer ${token.reveal()}`,
          '',
          '',
        ]);
      }),
    );
  });
});

describe('OAUTHBEARER', () => {
  test('the example of RFC 7628 section 4.1', () => {
    const token = new Secret('vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==');
    expect(oauthbearer('user@example.com', token, { host: 'server.example.com', port: 143 }).reveal()).toBe(
      'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB',
    );
  });

  test('a comma and an equals sign in the name are escaped, everything else is not', () => {
    const token = new Secret('t');
    expect(decode(oauthbearer('a=b,c%2C@x', token, { host: 'h', port: 587 }))).toBe(
      'n,a=a=3Db=2Cc%2C@x,\x01host=h\x01port=587\x01auth=Bearer t\x01\x01',
    );
  });

  test('the header has three parts and unescapes to the name', () => {
    fc.assert(
      fc.property(names, tokens, fc.integer({ min: 1, max: 65535 }), (name, token, port) => {
        const [header = '', ...pairs] = decode(oauthbearer(name, token, { host: 'mail.example.com', port })).split(
          '\x01',
        );
        const [flag, authzid = '', rest, ...more] = header.split(',');
        expect([flag, rest, more]).toEqual(['n', '', []]);
        expect(authzid.slice(2).replaceAll('=2C', ',').replaceAll('=3D', '=')).toBe(name);
        expect(pairs).toEqual(['host=mail.example.com', `port=${port}`, `auth=Bearer ${token.reveal()}`, '', '']);
      }),
    );
  });
});

describe('what could smuggle a field of its own is refused', () => {
  const token = new Secret('token');
  const peer = { host: 'h', port: 993 };

  test.each(['\x01', '\n', '\r', '\0', '\x7f', '\x85', '\ud800'])('%j in a name or a host', (character) => {
    const name = `a${character}auth=Bearer other`;
    expect(() => xoauth2(name, token)).toThrow(/control character/);
    expect(() => oauthbearer(name, token, peer)).toThrow(/control character/);
    expect(() => oauthbearer('a', token, { ...peer, host: name })).toThrow(/control character/);
  });

  test('an empty name', () => {
    expect(() => xoauth2('', token)).toThrow(/is empty/);
    expect(() => oauthbearer('', token, peer)).toThrow(/is empty/);
  });

  test.each(['', 'two words', 'line\nbreak', 'tab\t', 'soh\x01', 'é'])('the token %j, and it is not shown', (value) => {
    const bad = new Secret(value);
    expect(() => xoauth2('a', bad)).toThrow('the access token is not one line of printable characters');
    expect(() => oauthbearer('a', bad, peer)).toThrow('the access token is not one line of printable characters');
  });

  test('the result is a secret', () => {
    expect(`${xoauth2('a', token)} ${JSON.stringify(oauthbearer('a', token, peer))}`).toBe('[secret] "[secret]"');
  });
});
