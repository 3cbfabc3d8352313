import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MailauthError } from '../../explain/problem.js';
import { portHolder } from '../../system/port-holder.js';

/** Where the browser is to be received. */
export interface RedirectAddress {
  readonly host: '127.0.0.1' | 'localhost' | '::1';
  /** 0: the system chooses. */
  readonly port: number;
  /** The provider ignores the port of a registered loopback address, so another may be taken. */
  readonly anyPort: boolean;
  readonly path: string;
}

export interface Bound {
  /** One for each address; they share the port. */
  readonly servers: readonly Server[];
  readonly port: number;
}

const ALTERNATIVES = [8766, 8767, 8768, 8769, 8770, 8771, 8772, 8773, 8774, 8775];
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Cookies are kept by host, not by port: those of every program on localhost come along, 4 kB each. */
const HEADER_LIMIT = 256 * 1024;

/**
 * Binds the host of a redirect address, and nothing else: the wanted port, or where the provider lets it move the
 * next free one. The port is bound once and never given back in between.
 *
 * @throws MailauthError port_busy, naming the program that holds the port where that can be known
 */
export async function bindLoopback(redirect: RedirectAddress): Promise<Bound> {
  const movable = redirect.anyPort && redirect.port !== 0;
  const ports = new Set(movable ? [redirect.port, ...ALTERNATIVES, 0] : [redirect.port]);
  let refused: NodeJS.ErrnoException | undefined;
  for (const port of ports) {
    // With port 0 the second address may find the number taken; the system then chooses another.
    for (let attempt = 0; attempt < (port === 0 ? 10 : 1); attempt++) {
      const bound = await bind(redirect.host, port);
      if (!(bound instanceof Error)) return bound;
      refused = bound;
    }
  }
  throw await portBusy(redirect.port, refused);
}

/** `localhost` listens on both families, or a stranger could take the other one and the code with it. */
async function bind(host: RedirectAddress['host'], port: number): Promise<Bound | NodeJS.ErrnoException> {
  const first = await bindOne(host === '::1' ? '::1' : '127.0.0.1', port);
  if (first instanceof Error) return first;
  const bound = (first.address() as AddressInfo).port;
  if (host !== 'localhost') return { servers: [first], port: bound };
  const second = await bindOne('::1', bound);
  if (!(second instanceof Error)) return { servers: [first, second], port: bound };
  if (second.code === 'EADDRNOTAVAIL' || second.code === 'EAFNOSUPPORT') return { servers: [first], port: bound };
  first.close();
  return second;
}

function bindOne(address: '127.0.0.1' | '::1', port: number): Promise<Server | NodeJS.ErrnoException> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: HEADER_LIMIT,
    // A request without Host is answered like one with a foreign Host.
    requireHostHeader: false,
  });
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ host: address, port, exclusive: true }, () => {
      server.removeListener('error', resolve);
      resolve(server);
    });
  });
}

async function portBusy(port: number, cause: NodeJS.ErrnoException | undefined): Promise<MailauthError> {
  const fix = [
    { text: 'choose another port, and register the redirect address with it', command: '--redirect-port N' },
  ];
  if (cause?.code === 'EACCES') {
    const why = port < 1024 ? 'ports below 1024 are for the administrator' : 'the system has reserved it';
    return new MailauthError('port_busy', `port ${port} may not be used: ${why}`, { fix, cause });
  }
  if (cause !== undefined && cause.code !== 'EADDRINUSE') {
    const text = 'find out what keeps it from that: a sandbox, a security program, or the limit on open files';
    const message = `this machine lets mailauth listen on no port (${cause.code})`;
    return new MailauthError('port_busy', message, { fix: [{ text }], cause });
  }
  const holder = await portHolder(port);
  if (holder !== undefined) {
    const text = `end ${holder.program} (process ${holder.pid}), or choose another port and register it`;
    const message = `port ${port} is taken by ${holder.program} (process ${holder.pid})`;
    return new MailauthError('port_busy', message, { fix: [{ text, command: '--redirect-port N' }], cause });
  }
  const look = process.platform === 'win32' ? `netstat -ano | findstr :${port}` : `lsof -nP -iTCP:${port} -sTCP:LISTEN`;
  return new MailauthError('port_busy', `port ${port} is taken by another program`, {
    fix: [{ text: 'see which program it is', command: look }, ...fix],
    cause,
  });
}
