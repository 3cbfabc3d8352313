import { X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { MailauthError } from '../explain/problem.js';
import { readTextFile } from './text-file.js';

/** As Node 22.15, 23.9 and newer have it: what a kind of trust consists of, in PEM form. */
type CertificatesOf = (kind: 'default' | 'system') => string[];

interface TrustOptions {
  readonly signal?: AbortSignal | undefined;
  /** The file takes the place of all others, as for a server that has an authority of its own. */
  readonly alone?: boolean | undefined;
  readonly platform?: NodeJS.Platform;
  /** Undefined where Node cannot tell. */
  readonly certificatesOf?: CertificatesOf | undefined;
}

const HERE = {
  platform: process.platform,
  /** Looked up by its name: a Node that has it not would refuse to load a file that imports it. */
  get certificatesOf() {
    const tls: object = process.getBuiltinModule('node:tls');
    return (tls as { readonly getCACertificates?: CertificatesOf }).getCACertificates;
  },
};

/** Whether this Node can read the store of authorities that the system keeps. */
export function readsSystemAuthorities(): boolean {
  return HERE.certificatesOf !== undefined;
}

/**
 * What is trusted in addition to Node's own roots: the file, and on Windows the system's store, where an antivirus
 * program or an employer's proxy that looks into TLS puts its authority. Undefined where that is nothing. Passing `ca` to
 * TLS replaces the roots Node was built with, so they are put in front again.
 *
 * @throws MailauthError file_not_found, bad_input: the file cannot be used
 */
export async function trustedCertificates(
  caFile: string | undefined,
  env: NodeJS.ProcessEnv,
  options: TrustOptions = {},
): Promise<readonly string[] | undefined> {
  const { signal, platform, certificatesOf } = { ...HERE, ...options };
  const own = caFile ? await readAuthority(caFile, signal) : [];
  if (options.alone && own.length > 0) return own;
  const system = platform === 'win32' ? (certificatesOf?.('system') ?? []) : [];
  if (own.length + system.length === 0) return undefined;
  const usual = [...(await usualRoots(env, signal)), ...(certificatesOf?.('default') ?? [])];
  return [...new Set([...usual, ...system, ...own])];
}

async function readAuthority(caFile: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const certificates = certificatesIn(await readTextFile(caFile, { signal }));
  if (certificates.length === 0) {
    throw new MailauthError('bad_input', `${caFile} holds no certificate in PEM form`, {
      fix: [
        { text: 'give the certificate of the authority as a text file that begins with -----BEGIN CERTIFICATE-----' },
      ],
    });
  }
  try {
    // TLS would pass over a damaged one in silence.
    for (const pem of certificates) new X509Certificate(pem);
  } catch (cause) {
    throw new MailauthError('bad_input', `${caFile} holds a damaged certificate`, { cause });
  }
  return certificates;
}

/** Those that Node comes with. NODE_EXTRA_CA_CERTS is read by Node itself only where `ca` is not given. */
async function usualRoots(env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<readonly string[]> {
  // Node only warns about an extra file it cannot read, and goes on without it.
  const extra = env['NODE_EXTRA_CA_CERTS']
    ? await readTextFile(env['NODE_EXTRA_CA_CERTS'], { signal }).catch(() => '')
    : '';
  return [...rootCertificates, ...certificatesIn(extra)];
}

/** Reading all roots takes a tenth of a second, which a list of mailboxes would spend on each of them. */
const contexts = new Map<string, SecureContext>();

/** TLS 1.2 at least (RFC 8997), and these certificates in PEM form; undefined: the roots Node comes with. */
export function trusting(certificates: readonly string[] | undefined, own?: OwnCertificate): SecureContext {
  const key = [own?.cert, ...(certificates ?? [])].join('\n');
  const known = contexts.get(key);
  if (known !== undefined) return known;
  const made = contextOf(certificates, own);
  contexts.set(key, made);
  return made;
}

function contextOf(certificates: readonly string[] | undefined, own?: OwnCertificate): SecureContext {
  const given = new Set(certificates);
  if (given.size > 0 && !rootCertificates.every((root) => given.has(root))) {
    return createSecureContext({ minVersion: 'TLSv1.2', ca: [...given], ...own });
  }
  const made = createSecureContext({ minVersion: 'TLSv1.2', ...own });
  // Node's own roots are in there already, read once and fast; each that is given as `ca` takes a fifth of a millisecond.
  for (const root of rootCertificates) given.delete(root);
  for (const pem of given) made.context.addCACert(pem);
  return made;
}

/** A certificate of this host and its key, in PEM form, for a server that asks for one. */
interface OwnCertificate {
  readonly cert: string;
  readonly key: string;
}

/** @throws MailauthError file_not_found, bad_input: a file cannot be used */
export async function ownCertificate(
  { certFile, keyFile }: { readonly certFile: string; readonly keyFile: string },
  signal?: AbortSignal,
): Promise<OwnCertificate> {
  const [cert, key] = await Promise.all([readTextFile(certFile, { signal }), readTextFile(keyFile, { signal })]);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new MailauthError('bad_input', `${certFile} and ${keyFile} are no certificate and its key in PEM form`, {
      cause,
    });
  }
  return { cert, key };
}

function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
