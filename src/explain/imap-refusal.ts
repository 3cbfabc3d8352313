/**
 * The response codes that tell why: of IMAP (RFC 9051 section 7.1, RFC 5530; Yahoo’s TEMPFAIL), and of POP (RFC 2449,
 * RFC 3206).
 */
const TELLING = new Set(
  `ALERT ALREADYEXISTS AUTHENTICATIONFAILED AUTHORIZATIONFAILED CANNOT CLIENTBUG CONTACTADMIN CORRUPTION EXPIRED INUSE
  LIMIT NONEXISTENT NOPERM OVERQUOTA PRIVACYREQUIRED REFERRAL SERVERBUG TEMPFAIL THROTTLED TRYCREATE UNAVAILABLE
  AUTH IN-USE LOGIN-DELAY SYS/PERM SYS/TEMP`.split(/\s+/),
);

/**
 * What a refusal is known by: its response code where that tells why, otherwise its own word (NO, BAD, BYE). A code that
 * is not known must be ignored (RFC 9051 section 7.1).
 */
export function imapRefusal(word: string, code: string | undefined): string {
  const known = code?.toUpperCase();
  return known !== undefined && TELLING.has(known) ? known : word.toUpperCase();
}
