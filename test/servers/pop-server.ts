/**
 * A small POP server (RFC 1939) that knows one thing well: logging in with XOAUTH2 (RFC 5034). It asks the given
 * function about each token, tells how many messages there are, and records every command, so that a test can say what
 * a client must never do.
 */
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { TLSSocket } from 'node:tls';
import type { Leaf } from './certificates.js';
import { REFUSED, type Verify } from './imap-server.js';

export interface PopServerOptions {
  readonly leaf: Leaf;
  readonly security: 'tls' | 'starttls';
  readonly verify: Verify;
  /** SASL mechanisms to announce; only XOAUTH2 can be used. */
  readonly mechanisms?: readonly string[];
  readonly messages?: number;
}

export interface PopServer {
  readonly port: number;
  /** Every command of every connection; the token of AUTH is cut off. */
  readonly commands: readonly string[];
  /** Everything that came before TLS. */
  readonly plaintext: readonly string[];
  close(): Promise<void>;
}

/** Octets of a command line, CRLF included (RFC 2449 section 4). */
const LONGEST = 255;

export async function startPopServer(options: PopServerOptions): Promise<PopServer> {
  const commands: string[] = [];
  const plaintext: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    if (options.security === 'tls') serve(secure(socket, options.leaf), options, commands, true);
    else greetInPlainText(socket, options, commands, plaintext);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    commands,
    plaintext,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function secure(socket: Socket, { cert, key }: Leaf): TLSSocket {
  return new TLSSocket(socket, { isServer: true, cert, key }).on('error', () => {});
}

function greetInPlainText(socket: Socket, options: PopServerOptions, commands: string[], plaintext: string[]): void {
  socket.write('+OK test server ready\r\n');
  const lines = createInterface({ input: socket });
  lines.on('error', () => {});
  lines.on('line', (line) => {
    plaintext.push(line);
    commands.push(line);
    if (line === 'CAPA') socket.write('+OK\r\nSTLS\r\n.\r\n');
    else if (line === 'STLS') {
      lines.close();
      socket.removeAllListeners('data');
      socket.write('+OK begin TLS\r\n');
      // RFC 2595 section 4: no greeting after the handshake.
      serve(secure(socket, options.leaf), options, commands, false);
    } else socket.write('-ERR only after STLS\r\n');
  });
}

function serve(socket: TLSSocket, options: PopServerOptions, commands: string[], greets: boolean): void {
  const say = (...lines: string[]) => socket.write(lines.map((line) => `${line}\r\n`).join(''));
  let state: 'new' | 'response' | 'refused' | 'open' = 'new';

  const authenticate = async (response: string) => {
    const [, user = '', token = ''] =
      /^user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01$/.exec(Buffer.from(response, 'base64').toString()) ?? [];
    const isGood = await options.verify(user, token);
    state = isGood ? 'open' : 'refused';
    say(isGood ? '+OK logged in' : `+ ${Buffer.from(REFUSED).toString('base64')}`);
  };

  const answer = async (line: string) => {
    if (state === 'response') return authenticate(line);
    if (state === 'refused') {
      state = 'new';
      // XOAUTH2 wants an empty line after the challenge.
      return say(line === '' ? '-ERR [AUTH] Invalid credentials.' : '-ERR bad command');
    }
    const [verb = '', mechanism, response] = line.split(' ');
    commands.push(verb === 'AUTH' ? `${verb} ${mechanism}` : line);
    if (line.length + 2 > LONGEST) return say('-ERR line too long');
    if (verb === 'CAPA') return say('+OK', 'TOP', 'UIDL', `SASL ${(options.mechanisms ?? ['XOAUTH2']).join(' ')}`, '.');
    if (verb === 'QUIT') {
      say('+OK good day');
      return socket.end();
    }
    if (verb === 'AUTH' && mechanism === 'XOAUTH2' && state === 'new') {
      if (response !== undefined) return authenticate(response);
      state = 'response';
      return say('+ ');
    }
    if (state !== 'open') return say('-ERR log in first');
    return verb === 'STAT'
      ? say(`+OK ${options.messages ?? 0} 1234`)
      : say('-ERR this server only lets itself be looked at');
  };

  const lines = createInterface({ input: socket });
  // A client that hangs up without a goodbye is no fault of the server's.
  lines.on('error', () => {});
  lines.on('line', (line) => void answer(line));
  if (greets) say('+OK test server ready');
}
