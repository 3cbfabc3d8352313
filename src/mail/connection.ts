import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { watchIssuer } from '../system/certificate-issuer.js';
import { connectToAny } from '../system/connect.js';
import { trusting } from '../system/trust.js';
import { DEADLINES, within } from './deadline.js';
import { failure } from './evidence.js';
import { type LineReader, readLines } from './lines.js';
import type { MailLogin } from './login.js';
import { MailStream } from './stream.js';
import type { Command, ConversationState, ProtocolSyntax } from './syntax.js';

/** Octets held on the way to a server before the sender has to wait: with Node's own 16 KiB large messages crawl. */
const BUFFER_BYTES = 256 * 1024;
/** Milliseconds to find out whether a silent port waits for a TLS handshake. */
const TLS_GUESS = 3_000;

/** One attempt to reach a server, as the stages below share it. */
export interface Attempt {
  readonly syntax: ProtocolSyntax;
  readonly login: MailLogin;
  readonly state: ConversationState;
  /** Aborted at the end of the whole conversation. */
  readonly signal: AbortSignal;
}

/** A connection that is verified TLS, and what the server has said on it that nobody has read. */
interface Secured {
  readonly socket: tls.TLSSocket;
  readonly unread: Buffer;
}

/** What a mail library is given to talk over. */
export async function openStream(attempt: Attempt): Promise<MailStream> {
  const { socket, unread } = await openSecured(attempt);
  return new MailStream(socket, attempt.syntax, attempt.state, unread);
}

/**
 * Connects, reads the greeting and secures the connection. STARTTLS is done here and not by the mail libraries: they
 * then never hold a socket that is not verified TLS, and nothing said before it reaches them (RFC 3207 section 4.2,
 * RFC 8314 section 5.1).
 */
