import { type LookupAddress, lookup } from 'node:dns';
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { buildConnector, Dispatcher } from 'undici';
import { withoutBrackets } from '../words/host.js';
import { watchIssuer } from './certificate-issuer.js';
import { connectToAny } from './connect.js';
import { codeOf, connectionFailure, networkEvidence } from './connection-failure.js';
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
  // What undici reads HTTP with is WebAssembly: to optimise it takes a tenth of a second, and answers are short.
  setFlagsFromString('--liftoff-only');
  const [{ default: Agent }, { default: buildSecure }, { default: request }] = await Promise.all([
    import('undici/lib/dispatcher/agent.js'),
    import('undici/lib/core/connect.js'),
    import('undici/lib/api/api-request.js'),
  ]);
  const closed = new AbortController();
  // Every connection listens to it.
  setMaxListeners(0, closed.signal);
  // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's shell does not send a refresh token to a stranger.
  const secure = buildSecure({
    rejectUnauthorized: true,
    secureContext: trust,
    timeout: deadlines.connect,
  });
  const dispatcher = new Agent({
    connect: connector(namingIssuers(secure), { deadlines, proxies, trust, closed: closed.signal }),
    headersTimeout: deadlines.answer,
    bodyTimeout: deadlines.answer,
  });
  return {
    fetch: requesting((asked) => request.call(dispatcher, asked), deadlines, options),
    trust,
    hasProxy: proxies.description !== undefined,
    close: async () => {
      closed.abort(connectionFailure('ECONNABORTED', 'the network was closed', { stage: 'connect' }));
      await dispatcher.destroy();
    },
  };
}

/**
 * One request in the shape of fetch, made with undici's own `request`: the standard's fetch sends a request again after
 * 421 (Fetch section 4.6), and a refresh token must never be sent twice.
 */
function requesting(
  request: (asked: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>,
  deadlines: Deadlines,
  options: NetworkOptions,
): typeof globalThis.fetch {
  const send = async (url: URL, init: RequestInit, signal: AbortSignal): Promise<Response> => {
    const { body } = init;
    const headers = new Headers(init.headers);
    if (body instanceof URLSearchParams && !headers.has('content-type')) {
      headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
    }
    headers.set('accept-encoding', 'gzip, deflate');
    const asking = request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
      headers: Object.fromEntries(headers),
      ...(body == null ? {} : { body: String(body) }),
      signal,
    });
    // Before there is a connection undici does not listen to the signal; the request is then never sent.
    return wholeResponse(await unlessAborted(asking, signal));
  };
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.protocol !== 'https:') {
      throw connectionFailure('EHTTPS', 'only https addresses are asked', { stage: 'connect' });
    }
    const late = new AbortController();
    const tooLate = connectionFailure('ETIMEDOUT', `no complete answer within ${deadlines.answer / 1000} s`, {
      stage: 'response',
    });
    const timer = setTimeout(() => late.abort(tooLate), deadlines.connect + deadlines.answer);
    const signals = [late.signal, init.signal, options.signal].filter((signal) => signal != null);
    const told = traceOf(options.trace, `${init.method ?? 'GET'} ${url.host}${url.pathname}`);
    try {
      const response = await send(url, init, AbortSignal.any(signals));
      told(`answered ${response.status}`);
      return response;
    } catch (error) {
      const { stage, error: code } = networkEvidence(error, 'token', {});
      told(`failed at ${stage}${code === undefined ? '' : ` (${code})`}`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
}

function traceOf(trace: NetworkOptions['trace'], request: string): (outcome: string) => void {
  const begun = performance.now();
  return (outcome) => trace?.(`${request} ${outcome} in ${Math.round(performance.now() - begun)} ms`);
}

/** A body is read at once and only so far: a server that sends without end must not fill the memory. */
async function wholeResponse({ statusCode: status, headers, body }: Dispatcher.ResponseData): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > BODY_LIMIT) throw tooLong();
    chunks.push(chunk);
  }
  const whole = await unpacked(Buffer.concat(chunks), String(headers['content-encoding'] ?? ''));
  const kept = Object.entries(headers)
    .filter(([name]) => !/^content-(?:encoding|length)$/.test(name))
    .flatMap(([name, value]) => [value ?? []].flat().map((text): [string, string] => [name, text]));
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

/** The same connector, whose failures at the certificate say who issued it. */
function namingIssuers(secure: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    let naming = (error: Error): Error => error;
    // The socket is given back, although the type does not say so.
    const socket: unknown = secure(options, (...[error, connected]) => {
      if (error === null) callback(null, connected);
      else callback(naming(error), null);
    });
    if (socket instanceof TLSSocket) naming = watchIssuer(socket);
  };
}

interface Reach {
  readonly deadlines: Deadlines;
  readonly proxies: Proxies;
  readonly trust: SecureContext;
  /** Ends what is still connecting: undici would let it go on to its deadline, and the process with it. */
  readonly closed: AbortSignal;
}

/** TCP to whichever address of the name answers, through the proxy where one leads there, and TLS over it. */
function connector(secure: buildConnector.connector, reach: Reach): buildConnector.connector {
  return (options, callback) => {
    // In an address IPv6 stands between brackets.
    const host = withoutBrackets(options.hostname);
    const port = Number(options.port || 443);
    reached(host, port, reach).then(
      ({ socket, proxied }) => {
        const end = (): void => void socket.destroy();
        reach.closed.addEventListener('abort', end, { once: true });
        socket.once('close', () => reach.closed.removeEventListener('abort', end));
        secure({ ...options, httpSocket: socket }, (...[error, connected]) => {
          if (error === null) callback(null, connected);
          // A proxy that opens a tunnel and lets go of it led nowhere.
          else callback(proxied && codeOf(error) === 'ECONNRESET' ? proxyFailure(error) : error, null);
        });
      },
      (error: Error) => callback(error, null),
    );
  };
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
    return { socket: await openTunnel(socket, proxy, { host, port }, { trust, signal }), proxied: true };
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
