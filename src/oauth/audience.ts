import type { Secret } from '../words/secret.js';

/**
 * Whom an access token was made for, where it is a JWT that anyone may read (RFC 7519 section 4.1.3). Most are not, and
 * give nothing. The claim is only looked at to explain a refusal: what it says is the mail server's to judge.
 */
export function audienceOf(accessToken: Secret): readonly string[] {
  const audience = claimsIn(accessToken)?.['aud'];
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  return named.filter((name) => typeof name === 'string');
}

/** What an access token says of itself, unverified; undefined where it is no JWT. */
export function claimsIn(accessToken: Secret): Readonly<Record<string, unknown>> | undefined {
  const [, payload = '', signature] = accessToken.reveal().split('.');
  if (signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
