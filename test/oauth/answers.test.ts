import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/explain/explain.js';
import { type Answer, answerEvidence, observe, retryAfterOf } from '../../src/oauth/evidence.js';
import { readableTokens } from '../../src/oauth/token-response.js';
import { providers } from '../../src/providers/directory.js';
import { Secret } from '../../src/words/secret.js';

const URL_OF_IT = 'https://login.example.com/token?x=1';

/** A body as the wire brings it: JSON of any shape, near a token response, torn, or no JSON at all. */
const member = fc.constantFrom(
  'access_token',
  'token_type',
  'expires_in',
  'refresh_token',
  'scope',
  'id_token',
  'error',
  'error_description',
  'suberror',
  'error_subtype',
  '__proto__',
  'constructor',
);
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('Bearer', '3600', 3600, -1, 1e99, '1e3', 'a b', '\u202e', 'x\ny', ''),
);
const object = fc.dictionary(fc.oneof(member, fc.string()), value, { maxKeys: 8 });
const body = fc.oneof(
  object.map((json) => JSON.stringify(json)),
  object.map((json) => `\uFEFF${JSON.stringify(json)}`),
  fc.tuple(object, fc.nat({ max: 40 })).map(([json, cut]) => JSON.stringify(json).slice(0, -cut || undefined)),
  fc.jsonValue().map((json) => JSON.stringify(json)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => `<html><title>${text}</title><script>${text}`),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
const header = fc.oneof(
  fc.integer().map(String),
  fc.date({ noInvalidDate: false }).map(String),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(8e12) }).map((date) => date.toUTCString()),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
  fc.constantFrom('Infinity', '1e9', '0x10', '٣', '12 ', '+5', '5.5', '99999999999999999999', 'Thu, 32 Foo 2020'),
);

function headersOf(fields: Record<string, string>): Headers {
  const headers = new Headers();
  for (const [name, text] of Object.entries(fields)) {
    try {
      headers.set(name, text);
    } catch {
      // Not a header at all.
    }
  }
  return headers;
}

/** The answer as `observe` reads it off a response. */
async function seen(status: number, text: string, headers: Headers): Promise<Answer> {
  const watch = observe(async () => new Response([204, 205, 304].includes(status) ? null : text, { status, headers }));
  await watch.fetch(URL_OF_IT, {});
  return watch.answer() as Answer;
}

