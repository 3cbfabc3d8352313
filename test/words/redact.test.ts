import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, redactKnownShapes } from '../../src/words/redact.js';
import { Secret } from '../../src/words/secret.js';

/** Long enough that what is left at the ends of a base64 text says nothing. */
const secretText = fc
  .string({ unit: 'grapheme-ascii', minLength: 16, maxLength: 80 })
  .filter((text) => /[^ ]{8}/.test(text));
const neighbour = fc.string({ unit: 'grapheme-ascii', maxLength: 7 });

/** Whether any eight characters in a row of `needle` stand in `text`: a part of a secret is one too. */
function shows(text: string, needle: string): boolean {
  for (let at = 0; at + 8 <= needle.length; at++) if (text.includes(needle.slice(at, at + 8))) return true;
  return false;
}

describe('a secret that a server sends back', () => {
  const echoes: Readonly<Record<string, (secret: string) => string>> = {
    raw: (secret) => secret,
    'in JSON': (secret) => JSON.stringify({ echo: secret }),
    'percent-encoded': encodeURIComponent,
    'percent-encoded in small letters': (secret) =>
      encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
    'as a form': (secret) => new URLSearchParams({ q: secret }).toString(),
    hexadecimal: (secret) => Buffer.from(secret).toString('hex'),
    'hexadecimal in capitals': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
    base64: (secret) => Buffer.from(secret).toString('base64'),
    base64url: (secret) => Buffer.from(secret).toString('base64url'),
  };

  it.each(Object.keys(echoes))('is masked: %s', (how) => {
    fc.assert(
      fc.property(secretText, (secret) => {
        const echo = (echoes[how] as (secret: string) => string)(secret);
        return !redact(`the server said <${echo}> to that`, [new Secret(secret)]).includes(echo);
      }),
    );
  });

  it('is masked inside a longer base64 text, whatever stands before and after it', () => {
    fc.assert(
      fc.property(secretText, neighbour, neighbour, fc.boolean(), (secret, before, after, url) => {
        const encoding = url ? 'base64url' : 'base64';
        const echo = Buffer.from(`${before}${secret}${after}`).toString(encoding);
        const shown = redact(`<${echo}>`, [new Secret(secret)]);
        const aligned = Buffer.from(`${before}${secret}`).toString(encoding).replace(/=+$/, '');
        const start = Math.ceil((before.length * 8) / 6);
        return !shows(shown, aligned.slice(start, -1));
      }),
    );
  });

  it('is masked in the SASL string that was sent', () => {
    const token = new Secret(`opaque!${'A1b2'.repeat(20)}`);
    const before = 'user=a@example.com\x01auth=Bearer ';
    const sasl = Buffer.from(`${before}${token.reveal()}\x01\x01`).toString('base64');
    const shown = redact(`535 cannot read "${sasl}"`, [token]);
    expect(shown).toContain('[secret]');
    expect(shows(shown, sasl.slice(Math.ceil((before.length * 8) / 6), -4))).toBe(false);
  });

  it('is masked as a whole where another secret is its beginning', () => {
    const [part, whole] = ['the-first-part', 'the-first-part-and-the-rest'];
    expect(redact(`got ${whole}`, [new Secret(part), new Secret(whole)])).toBe('got [secret]');
  });

  it('leaves short values and absent ones alone', () => {
    expect(redact('a short word', [new Secret('short'), undefined])).toBe('a short word');
  });
});

describe('what looks like a secret', () => {
  it.each([
    ['an access token of Google', 'got ya29.a0AfH6SMBx1234567890abcdef here', 'got [secret] here'],
    ['a refresh token of Google', 'got 1//0gLongRefreshTokenValue-123_abc', 'got [secret]'],
    ['a client secret of Google', 'GOCSPX-abcdefghijklmnopqrstuvwxyz12', '[secret]'],
    ['a client secret of Microsoft', 'tried aBc8Q~abcdefghijklmnopqrstuvwxyz012345.-_x', 'tried [secret]'],
    ['a JWT', 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'Bearer [secret]'],
    ['a code in an address', 'GET /callback?code=abcdefgh12345678&state=x', 'GET /callback?code=[secret]&state=x'],
    ['a member of a form', 'refresh_token=abcdefgh-12345678', 'refresh_token=[secret]'],
    ['a member of a JSON text', '{"client_secret":"abcdefgh12345678"}', '{"client_secret":"[secret]"}'],
  ])('is masked: %s', (_, text, shown) => {
    expect(redactKnownShapes(text)).toBe(shown);
  });

  it.each([
    '535 5.7.8 Error: authentication failed: (reason unavailable)',
    'AADSTS700016: Application with identifier 11111111-2222-3333-4444-555555555555 was not found',
    'error code: AUTHENTICATIONFAILED, status code: 123456789',
    'Trace ID: 00000000-1111-2222-3333-444444444400 Timestamp: 2026-11-23 09:14:07Z',
  ])('does not mask what is none: %s', (text) => {
    expect(redactKnownShapes(text)).toBe(text);
  });
});
