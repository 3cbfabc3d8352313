/**
 * The files with which an app proves itself, read and judged before anything is sent: a certificate, its key, and whether
 * the two are a pair. What comes out is one line (base64 of the DER), so that it travels like every other answer.
 */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { writtenCredential } from '../account/client-credential.js';
import { Secret } from '../words/secret.js';
import { answered, refuse } from './recognise.js';
import type { Answers, Guard, Recognition } from './step.js';

/** The answer that holds a certificate until its key is known. */
const CERTIFICATE = 'client-certificate';
/** A shorter RSA key is refused by the providers, and was long ago by those who know (NIST SP 800-57 part 1). */
const LEAST_BITS = 2048;

/** A block of a PEM file (RFC 7468), whose line ends may have become spaces. */
interface Block {
  readonly label: string;
  readonly bytes: Buffer;
}

function blocksIn(text: string): readonly Block[] {
  const found = text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----/g);
  return [...found].map(([, label = '', body = '']) => ({ label, bytes: Buffer.from(body, 'base64') }));
}

export const ownCertificate: Guard = { recognise: recogniseCertificate, inside: 'words' };

function recogniseCertificate(text: string, answers: Answers): Recognition {
  const blocks = blocksIn(text);
  const block = blocks.find(({ label }) => label === 'CERTIFICATE');
  if (block === undefined) return refuse(noCertificate(text, blocks));
  const certificate = certificateOf(block.bytes);
  if (certificate === undefined) return refuse('the certificate in this file is damaged: it may be cut off');
  const problem = whyUnusable(certificate, answered(answers, 'today'));
  if (problem !== undefined) return refuse(problem);
  return { ok: true, value: 'read', learnt: { [CERTIFICATE]: block.bytes.toString('base64') } };
}

function noCertificate(text: string, blocks: readonly Block[]): string {
  const [first] = blocks;
  if (first?.label.endsWith('PRIVATE KEY')) return 'that is the key; the certificate is needed here';
  if (first?.label === 'CERTIFICATE REQUEST' || first?.label === 'NEW CERTIFICATE REQUEST') {
    return 'that is a request for a certificate, and not the certificate that came of it';
  }
  if (first?.label === 'PUBLIC KEY') return 'that is a bare public key; the certificate around it is needed';
  if (text.startsWith('{')) return 'that is a JSON file; the certificate in PEM is needed (BEGIN CERTIFICATE)';
  return 'that is no certificate in PEM: the text has to begin with BEGIN CERTIFICATE. A .pfx or .p12 file is turned into one with openssl pkcs12 -in FILE -nodes';
}

function certificateOf(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

function whyUnusable(certificate: X509Certificate, today: string): string | undefined {
  const from = dayOf(certificate.validFrom);
  const end = dayOf(certificate.validTo);
  if (today !== '' && end < today) return `the certificate has ended, on ${end}; make a new one`;
  if (today !== '' && from > today) return `the certificate is not valid before ${from}`;
  return whyWeak(certificate.publicKey);
}

function whyWeak({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  if (type !== 'rsa') return 'the key is not an RSA key, and the provider takes no other';
  const bits = details?.modulusLength ?? 0;
  return bits < LEAST_BITS ? `the RSA key has ${bits} bits, and at least ${LEAST_BITS} are needed` : undefined;
}

/** As node:crypto writes it, `Nov 25 09:00:00 2028 GMT`, as an ISO date. */
function dayOf(time: string): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The private key: what is stored is the pair, in the place of a client secret. */
export const keyOfPair: Guard = { recognise: recogniseKey, inside: 'words' };

function recogniseKey(text: string, answers: Answers): Recognition {
  const key = privateKeyIn(text);
  if (typeof key === 'string') return refuse(key);
  const weak = whyWeak(key);
  if (weak !== undefined) return refuse(weak);
  const bytes = answered(answers, CERTIFICATE);
  const certificate = bytes === '' ? undefined : certificateOf(Buffer.from(bytes, 'base64'));
  if (certificate === undefined) return refuse('a key alone is of no use: give its certificate too, before it');
  if (!certificate.checkPrivateKey(key)) return refuse('the key and the certificate are not a pair');
  return {
    ok: true,
    value: 'read',
    learnt: pairOf(certificate, key),
  };
}

/** The answers that a pair of key and certificate is: the secret to store, and the day on which it ends. */
export function pairOf(certificate: X509Certificate, key: KeyObject): Readonly<Record<string, string>> {
  const pair = {
    kind: 'certificate',
    certificate: certificate.raw.toString('base64'),
    key: new Secret(oneLine(key)),
  } as const;
  return {
    credential: 'certificate',
    'client-secret': writtenCredential(pair),
    'secret-expires': dayOf(certificate.validTo),
  };
}

/** PKCS #8 in base64, without line ends. */
export function oneLine(key: KeyObject): string {
  return key.export({ format: 'der', type: 'pkcs8' }).toString('base64');
}

/** The private key in a text, or what is there instead. Its bytes are never repeated. */
export function privateKeyIn(text: string): KeyObject | string {
  const blocks = blocksIn(text);
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) {
    return blocks.some(({ label }) => label === 'CERTIFICATE')
      ? 'that is the certificate; its private key is needed here'
      : 'that is no private key in PEM: the text has to begin with BEGIN PRIVATE KEY';
  }
  // An older form has the passphrase's marks inside the block.
  if (block.label.startsWith('ENCRYPTED') || /Proc-Type: ?4,ENCRYPTED/.test(text)) {
    return 'the key is locked with a passphrase. Unlock a copy with openssl pkey -in FILE, and give that one';
  }
  const type = block.label === 'PRIVATE KEY' ? 'pkcs8' : block.label === 'RSA PRIVATE KEY' ? 'pkcs1' : 'sec1';
  try {
    const key = createPrivateKey({ key: block.bytes, format: 'der', type });
    createPublicKey(key);
    return key;
  } catch {
    return 'the private key in this file is damaged: it may be cut off';
  }
}
