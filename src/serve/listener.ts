/** Listens at one place, and says who can knock there. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { MailauthError } from '../explain/problem.js';
import { hostPort } from '../words/host.js';
import type { Protocol } from '../words/protocol.js';
import { BUFFER_BYTES } from './client.js';
import { busyPath, notListening, pathTooLong } from './listen-failure.js';
import { isLoopback, type Place } from './place.js';

/** Who can knock: whoever may open the socket, every program of this computer, or other computers too. */
export type Reach = 'socket' | 'computer' | 'network';

export interface Listener {
  readonly protocol: Protocol;
  /** `127.0.0.1:1587`, or the path of a unix socket. */
  readonly address: string;
  readonly reach: Reach;
  close(): Promise<void>;
}

/** @throws MailauthError port_busy, cannot_write, bad_input: it cannot be listened at */
export async function listen(place: Place, onSocket: (socket: Socket, reach: Reach) => void): Promise<Listener> {
  const server = createServer({
    pauseOnConnect: true,
    allowHalfOpen: true,
    noDelay: true,
    highWaterMark: BUFFER_BYTES,
  });
  if ('path' in place) await freePath(place.path);
  let known: Reach = 'network';
  server.on('connection', (socket) => onSocket(socket, known));
  try {
    await bound(server, place);
    if ('path' in place) chmodSync(place.path, 0o600);
  } catch (error) {
    server.close();
    throw await notListening(place, error);
  }
  const { address, reach } = addressOf(server);
  known = reach;
  server.on('error', () => {});
  return {
    protocol: place.protocol,
    address,
    reach,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

function bound(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Nobody else may connect before the mode is set.
    const mask = 'path' in place ? process.umask(0o177) : undefined;
    try {
      if ('path' in place) server.listen(place.path, resolve);
      else if ('fd' in place) server.listen({ fd: place.fd }, resolve);
      else server.listen(place.port, place.host, resolve);
    } finally {
      if (mask !== undefined) process.umask(mask);
    }
  });
}

function addressOf(server: Server): { readonly address: string; readonly reach: Reach } {
  const found = server.address();
  if (found === null || typeof found === 'string') return { address: found ?? 'a socket', reach: 'socket' };
  const reach = isLoopback(found.address) ? 'computer' : 'network';
  return { address: hostPort(found.address, found.port), reach };
}

/** Octets of the path of a socket, without its end (sun_path of macOS; Linux has four more). A longer one is cut off unsaid. */
const PATH_LIMIT = 103;

/** A server that was killed leaves its socket behind, and nobody answers at it. */
async function freePath(path: string): Promise<void> {
  if (Buffer.byteLength(path) > PATH_LIMIT) throw pathTooLong(path, PATH_LIMIT);
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isSocket()) {
    throw new MailauthError('cannot_write', `${path} is there already, and is no socket`, {
      fix: [{ text: 'name another folder, or move it away' }],
    });
  }
  if (await answers(path)) throw busyPath(path);
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const say = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', say(true)).once('error', say(false)).setTimeout(1_000, say(true));
  });
}
