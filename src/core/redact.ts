import type { Secret } from './secret.js';

const MASK = '[secret]';

/**
 * Replaces every given secret in a text, in each spelling it can come back in: raw, percent-encoded, base64 and
 * base64url. An adapter redacts a server's words by the values it has sent, since a server can only echo those.
 * Values shorter than eight characters would mask ordinary words and are not secrets of ours.
 */
export function redact(text: string, secrets: readonly (Secret | undefined)[]): string {
  let shown = text;
  for (const secret of secrets) {
    const value = secret?.reveal();
    if (value === undefined || value.length < 8) continue;
    for (const spelling of spellings(value)) shown = shown.replaceAll(spelling, MASK);
  }
  return redactKnownShapes(shown);
}

/** Masks what looks like a token, a code or a secret of the two providers, or stands behind a telling key. */
export function redactKnownShapes(text: string): string {
  return text
    .replace(/\b(ya29\.|1\/\/0|4\/0A|GOCSPX-|EwB|M\.C\d{3}_|0\.A|1\.A|eyJ)[\w.~*!$%/+=-]{12,}/g, MASK)
    .replace(
      /((?:access_token|refresh_token|id_token|client_secret|code_verifier|assertion|device_code|code)["']?\s*[=:]\s*["']?)[^\s"'&,}]{8,}/gi,
      `$1${MASK}`,
    )
    .replace(/(Bearer\s+)[\w.~+/=-]{8,}/gi, `$1${MASK}`)
    .replace(/\b[A-Za-z0-9+/]{60,}={0,2}/g, MASK);
}

function spellings(value: string): string[] {
  const bytes = Buffer.from(value);
  const encodings = [value, encodeURIComponent(value), bytes.toString('hex')];
  // A secret inside a longer base64 text (a SASL string) starts at one of three alignments.
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = encoded.slice(shift === 0 ? 0 : shift + 1, encoded.length - 1);
    encodings.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return encodings.filter((spelling) => spelling.length >= 8);
}
