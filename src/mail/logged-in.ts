/** Logs in with a token and hands the connection over as it is, for whoever goes on with it: `serve` passes it on. */
import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Outcome } from '../explain/outcome.js';
import type { Protocol } from '../words/protocol.js';
import { Secret } from '../words/secret.js';
import { type Attempt, openSecured } from './connection.js';
import { attempt } from './conversation.js';
import { DEADLINES, within } from './deadline.js';
import { failure } from './evidence.js';
import { authenticate, mechanismIn } from './exchange.js';
import { type LineReader, readLines } from './lines.js';
import type { MailLogin } from './login.js';
import { CAPA, POP, POP_AUTH, popMechanismsIn } from './pop.js';
import { mechanismsIn, SMTP_AUTH } from './smtp-login.js';
import { EHLO_NAME, IMAP, type ProtocolSyntax, SMTP, SMTP_LAST_LINE } from './syntax.js';

export interface LoggedIn {
  /** Verified TLS, paused. */
  readonly socket: TLSSocket;
  /** What the server has said after its answer to the login, unread. */
  readonly unread: Buffer;
  /** What it offers: a line of EHLO, a word of CAPABILITY each. None where the protocol asks later. */
  readonly offers: readonly string[];
}

/** A conversation line by line, each command with its deadline. */
interface Talk {
  /** What was said before: the greeting, where no STARTTLS came after it. */
  readonly greeting: readonly string[];
  /** Sends a line and reads up to the one that `ends` the reply. */
  ask(line: string, ends: RegExp): Promise<readonly string[]>;
}

/** How one protocol logs in, on a connection that is secured. */
interface Way {
  readonly syntax: ProtocolSyntax;
  logIn(talk: Talk, login: MailLogin): Promise<LoggedIn['offers']>;
}

/** SASL asks for the token and may ask once more about its refusal; some servers ask once more (as in stream.ts). */
const CONTINUATIONS = 3;
/** Octets of a command line that an IMAP server must take (RFC 7162 section 4). */
const IMAP_LINE = 8192;

const WAYS: Readonly<Record<Protocol, Way>> = {
  smtp: { syntax: SMTP, logIn: logInToSmtp },
  imap: { syntax: IMAP, logIn: logInToImap },
  pop: { syntax: POP, logIn: logInToPop },
};

/** One attempt, never repeated. Rejects and fails as every conversation does. */
export function logIn(protocol: Protocol, login: MailLogin): Promise<Outcome<LoggedIn>> {
  const { syntax, logIn: speak } = WAYS[protocol];
  return attempt(syntax, login, async (reaching) => {
    const { socket, reader, value } = await conversation(reaching, (talk) => speak(talk, login));
    return { socket, unread: reader.release(), offers: value };
  });
}

/** What an SMTP server offers to whoever asks, over the same verified TLS, without a login (RFC 5321 section 4.1.1.1). */
export function smtpOffers(asked: Omit<MailLogin, 'user' | 'accessToken'>): Promise<Outcome<LoggedIn['offers']>> {
  // A conversation hides what a login sends; here nothing is sent.
  const login = { ...asked, user: EHLO_NAME, accessToken: new Secret('none') };
  return attempt(SMTP, login, async (reaching) => {
    const { socket, reader, value } = await conversation(reaching, async (talk) => offersOf(await sayHello(talk)));
    reader.release();
    // The server's goodbye is waited for no longer than it takes to come.
    socket.end('QUIT\r\n');
    socket.setTimeout(GOODBYE_MS, () => socket.destroy()).resume();
    return value;
  });
}

/** Milliseconds. */
const GOODBYE_MS = 2_000;

async function conversation<T>(
  reaching: Attempt,
  work: (talk: Talk) => Promise<T>,
): Promise<{ readonly socket: TLSSocket; readonly reader: LineReader; readonly value: T }> {
  const { state, login } = reaching;
  const { socket, unread } = await openSecured(reaching);
  const greeting = login.server.security === 'tls' ? [...state.heard] : [];
  if (unread.length > 0) socket.unshift(unread);
  const reader = readLines(socket);
  // Whoever read the greeting has paused it.
  socket.resume();
  try {
    state.stage = 'capability';
    return { socket, reader, value: await work(talkOver(reader, { socket, greeting, reaching })) };
  } catch (error) {
    reader.release();
    socket.destroy();
    throw error;
  }
}

