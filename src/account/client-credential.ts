/**
 * What an app proves itself with at the token endpoint: a registration that an administrator has let in, so that nobody
 * signs in (RFC 6749 section 4.4, RFC 7523 section 2). One member of the union for each kind; what is secret of it is one
 * entry of the store, which the client's record names.
 */
import { MailauthError } from '../explain/problem.js';
import { recordIn } from '../words/json.js';
import { Secret } from '../words/secret.js';

export const CREDENTIAL_KINDS = ['certificate', 'secret', 'federated', 'service-account'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

export type ClientCredential =
  | { readonly kind: 'secret'; readonly secret: Secret }
  /** A private key (PKCS #8) and the certificate that was uploaded for it, both base64 of their DER. */
  | { readonly kind: 'certificate'; readonly key: Secret; readonly certificate: string }
  /** The path of a file with another issuer's token, which somebody renews there. */
  | { readonly kind: 'federated'; readonly file: string }
  /** The key of a service account: its address, the id of the key, and the private key (as above). */
  | { readonly kind: 'service-account'; readonly email: string; readonly keyId: string; readonly key: Secret };

type Stored = Exclude<ClientCredential, { readonly kind: 'secret' | 'federated' }>;

/** The text that stands in the store for a credential of several parts; one line, always the same for the same parts. */
export function writtenCredential(credential: Stored): string {
  return credential.kind === 'certificate'
    ? JSON.stringify({ kind: credential.kind, certificate: credential.certificate, key: credential.key.reveal() })
    : JSON.stringify({
        kind: credential.kind,
        email: credential.email,
        keyId: credential.keyId,
        key: credential.key.reveal(),
      });
}

/** The same back. Throws `store_damaged` for anything else. */
export function readClientCredential(kind: Stored['kind'], stored: Secret): Stored {
  const parts = partsOf(stored.reveal());
  const part = (name: string): string => {
    const value = parts[name];
    if (typeof value !== 'string' || value === '') throw damaged(`its ${name} is missing`);
    return value;
  };
  if (part('kind') !== kind) throw damaged('it is of another kind');
  const key = new Secret(part('key'));
  if (kind === 'certificate') return { kind, key, certificate: part('certificate') };
  return { kind, key, email: part('email'), keyId: part('keyId') };
}

function partsOf(text: string): Readonly<Record<string, unknown>> {
  const record = recordIn(text);
  if (record === undefined) throw damaged('it is not what mailauth writes');
  return record;
}

function damaged(why: string): MailauthError {
  return new MailauthError('store_damaged', `the stored credential of the app cannot be used: ${why}`, {
    fix: [{ text: 'give the credential again' }],
  });
}
