/** Where programs knock: ports, unix sockets, and the sockets that systemd hands over. */
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { MailauthError } from '../explain/problem.js';
import { hostPort } from '../words/host.js';
import { PROTOCOLS, type Protocol } from '../words/protocol.js';
import { BUFFER_BYTES } from './client.js';

/** One place to listen at. */
export type Place =
  | { readonly protocol: Protocol; readonly host: string; readonly port: number }
  | { readonly protocol: Protocol; readonly path: string }
  | { readonly protocol: Protocol; readonly fd: number };

/** Who can knock: whoever may open the socket, every program of this computer, or other computers too. */
export type Reach = 'socket' | 'computer' | 'network';

export interface Listener {
  readonly protocol: Protocol;
  /** `127.0.0.1:1587`, or the path of a unix socket. */
  readonly address: string;
  readonly reach: Reach;
  close(): Promise<void>;
}

/** @throws MailauthError port_busy, cannot_write, usage: it cannot be listened at */
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
  await bound(server, place);
  if ('path' in place) chmodSync(place.path, 0o600);
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

/** 127.0.0.0/8 and ::1 reach no further than this machine. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 6) return /^(?:0*:)*0*1$/.test(host);
  return host === 'localhost' || (isIP(host) === 4 && host.startsWith('127.'));
}

function bound(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(notBound(place, error as NodeJS.ErrnoException)));
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

/** A server that was killed leaves its socket behind, and nobody answers at it. */
async function freePath(path: string): Promise<void> {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isSocket()) {
    throw new MailauthError('cannot_write', `${path} is there already, and is no socket`, {
      fix: [{ text: 'name another folder, or move it away' }],
    });
  }
  if (await answers(path)) throw busy(path);
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

export function nameOf(place: Place): string {
  if ('path' in place) return place.path;
  return 'fd' in place ? `socket ${place.fd}` : hostPort(place.host, place.port);
}

/** Passwords would cross the network in clear. */
export function needsTls({ protocol, address }: Pick<Listener, 'protocol' | 'address'>): MailauthError {
  return new MailauthError(
    'usage',
    `other computers can reach ${address}, and passwords would cross the network in clear`,
    {
      fix: [
        { text: 'name a certificate for it: --tls-cert FILE --tls-key FILE' },
        { text: `or serve this computer alone: --${protocol} 127.0.0.1:${PROTOCOLS[protocol].servePort}` },
      ],
    },
  );
}

function notBound(place: Place, error: NodeJS.ErrnoException): MailauthError {
  const name = nameOf(place);
  if (error.code === 'EADDRINUSE') return busy(name);
  const privileged = error.code === 'EACCES' && 'port' in place && place.port < 1024;
  return new MailauthError('cannot_write', `cannot listen at ${name}: ${error.code ?? error.message}`, {
    fix: [
      {
        text: privileged ? 'ports below 1024 need a right of their own: choose a higher one' : 'choose another place',
      },
    ],
  });
}

function busy(name: string): MailauthError {
  return new MailauthError('port_busy', `another program listens at ${name}`, {
    fix: [
      {
        text: 'end it, or choose another place, for example',
        command: 'mailauth serve --smtp 2587 --imap 2143 --pop 2110',
      },
    ],
  });
}

/** The sockets of a folder, one a protocol, for the owner alone. */
export function socketPaths(folder: string, protocols: readonly Protocol[]): readonly Place[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return protocols.map((protocol) => ({ protocol, path: join(folder, `${protocol}.sock`) }));
}

/** The first descriptor that systemd hands over (sd_listen_fds(3)). */
const FIRST_FD = 3;

/**
 * The sockets that systemd holds for this process, taken out of the environment so that no child takes them for its own.
 * Each is called after its protocol: `FileDescriptorName=smtp`, or the name of a unit such as `mailauth-smtp.socket`.
 * @throws MailauthError usage: a name says no protocol
 */
export function handedOver(env: NodeJS.ProcessEnv, pid: number): readonly Place[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' } = env;
  delete env['LISTEN_PID'];
  delete env['LISTEN_FDS'];
  delete env['LISTEN_FDNAMES'];
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid)) return [];
  const names = LISTEN_FDNAMES.split(':');
  return Array.from({ length: Number(LISTEN_FDS) || 0 }, (_, index) => {
    const name = names[index] ?? '';
    const words = name.toLowerCase().match(/smtp|imap|pop/g) ?? [];
    const [protocol] = words;
    if (protocol === undefined || words.length > 1) {
      throw new MailauthError('usage', `systemd hands over a socket called "${name}", which names no protocol`, {
        fix: [{ text: 'write FileDescriptorName=smtp, imap or pop into its socket unit' }],
      });
    }
    return { protocol: protocol as Protocol, fd: FIRST_FD + index };
  });
}