export async function openSecured(attempt: Attempt): Promise<Secured> {
  const socket = await connect(attempt);
  // Whatever is awaited at the time reports the error; this keeps a late one from ending the process.
  socket.on('error', () => {});
  try {
    if (attempt.login.server.security === 'starttls') {
      await askForTls(socket, attempt);
      const secured = await handshake(socket, attempt).catch((error) => {
        throw sentPlainText(error) ? startTlsInjection(attempt.state) : error;
      });
      return { socket: secured, unread: Buffer.alloc(0) };
    }
    const secured = await handshake(socket, attempt).catch((error) => {
      throw sentPlainText(error) ? failure('PLAINTEXT_ON_TLS_PORT') : error;
    });
    const reader = readLines(secured);
    await readGreeting(reader, attempt);
    return { socket: secured, unread: reader.release() };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function connect({ login, state, signal }: Attempt): Promise<Socket> {
  const { host, port } = login.server;
  state.stage = 'dns';
  const addresses = await within(lookup(host, { all: true }), DEADLINES.dns, 'answer from DNS', signal);
  state.stage = 'connect';
  const over = new AbortController();
  try {
    return await within(connectToAny(addresses, port, over.signal), DEADLINES.connect, 'connection', signal);
  } finally {
    over.abort();
  }
}

async function readGreeting(reader: LineReader, { syntax, state, signal }: Attempt): Promise<void> {
  state.stage = 'greeting';
  const greeting = readReply(reader, syntax.greeting, state, syntax.greetingLine);
  const last = await within(greeting, DEADLINES.greeting, 'greeting', signal);
  if (syntax.greeting.accepts.test(last)) return;
  throw /^\* PREAUTH\b/i.test(last) ? failure('PREAUTH') : failure('PROTOCOL', `the server greetingLine with: ${last}`);
}

/** The plain-text part of STARTTLS: greeting, capabilities, the command; nothing may follow its answer. */
async function askForTls(socket: Socket, attempt: Attempt): Promise<void> {
  const { syntax, state, signal } = attempt;
  const reader = readLines(socket);
  // A tag that cannot be guessed: an answer cannot be sent before its command (RFC 9051 section 2.2.1).
  const tag = `a${randomBytes(6).toString('hex')}`;
  const ask = async (command: Command) => {
    if (reader.unread().length > 0) throw startTlsInjection(state);
    state.heard = [];
    socket.write(`${command.line}\r\n`);
    return command.accepts.test(await within(readReply(reader, command, state), DEADLINES.command, 'answer', signal));
  };
  try {
    await readGreeting(reader, attempt);
    state.stage = 'starttls';
    if (!(await ask(syntax.capability(`${tag}0`)))) {
      // The command before: encryption was neither offered nor asked for.
      state.stage = 'capability';
      throw failure('CAPABILITY_REFUSED');
    }
    if (!state.heard.some((line) => syntax.offersStarttls.test(line))) throw failure('STARTTLS_MISSING');
    if (!(await ask(syntax.starttls(`${tag}1`)))) throw failure('STARTTLS_REFUSED');
    if (reader.unread().length > 0) throw startTlsInjection(state);
    state.heard = [];
  } catch (error) {
    const silent = state.stage === 'greeting' && reader.unread().length === 0 && state.heard.length === 0;
    reader.release();
    throw silent && isTimeout(error) && !signal.aborted && (await waitsForTls(socket, attempt))
      ? failure('TLS_ON_PLAINTEXT_PORT')
      : error;
  }
  reader.release();
}

async function readReply(reader: LineReader, reply: Pick<Command, 'ends'>, state: ConversationState, shape = /^/) {
  for (;;) {
    const line = await reader.next();
    state.heard.push(line);
    if (!shape.test(line)) throw failure('PROTOCOL', `the server greetingLine with: ${line}`);
    if (reply.ends.test(line)) return line;
  }
}

async function handshake(socket: Socket, { login, state, signal }: Attempt): Promise<tls.TLSSocket> {
  state.stage = 'tls';
  const secured = startHandshake(socket, login);
  const namingIssuer = watchIssuer(secured);
  await within(once(secured, 'secureConnect'), DEADLINES.tls, 'TLS handshake', signal).catch((error: Error) => {
    throw namingIssuer(error);
  });
  return secured;
}

function startHandshake(socket: Socket, { server: { host }, trust = trusting(undefined) }: MailLogin): tls.TLSSocket {
  const options: tls.ConnectionOptions & { readonly highWaterMark: number } = {
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    secureContext: trust,
    highWaterMark: BUFFER_BYTES,
    // Said explicitly, because an environment variable can turn the default off.
    rejectUnauthorized: true,
    checkServerIdentity,
  };
  const secured = tls.connect(options);
  secured.on('error', () => {});
  return secured;
}

/** Node accepts the common name where a certificate has no alternative names; nobody else does (RFC 9525 section 6). */
function checkServerIdentity(host: string, certificate: tls.PeerCertificate): Error | undefined {
  if (certificate.subjectaltname !== undefined) return tls.checkServerIdentity(host, certificate);
  return Object.assign(new Error(`the certificate names no host, so it is not for ${host}`), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
}

/** Whether a port that says nothing answers a TLS handshake: then it is one for TLS from the first byte. */
async function waitsForTls(socket: Socket, { login, signal }: Attempt): Promise<boolean> {
  const secured = startHandshake(socket, login);
  let answered = false;
  // Said before the certificate is judged: one that is not accepted is an answer in TLS all the same.
  secured.prependOnceListener('secure', () => {
    answered = true;
  });
  await within(once(secured, 'secureConnect'), TLS_GUESS, 'TLS handshake', signal).catch(() => {});
  return answered;
}

function startTlsInjection(state: ConversationState): Error {
  state.stage = 'starttls';
  return failure('STARTTLS_INJECTION');
}

function sentPlainText(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_SSL_WRONG_VERSION_NUMBER';
}

function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ETIMEDOUT';
}
