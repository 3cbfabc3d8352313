import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTlsFiles } from '../../src/serve/tls.js';
import { makeAuthority } from '../servers/certificates.js';

const folder = mkdtempSync(join(tmpdir(), 'mailauth-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const never = new AbortController().signal;

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
    const read = await readTlsFiles(chain, key, never);
    expect(read?.ends.getTime()).toBeGreaterThan(Date.now());
    expect(await readTlsFiles(undefined, undefined, never)).toBeUndefined();
  });

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  it.each([
    ['of the same kind', authority.issue().key],
    ['of another kind', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('D11 is not served with a key that is not its own, %s', async (_, other) => {
    const path = written('other.pem', other);
    await expect(readTlsFiles(cert, path, never)).rejects.toThrow(/the key in .* does not belong to the certificate/);
  });

  it.each([
    [[cert, undefined], /--tls-key is missing/],
    [[undefined, key], /--tls-cert is missing/],
    [[key, cert], /are not a certificate and its key/],
    [[cert, cert], /are not a certificate and its key/],
  ] as const)('is refused: %j', async ([one, other], words) => {
    await expect(readTlsFiles(one, other, never)).rejects.toThrow(words);
  });
});
