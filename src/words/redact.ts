import { MASK, maskEchoes } from './echo.js';
import type { Secret } from './secret.js';

/**
 * Masks every given secret in a text, in whatever spelling it comes back. An adapter redacts a server's words by the
 * values it has sent, since a server can only echo those.
 */
export function redact(text: string, secrets: readonly (Secret | undefined)[]): string {
  const values = secrets.flatMap((secret) => (secret === undefined ? [] : [secret.reveal()]));
  return redactKnownShapes(maskEchoes(text, values));
}

/**
 * Masks what looks like a token, a code or a secret, or stands behind a telling key. The heads are those that issuers
 * put in front of what they give out, so that a leak can be found; this wall holds whichever provider is in use.
 */
export function redactKnownShapes(text: string): string {
  return text
    .replace(/\b(ya29\.|1\/\/0|4\/0A|GOCSPX-|EwB|M\.C\d{3}_|0\.A|1\.A|eyJ)[\w.~*!$%/+=-]{12,}/g, MASK)
    .replace(/\b[\w.~-]{3}\dQ~[\w.~-]{31,}/g, MASK)
    .replace(
      /((?:access_token|refresh_token|id_token|client_secret|code_verifier|assertion|device_code|(?<!(?:error|status|response|result|exit)[ _-]?)code)["']?\s*[=:]\s*["']?)[^\s"'&,}]{8,}/gi,
      `$1${MASK}`,
    )
    .replace(/(Bearer\s+)[\w.~+/=-]{8,}/gi, `$1${MASK}`)
    .replace(/\b[A-Za-z0-9+/]{60,}={0,2}/g, MASK);
}

/** The same for a line of another program, which may show a login as it was sent: a transcript, a debug log. */
export function redactLogins(text: string): string {
  return redactKnownShapes(text)
    .replace(/(\b(?:AUTH|AUTHENTICATE) [A-Z0-9-]{3,30} )[A-Za-z0-9+/_-]{6,}={0,2}/gi, `$1${MASK}`)
    .replace(/(\bLOGIN ["']?[^\s"']{1,200}["']? )\S{1,300}/g, `$1${MASK}`)
    .replace(/(\bPASS )\S{1,300}/g, `$1${MASK}`)
    .replace(/((?:pass(?:word|wd|phrase)?|secret)["']?\s{0,3}[=:]\s{0,3}["']?)[^\s"'&,}]{4,300}/gi, `$1${MASK}`)
    .replace(/\b[A-Za-z0-9+/]{12,}={0,2}(?![A-Za-z0-9+/])/g, (word) => (holdsLogin(word) ? MASK : word));
}

/** The texts of PLAIN (RFC 4616) and XOAUTH2, in base64. */
function holdsLogin(word: string): boolean {
  const decoded = Buffer.from(word, 'base64').toString('latin1');
  return /\0[^\0]{1,300}\0|auth=Bearer|[\w.+-]{1,64}@[\w-]{1,64}\.[a-z]{2}/i.test(decoded);
}
