import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { MailauthError } from '../explain/problem.js';
import { readTextFile } from '../system/text-file.js';

/** The certificate that the server shows. */
interface ServerCertificate {
  readonly context: SecureContext;
  /** Its last day. */
  readonly ends: Date;
}

/**
 * From PEM files; undefined where none is named.
 * @throws MailauthError usage: one of the two is missing; file_not_found, bad_input: they cannot be used
 */
export async function readTlsFiles(
  cert: unknown,
  key: unknown,
  signal: AbortSignal,
): Promise<ServerCertificate | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (typeof cert !== 'string' || typeof key !== 'string') {
    const missing = typeof cert === 'string' ? '--tls-key' : '--tls-cert';
    throw new MailauthError('usage', `--tls-cert and --tls-key belong together, and ${missing} is missing`, {
      fix: [{ text: `name its file too: ${missing} FILE` }],
    });
  }
  const [certificate, privateKey] = await Promise.all([readTextFile(cert, { signal }), readTextFile(key, { signal })]);
  const { context, shown, isPair } = used(certificate, privateKey, `${cert} and ${key}`);
  // A key of another kind than the certificate's is taken without a word, and no handshake would ever succeed.
  if (!isPair) {
    throw new MailauthError('bad_input', `the key in ${key} does not belong to the certificate in ${cert}`, {
      fix: [{ text: 'name the key that the certificate was made with; its own certificate comes first in the file' }],
    });
  }
  return { context, ends: new Date(shown.validTo) };
}

function used(cert: string, key: string, files: string) {
  try {
    const shown = new X509Certificate(cert);
    const isPair = shown.checkPrivateKey(createPrivateKey(key));
    return {
      shown,
      isPair,
      context: createSecureContext({ cert, key: isPair ? key : undefined, minVersion: 'TLSv1.2' }),
    };
  } catch (cause) {
    throw new MailauthError('bad_input', `${files} are not a certificate and its key in PEM form`, {
      fix: [{ text: 'give both as text files that begin with -----BEGIN, the key without a passphrase' }],
      cause,
    });
  }
}
