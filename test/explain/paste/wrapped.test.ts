import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Code } from '../../../src/explain/codes.js';
import { explainPaste } from '../../../src/explain/paste/paste.js';
import { pasteProviders } from '../../../src/providers/words.js';

/** Errors of every sort, each with what it means wherever it stands. */
const KNOWN: readonly (readonly [text: string, code: Code])[] = [
  ['AADSTS50076: Due to a configuration change you must use multi-factor authentication', 'signin_required'],
  ['AADSTS7000222: The provided client secret keys are expired.', 'client_secret_expired'],
  ['AADSTS50011: The redirect URI specified in the request does not match', 'redirect_uri_mismatch'],
  ['535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.PROD.OUTLOOK.COM]', 'policy_blocked'],
  ['454 4.7.0 Too many login attempts, please try again later. gsmtp', 'rate_limited'],
  ['550 5.4.5 Daily user sending limit exceeded. gsmtp', 'rate_limited'],
  ['a003 NO [ALERT] Your account is not enabled for IMAP use. (Failure)', 'imap_disabled'],
  ['BAD User is authenticated but not connected.', 'mailbox_mismatch'],
  ['x509: certificate signed by unknown authority', 'tls_untrusted'],
  ['certificate verify failed: certificate has expired', 'tls_expired'],
  ['getaddrinfo ENOTFOUND smtp.example.com', 'dns_failed'],
  ['connect ECONNREFUSED 192.0.2.1:587', 'connect_refused'],
  ['{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}', 'signin_expired'],
  ['{"error": "deleted_client", "error_description": "The OAuth client was deleted."}', 'client_not_found'],
];

/** What programs, logs, mail and people put around an error. */
const WRAPPERS: Readonly<Record<string, (text: string) => string>> = {
  syslog: (text) => `Nov 25 10:00:01 host postfix/smtp[4242]: ${text}`,
  docker: (text) => `mail-1  | 2026-11-25T10:00:01.123Z ERROR [main] ${text}`,
  logcat: (text) => `11-25 10:00:01.123 4242-4243/com.example.app W/System.err: ${text}`,
  quotation: (text) => `> > ${text}`,
  'transcript of bytes': (text) => `<-- b'${text}\\r\\n'`,
  json: (text) => `{"level":50,"msg":${JSON.stringify(text)}}`,
  'json in json': (text) => JSON.stringify({ message: JSON.stringify({ detail: text }) }),
  address: (text) => `https://app.example/callback?message=${encodeURIComponent(text)}&state=x`,
  'form encoding': (text) => `body=${new URLSearchParams({ text }).toString()}`,
  html: (text) =>
    `<p class="error">${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}</p>`,
  colours: (text) => `\u001b[31mERROR\u001b[0m ${text}`,
  'quoted-printable': (text) => text.replaceAll('=', '=3D').replaceAll(' ', '=20'),
  'stack trace': (text) =>
    `Error: ${text}\n    at Connection.run (/app/lib/connection.js:10:20)\n    at process.main (node:internal:1:1)`,
  chain: (text) =>
    `java.lang.RuntimeException: could not send\n\tat a.b.C(D.java:1)\nCaused by: x.y.Exception: ${text}`,
  cut: (text) => `${text} and then the text breaks o`,
};

const NOISE = 'request 17 answered in 12 ms; user logged out; cache warmed; nothing to do';

const codeOf = async (text: string): Promise<Code> => (await explainPaste(text, pasteProviders)).code;

describe('a known error', () => {
  it.each(KNOWN)('is known as it stands: %s', async (text, code) => {
    expect(await codeOf(text)).toBe(code);
  });

  it.each(Object.keys(WRAPPERS))('is found inside %s', async (name) => {
    const found = await Promise.all(KNOWN.map(([text]) => codeOf(WRAPPERS[name]?.(text) ?? '')));
    expect(found).toEqual(KNOWN.map(([, code]) => code));
  });

  it('is found inside two wrappings and among other lines', async () => {
    const wrapper = fc.constantFrom(...Object.keys(WRAPPERS));
    const property = fc.asyncProperty(
      fc.constantFrom(...KNOWN),
      wrapper,
      wrapper,
      fc.nat(10),
      async (known, inner, outer, lines) => {
        const [text, code] = known;
        const once = WRAPPERS[inner]?.(text) ?? text;
        const twice = once.includes('\n') ? once : (WRAPPERS[outer]?.(once) ?? once);
        const pasted = [...Array(lines).fill(NOISE), twice, ...Array(lines).fill(NOISE)];
        expect(await codeOf(pasted.join('\n'))).toBe(code);
      },
    );
    await fc.assert(property, { numRuns: 80 });
  });

  it('is found among 10,000 other lines, and the line is named', async () => {
    const noise = Array.from(
      { length: 10_000 },
      (_, at) => `10:00:00 worker ${at}: request ${at * 7} failed softly, not serious`,
    );
    for (const [text, code] of KNOWN) {
      const pasted = [...noise.slice(0, 7_000), text, ...noise.slice(7_000)].join('\n');
      const found = await explainPaste(pasted, pasteProviders);
      expect({ text, code: found.code, line: found.line?.number }).toEqual({ text, code, line: 7_001 });
    }
  });

  it('in base64 is found whole, cut and damaged', async () => {
    const challenge = Buffer.from('{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}').toString(
      'base64',
    );
    for (const shown of [challenge, challenge.slice(0, -9), `${challenge.slice(0, 40)}..${challenge.slice(52)}`]) {
      expect(await codeOf(`SMTP ERROR: AUTH command failed: 334 ${shown}`)).toBe('token_refused');
    }
  });
});
