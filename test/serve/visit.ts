/** One connection to a greeter of `serve`: a played program at one end, a played provider at the other, sockets between. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { expect, vi } from 'vitest';
import { type ConnectionOptions, type Ended, serveConnection } from '../../src/serve/connection.js';
import { WRONG_PASSWORD } from '../../src/serve/door.js';
import type { Login, Refusal } from '../../src/serve/greeter.js';
import { GREETERS } from '../../src/serve/greeters.js';
import type { Protocol } from '../../src/words/protocol.js';

export const USER = 'ann@happypaws.example';
export const PASSWORD = 'the "right" one\\';

export interface VisitWish {
  readonly offers?: readonly string[];
  /** What the provider offers after its login. */
  readonly loginOffers?: readonly string[];
  readonly tls?: SecureContext;
  readonly needsTls?: boolean;
  /** In place of the login at the provider. */
  readonly refusal?: Refusal;
  /** What the provider has said before anybody spoke. */
  readonly unread?: string;
}

export interface Visit {
  readonly socket: Socket;
  /** The provider's end, once a login was taken. */
  readonly provider: Socket;
  readonly end: AbortController;
  /** Sends octets as they stand. */
  send(text: string | Buffer): void;
  /** All that came, as soon as it matches. */
  hears(shape: RegExp): Promise<string>;
  heard(): string;
  /** What the server logs, when the connection is over. */
  ended: Promise<Ended>;
  /** The pairs that were tried. */
  readonly tried: readonly (readonly [string, string])[];
  close(): Promise<void>;
}

export async function visit(protocol: Protocol, wish: VisitWish = {}): Promise<Visit> {
  const tried: (readonly [string, string])[] = [];
  const provider = await pair();
  const end = new AbortController();
  const options: ConnectionOptions = {
    greeter: GREETERS[protocol],
    offers: wish.offers ?? [],
    tls: wish.tls,
    needsTls: wish.needsTls ?? false,
    end,
    async admit(user, password) {
      tried.push([user, password]);
      if (user !== USER || password !== PASSWORD) return WRONG_PASSWORD;
      return { account: { name: 'ann' }, password: { label: 'scanner', hash: '', created: '' } } as never;
    },
    async logIn(): Promise<Login | Refusal> {
      if (wish.refusal !== undefined) return wish.refusal;
      const unread = Buffer.from(wish.unread ?? '');
      return { taken: true, socket: provider.near as TLSSocket, unread, offers: wish.loginOffers ?? [] };
    },
  };
  let ended: (value: Ended | Promise<Ended>) => void = () => undefined;
  const over = new Promise<Ended>((resolve) => {
    ended = resolve;
  });
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) =>
    ended(serveConnection(socket, options)),
  );
  const port = await listening(server);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
  });
  return {
    socket,
    provider: provider.far,
    end,
    send: (text) => void socket.write(text),
    async hears(shape) {
      await vi.waitFor(() => expect(heard).toMatch(shape), { timeout: 4_000, interval: 2 });
      return heard;
    },
    heard: () => heard,
    ended: over,
    tried,
    async close() {
      socket.destroy();
      provider.far.destroy();
      provider.near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Two ends of one connection. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  let far: (socket: Socket) => void = () => undefined;
  const arrived = new Promise<Socket>((resolve) => {
    far = resolve;
  });
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => far(socket));
  const near = connect({ port: await listening(server), host: '127.0.0.1' });
  near.on('error', () => undefined);
  const socket = await arrived;
  socket.on('error', () => undefined);
  server.close();
  return { near, far: socket };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}
