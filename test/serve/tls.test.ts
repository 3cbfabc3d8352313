import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openCertificate } from '../../src/serve/tls.js';
import { makeAuthority } from '../servers/certificates.js';

const folder = mkdtempSync(join(tmpdir(), 'mailauth-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const told: string[] = [];
const wish = {
  signal: new AbortController().signal,
  report: {
    warn: (text: string) => void told.push(text),
    bug(error: unknown) {
      throw error;
    },
  },
};

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the certificate of the server', () => {
  const authority = makeAuthority();
  const leaf = authority.issue();
  const cert = written('cert.pem', leaf.cert);
  const key = written('key.pem', leaf.key);

  it('comes with its last day, also where others of its chain follow it', async () => {
    const chain = written('chain.pem', leaf.cert + authority.cert);
    const read = await openCertificate(chain, key, wish);
    expect(read?.ends.getTime()).toBeGreaterThan(Date.now());
    expect(await openCertificate(undefined, undefined, wish)).toBeUndefined();
  });

  it('is renewed with its files, and kept while they do not fit', async () => {
    const [own, ownKey] = [written('own.pem', leaf.cert), written('own-key.pem', leaf.key)];
    const read = await openCertificate(own, ownKey, wish);
    const first = read?.context();
    expect(read?.context()).toBe(first);
    const next = authority.issue();
    written('own.pem', `${next.cert}\n`);
    await vi.waitFor(() => {
      expect(read?.context()).toBe(first);
      expect(told).toEqual([expect.stringMatching(/does not belong .*; the certificate from before is shown on$/)]);
    }, 10_000);
    written('own-key.pem', `${next.key}\n`);
    await vi.waitFor(() => expect(read?.context()).not.toBe(first), 10_000);
    expect(told).toHaveLength(1);
  });

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  it.each([
    ['of the same kind', authority.issue().key],
    ['of another kind', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('D11 is not served with a key that is not its own, %s', async (_, other) => {
    const path = written('other.pem', other);
    await expect(openCertificate(cert, path, wish)).rejects.toThrow(/the key in .* does not belong to the certificate/);
  });

  it.each([
    [[cert, undefined], /--tls-key is missing/],
    [[undefined, key], /--tls-cert is missing/],
    [[key, cert], /are not a certificate and its key/],
    [[cert, cert], /are not a certificate and its key/],
  ] as const)('is refused: %j', async ([one, other], words) => {
    await expect(openCertificate(one, other, wish)).rejects.toThrow(words);
  });
});
