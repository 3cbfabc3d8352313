import { type LookupAddress, lookup } from 'node:dns';
import { setMaxListeners } from 'node:events';
import type { ClientRequest, ClientRequestArgs, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { connectToAny } from './connect.js';
import { codeOf, connectionFailure, networkEvidence } from './connection-failure.js';
import { shakeHands } from './handshake.js';
import { type Proxies, proxiesOf } from './proxy.js';
import { ownCertificate, trustedCertificates, trusting } from './trust.js';
import { openTunnel, proxyFailure } from './tunnel.js';
import { unlessAborted } from './unless-aborted.js';

/** HTTPS for everything OAuth: proxies, private certificate authorities and deadlines, the same for each request. */
export interface Network {
  /**
   * Never follows a redirect (the answer is handed back as it came), sends a request once whatever is answered, reads
   * the whole body, 1 MiB after decompression at most, and ends within the deadlines. Rejects with what
   * `networkEvidence` explains.
   */
  readonly fetch: typeof globalThis.fetch;
  /** Whom to trust, for the TLS of mail too. Making it anew for each connection takes 20 ms where there is a CA file. */
  readonly trust: SecureContext;
  /** Whether the environment names a proxy. It is for requests alone: mail goes past it. */
  readonly hasProxy: boolean;
  close(): Promise<void>;
}

/** Milliseconds. */
export interface Deadlines {
  readonly dns: number;
  /** TCP, and then TLS, of one connection. */
  readonly connect: number;
  /** From the request to the last byte of the answer, connecting not counted. */
  readonly answer: number;
}

const DEADLINES: Deadlines = { dns: 5_000, connect: 10_000, answer: 20_000 };
const BODY_LIMIT = 1024 * 1024;

export interface NetworkOptions {
  readonly env: NodeJS.ProcessEnv;
  /** PEM file, trusted in addition. */
  readonly caFile?: string;
  /** Then nothing but `caFile` is trusted. */
  readonly caAlone?: boolean;
  /** PEM files of a certificate of this host, for a server that asks for one. */
  readonly certificate?: { readonly certFile: string; readonly keyFile: string };
  readonly signal?: AbortSignal;
  /** Ends the reading of `caFile` alone, which may be a pipe that nobody writes to. */
  readonly reading?: AbortSignal;
  readonly deadlines?: Partial<Deadlines>;
  /** Told about every request when it ends: method, host, path, status and time; never a query, which may hold a secret. */
  readonly trace?: (text: string) => void;
}

/** @throws MailauthError file_not_found, bad_input: the CA file or the proxy's address cannot be used */
export async function openNetwork(options: NetworkOptions): Promise<Network> {
  const deadlines = { ...DEADLINES, ...options.deadlines };
  const signal = options.reading ?? options.signal;
  const own = options.certificate && (await ownCertificate(options.certificate, signal));
  const trust = trusting(
    await trustedCertificates(options.caFile, options.env, { signal, alone: options.caAlone }),
    own,
  );
  const proxies = proxiesOf(options.env);
  if (proxies.description !== undefined) options.trace?.(proxies.description);
  const closed = new AbortController();
  // Every connection listens to it.
  setMaxListeners(0, closed.signal);
  const reach = { deadlines, proxies, trust, closed: closed.signal };
  const agents = { kept: new ReachingAgent(reach, true), own: new ReachingAgent(reach, false) };
  return {
    fetch: requesting(agents, deadlines, options),
    trust,
    hasProxy: proxies.description !== undefined,
    close: async () => {
      closed.abort(connectionFailure('ECONNABORTED', 'the network was closed', { stage: 'connect' }));
      agents.kept.destroy();
      agents.own.destroy();
    },
  };
}

/**
 * One request in the shape of fetch, made with Node's own `request`: the standard's fetch sends a request again after
 * 421 (Fetch section 4.6), and a refresh token must never be sent twice.
 */
function requesting(agents: Agents, deadlines: Deadlines, options: NetworkOptions): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const { method = 'GET' } = init;
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.protocol !== 'https:') {
      throw connectionFailure('EHTTPS', 'only https addresses are asked', { stage: 'connect' });
    }
    const told = traceOf(options.trace, `${method} ${url.host}${url.pathname}`);
    const agent = method === 'GET' ? agents.kept : agents.own;
    const asking = request(url, { agent, method, headers: headersOf(init) });
    const clock = answerClock(asking, deadlines.answer);
    const signals = [clock.signal, init.signal, options.signal].filter((signal) => signal != null);
    try {
      // A request that is given up before there is a connection is never sent.
      const response = await unlessAborted(answerTo(asking, init.body), AbortSignal.any(signals));
      told(`answered ${response.status}`);
      return response;
    } catch (error) {
      asking.destroy();
      const { stage, error: code } = networkEvidence(error, 'token', {});
      told(`failed at ${stage}${code === undefined ? '' : ` (${code})`}`);
      throw error;
    } finally {
      clock.stop();
    }
  };
}

