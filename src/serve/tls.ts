import { createSecureContext, type SecureContext } from 'node:tls';
import { MailauthError } from '../explain/problem.js';
import { readTextFile } from '../system/text-file.js';

/**
 * The certificate that the server shows, from PEM files; undefined where none is named.
 * @throws MailauthError usage: one of the two is missing; file_not_found, bad_input: they cannot be used
 */
export async function readTlsFiles(
  cert: unknown,
  key: unknown,
  signal: AbortSignal,
): Promise<SecureContext | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (typeof cert !== 'string' || typeof key !== 'string') {
    throw new MailauthError('usage', '--tls-cert and --tls-key belong together, and one of them is missing');
  }
  const [certificate, privateKey] = await Promise.all([readTextFile(cert, { signal }), readTextFile(key, { signal })]);
  try {
    return createSecureContext({ cert: certificate, key: privateKey, minVersion: 'TLSv1.2' });
  } catch (cause) {
    throw new MailauthError('bad_input', `${cert} and ${key} are not a certificate and its key in PEM form`, {
      fix: [{ text: 'give both as text files that begin with -----BEGIN, the key without a passphrase' }],
      cause,
    });
  }
}
