import type { Identity } from './grant.js';

/** A claim is a server's text: an address of several lines would be shown as lines of ours. */
const ADDRESS = /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]{1,255}$/u;

/**
 * The address a person signed in with: the ID token's `email` unless the issuer says it is unverified, else
 * `preferred_username` (OpenID Connect Core section 5.1). Undefined where neither looks like an address.
 */
export function addressOf(identity: Identity | undefined): string | undefined {
  const candidates = [identity?.emailVerified === false ? undefined : identity?.email, identity?.preferredUsername];
  return candidates.find((candidate) => candidate !== undefined && ADDRESS.test(candidate));
}