function headersOf({ body, headers: given }: RequestInit): Readonly<Record<string, string>> {
  const headers = new Headers(given);
  if (body instanceof URLSearchParams && !headers.has('content-type')) {
    headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  headers.set('accept-encoding', 'gzip, deflate');
  return Object.fromEntries(headers);
}

function answerTo(asking: ClientRequest, body: RequestInit['body']): Promise<Response> {
  return new Promise((resolve, reject) => {
    asking.on('error', reject);
    asking.once('response', (response) => wholeResponse(response).then(resolve, reject));
    asking.once('upgrade', (_response, socket) => {
      socket.destroy();
      reject(connectionFailure('HPE_UNEXPECTED', 'the server wants to speak another protocol', { stage: 'response' }));
    });
    asking.end(body == null ? undefined : String(body));
  });
}

/** Aborted where a request is connected and not answered to its last byte in time, however much keeps coming. */
function answerClock(asking: ClientRequest, ms: number): { readonly signal: AbortSignal; stop(): void } {
  const late = new AbortController();
  const tooLate = connectionFailure('ETIMEDOUT', `no complete answer within ${ms / 1000} s`, { stage: 'response' });
  let timer: NodeJS.Timeout | undefined;
  asking.once('socket', () => {
    timer = setTimeout(() => late.abort(tooLate), ms);
  });
  return { signal: late.signal, stop: () => clearTimeout(timer) };
}

function traceOf(trace: NetworkOptions['trace'], request: string): (outcome: string) => void {
  const begun = performance.now();
  return (outcome) => trace?.(`${request} ${outcome} in ${Math.round(performance.now() - begun)} ms`);
}

/** A body is read at once and only so far: a server that sends without end must not fill the memory. */
async function wholeResponse(message: IncomingMessage): Promise<Response> {
  const { statusCode: status = 0, headersDistinct: headers } = message;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > BODY_LIMIT) throw tooLong();
    chunks.push(chunk);
  }
  const whole = await unpacked(Buffer.concat(chunks), String(headers['content-encoding'] ?? ''));
  const kept = Object.entries(headers)
    .filter(([name]) => !/^content-(?:encoding|length)$/.test(name))
    .flatMap(([name, values = []]) => values.map((text): [string, string] => [name, text]));
  const empty = whole.length === 0 || [204, 205, 304].includes(status);
  return new Response(empty ? null : whole, { status, headers: kept });
}

const UNPACKERS: Readonly<Record<string, typeof gunzip>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  br: brotliDecompress,
};

async function unpacked(body: Buffer, encoding: string): Promise<Buffer<ArrayBuffer>> {
  const unpack = UNPACKERS[encoding.trim().toLowerCase()];
  if (unpack === undefined || body.length === 0) return Buffer.from(body);
  try {
    return Buffer.from(await promisify<Buffer, object, Buffer>(unpack)(body, { maxOutputLength: BODY_LIMIT }));
  } catch (error) {
    throw codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? tooLong() : error;
  }
}

function tooLong(): Error {
  return connectionFailure('EMSGSIZE', 'the answer is longer than 1 MiB', { stage: 'response' });
}

interface Reach {
  readonly deadlines: Deadlines;
  readonly proxies: Proxies;
  readonly trust: SecureContext;
  /** Ends what is still connecting: it would go on to its deadline, and the process with it. */
  readonly closed: AbortSignal;
}

/**
 * A connection that was kept may be closing just as the next request goes out, and nobody knows then whether it arrived.
 * Whatever changes something, a refresh above all, has a connection of its own (RFC 9112 section 9.3.1).
 */
interface Agents {
  readonly kept: Agent;
  readonly own: Agent;
}

/** Milliseconds for which a connection is kept for the next request. */
const IDLE_MS = 4_000;

/** Node's way to keep connections, over TCP to whichever address of a name answers, and through a proxy. */
class ReachingAgent extends Agent {
  readonly #reach: Reach;

  constructor(reach: Reach, keepAlive: boolean) {
    super({ keepAlive, timeout: IDLE_MS });
    this.#reach = reach;
  }

  override createConnection(
    { host, port }: ClientRequestArgs,
    done: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    secured(String(host), Number(port), this.#reach).then(
      (socket) => done(null, socket),
      (error) => done(error, undefined as never),
    );
  }
}

/** TLS to a server, over whatever leads there. */
async function secured(host: string, port: number, reach: Reach): Promise<Socket> {
  const { deadlines, trust, closed } = reach;
  const { socket, proxied } = await reached(host, port, reach);
  const end = (): void => void socket.destroy();
  closed.addEventListener('abort', end, { once: true });
  socket.once('close', () => closed.removeEventListener('abort', end));
  return shakeHands(socket, { host, trust, ms: deadlines.connect }).catch((error) => {
    // A proxy that opens a tunnel and lets go of it led nowhere.
    throw proxied && codeOf(error) === 'ECONNRESET' ? proxyFailure(error) : error;
  });
}

async function reached(
  host: string,
  port: number,
  { deadlines, proxies, trust, closed }: Reach,
): Promise<{ readonly socket: Socket; readonly proxied: boolean }> {
  const proxy = proxies.leadingTo(host, port);
  const next = proxy ?? { host, port };
  const late = new AbortController();
  const tooLate = connectionFailure('ETIMEDOUT', `no connection within ${deadlines.connect / 1000} s`, {
    stage: 'connect',
  });
  let timer: NodeJS.Timeout | undefined;
  const signal = AbortSignal.any([late.signal, closed]);
  try {
    const addresses = await addressesOf(next.host, deadlines.dns);
    timer = setTimeout(() => late.abort(tooLate), deadlines.connect);
    const socket = await connectToAny(addresses, next.port, signal);
    if (proxy === undefined) return { socket, proxied: false };
    const wait = { trust, ms: deadlines.connect, signal };
    return { socket: await openTunnel(socket, proxy, { host, port }, wait), proxied: true };
  } catch (error) {
    throw proxy === undefined || closed.aborted ? error : proxyFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

function addressesOf(host: string, ms: number): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(connectionFailure('ETIMEDOUT', `no answer to the name ${host} within ${ms / 1000} s`, { stage: 'dns' })),
      ms,
    );
    lookup(host, { all: true }, (error, addresses) => {
      clearTimeout(timer);
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}