function talkOver(
  reader: LineReader,
  at: { readonly socket: TLSSocket; readonly greeting: readonly string[]; readonly reaching: Attempt },
): Talk {
  const { socket, greeting, reaching } = at;
  const { state, syntax, signal } = reaching;
  return {
    greeting,
    async ask(line, ends) {
      const stage = syntax.stageOf(line, state.stage);
      if (stage !== undefined) {
        state.stage = stage;
        state.heard = [];
      }
      socket.write(`${line}\r\n`);
      const reply = async () => {
        for (const lines: string[] = []; ; ) {
          const answer = await reader.next();
          state.heard.push(answer);
          lines.push(answer);
          if (ends.test(answer)) return lines;
        }
      };
      return within(reply(), DEADLINES.command, 'answer', signal);
    },
  };
}

/** The lines of `ask` for an exchange with the command AUTH, which must end at some time. */
function limited(ask: (line: string) => Promise<readonly string[]>, continues: RegExp) {
  let continuations = 0;
  return async (line: string): Promise<string> => {
    const reply = (await ask(line)).at(-1) ?? '';
    if (continues.test(reply)) continuations += 1;
    if (continuations > CONTINUATIONS) throw failure('SASL_LOOP');
    return reply;
  };
}

/** RFC 5321, RFC 4954. */
async function logInToSmtp(talk: Talk, login: MailLogin): Promise<LoggedIn['offers']> {
  const hello = await sayHello(talk);
  const send = limited((line) => talk.ask(line, SMTP_LAST_LINE), SMTP_AUTH.continues);
  await authenticate(login, mechanismIn(mechanismsIn(hello)), SMTP_AUTH, send);
  return offersOf(hello);
}

async function sayHello({ ask }: Talk): Promise<readonly string[]> {
  const hello = await ask(`EHLO ${EHLO_NAME}`, SMTP_LAST_LINE);
  if (!hello.every((line) => line.startsWith('250'))) throw failure('CAPABILITY_REFUSED');
  return hello;
}

function offersOf(hello: readonly string[]): LoggedIn['offers'] {
  return hello.slice(1).map((line) => line.slice(4).trim());
}

/** RFC 1939, RFC 5034. */
async function logInToPop({ ask }: Talk, login: MailLogin): Promise<LoggedIn['offers']> {
  const lines = await ask(CAPA.line, CAPA.ends);
  if (!CAPA.accepts.test(lines.at(-1) ?? '')) throw failure('CAPABILITY_REFUSED');
  const send = limited((line) => ask(line, /^/), POP_AUTH.continues);
  await authenticate(login, mechanismIn(popMechanismsIn(lines)), POP_AUTH, send);
  return [];
}

/** RFC 9051, RFC 4959. */
async function logInToImap({ ask, greeting }: Talk, login: MailLogin): Promise<LoggedIn['offers']> {
  const tag = `a${randomBytes(6).toString('hex')}`;
  const ends = new RegExp(`^(?:${tag}\\d|\\+)(?: |$)`);
  const capability = async (number: number) => {
    const reply = await ask(`${tag}${number} CAPABILITY`, ends);
    if (!isOk(reply)) throw failure('CAPABILITY_REFUSED');
    return capabilitiesIn(reply) ?? [];
  };
  // A greeting may tell a part of it.
  const told = capabilitiesIn(greeting) ?? [];
  const before = told.some((word) => word.startsWith('AUTH=')) ? told : await capability(0);
  const { name, response, afterError } = mechanismIn(
    before.flatMap((word) => (word.startsWith('AUTH=') ? [word.slice(5)] : [])),
  );
  const token = response(login.user, login.accessToken, login.server).reveal();
  const inOneLine = before.includes('SASL-IR') && token.length < IMAP_LINE - 64;
  let reply = await ask(`${tag}1 AUTHENTICATE ${name}${inOneLine ? ` ${token}` : ''}`, ends);
  if (!inOneLine && reply.at(-1)?.startsWith('+')) reply = await ask(token, ends);
  for (let times = 1; reply.at(-1)?.startsWith('+'); times += 1) {
    if (times > CONTINUATIONS) throw failure('SASL_LOOP');
    reply = await ask(afterError, ends);
  }
  if (!isOk(reply)) throw failure('LOGIN_REFUSED');
  // A server may offer other things now (RFC 9051 section 6.2); where it does not say, it is asked.
  return capabilitiesIn(reply) ?? (await capability(2));
}

function isOk(reply: readonly string[]): boolean {
  return /^\S+ OK\b/i.test(reply.at(-1) ?? '');
}

/** The last list of capabilities in these lines: an untagged response, or a response code. */
function capabilitiesIn(lines: readonly string[]): readonly string[] | undefined {
  const words = lines
    .flatMap((line) => /^(?:\* CAPABILITY |\S+ OK \[CAPABILITY )([^\]]*)/i.exec(line)?.[1] ?? [])
    .at(-1);
  return words?.toUpperCase().trim().split(/\s+/);
}
