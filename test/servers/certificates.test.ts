import { X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { type Leaf, makeAuthority, type WrongKind, wrongLeaf } from './certificates.js';

/** The error code of a verified TLS handshake with a server that shows `leaf`, or undefined where it is trusted. */
async function handshake(leaf: Leaf, ca: string, host: string): Promise<string | undefined> {
  const server = createServer({ cert: leaf.cert, key: leaf.key }, (socket) => socket.end());
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const result = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: address.port, ca, servername: host === '127.0.0.1' ? '' : host });
    socket.on('secureConnect', () => resolve(undefined));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  await new Promise((resolve) => server.close(resolve));
  return result;
}

test('a leaf is trusted by name and by address', async () => {
  const authority = makeAuthority();
  const leaf = authority.issue();
  expect(await handshake(leaf, authority.cert, 'localhost')).toBeUndefined();
  expect(await handshake(leaf, authority.cert, '127.0.0.1')).toBeUndefined();
  const parsed = new X509Certificate(leaf.cert);
  expect(parsed.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  expect(parsed.verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
});

const refusals: Record<WrongKind, string> = {
  expired: 'CERT_HAS_EXPIRED',
  'not-yet-valid': 'CERT_NOT_YET_VALID',
  'wrong-name': 'ERR_TLS_CERT_ALTNAME_INVALID',
  'self-signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'unknown-ca': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'no-san': 'ERR_TLS_CERT_ALTNAME_INVALID',
};

test.each(Object.entries(refusals) as [WrongKind, string][])('%s is refused with %s', async (kind, code) => {
  const authority = makeAuthority();
  expect(
    await handshake(wrongLeaf(kind, authority), authority.cert, kind === 'no-san' ? '127.0.0.1' : 'localhost'),
  ).toBe(code);
});
