import { X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { MailauthError } from '../explain/problem.js';
import { readTextFile } from './text-file.js';

/**
 * Passing `ca` to TLS replaces the roots Node was built with, so they are put in front again. NODE_EXTRA_CA_CERTS is
 * read by Node itself only where `ca` is not given, and so is read here too.
 *
 * @throws MailauthError file_not_found, bad_input: the file cannot be used
 */
export async function trustedCertificates(
  caFile: string | undefined,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (caFile === undefined || caFile === '') return undefined;
  const own = await readTextFile(caFile, { signal });
  if (certificatesIn(own).length === 0) {
    throw new MailauthError('bad_input', `${caFile} holds no certificate in PEM form`, {
      fix: [
        { text: 'give the certificate of the authority as a text file that begins with -----BEGIN CERTIFICATE-----' },
      ],
    });
  }
  try {
    // TLS would pass over a damaged one in silence.
    for (const pem of certificatesIn(own)) new X509Certificate(pem);
  } catch (cause) {
    throw new MailauthError('bad_input', `${caFile} holds a damaged certificate`, { cause });
  }
  // Node only warns about an extra file it cannot read, and goes on without it.
  const extra = env['NODE_EXTRA_CA_CERTS']
    ? await readTextFile(env['NODE_EXTRA_CA_CERTS'], { signal }).catch(() => '')
    : '';
  return [...rootCertificates, ...certificatesIn(own), ...certificatesIn(extra)];
}

/** TLS 1.2 at least (RFC 8997), and these certificates in PEM form; undefined: the roots Node comes with. */
export function trusting(certificates: readonly string[] | undefined): SecureContext {
  return createSecureContext({ minVersion: 'TLSv1.2', ...(certificates && { ca: [...certificates] }) });
}

function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
