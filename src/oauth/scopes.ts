import { usualScope } from '../providers/directory.js';

/** Scopes that sign a person in; everything else in a request opens a mailbox. */
const IDENTITY_SCOPES: ReadonlySet<string> = new Set(['openid', 'email', 'profile', 'offline_access']);

/**
 * The mail scopes that were asked for and not granted. A provider may leave out what the person did not tick
 * (RFC 6749 section 3.3); a missing `scope` member means all was granted (section 5.1).
 */
export function missingMailScopes(
  requested: readonly string[],
  granted: readonly string[] | undefined,
): readonly string[] {
  if (granted === undefined) return [];
  const have = new Set(granted.map(usualScope));
  return requested.filter((scope) => !IDENTITY_SCOPES.has(scope) && !have.has(usualScope(scope)));
}
