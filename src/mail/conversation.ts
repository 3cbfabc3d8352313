import type { Outcome } from '../explain/outcome.js';
import { unlessAborted } from '../system/unless-aborted.js';
import { asciiHost, hostPort } from '../words/host.js';
import { type Attempt, openStream } from './connection.js';
import { timedOut } from './deadline.js';
import { evidenceOf, failure } from './evidence.js';
import type { MailLogin } from './login.js';
import { MECHANISMS } from './sasl.js';
import type { MailStream } from './stream.js';
import type { ConversationState, ProtocolSyntax } from './syntax.js';

/** Milliseconds a library may take to report that the connection is gone; it does so at once if it knows. */
const LIBRARY_GRACE = 500;

/**
 * Runs one conversation of a mail library with a server, from the look-up of its name to its end. Rejects as `attempt`.
 */
export function converse<T>(
  syntax: ProtocolSyntax,
  login: MailLogin,
  talk: (stream: MailStream, state: ConversationState) => Promise<T>,
): Promise<Outcome<T>> {
  return attempt(syntax, login, async (reaching, end) => {
    let stream: MailStream | undefined;
    try {
      stream = await openStream(reaching);
      // A library that began to listen only after the server had left would wait for it until the very end.
      stream.once('close', () => setTimeout(() => end.abort(failure('CLOSED')), LIBRARY_GRACE).unref());
      const value = await unlessAborted(talk(stream, reaching.state), end.signal);
      stream.finish();
      return value;
    } catch (error) {
      stream?.destroy();
      // While the stream holds and time is left, a library can only have stumbled over what the server said.
      const stumbled = stream !== undefined && stream.failure === undefined && !end.signal.aborted;
      throw stumbled ? failure('PROTOCOL', (error as Error).message) : (stream?.failure ?? error);
    }
  });
}

/**
 * One attempt to talk to a server, within the deadline of the login: `end` is aborted when that is over. Rejects with
 * `signal.reason` on abort and with MailauthError `bad_input` for a user name that cannot be sent; all else is an outcome.
 */
export async function attempt<T>(
  syntax: ProtocolSyntax,
  given: MailLogin,
  work: (reaching: Attempt, end: AbortController) => Promise<T>,
): Promise<Outcome<T>> {
  // One spelling for DNS, TLS, SASL and what is told: that of the certificate.
  const login = { ...given, server: { ...given.server, host: asciiHost(given.server.host) } };
  // Refuses a name or a token that cannot be framed before anything is sent.
  for (const { response } of MECHANISMS) response(login.user, login.accessToken, login.server);
  login.signal?.throwIfAborted();
  const state = tracedState(syntax, login);
  const end = new AbortController();
  const clock = setTimeout(() => end.abort(timedOut(login.deadline, 'end of the conversation')), login.deadline);
  const abort = () => end.abort(login.signal?.reason);
  login.signal?.addEventListener('abort', abort, { once: true });
  try {
    const value = await work({ syntax, login, state, signal: end.signal }, end);
    login.trace?.(`${peerOf(syntax, login)}: proven`);
    return { ok: true, value };
  } catch (error) {
    login.signal?.throwIfAborted();
    const evidence = evidenceOf(error, syntax, state, login);
    login.trace?.(`${peerOf(syntax, login)}: failed at ${evidence.stage} (${evidence.error})`);
    return { ok: false, evidence };
  } finally {
    clearTimeout(clock);
    login.signal?.removeEventListener('abort', abort);
  }
}

function peerOf({ where }: ProtocolSyntax, { server }: MailLogin): string {
  return `${where} ${hostPort(server.host, server.port)}`;
}

/** Where a conversation stands, told at each change. */
function tracedState(syntax: ProtocolSyntax, login: MailLogin): ConversationState {
  let stage: ConversationState['stage'] = 'dns';
  login.trace?.(`${peerOf(syntax, login)}: ${stage}`);
  return {
    heard: [],
    get stage() {
      return stage;
    },
    set stage(next) {
      if (next !== stage) login.trace?.(`${peerOf(syntax, login)}: ${next}`);
      stage = next;
    },
  };
}
