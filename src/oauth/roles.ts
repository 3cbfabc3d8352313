import type { Secret } from '../words/secret.js';
import { claimsIn } from './audience.js';

/**
 * What an app's token does not let it do, of what is needed. A provider that hands out readable tokens names there what
 * the administrator has allowed (the claim `roles`); a token that cannot be read says nothing, and the mail server will.
 */
export function missingRoles(accessToken: Secret, needed: readonly string[]): readonly string[] {
  const claims = claimsIn(accessToken);
  if (claims === undefined) return [];
  const { roles } = claims;
  const have: readonly unknown[] = Array.isArray(roles) ? roles : [];
  return needed.filter((role) => !have.includes(role));
}

/** Under what ID the directory knows the app itself (the claim `oid`); undefined where the token does not say. */
export function objectIdIn(accessToken: Secret): string | undefined {
  const id = claimsIn(accessToken)?.['oid'];
  return typeof id === 'string' && /^[0-9a-f-]{36}$/i.test(id) ? id.toLowerCase() : undefined;
}
