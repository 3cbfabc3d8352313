/**
 * A key and the self-signed certificate around its public half, for a registration that takes certificates. Node can
 * make the key and read a certificate, and has nothing that writes one; so the few structures are written here, in the
 * Distinguished Encoding Rules (X.690): each is a tag, a length and its content, as RFC 5280 section 4.1 names them.
 */
import { generateKeyPair, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';

export interface Pair {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Half again of what the providers ask for, and good for longer than any certificate here (NIST SP 800-57 part 1). */
const BITS = 3072;
const DAY_MS = 86_400_000;
/** The provider's clock may be behind ours. */
const EARLIER_MS = 3_600_000;

/** @param days how long the certificate is valid */
export async function makePair(commonName: string, now: Date, days: number): Promise<Pair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: BITS });
  const validity = [new Date(now.getTime() - EARLIER_MS), new Date(now.getTime() + days * DAY_MS)];
  const name = nameOf(commonName);
  // TBSCertificate of version 3, which has extensions
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.of(2))),
    // At most 20 octets, positive: a first octet of 1 to 127 (section 4.1.2.2).
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    SHA256_WITH_RSA,
    name,
    sequence(...validity.map(time)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    explicit(3, sequence(...EXTENSIONS)),
  );
  const signature = bitString(sign('sha256', toBeSigned, privateKey));
  return { certificate: new X509Certificate(sequence(toBeSigned, SHA256_WITH_RSA, signature)), key: privateKey };
}

const SHORT_LENGTH = 0x80;

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < SHORT_LENGTH) return Buffer.concat([Buffer.of(tag, content.length), content]);
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(content.length);
  const length = octets.subarray(octets.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.of(tag, SHORT_LENGTH | length.length), length, content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const integer = (octets: Buffer): Buffer => der(0x02, octets);
const octetString = (octets: Buffer): Buffer => der(0x04, octets);
const bitString = (octets: Buffer, unused = 0): Buffer => der(0x03, Buffer.of(unused), octets);
const explicit = (tag: number, content: Buffer): Buffer => der(0xa0 | tag, content);
const NULL = der(0x05);
const TRUE = der(0x01, Buffer.of(0xff));

/** An object identifier: the first two numbers share an octet, and each further one has seven bits an octet. */
function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(inSevens)]));
}

function inSevens(number: number): number[] {
  const octets = [number & 0x7f];
  for (let left = number >> 7; left > 0; left >>= 7) octets.unshift((left & 0x7f) | 0x80);
  return octets;
}

/** RFC 4055 section 5 */
const SHA256_WITH_RSA = sequence(oid('1.2.840.113549.1.1.11'), NULL);

/** A name with nothing but a common name (section 4.1.2.4). */
function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(commonName, 'utf8')))));
}

/** UTCTime until the end of 2049, GeneralizedTime from then on (section 4.1.2.5). */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(0, 14);
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(`${digits.slice(2)}Z`, 'ascii'))
    : der(0x18, Buffer.from(`${digits}Z`, 'ascii'));
}

/** Critical ones: it signs no other certificate, and its key is for signatures alone (sections 4.2.1.9 and 4.2.1.3). */
const EXTENSIONS = [
  sequence(oid('2.5.29.19'), TRUE, octetString(sequence())),
  sequence(oid('2.5.29.15'), TRUE, octetString(bitString(Buffer.of(0x80), 7))),
];
