import type { MailServer } from '../../src/account/account.js';
import type { MailLogin } from '../../src/mail/login.js';
import { trusting } from '../../src/system/trust.js';
import { Secret } from '../../src/words/secret.js';
import { makeAuthority } from '../servers/certificates.js';

/** One authority and one server certificate for the tests of a file. */
export const AUTHORITY = makeAuthority();
export const LEAF = AUTHORITY.issue();

export const USER = 'ada@example.com';
/** As long as the tokens of Gmail, so that the login fits into one SMTP command line. */
export const TOKEN = `ya29.test-token-${'g'.repeat(200)}`;
/** As long as the tokens of Exchange Online. */
export const LONG_TOKEN = `EwB-test-token-${'m'.repeat(1_800)}`;

/** A login to a test server on this machine, which trusts the test authority alone. */
export function loginTo(
  { port, security = 'tls', host = 'localhost' }: { port: number; security?: MailServer['security']; host?: string },
  changes: Partial<MailLogin> = {},
): MailLogin {
  return {
    server: { host, port, security },
    user: USER,
    accessToken: new Secret(TOKEN),
    trust: trusting([AUTHORITY.cert]),
    deadline: 10_000,
    ...changes,
  };
}

/** The SASL string the login sends, to look for it in transcripts. */
export function saslString(token = TOKEN, user = USER): string {
  return Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString('base64');
}
