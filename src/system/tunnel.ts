import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { hostPort } from '../words/host.js';
import { codeOf, connectionFailure } from './connection-failure.js';
import { shakeHands } from './handshake.js';
import type { NamedProxy } from './proxy.js';

/**
 * Leads a connection that reaches a proxy on to the server behind it. Nothing of a request is sent before that, so a
 * failure belongs to the stage `proxy`: it may be tried again, and the proxy is what is named.
 *
 * @param socket to the proxy; destroyed when it leads nowhere
 * @param options where the proxy itself is reached by TLS: whom to trust, and how many milliseconds that may take; and
 *   what ends the wait for all of it
 */
export async function openTunnel(
  socket: Socket,
  proxy: NamedProxy,
  target: { readonly host: string; readonly port: number },
  { trust, ms, signal }: { readonly trust: SecureContext; readonly ms: number; readonly signal: AbortSignal },
): Promise<Socket> {
  const abort = (): void => void socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    if (proxy.kind === 'socks4' || proxy.kind === 'socks5') return await throughSocks(socket, proxy, target);
    // The proxy is judged like every other server.
    const near = proxy.kind === 'https' ? await shakeHands(socket, { host: proxy.host, trust, ms }) : socket;
    return await throughConnect(near, proxy, target);
  } catch (error) {
    socket.destroy();
    throw proxyFailure(signal.aborted ? signal.reason : error);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Whatever went wrong at a proxy, as a failure of the stage `proxy`. */
export function proxyFailure(cause: unknown): Error {
  if ((cause as { readonly stage?: string } | undefined)?.stage === 'proxy') return cause as Error;
  const code = codeOf(cause) ?? 'ECONNRESET';
  const message = cause instanceof Error && cause.message !== '' ? cause.message : 'the proxy closed the connection';
  return connectionFailure(code, message, { stage: 'proxy' });
}

/** The method CONNECT (RFC 9110 section 9.3.6). */
function throughConnect(
  socket: Socket,
  proxy: NamedProxy,
  target: { readonly host: string; readonly port: number },
): Promise<Socket> {
  const authority = hostPort(target.host, target.port);
  return new Promise((resolve, reject) => {
    const asking = request({
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...authorization(proxy) },
      createConnection: () => socket,
    });
    asking.once('error', (error) => reject(closed(error)));
    asking.once('connect', (response, tunnel, head) => {
      const { statusCode: status = 0, headers } = response;
      if (status < 200 || status > 299) reject(refused(status, headers['proxy-authenticate'], proxy));
      // The server behind speaks only after the client in TLS: bytes now are the proxy's own.
      else if (head.length > 0) reject(connectionFailure('EPROTO', 'the proxy sent text into the tunnel'));
      else resolve(tunnel as Socket);
    });
    asking.end();
  });
}

function authorization({ user, password }: NamedProxy): Readonly<Record<string, string>> {
  if (user === undefined) return {};
  const pair = `${user}:${password?.reveal() ?? ''}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Node's words for a reply that never came tell of its parser. */
function closed(error: Error): Error {
  const code = codeOf(error) ?? '';
  if (code !== 'ECONNRESET' && !code.startsWith('HPE_')) return error;
  return connectionFailure('ECONNRESET', 'the proxy closed the connection without an answer');
}

/** Schemes of the IANA registry that proxies ask for. Another name may be anything that the proxy was sent before. */
const SCHEMES = ['Basic', 'Bearer', 'Digest', 'Kerberos', 'Negotiate', 'NTLM'];

/** RFC 9110 section 11.7.1: what a proxy asks for is named in words, since mailauth can do no more than Basic. */
function refused(status: number, wanted: string | readonly string[] | undefined, { user }: NamedProxy): Error {
  const schemes = [wanted ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .map((part) => /^\s*([A-Za-z][\w-]*)(?:\s|$)/.exec(part)?.[1] ?? '')
    .filter((name) => name !== '')
    .map((name) => SCHEMES.find((known) => known.toLowerCase() === name.toLowerCase()) ?? 'a sign-in of its own');
  const isBasic = schemes.length === 0 || schemes.some((name) => name.toLowerCase() === 'basic');
  const demand = isBasic ? 'a user name and a password' : `${[...new Set(schemes)].join(' or ')}, and not Basic`;
  const why =
    status !== 407 ? '' : isBasic && user !== undefined ? ' to the user name and the password' : `: it wants ${demand}`;
  return connectionFailure('EPROXY', `the proxy answered ${status}${why}`, { stage: 'proxy', status });
}

/** The words of the SOCKS library, and what they mean. */
const SOCKS_FAILURES: readonly (readonly [RegExp, string, string])[] = [
  [/no accepted authentication|unknown authentication/i, 'EPROXYAUTH', 'the SOCKS proxy wants a sign-in'],
  [/authentication failed/i, 'EPROXYAUTH', 'the SOCKS proxy refused the user name and the password'],
  [/NotAllowed/, 'EPROXYFORBIDS', 'the SOCKS proxy does not allow this connection'],
  [/rejected/i, 'EPROXYUPSTREAM', 'the SOCKS proxy could not reach the server'],
  [/invalid socks|invalid Socks/i, 'EPROTO', 'the proxy does not speak SOCKS'],
];

/** The library speaks SOCKS over a connection that is made already, so that ours and its deadlines are the same. */
async function throughSocks(
  socket: Socket,
  { kind, host, port, user, password }: NamedProxy,
  target: { readonly host: string; readonly port: number },
): Promise<Socket> {
  const { SocksClient } = await import('socks');
  const asking = SocksClient.createConnection({
    command: 'connect',
    existing_socket: socket,
    destination: target,
    proxy: {
      host,
      port,
      type: kind === 'socks4' ? 4 : 5,
      ...(user !== undefined && { userId: user, password: password?.reveal() ?? '' }),
    },
  });
  const connected = await asking.catch((error: Error) => {
    const [, code = 'ECONNRESET', text = 'the proxy closed the connection without an answer'] =
      SOCKS_FAILURES.find(([pattern]) => pattern.test(error.message)) ?? [];
    // The library's error holds its options, and so the password.
    throw connectionFailure(code, text, { stage: 'proxy' });
  });
  return connected.socket;
}
