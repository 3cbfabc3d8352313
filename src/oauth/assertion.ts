/**
 * Signed statements of an app about itself: JSON Web Tokens (RFC 7519) in compact form (RFC 7515 section 3.1), made anew
 * for each request and good for minutes.
 */
import { constants, createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import type { ClientCredential } from '../account/client-credential.js';
import { Secret } from '../words/secret.js';

/** Seconds that a statement of the client is good for: servers' clocks differ, and nobody needs it for longer. */
const CLIENT_ASSERTION_LIFE = 300;
/** The longest that the token endpoint of service accounts takes (RFC 7523 section 3 leaves the limit to it). */
const GRANT_ASSERTION_LIFE = 3600;

type Certificate = ClientCredential & { readonly kind: 'certificate' };
type ServiceAccount = ClientCredential & { readonly kind: 'service-account' };

/**
 * Stands for a client secret (RFC 7523 section 2.2): signed with RSASSA-PSS (PS256, RFC 7518 section 3.5), its key named
 * by the SHA-256 thumbprint of the certificate (`x5t#S256`, RFC 7515 section 4.1.8).
 */
export function clientAssertion(credential: Certificate, clientId: string, endpoint: string): Secret {
  const now = Math.floor(Date.now() / 1000);
  const thumbprint = new X509Certificate(Buffer.from(credential.certificate, 'base64')).fingerprint256.replaceAll(
    ':',
    '',
  );
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': Buffer.from(thumbprint, 'hex').toString('base64url') };
  const claims = {
    aud: endpoint,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: now,
    iat: now,
    exp: now + CLIENT_ASSERTION_LIFE,
  };
  return signed(header, claims, credential.key);
}

/** Who wants which access to whose mailbox: the grant itself (RFC 7523 section 2.1). */
export function grantAssertion(
  credential: ServiceAccount,
  wish: { readonly endpoint: string; readonly subject: string; readonly scopes: readonly string[] },
): Secret {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: credential.keyId };
  const claims = {
    iss: credential.email,
    sub: wish.subject,
    scope: wish.scopes.join(' '),
    aud: wish.endpoint,
    iat: now,
    exp: now + GRANT_ASSERTION_LIFE,
  };
  return signed(header, claims, credential.key);
}

function signed(header: { readonly alg: string }, claims: object, key: Secret): Secret {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const padding =
    header.alg === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {};
  const privateKey = createPrivateKey({ key: Buffer.from(key.reveal(), 'base64'), format: 'der', type: 'pkcs8' });
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, ...padding });
  return new Secret(`${text}.${signature.toString('base64url')}`);
}
