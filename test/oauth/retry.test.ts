import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/explain/evidence.js';
import { mayHaveSpent, retryDelay } from '../../src/oauth/retry.js';

const evidence = (changes: Partial<Evidence>): Evidence => ({
  where: 'token',
  stage: 'response',
  grant: 'refresh_token',
  text: '',
  ...changes,
});

const never: readonly (readonly [string, Partial<Evidence>])[] = [
  ['no answer to a request that was sent', { error: 'ECONNRESET' }],
  ['no answer in time', { error: 'ETIMEDOUT' }],
  ['an internal error', { status: 500, error: 'server_error' }],
  ['a gateway that waited in vain', { status: 504, error: 'server_error' }],
  ['a page in place of a token', { status: 200, error: 'intercepted' }],
  ['a refused grant', { status: 400, error: 'invalid_grant' }],
  ['a refused client', { status: 401, error: 'invalid_client' }],
  ['a certificate nobody trusts', { stage: 'tls', error: 'SELF_SIGNED_CERT_IN_CHAIN' }],
  ['a name that does not exist', { stage: 'dns', error: 'ENOTFOUND' }],
  ['a proxy that wants a password', { stage: 'proxy', status: 407 }],
];
const passing: readonly (readonly [string, Partial<Evidence>])[] = [
  ['no name server', { stage: 'dns', error: 'EAI_AGAIN' }],
  ['nobody listening', { stage: 'connect', error: 'ECONNREFUSED' }],
  ['a proxy in trouble', { stage: 'proxy', status: 502 }],
  ['too many requests', { status: 429, error: 'rate_limited' }],
  ['a server that is closed for now', { status: 503, error: 'server_error' }],
];

describe('T07 trying again', () => {
  it.each(never)('is not done after %s', (_, changes) => {
    expect(retryDelay(evidence(changes), 1, 0.5)).toBeUndefined();
  });

  it.each(passing)('is done after %s, three times in all', (_, changes) => {
    expect(retryDelay(evidence(changes), 1, 0.5)).toBe(250);
    expect(retryDelay(evidence(changes), 2, 0.5)).toBe(500);
    expect(retryDelay(evidence(changes), 3, 0.5)).toBeUndefined();
  });

  it('waits as long as the server asks for, up to a minute, and not at all for longer', () => {
    const busy = (retryAfter: number) => retryDelay(evidence({ status: 429, retryAfter }), 1, 0);
    expect([0, 1, 60, 61, 999_999_999].map(busy)).toEqual([0, 1000, 60_000, undefined, undefined]);
  });

  it('spreads the callers over the whole pause, and lets none come before the time the server gave', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.option(fc.nat(60)), (random, retryAfter) => {
        const asked = retryAfter === null ? {} : { retryAfter };
        const delay = retryDelay(evidence({ status: 503, ...asked }), 1, random) ?? Number.NaN;
        const from = (retryAfter ?? 0) * 1000;
        expect(delay).toBeGreaterThanOrEqual(from);
        expect(delay).toBeLessThanOrEqual(from + 500);
      }),
    );
  });
});

describe('S06 a refresh token may have been used up', () => {
  it.each<readonly [string, Partial<Evidence>, boolean]>([
    ['where the connection broke after the request', { error: 'ECONNRESET' }, true],
    ['where the answer was not a token', { status: 200, error: 'intercepted' }, true],
    ['where the server broke over it', { status: 500, error: 'server_error' }, true],
    ['not where nothing was sent', { stage: 'connect', error: 'ECONNREFUSED' }, false],
    ['not where the server was too busy to look at it', { status: 503, error: 'server_error' }, false],
    ['not where it was refused', { status: 400, error: 'invalid_grant' }, false],
  ])('%s', (_, changes, spent) => {
    expect(mayHaveSpent(evidence(changes))).toBe(spent);
  });
});
