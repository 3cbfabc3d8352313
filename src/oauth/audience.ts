import type { Secret } from '../words/secret.js';

/**
 * Whom an access token was made for, where it is a JWT that anyone may read (RFC 7519 section 4.1.3). Most are not, and
 * give nothing. The claim is only looked at to explain a refusal: what it says is the mail server's to judge.
 */
export function audienceOf(accessToken: Secret): readonly string[] {
  const [, payload = '', signature] = accessToken.reveal().split('.');
  if (signature === undefined) return [];
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const audience = (claims as { readonly aud?: unknown } | null)?.aud;
    const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
    return named.filter((name) => typeof name === 'string');
  } catch {
    return [];
  }
}
