/**
 * Certificates for the test servers, made in JavaScript: DER by hand (RFC 5280), ECDSA P-256 by node:crypto.
 * Needs no openssl and takes a few milliseconds, so every test can have its own authority, and its own wrong one.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** PEM texts, as node:tls takes them. */
export interface Leaf {
  readonly cert: string;
  readonly key: string;
}

export interface LeafOptions {
  /** DNS names of the subjectAltName; default `localhost`. */
  readonly names?: readonly string[];
  /** Addresses of the subjectAltName; default `127.0.0.1` and `::1`. */
  readonly ips?: readonly string[];
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in two days. */
  readonly notAfter?: Date;
  /** Default: the first name. */
  readonly commonName?: string;
  /** Good for a client that shows who it is, too. */
  readonly isClient?: boolean;
}

export interface Authority {
  /** The certificate to trust, PEM. */
  readonly cert: string;
  issue(options?: LeafOptions): Leaf;
}

export type WrongKind = 'expired' | 'not-yet-valid' | 'wrong-name' | 'self-signed' | 'unknown-ca' | 'no-san';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export function makeAuthority(name = 'mailauth test authority'): Authority {
  const keys = makeKeys();
  const subject: Subject = { name, publicKey: keys.publicKey, ...validity({}) };
  const extensions = [
    extension(OID.basicConstraints, sequence(TRUE), true),
    extension(OID.keyUsage, bitString(Buffer.of(0x06), 1), true), // keyCertSign and cRLSign
    extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(keys.publicKey))),
  ];
  return {
    cert: certificate(subject, { name, key: keys.privateKey }, extensions),
    issue(options = {}) {
      const leaf = makeKeys();
      return {
        cert: certificate(leafSubject(options, leaf.publicKey), { name, key: keys.privateKey }, [
          ...leafExtensions(options),
          extension(OID.authorityKeyIdentifier, sequence(tagged(0, keyIdentifier(keys.publicKey)))),
        ]),
        key: toPem(leaf.privateKey),
      };
    },
  };
}

export function selfSigned(options: LeafOptions = {}): Leaf {
  const keys = makeKeys();
  const subject = leafSubject(options, keys.publicKey);
  return {
    cert: certificate(subject, { name: subject.name, key: keys.privateKey }, leafExtensions(options)),
    key: toPem(keys.privateKey),
  };
}

/** A certificate with exactly one thing wrong with it, for clients that trust `authority` and connect to localhost. */
export function wrongLeaf(kind: WrongKind, authority: Authority): Leaf {
  const now = Date.now();
  switch (kind) {
    case 'expired':
      return authority.issue({ notBefore: new Date(now - 30 * DAY), notAfter: new Date(now - DAY) });
    case 'not-yet-valid':
      return authority.issue({ notBefore: new Date(now + DAY), notAfter: new Date(now + 30 * DAY) });
    case 'wrong-name':
      return authority.issue({ names: ['mail.elsewhere.example'], ips: [] });
    case 'self-signed':
      return selfSigned();
    case 'unknown-ca':
      return makeAuthority('an authority nobody trusts').issue();
    case 'no-san':
      // Not `localhost`: Node still accepts a matching common name where there is no subjectAltName at all.
      return authority.issue({ names: [], ips: [], commonName: 'mail server' });
  }
}

interface Subject {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

function makeKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function validity(options: LeafOptions): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: options.notBefore ?? new Date(Date.now() - HOUR),
    notAfter: options.notAfter ?? new Date(Date.now() + 2 * DAY),
  };
}

function leafSubject(options: LeafOptions, publicKey: KeyObject): Subject {
  return { name: options.commonName ?? options.names?.[0] ?? 'localhost', publicKey, ...validity(options) };
}

function leafExtensions(options: LeafOptions): Buffer[] {
  const alternatives = [
    ...(options.names ?? ['localhost']).map((name) => tagged(2, Buffer.from(name, 'ascii'))),
    ...(options.ips ?? ['127.0.0.1', '::1']).map((ip) => tagged(7, ipBytes(ip))),
  ];
  return [
    extension(OID.basicConstraints, sequence(), true),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth), ...(options.isClient ? [oid(OID.clientAuth)] : []))),
    ...(alternatives.length > 0 ? [extension(OID.subjectAltName, sequence(...alternatives))] : []),
  ];
}

/** Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } (RFC 5280 section 4.1) */
function certificate(
  subject: Subject,
  issuer: { name: string; key: KeyObject },
  extensions: readonly Buffer[],
): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.of(2))), // v3
    integer(Buffer.concat([Buffer.of(0x01), randomBytes(15)])), // a leading 01 keeps the serial positive and minimal
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(subject.notBefore), time(subject.notAfter)),
    distinguishedName(subject.name),
    subject.publicKey.export({ format: 'der', type: 'spki' }),
    explicit(3, sequence(...extensions)),
  );
  const signature = sign('sha256', toBeSigned, issuer.key);
  return pem('CERTIFICATE', sequence(toBeSigned, algorithm, bitString(signature)));
}

const OID = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

const TRUE = Buffer.of(0x01, 0x01, 0xff);

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const integer = (bytes: Buffer): Buffer => der(0x02, bytes);
const octetString = (bytes: Buffer): Buffer => der(0x04, bytes);
const bitString = (bytes: Buffer, unusedBits = 0): Buffer => der(0x03, Buffer.of(unusedBits), bytes);
const explicit = (tag: number, inner: Buffer): Buffer => der(0xa0 | tag, inner);
/** Context-specific and primitive: an IMPLICIT string inside a CHOICE. */
const tagged = (tag: number, bytes: Buffer): Buffer => der(0x80 | tag, bytes);

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [TRUE] : []), octetString(value));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid(OID.commonName), der(0x0c, Buffer.from(commonName, 'utf8')))));
}

/** UTCTime, which RFC 5280 section 4.1.2.5 demands up to 2049. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`, 'ascii'));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

function ipBytes(ip: string): Buffer {
  if (isIPv4(ip)) return Buffer.from(ip.split('.').map(Number));
  const [head = '', tail = ''] = ip.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  return Buffer.from(
    [...groups(head), ...zeros, ...groups(tail)].map((group) => group.padStart(4, '0')).join(''),
    'hex',
  );
}

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest();
}

function toPem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
