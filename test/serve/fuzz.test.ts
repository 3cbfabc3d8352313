import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/serve/client.js';
import { Ending } from '../../src/serve/ending.js';
import type { Entrance, Login } from '../../src/serve/greeter.js';
import { GREETERS } from '../../src/serve/greeters.js';
import type { Protocol } from '../../src/words/protocol.js';

/** A program that has said all it will say; the greeter reads it as it reads a socket. */
function saying(text: string, heard: string[]): Client {
  let rest = Buffer.from(text, 'latin1');
  const take = (count: number): Buffer => {
    const taken = rest.subarray(0, count);
    rest = rest.subarray(count);
    return taken;
  };
  return {
    isSecure: false,
    get hasMore() {
      return rest.length > 0;
    },
    async line(limit: number) {
      const at = rest.indexOf(0x0a);
      if (at < 0) throw new Ending(rest.length > limit ? 'malformed' : 'no_login');
      if (at > limit) throw new Ending('malformed');
      return take(at + 1)
        .toString('latin1')
        .replace(/\r?\n$/, '');
    },
    async octets(count: number) {
      if (rest.length < count) throw new Ending('no_login');
      return take(count);
    },
    say: (...lines: string[]) => void heard.push(...lines),
  } as unknown as Client;
}

const WORDS = [
  ...['EHLO', 'HELO', 'AUTH', 'PLAIN', 'LOGIN', 'STARTTLS', 'STLS', 'QUIT', 'LOGOUT', 'AUTHENTICATE', 'CAPABILITY'],
  ...['ID', 'USER', 'PASS', 'CAPA', 'NOOP', 'RSET', 'MAIL FROM:<a@b>', 'DATA', 'a', '*', '=', '+', '"', '\\', '(', ')'],
  ...['{3}', '{3+}', '{99999999999}', '{0}', '{1024+}', '\0', '\r', '\xff', 'AGEAYg==', 'YQ==', ' ', '  ', '.'],
];
const text = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
      { weight: 2, arbitrary: fc.constantFrom(' ', '\r\n', '\n') },
      fc.string({ unit: 'binary', maxLength: 12 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

/** What each protocol may say: nothing of the program comes back in it but its tag. */
const REPLIES: Readonly<Record<Protocol, RegExp>> = {
  smtp: /^(?:220|221|250|334|421|454|501|502|504|530|535|554)[ -][\x20-\x7e]*$/,
  imap: /^(?:\*|\+|[^\s(){%*"\\+]+) [\x20-\x7e]*$/,
  pop: /^(?:\+OK|-ERR|\+ |\.|USER|SASL|PLAIN|LOGIN|STLS|RESP-CODES|AUTH-RESP-CODE)[\x20-\x7e]*$/,
};

describe.each(['smtp', 'imap', 'pop'] as const)('%s', (protocol) => {
  it('D15 ends in words or waits for more, whatever a program says, and lets nobody in by it', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (said) => {
        const heard: string[] = [];
        const tried: string[] = [];
        const entrance: Entrance = {
          offersTls: false,
          needsTls: false,
          offers: [],
          startTls: async () => {
            throw new Error('TLS was not offered');
          },
          logIn: async (user, password) => {
            tried.push(user, password);
            return { taken: false, kind: 'password', text: 'no', code: 'wrong_password' };
          },
        };
        const login: Login | Ending = await GREETERS[protocol]
          .greet(saying(said, heard), entrance)
          .catch((error: Ending) => error);
        expect(login).toBeInstanceOf(Ending);
        for (const line of heard) expect(line).toMatch(REPLIES[protocol]);
      }),
      { numRuns: 400 },
    );
  });
});
