import type { Outcome } from '../explain/outcome.js';
import { converse } from './conversation.js';
import { failure } from './evidence.js';
import { type AuthCommand, authenticate, inLines, mechanismIn } from './exchange.js';
import type { MailLogin } from './login.js';
import { type Command, challengeIn, type ProtocolSyntax } from './syntax.js';

/** RFC 1939 section 3: every reply begins with one of two words, and a long one ends with a full stop alone. */
const POSITIVE = /^\+OK\b/i;
const ONE_LINE: Pick<Command, 'ends' | 'accepts'> = { ends: /^/, accepts: POSITIVE };
/** RFC 5034 section 4: `+ ` and a challenge, which may be empty. */
const CONTINUES = /^\+(?: |$)/;

export const CAPA: Command = { line: 'CAPA', ends: /^(?:\.$|-ERR\b)/i, accepts: /^\.$/ };

const STAGES: Readonly<Record<string, 'capability' | 'auth' | 'mailbox'>> = {
  CAPA: 'capability',
  AUTH: 'auth',
  STAT: 'mailbox',
};

/** RFC 1939; capabilities RFC 2449, STLS RFC 2595, AUTH RFC 5034, response codes RFC 2449 section 8 and RFC 3206. */
export const POP: ProtocolSyntax = {
  where: 'pop',
  substituteGreeting: '+OK ready\r\n',
  greetingLine: /^(?:\+OK|-ERR)\b/i,
  greeting: ONE_LINE,
  capability: () => CAPA,
  offersStarttls: /^STLS\s*$/i,
  starttls: () => ({ line: 'STLS', ...ONE_LINE }),
  stageOf: (line) => STAGES[line.slice(0, 4).toUpperCase()],
  stageAfter: (line, stage) => (stage === 'auth' && POSITIVE.test(line) ? 'mailbox' : stage),
  refuses: () => false,
  continues: CONTINUES,
  refusalIn(heard) {
    const lines = heard.filter((line) => /^-ERR\b/i.test(line));
    const last = lines.at(-1);
    if (last === undefined) return undefined;
    const code = /^-ERR \[([A-Z][A-Z0-9/-]*)\]/i.exec(last)?.[1];
    return { error: (code ?? 'ERR').toUpperCase(), text: lines.join('\n') };
  },
  challengeIn: (heard) => challengeIn(heard, /^\+ (\S+)/),
};

/** Octets of a command line, CRLF included (RFC 2449 section 4). */
export const POP_AUTH: AuthCommand = { longest: 255, continues: CONTINUES, accepts: POSITIVE };

/**
 * Logs in over POP with a token, asks how many messages there are, and says goodbye: nothing is read, and nothing is
 * marked for deletion. One attempt, never repeated.
 */
export function provePop(login: MailLogin): Promise<Outcome<{ readonly messages: number }>> {
  return converse(POP, login, (stream) =>
    inLines(stream, async (ask) => {
      const capabilities = await ask(CAPA);
      if (!capabilities.isPositive) throw failure('CAPABILITY_REFUSED');
      const mechanism = mechanismIn(popMechanismsIn(capabilities.lines));
      await authenticate(login, mechanism, POP_AUTH, async (line) => (await ask({ line, ...ONE_LINE })).last);
      const drop = await ask({ line: 'STAT', ...ONE_LINE });
      if (!drop.isPositive) throw failure('LOGIN_REFUSED');
      // RFC 1939 section 5: the number of messages, then their octets.
      const messages = /^\+OK (\d{1,9})\b/i.exec(drop.last)?.[1];
      if (messages === undefined) throw failure('PROTOCOL', `the server answers STAT with: ${drop.last}`);
      // The goodbye is a courtesy; the proof stands whether or not the server answers it.
      stream.write('QUIT\r\n');
      return { messages: Number(messages) };
    }),
  );
}

/** What the reply to CAPA lists behind SASL (RFC 5034 section 3). */
export function popMechanismsIn(lines: readonly string[]): readonly string[] {
  return lines
    .map((line) => /^SASL (.*)$/i.exec(line)?.[1] ?? '')
    .flatMap((list) => list.toUpperCase().split(/\s+/))
    .filter((name) => name !== '');
}
