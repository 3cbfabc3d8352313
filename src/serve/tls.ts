import { createPrivateKey, X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { MailauthError } from '../explain/problem.js';
import { readTextFile } from '../system/text-file.js';

/** The certificate that the server shows, as its files have it now. */
export interface Certificate {
  /** Its last day, as it was read first. */
  readonly ends: Date;
  /** For the next program: files that have changed are read again, and shown from then on. */
  context(): SecureContext;
}

/** Told what is wrong with files that have changed; the certificate from before is shown on. */
interface RenewalReport {
  warn(text: string): void;
  bug(error: unknown): void;
}

/**
 * From PEM files; undefined where none is named.
 * @throws MailauthError usage: one of the two is missing; file_not_found, bad_input: they cannot be used
 */
export async function openCertificate(
  cert: unknown,
  key: unknown,
  { signal, report }: { readonly signal: AbortSignal; readonly report: RenewalReport },
): Promise<Certificate | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (typeof cert !== 'string' || typeof key !== 'string') {
    const missing = typeof cert === 'string' ? '--tls-key' : '--tls-cert';
    throw new MailauthError('usage', `--tls-cert and --tls-key belong together, and ${missing} is missing`, {
      fix: [{ text: `name its file too: ${missing} FILE` }],
    });
  }
  const stamp = () => `${stampOf(cert)} ${stampOf(key)}`;
  let read = stamp();
  let shown = await readPair(cert, key, signal);
  const readAgain = (): void => {
    read = stamp();
    readPair(cert, key, signal).then(
      (pair) => {
        shown = pair;
      },
      (error: unknown) => {
        if (!(error instanceof MailauthError)) report.bug(error);
        else report.warn(`${error.message}; the certificate from before is shown on`);
      },
    );
  };
  return {
    ends: shown.ends,
    context() {
      if (stamp() !== read) readAgain();
      return shown.context;
    },
  };
}

/** Another one where the file has changed. A pipe is read once. */
function stampOf(path: string): string {
  try {
    const status = statSync(path);
    return status.isFile() ? `${status.mtimeMs} ${status.size} ${status.ino}` : 'a pipe';
  } catch {
    return 'none';
  }
}

async function readPair(
  cert: string,
  key: string,
  signal: AbortSignal,
): Promise<{ context: SecureContext; ends: Date }> {
  const [certificate, privateKey] = await Promise.all([readTextFile(cert, { signal }), readTextFile(key, { signal })]);
  const inPem = <T>(read: () => T): T => asPem(read, `${cert} and ${key}`);
  const shown = inPem(() => new X509Certificate(certificate));
  // A key of another kind than the certificate's is taken without a word, and no handshake would ever succeed.
  if (!inPem(() => shown.checkPrivateKey(createPrivateKey(privateKey)))) {
    throw new MailauthError('bad_input', `the key in ${key} does not belong to the certificate in ${cert}`, {
      fix: [{ text: 'name the key that the certificate was made with; its own certificate comes first in the file' }],
    });
  }
  const context = inPem(() => createSecureContext({ cert: certificate, key: privateKey, minVersion: 'TLSv1.2' }));
  return { context, ends: new Date(shown.validTo) };
}

function asPem<T>(read: () => T, files: string): T {
  try {
    return read();
  } catch (cause) {
    throw new MailauthError('bad_input', `${files} are not a certificate and its key in PEM form`, {
      fix: [{ text: 'give both as text files that begin with -----BEGIN, the key without a passphrase' }],
      cause,
    });
  }
}
