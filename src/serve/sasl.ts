/** The two mechanisms that carry a user name and a password (RFC 4616, and LOGIN, which nobody wrote down in time). */
import type { Client } from './client.js';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Octets of a line of SASL (RFC 4954 section 4). */
const SASL_LINE = 12_288;

/** `cancelled`: the client sent a lone `*`. `malformed`: no base64, or not the parts of the mechanism. */
export type Exchange = Credentials | 'cancelled' | 'malformed' | 'unknown';

/**
 * One exchange, from the words behind the command to the credentials.
 * @param ask sends a challenge, which is empty or base64, in the way of the protocol
 */
export async function exchange(
  client: Client,
  words: readonly string[],
  ask: (challenge: string) => void,
): Promise<Exchange> {
  const [mechanism = '', initial] = words;
  const next = async (challenge: string): Promise<string> => {
    ask(Buffer.from(challenge).toString('base64'));
    return client.line(SASL_LINE);
  };
  switch (mechanism.toUpperCase()) {
    case 'PLAIN':
      return plain(initial ?? (await next('')));
    case 'LOGIN': {
      const user = decoded(initial ?? (await next('Username:')));
      if (typeof user === 'symbol') return user === CANCELLED ? 'cancelled' : 'malformed';
      const password = decoded(await next('Password:'));
      if (typeof password === 'symbol') return password === CANCELLED ? 'cancelled' : 'malformed';
      return { user, password };
    }
    default:
      return 'unknown';
  }
}

/** `authorisation identity NUL user NUL password`; nobody acts for another here, so the first is empty or the user. */
function plain(line: string): Exchange {
  const text = decoded(line);
  if (typeof text === 'symbol') return text === CANCELLED ? 'cancelled' : 'malformed';
  const [identity, user, password, ...more] = text.split('\0');
  if (user === undefined || password === undefined || more.length > 0) return 'malformed';
  return identity === '' || identity === user ? { user, password } : { user: '', password: '' };
}

const CANCELLED = Symbol('cancelled');
const MALFORMED = Symbol('malformed');

function decoded(line: string): string | typeof CANCELLED | typeof MALFORMED {
  if (line === '*') return CANCELLED;
  // A lone `=` is an initial response that is empty (RFC 4954 section 4).
  if (line === '=') return '';
  if (line.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(line)) return MALFORMED;
  return Buffer.from(line, 'base64').toString('utf8');
}
