import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
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

function escapedBy(text: string, write: (code: number) => string): string {
  return [...text].map((char) => write(char.charCodeAt(0))).join('');
}

const everyByte = (text: string): string => escapedBy(text, (code) => `%${code.toString(16).padStart(2, '0')}`);

/** What a reader who knows the spellings makes of a text. */
function decodings(text: string): string[] {
  const plain = [text];
  for (let depth = 0; depth < 3; depth++) plain.push(decodedOnce(plain.at(-1) as string));
  const runs = [...text.matchAll(/[\w+/-]{8,}/g)].flatMap(([run]) => [
    Buffer.from(run, 'base64').toString('latin1'),
    Buffer.from(run, 'hex').toString('latin1'),
  ]);
  return [...plain, ...runs, ...runs.map(decodedOnce)];
}

function decodedOnce(text: string): string {
  return text
    .replace(/%([0-9a-f]{2})|\\u([0-9a-f]{4})|&#x([0-9a-f]+);/gi, (_, ...hex: string[]) =>
      String.fromCharCode(Number.parseInt(hex.slice(0, 3).find((digits) => digits !== undefined) ?? '', 16)),
    )
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
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
    'percent-encoded twice': (secret) => encodeURIComponent(everyByte(secret)),
    'escaped as in JSON': (secret) => escapedBy(secret, (code) => `\\u${code.toString(16).padStart(4, '0')}`),
    'in entities of HTML': (secret) => escapedBy(secret, (code) => `&#x${code.toString(16)};`),
    'in decimal entities': (secret) => escapedBy(secret, (code) => `&#${code};`),
    'the form in base64': (secret) => Buffer.from(`a=b&q=${everyByte(secret)}&c=d`).toString('base64'),
    'escaped base64': (secret) => encodeURIComponent(Buffer.from(secret).toString('base64')),
  };

  it.each(Object.keys(echoes))('shows no part where it is cut in the middle: %s', (how) => {
    fc.assert(
      fc.property(secretText, fc.nat(), (secret, cut) => {
        const echo = (echoes[how] as (secret: string) => string)(secret);
        const from = cut % (echo.length - 1);
        return [echo.slice(from), echo.slice(0, from)].every((part) => {
          const shown = redact(`<${part}>`, [new Secret(secret)]);
          return decodings(shown).every((decoded) => !shows(decoded, secret));
        });
      }),
    );
  });

  it.each(Object.keys(echoes))('is masked: %s', (how) => {
    fc.assert(
      fc.property(secretText, (secret) => {
        const echo = (echoes[how] as (secret: string) => string)(secret);
        return !redact(`the server said <${echo}> to that`, [new Secret(secret)]).includes(echo);
      }),
    );
  });

  it.each([0, 1, 2, 3])('is masked in a base64 text that was cut at its character %i', (start) => {
    const text = Buffer.from('sEcReT~vAlUe~0123456789').toString('base64').slice(start);
    expect(redact(`it said ${text}.`, [new Secret('sEcReT~vAlUe~0123456789')])).not.toContain(text.slice(4, 16));
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

test('a long answer takes no long time', () => {
  const secrets = [new Secret('A1b2C3d4E5f6G7h8')];
  for (const unit of ['%25', 'A', 'a1', '\\u0041', '&#x41;', '+/', '%']) {
    const started = performance.now();
    redact(unit.repeat(200_000), secrets);
    expect(performance.now() - started, unit).toBeLessThan(2_000);
  }
});
