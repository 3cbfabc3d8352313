import { MailauthError } from '../explain/problem.js';
import { Secret } from '../words/secret.js';

/**
 * The SASL strings that mail servers take instead of a password, base64-encoded as SMTP, IMAP and POP send them.
 * They hold the access token, so they are secrets too.
 */

/** Whom OAUTHBEARER is addressed to (RFC 7628 section 3.1: `host` and `port` as the client connected). */
interface SaslPeer {
  readonly host: string;
  readonly port: number;
}

/** A way to log in with a token. */
export interface Mechanism {
  /** As servers list it. */
  readonly name: 'XOAUTH2' | 'OAUTHBEARER';
  response(user: string, accessToken: Secret, peer: SaslPeer): Secret;
  /** What answers the error challenge, so that the refusal follows (RFC 7628 section 3.2.3: a lone ^A, in base64). */
  readonly afterError: string;
}

/** The first that a server offers is used: XOAUTH2 is the one that providers document. */
export const MECHANISMS: readonly Mechanism[] = [
  { name: 'XOAUTH2', response: (user, accessToken) => xoauth2(user, accessToken), afterError: '' },
  { name: 'OAUTHBEARER', response: oauthbearer, afterError: 'AQ==' },
];

/** Control characters would end a field early and let a name carry fields of its own. */
const CONTROL = /[\p{Cc}\p{Cs}]/u;

/** RFC 6750 section 2.1, b64token: nothing in it can end a field. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * The initial response of XOAUTH2: `user=` address, SOH, `auth=Bearer ` token, SOH, SOH. The mechanism has no escaping.
 *
 * @throws MailauthError `bad_input` for an empty name, or one with a control character
 * @see https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
 */
export function xoauth2(user: string, accessToken: Secret): Secret {
  return encode(`user=${field(user, 'user name')}\x01auth=Bearer ${bearer(accessToken)}\x01\x01`);
}

/**
 * The initial response of OAUTHBEARER: a GS2 header with the name, then key/value pairs between SOHs (RFC 7628
 * section 3.1). In the header `,` and `=` of the name are written `=2C` and `=3D` (RFC 5801 section 4).
 *
 * @throws MailauthError `bad_input` for an empty name or host, or one with a control character
 */
export function oauthbearer(user: string, accessToken: Secret, peer: SaslPeer): Secret {
  const name = field(user, 'user name').replaceAll('=', '=3D').replaceAll(',', '=2C');
  const host = field(peer.host, 'host name');
  return encode(`n,a=${name},\x01host=${host}\x01port=${peer.port}\x01auth=Bearer ${bearer(accessToken)}\x01\x01`);
}

function field(value: string, what: string): string {
  if (value === '') throw new MailauthError('bad_input', `the ${what} of a login is empty`);
  if (CONTROL.test(value)) {
    throw new MailauthError('bad_input', `the ${what} of a login has a control character in it`);
  }
  return value;
}

function bearer(accessToken: Secret): string {
  const token = accessToken.reveal();
  if (!TOKEN.test(token)) {
    throw new MailauthError('bad_input', 'the access token is not one line of printable characters');
  }
  return token;
}

function encode(text: string): Secret {
  return new Secret(Buffer.from(text, 'utf8').toString('base64'));
}
