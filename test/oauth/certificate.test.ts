import { createPublicKey, generateKeyPairSync, verify, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { clientAssertion } from '../../src/oauth/assertion.js';
import { makePair } from '../../src/oauth/certificate.js';
import { Secret } from '../../src/words/secret.js';

const NOW = new Date('2026-11-26T09:00:00Z');

describe('a certificate of our own', async () => {
  const { certificate, key } = await makePair('mailauth of O’Brien', NOW, 730);

  it('is what every reader of X.509 takes: read again, its signature holds and its key fits', () => {
    const again = new X509Certificate(certificate.toString());
    expect(again.verify(createPublicKey(key))).toBe(true);
    expect(again.checkPrivateKey(key)).toBe(true);
    expect(again.issuer).toBe(again.subject);
    expect(again.subject).toBe('CN=mailauth of O\u2019Brien');
    expect(again.ca).toBe(false);
  });

  it('has an RSA key of 3072 bits, and a positive serial number of 16 octets', () => {
    expect(certificate.publicKey.asymmetricKeyType).toBe('rsa');
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
    expect(certificate.serialNumber).toMatch(/^01[0-9A-F]{30}$/);
  });

  it('is valid from an hour ago for as long as was wished, also beyond 2049', async () => {
    expect(new Date(certificate.validFrom)).toEqual(new Date('2026-11-26T08:00:00Z'));
    expect(new Date(certificate.validTo)).toEqual(new Date('2028-11-25T09:00:00Z'));
    const late = await makePair('late', new Date('2049-06-01T00:00:00Z'), 730);
    expect(new Date(late.certificate.validTo).getUTCFullYear()).toBe(2051);
    expect(new X509Certificate(late.certificate.raw).verify(createPublicKey(late.key))).toBe(true);
  });

  it('T26 signs statements as RFC 7518 and Entra want them', () => {
    const credential = {
      kind: 'certificate',
      certificate: certificate.raw.toString('base64'),
      key: new Secret(key.export({ format: 'der', type: 'pkcs8' }).toString('base64')),
    } as const;
    const endpoint = 'https://login.example/tenant/oauth2/v2.0/token';
    const [header = '', claims = '', signature = ''] = clientAssertion(credential, 'the-client', endpoint)
      .reveal()
      .split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const { 'x5t#S256': thumbprint, ...rest } = read(header);
    expect(rest).toEqual({ alg: 'PS256', typ: 'JWT' });
    expect(Buffer.from(thumbprint, 'base64url').toString('hex').toUpperCase()).toBe(
      certificate.fingerprint256.replaceAll(':', ''),
    );
    const { iat, nbf, exp, jti, ...who } = read(claims);
    expect(who).toEqual({ aud: endpoint, iss: 'the-client', sub: 'the-client' });
    expect([nbf - iat, exp - iat]).toEqual([0, 300]);
    expect(jti).toMatch(/^[0-9a-f-]{36}$/);
    const pss = { key: certificate.publicKey, padding: 6, saltLength: 32 };
    expect(verify('sha256', Buffer.from(`${header}.${claims}`), pss, Buffer.from(signature, 'base64url'))).toBe(true);
    const stranger = { ...pss, key: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey };
    expect(verify('sha256', Buffer.from(`${header}.${claims}`), stranger, Buffer.from(signature, 'base64url'))).toBe(
      false,
    );
  });
});