describe('T04 a token response of any shape', () => {
  it('T04 what is read of it has the types the standard gives it, or is absent', () => {
    fc.assert(
      fc.property(object, (json) => {
        const read = readableTokens(json);
        for (const name of ['refresh_token', 'scope', 'id_token']) {
          expect(['string', 'undefined']).toContain(typeof read[name]);
          expect(read[name]).not.toBe('');
        }
        if (read['refresh_token'] !== undefined) expect(read['refresh_token']).toMatch(/^[\x21-\x7e]+$/);
        const seconds = read['expires_in'];
        if (seconds !== undefined) {
          expect(Number.isSafeInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThan(0);
          expect(seconds).toBeLessThanOrEqual(315_360_000);
        }
        // Nothing is made up but the one type there is, and the token itself is left to the library.
        const made = Object.keys(read).filter((name) => !Object.hasOwn(json, name));
        expect(made.map((name) => [name, read[name]])).toEqual(made.length > 0 ? [['token_type', 'Bearer']] : []);
        expect(read['access_token']).toEqual(json['access_token']);
      }),
    );
  });
});

describe('T07 R26 Retry-After', () => {
  it('T07 is a whole number of seconds, or nothing', () => {
    fc.assert(
      fc.property(header, fc.option(fc.integer({ min: -1e9, max: 1e9 }), { nil: undefined }), (text, clockOffset) => {
        const wait = retryAfterOf(headersOf({ 'retry-after': text }), clockOffset);
        expect(wait === undefined || (Number.isSafeInteger(wait) && wait >= 0)).toBe(true);
        if (/^\d{1,9}$/.test(text)) expect(wait).toBe(Number(text));
        if (/^-/.test(text)) expect(wait).toBeUndefined();
      }),
    );
  });

  it('T07 T13 a date is told by the server’s own clock', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: -1e6, max: 1e6 }), (wait, clockOffset) => {
        const serverNow = Date.now() - clockOffset * 1000;
        const date = new Date(serverNow + wait * 1000).toUTCString();
        const told = retryAfterOf(headersOf({ 'retry-after': date }), clockOffset) ?? -1;
        expect(Math.abs(told - wait)).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe('T06 an answer that is none', () => {
  it('T06 T05 becomes evidence that can be explained, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(200, 204, 301, 302, 400, 401, 403, 404, 407, 418, 429, 500, 502, 503, 511, 599),
        body,
        fc.record({ location: header, date: header, 'retry-after': header }),
        fc.constantFrom(...providers),
        async (status, text, fields, provider) => {
          const answer = await seen(status, text, headersOf(fields));
          const evidence = answerEvidence(answer, { where: 'token', grant: 'refresh_token' }, []);
          expect(evidence).toMatchObject({
            where: 'token',
            stage: 'response',
            status,
            host: 'login.example.com',
            port: 443,
          });
          expect(evidence.error).not.toBe('');
          expect((evidence.error ?? '').length).toBeLessThanOrEqual(200);
          expect(evidence.text).not.toBe('');
          expect(evidence.text.length).toBeLessThanOrEqual(4_000);
          // A page never passes for the endpoint's own refusal.
          if (answer.json === undefined && status !== 429 && (status < 500 || status === 511)) {
            expect(evidence.error).toBe('intercepted');
          }
          const told = await explain(evidence, { provider, answers: {} });
          expect(told.message).not.toMatch(/\p{Cc}/u);
          expect(told.exit).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('X04 holds nothing of what was sent, in whichever member and spelling it comes back', async () => {
    const secret = fc
      .string({ unit: 'grapheme-ascii', minLength: 16, maxLength: 60 })
      // What a person or a server gives as a secret has lost its outer blanks long before.
      .filter((text) => /\S{12}/.test(text) && text === text.trim());
    const spelling = fc.constantFrom<(text: string) => string>(
      (text) => text,
      encodeURIComponent,
      (text) => Buffer.from(text).toString('base64'),
      (text) => Buffer.from(text).toString('base64url'),
      (text) => Buffer.from(text).toString('hex'),
    );
    await fc.assert(
      fc.asyncProperty(secret, spelling, member, fc.boolean(), async (text, spelled, name, isPage) => {
        const echo = spelled(text);
        const sent = isPage ? `<p>${echo}</p>` : JSON.stringify({ error: 'invalid_grant', [name]: `sent: ${echo}` });
        const answer = await seen(400, sent, new Headers());
        const evidence = answerEvidence(answer, { where: 'token', grant: 'refresh_token' }, [new Secret(text)]);
        expect(`${evidence.error} ${evidence.text}`).not.toContain(echo);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a page', 300, '- ', (text: string) => `<html><body><p>${text}</p></body></html>`],
    ['a page of few words', 4_000, '<b>', (text: string) => text],
    ['the title of a page', 200, '- ', (text: string) => `<title>${text}</title>`],
    ['an error word', 200, '- ', (error: string) => JSON.stringify({ error })],
    ['a description', 4_000, '- ', (text: string) => JSON.stringify({ error: 'x', error_description: text })],
  ])('X04 shows no part of a secret either, where %s is cut short in the middle of it', async (_, limit, pad, wrap) => {
    const secret = Array.from({ length: 40 }, (_unused, at) => `${at}~q`).join('');
    for (const before of [20, 60, 100]) {
      const answer = await seen(400, wrap(pad.repeat(limit).slice(0, limit - before) + secret), new Headers());
      const { error, text } = answerEvidence(answer, { where: 'token' }, [new Secret(secret)]);
      expect(`${error} ${text}`).not.toMatch(/\d~q\d/);
    }
  });
});
