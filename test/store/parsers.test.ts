import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MailauthError } from '../../src/explain/problem.js';
import { parseConfiguration } from '../../src/store/configuration.js';
import { decodeCredential } from '../../src/store/credential.js';
import { type Draft, parseDraft } from '../../src/store/drafts.js';
import {
  KEY_BYTES,
  newWrapHeader,
  parseCredential,
  parseDataKey,
  sealCredential,
  sealDataKey,
  unseal,
} from '../../src/store/file/sealed.js';
import { openJournal } from '../../src/store/journal.js';
import { withLock } from '../../src/store/lock.js';
import { Secret } from '../../src/words/secret.js';
import { gmailExport, outlookExport } from '../export/accounts.js';
import { testFolder } from './folder.js';

/** The code and the message of a refusal; anything but our own error fails the test. */
function refusal(attempt: () => unknown): MailauthError | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof MailauthError) return error;
    throw error;
  }
}

const checksum = (body: Buffer) => createHash('sha256').update(body).digest();
const withChecksum = (body: Uint8Array) => Buffer.concat([body, checksum(Buffer.from(body))]);
const key = fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES }).map((bytes) => Buffer.from(bytes));
const id = fc.stringMatching(/^[0-9a-z-]{1,64}$/);

describe('S15 the bytes of the encrypted file', () => {
  test('S15 any bytes are refused as damage, the checksum right or wrong, and never a byte beyond them is read', () => {
    const kinds = fc.constantFrom(0x43, 0x4b);
    const start = fc.tuple(fc.constantFrom(0, 1, 2, 255), kinds).map(([version, kind]) => {
      return Buffer.concat([Buffer.from('mailauth'), Buffer.from([version, kind])]);
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((body) => Buffer.from(body)),
      fc.uint8Array({ maxLength: 300 }).map(withChecksum),
      fc.tuple(start, fc.uint8Array({ maxLength: 300 })).map((parts) => withChecksum(Buffer.concat(parts))),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(parseDataKey, parseCredential), (file, parse) => {
        try {
          const sealed = parse(file, 'FILE');
          // What is taken apart is what came, in the same order.
          const parts = [sealed.authenticated, sealed.ciphertext, sealed.tag];
          expect(withChecksum(Buffer.concat(parts))).toEqual(file);
          expect([sealed.nonce.length, sealed.tag.length]).toEqual([12, 16]);
        } catch (error) {
          expect(error).toMatchObject({ code: 'store_damaged', message: expect.stringContaining('FILE') });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('S18 what was sealed comes back under its key, its name and its generation, and under nothing else', () => {
    fc.assert(
      fc.property(
        key,
        key,
        id,
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.uint8Array({ maxLength: 500 }),
        (right, wrong, name, generation, plain) => {
          const header = { keyId: right.subarray(0, 16), generation, id: name };
          const sealed = parseCredential(sealCredential(header, right, Buffer.from(plain)), 'FILE');
          expect(sealed.header).toEqual(header);
          expect(unseal(sealed, right)).toEqual(Buffer.from(plain));
          if (!wrong.equals(right)) expect(unseal(sealed, wrong)).toBeUndefined();
        },
      ),
    );
  });

  test('S19 the data key comes back however long its path is, and no path can act on a terminal', () => {
    fc.assert(
      fc.property(
        key,
        key,
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.boolean(),
        (wrapping, data, path, isFile) => {
          const header = newWrapHeader(isFile ? 'key-file' : 'passphrase', path);
          const sealed = parseDataKey(sealDataKey(header, wrapping, data), 'FILE');
          expect(sealed.header.kind).toBe(header.kind);
          expect(sealed.header.path).not.toMatch(/[\p{Cc}\p{Cf}]/u);
          expect(unseal(sealed, wrapping)).toEqual(data);
        },
      ),
      { numRuns: 25 },
    );
  });
});

const [one, other] = [gmailExport(), outlookExport()];
const CONFIGURATION = {
  version: 1,
  clients: [one.client, { ...other.client, id: 'client-2' }],
  accounts: [one.account, { ...other.account, client: 'client-2', credential: 'credential-2' }],
};
const DRAFT: Draft = {
  version: 1,
  id: 'a-draft',
  provider: 'gmail',
  savedAt: '2026-11-23T09:00:00.000Z',
  answers: { account: 'a@example.com', 'app-redirect-uri': ['https://x.example/'] },
  done: ['1', '5.vi'],
  credentials: { 'client-secret-file': 'an-id' },
  store: { kind: 'file', key: 'key-file', keyPath: '/k' },
};

/** The document with one place in it replaced by something else. */
function changed(document: unknown, place: number, put: unknown): string {
  let at = 0;
  const walk = (value: unknown): unknown => {
    at += 1;
    if (at === place) return put;
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item)]));
    }
    return value;
  };
  return JSON.stringify(walk(document));
}

describe.each([
  ['accounts.json', CONFIGURATION, parseConfiguration],
  ['an unfinished set-up', DRAFT, parseDraft],
] as const)('S15 %s', (_name, good, parse) => {
  test('S15 as it is written it is read', () => {
    expect(parse(JSON.stringify(good), 'FILE')).toEqual(JSON.parse(JSON.stringify(good)));
  });

  test('S15 with anything in any place it is read the same way again, or refused by the name of the file', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(undefined, null, '', 0, -1, 70_000, true, [], {}, 'x', '2026-13-45', '../../etc', 'A'.repeat(70)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 140 }), anything, (place, put) => {
        const text = changed(good, place, put) ?? 'undefined';
        const refused = refusal(() => parse(text, 'FILE'));
        if (refused === undefined) {
          const read = parse(text, 'FILE');
          expect(parse(JSON.stringify(read), 'FILE')).toEqual(read);
        } else {
          expect(refused.code).toBe('store_damaged');
          expect(refused.message).toMatch(/^FILE /);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('S15 any text is read or refused', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.nat({ max: 3_000 }).map((cut) => JSON.stringify(good).slice(0, cut)),
    );
    fc.assert(
      fc.property(text, (given) => {
        expect(refusal(() => parse(given, 'FILE'))?.code ?? 'store_damaged').toBe('store_damaged');
      }),
    );
  });
});

test('S15 a stored sign-in of any shape is read or refused, and never shown', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .record(
        {
          v: fc.oneof(fc.constant(1), fc.jsonValue()),
          refreshToken: fc.oneof(fc.constant('canary-refresh'), fc.jsonValue()),
          accessToken: fc.oneof(fc.constant('canary-access'), fc.jsonValue()),
          accessTokenIssued: fc.oneof(fc.nat(), fc.jsonValue()),
          accessTokenExpires: fc.oneof(fc.nat(), fc.jsonValue()),
          scopes: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
          generation: fc.oneof(fc.nat(), fc.jsonValue()),
        },
        { requiredKeys: [] },
      )
      .map((fields) => JSON.stringify(fields)),
  );
  fc.assert(
    fc.property(text, (stored) => {
      const refused = refusal(() => decodeCredential(new Secret(stored)));
      if (refused === undefined) {
        const { refreshToken, generation } = decodeCredential(new Secret(stored));
        expect(refreshToken?.reveal()).not.toBe('');
        expect(Number.isSafeInteger(generation)).toBe(true);
      } else {
        expect(refused.code).toBe('store_damaged');
        expect(`${refused.message}${JSON.stringify(refused)}`).not.toContain('canary');
      }
    }),
    { numRuns: 500 },
  );
});

