/** Why a text is no issuer identifier, as the end of a sentence; undefined where it is one. */
export function faultOfIssuer(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a web address';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'https:') return 'must be an https address';
  if (username !== '' || password !== '') return 'must not hold a user name or a password';
  // RFC 8414 section 2: an issuer has no query and no fragment.
  if (text.includes('?') || text.includes('#')) return 'must not hold a "?" or a "#"';
  return undefined;
}
