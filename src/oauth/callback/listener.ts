import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { connectionsAtOnce } from '../../system/open-files.js';
import { hostPort } from '../../words/host.js';
import type { ExpectedResponse } from '../response.js';
import { type Bound, bindLoopback, type RedirectAddress } from './port.js';
import { refuse, TOO_LONG } from './responses.js';
import { type AnswerListener, type Arrival, Visits } from './visits.js';

/**
 * A loopback port (RFC 8252 section 7.3), open for one sign-in. Kept by hand: libraries for it take the first request that
 * comes, whatever its state, and let other programs of the machine and pages elsewhere end or answer a sign-in.
 */
export interface Listener {
  readonly redirectUri: string;
  readonly port: number;
  /**
   * Waits for the one answer that carries our state. `rejected` is told why an answer that knew the state was turned
   * away, `ignored` about answers that did not. Rejects with the signal's reason when aborted, and with an AbortError
   * when closed. Called once.
   */
  expect(pending: ExpectedResponse, on: AnswerListener): Promise<Arrival>;
  /** Closes the port and every connection at once; may be called at any time, and more than once. */
  close(): Promise<void>;
}

/**
 * The oldest connection makes room for a new one. Another user of the machine who opens thousands a second then needs
 * tens of milliseconds to push one out, and a browser sends its request within a few of connecting.
 */
const CONNECTION_LIMIT = 256;
/**
 * Opens the port of a redirect URI, which is built from the live socket. Nothing that can be asked here reveals the
 * request, and no byte of an answer is ever sent back.
 *
 * @throws MailauthError port_busy, naming the program that holds the port where that can be known
 */
export async function listen(redirect: RedirectAddress, options: { readonly signal: AbortSignal }): Promise<Listener> {
  options.signal.throwIfAborted();
  const bound = await bindLoopback(redirect);
  const authority = hostPort(redirect.host, bound.port);
  const redirectUri = `http://${authority}${redirect.path}`;
  const donePath = `/done-${randomBytes(16).toString('base64url')}`;
  const end = (reason: unknown): void => {
    options.signal.removeEventListener('abort', abort);
    visits.end(reason);
    for (const server of bound.servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  const close = async () => end(new DOMException('the listener was closed', 'AbortError'));
  const abort = () => end(options.signal.reason);
  const visits = new Visits({ authority, path: redirect.path, donePath, redirectUri }, close);
  attach(bound, visits);
  options.signal.addEventListener('abort', abort, { once: true });
  if (options.signal.aborted) abort();
  return { redirectUri, port: bound.port, expect: (pending, on) => visits.expect(pending, on), close };
}

/** Gives each server its handlers, bounds the number of connections and answers what is not HTTP. */
function attach({ servers }: Bound, visits: Visits): void {
  const sockets = new Set<Socket>();
  const most = connectionsAtOnce(CONNECTION_LIMIT);
  for (const server of servers) {
    for (const event of ['request', 'checkContinue', 'checkExpectation'])
      server.on(event, (request: IncomingMessage, response: ServerResponse) => visits.handle(request, response));
    server.on('error', () => {});
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (sockets.size <= most) return;
      const oldest = [...sockets].find((other) => !visits.holds(other));
      // Its close event comes a turn later; until then further ones must not find it again.
      if (oldest !== undefined) sockets.delete(oldest);
      oldest?.destroy();
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (!socket.writable) socket.destroy();
      else if (error.code === 'HPE_HEADER_OVERFLOW') refuse(socket, 431, TOO_LONG);
      else refuse(socket, 400, undefined);
    });
  }
}