test('S06 a journal of any bytes tells nothing, and the next note is written over it', async () => {
  const folder = testFolder();
  const journal = openJournal('file', 'ann', folder);
  const token = new Secret('the-refresh-token');
  await journal.begin(token, new Date(5_000)).catch(() => undefined);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 100 }),
        fc.json().map((text) => Buffer.from(text)),
      ),
      async (bytes) => {
        const path = join(folder, 'secrets', 'ann.json');
        await withLock(join(folder, 'secrets', 'ann.lock'), { waitMs: 0 }, async () => {
          writeFileSync(path, bytes, { mode: 0o600 });
          expect(await journal.unanswered(token)).toBeUndefined();
          await journal.begin(token, new Date(5_000));
          expect(await journal.unanswered(token)).toEqual(new Date(5_000));
          await journal.end(token);
          expect(await journal.unanswered(token)).toBeUndefined();
        });
      },
    ),
    { numRuns: 30 },
  );
});

test('S03 a lock of any bytes is waited for, and broken only after a lease', async () => {
  const path = join(testFolder(), 'one.lock');
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      writeFileSync(path, bytes);
      await expect(withLock(path, { waitMs: 0 }, async () => 'taken')).rejects.toMatchObject({ code: 'store_busy' });
      await expect(withLock(path, { waitMs: 1_000, leaseMs: 1 }, async () => 'taken')).resolves.toBe('taken');
    }),
    { numRuns: 20 },
  );
});
