import { X509Certificate } from 'node:crypto';
import { type LookupAddress, lookup } from 'node:dns';
import { setMaxListeners } from 'node:events';
import type { LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext, TLSSocket } from 'node:tls';
import type { Agent, buildConnector, Dispatcher } from 'undici';
import type { Evidence } from '../explain/evidence.js';
import { MailauthError } from '../explain/problem.js';
import { redactKnownShapes } from '../words/redact.js';
import { watchIssuer } from './certificate-issuer.js';
import { connectToAny } from './connect.js';
import { readTextFile } from './text-file.js';

/** HTTPS for everything OAuth: proxies, private certificate authorities and deadlines, the same for each request. */
export interface Network {
  /**
   * Never follows a redirect (the answer is handed back as it came), reads the whole body, 1 MiB after decompression
   * at most, and ends within the deadlines. Rejects with what `networkEvidence` explains.
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
/** A far-away proxy needs longer than Node's 250 ms for each address, and would look unreachable. */
const ADDRESS_ATTEMPT_MS = 2_500;

export interface NetworkOptions {
  readonly env: NodeJS.ProcessEnv;
  /** PEM file, trusted in addition. */
  readonly caFile?: string;
  readonly signal?: AbortSignal;
  readonly deadlines?: Partial<Deadlines>;
  /** Told about every request when it ends: method, host, path, status and time; never a query, which may hold a secret. */
  readonly trace?: (text: string) => void;
}

/** @throws MailauthError file_not_found, bad_input: the CA file or the proxy's address cannot be used */
export async function openNetwork(options: NetworkOptions): Promise<Network> {
  const deadlines = { ...DEADLINES, ...options.deadlines };
  const trust = trusting(await trustedCertificates(options.caFile, options.env, options.signal));
  const proxy = proxyOf(options.env);
  if (proxy !== undefined) options.trace?.(describeProxy(proxy));
  const undici = await import('undici');
  // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's shell does not send a refresh token to a stranger.
  const connect = {
    rejectUnauthorized: true,
    secureContext: trust,
    lookup: lookupWithin(deadlines.dns),
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    timeout: deadlines.connect,
  };
  const agentOptions: Agent.Options = { connect, headersTimeout: deadlines.answer, bodyTimeout: deadlines.answer };
  const closed = new AbortController();
  // Every connection listens to it.
  setMaxListeners(0, closed.signal);
  const connector = reachingAny(namingIssuers(undici.buildConnector(connect)), deadlines, closed.signal);
  const direct = new undici.Agent({ ...agentOptions, connect: connector });
  const proxied =
    proxy === undefined
      ? direct
      : new undici.EnvHttpProxyAgent({
          ...agentOptions,
          ...proxy,
          requestTls: connect,
          proxyTls: connect,
          clientFactory: (origin, settings) =>
            new (proxyPool(undici.Pool))(origin, { ...settings, headersTimeout: deadlines.connect }),
        });

  const request = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.protocol !== 'https:') throw failure('EHTTPS', 'connect', 'only https addresses are asked');
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(failure('ETIMEDOUT', 'response', `no complete answer within ${deadlines.answer / 1000} s`)),
      deadlines.connect + deadlines.answer,
    );
    const signals = [late.signal, init.signal, options.signal].filter((signal) => signal != null);
    const told = traceOf(options.trace, `${init.method ?? 'GET'} ${url.host}${url.pathname}`);
    try {
      const response = (await undici.fetch(url, {
        ...(init as object),
        redirect: 'manual',
        signal: AbortSignal.any(signals),
        dispatcher: (isLoopback(url.hostname) ? direct : proxied) as Dispatcher,
      })) as unknown as Response;
      const whole = await wholeResponse(response);
      told(`answered ${whole.status}`);
      return whole;
    } catch (error) {
      const { stage, error: code } = networkEvidence(error, 'token', {});
      told(`failed at ${stage}${code === undefined ? '' : ` (${code})`}`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    fetch: request as typeof globalThis.fetch,
    trust,
    hasProxy: proxy !== undefined,
    close: async () => {
      closed.abort(failure('ECONNABORTED', 'connect', 'the network was closed'));
      await Promise.all([direct.destroy(), proxied === direct ? undefined : proxied.destroy()]);
    },
  };
}

function traceOf(trace: NetworkOptions['trace'], request: string): (outcome: string) => void {
  const begun = performance.now();
  return (outcome) => trace?.(`${request} ${outcome} in ${Math.round(performance.now() - begun)} ms`);
}

/** A body is read at once and only so far: a server that sends without end must not fill the memory. */
async function wholeResponse(response: Response): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body = response.body as AsyncIterable<Uint8Array> | null;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_LIMIT) throw failure('EMSGSIZE', 'response', 'the answer is longer than 1 MiB');
    chunks.push(chunk);
  }
  const headers = new Headers([...response.headers].filter(([name]) => !/^content-(encoding|length)$/.test(name)));
  const empty = size === 0 || [204, 205, 304].includes(response.status);
  return new Response(empty ? null : Buffer.concat(chunks), { status: response.status, headers });
}

/**
 * Passing `ca` to TLS replaces the roots Node was built with, so they are put in front again. NODE_EXTRA_CA_CERTS is
 * read by Node itself only where `ca` is not given, and so is read here too.
 */
export async function trustedCertificates(
  caFile: string | undefined,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (caFile === undefined || caFile === '') return undefined;
  const own = await readTextFile(caFile, { signal });
  if (certificatesIn(own).length === 0) {
    throw new MailauthError('bad_input', `${caFile} holds no certificate in PEM form`, {
      fix: [
        { text: 'give the certificate of the authority as a text file that begins with -----BEGIN CERTIFICATE-----' },
      ],
    });
  }
  try {
    // TLS would pass over a damaged one in silence.
    for (const pem of certificatesIn(own)) new X509Certificate(pem);
  } catch (cause) {
    throw new MailauthError('bad_input', `${caFile} holds a damaged certificate`, { cause });
  }
  // Node only warns about an extra file it cannot read, and goes on without it.
  const extra = env['NODE_EXTRA_CA_CERTS']
    ? await readTextFile(env['NODE_EXTRA_CA_CERTS'], { signal }).catch(() => '')
    : '';
  return [...rootCertificates, ...certificatesIn(own), ...certificatesIn(extra)];
}

/** TLS 1.2 at least (RFC 8997), and these certificates in PEM form; undefined: the roots Node comes with. */
export function trusting(certificates: readonly string[] | undefined): SecureContext {
  return createSecureContext({ minVersion: 'TLSv1.2', ...(certificates && { ca: [...certificates] }) });
}

function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

interface ProxySettings {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/** The proxy variables, both cases, the small one first as in curl. A value without a scheme means http. */
function proxyOf(env: NodeJS.ProcessEnv): ProxySettings | undefined {
  const httpsProxy = proxyUrl(env, 'HTTPS_PROXY');
  const httpProxy = proxyUrl(env, 'HTTP_PROXY');
  if (httpsProxy === '' && httpProxy === '') return undefined;
  return { httpProxy, httpsProxy, noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '' };
}

/** Without the user and the password that its address may hold. */
function describeProxy({ httpsProxy, httpProxy, noProxy }: ProxySettings): string {
  return `requests go through the proxy ${new URL(httpsProxy || httpProxy).host}, except to: ${noProxy || 'nobody'}`;
}

function proxyUrl(env: NodeJS.ProcessEnv, name: string): string {
  const value = (env[name.toLowerCase()] ?? env[name] ?? '').trim();
  if (value === '') return '';
  const spelled = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(spelled) || !/^(https?|socks5?):$/.test(new URL(spelled).protocol)) {
    // The value is not repeated: it may hold the proxy's password.
    throw new MailauthError('bad_input', `the variable ${name} is not the address of a proxy`, {
      fix: [{ text: `set ${name} to an address such as http://proxy.example:3128, or unset it` }],
    });
  }
  return spelled;
}

/** RFC 6761 section 6.3 and RFC 1122 section 3.2.1.3: such a name never leaves this machine, so no proxy can reach it. */
function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** A pool to the proxy whose failures say that they happened there, before anything was sent to the server behind. */
function proxyPool(Pool: typeof import('undici').Pool): typeof import('undici').Pool {
  return class extends Pool {
    override connect(...args: unknown[]): never {
      const connecting = super.connect(args[0] as Dispatcher.ConnectOptions) as Promise<Dispatcher.ConnectData>;
      return connecting.catch((cause: unknown) => {
        throw failure(errorCode(cause) ?? 'EPROXY', 'proxy', 'the proxy does not connect', cause);
      }) as never;
    }
  };
}

/** The same connector, whose failures at the certificate say who issued it. Behind a proxy undici lets nobody look. */
function namingIssuers(connector: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    let naming = (error: Error): Error => error;
    // The socket is given back, although the type does not say so.
    const socket: unknown = connector(options, (...[error, connected]) => {
      if (error === null) callback(null, connected);
      else callback(naming(error), null);
    });
    if (socket instanceof TLSSocket) naming = watchIssuer(socket);
  };
}

/**
 * The same connector, over TCP to whichever address of the name answers. `closed` ends what is still connecting: undici
 * would let it go on to its deadline, and the process with it.
 */
function reachingAny(
  connector: buildConnector.connector,
  deadlines: Deadlines,
  closed: AbortSignal,
): buildConnector.connector {
  const lookUp = lookupWithin(deadlines.dns);
  return (options, callback) => {
    const { hostname, port } = options;
    // In an address IPv6 stands between brackets.
    lookUp(hostname.replace(/^\[|\]$/g, ''), { all: true }, (error, addresses) => {
      if (error !== null) return callback(error, null);
      const late = new AbortController();
      const timer = setTimeout(
        () => late.abort(failure('ETIMEDOUT', 'connect', `no connection within ${deadlines.connect / 1000} s`)),
        deadlines.connect,
      );
      connectToAny(addresses as LookupAddress[], Number(port || 443), AbortSignal.any([late.signal, closed]))
        .finally(() => clearTimeout(timer))
        .then(
          (httpSocket) => {
            const end = (): void => void httpSocket.destroy();
            closed.addEventListener('abort', end, { once: true });
            httpSocket.once('close', () => closed.removeEventListener('abort', end));
            connector({ ...options, httpSocket }, callback);
          },
          (failed: Error) => callback(failed, null),
        );
    });
  };
}

function lookupWithin(ms: number): LookupFunction {
  return (hostname, options, callback) => {
    let waiting = true;
    const finish: typeof callback = (...result) => {
      if (!waiting) return;
      waiting = false;
      clearTimeout(timer);
      callback(...result);
    };
    const timer = setTimeout(
      () => finish(failure('ETIMEDOUT', 'dns', `no answer to the name ${hostname} within ${ms / 1000} s`), [], 4),
      ms,
    );
    lookup(hostname, options, (error, address, family) => finish(error, address, family));
  };
}

type Stage = Evidence['stage'];

/** An error of ours in the shape of Node's: a code, and the stage it belongs to. */
function failure(code: string, stage: Stage, message: string, cause?: unknown): NodeJS.ErrnoException {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code, stage });
}

/** Codes of undici that have a common name. */
const COMMON_NAME: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_HEADERS_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_BODY_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_PRX_TLS: 'ERR_TLS_CERT_ALTNAME_INVALID',
};

const CONNECT_CODES = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'];
const TLS_CODE =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|HOSTNAME_MISMATCH|EPROTO$)/;
const NAME_CODES = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'ESERVFAIL', 'ENODATA'];

/**
 * Explains a failed connection: how far it got and Node's own code. A stage before `response` means that nothing of
 * the request was sent.
 */
export function networkEvidence(
  error: unknown,
  where: Evidence['where'],
  peer: { readonly host?: string; readonly port?: number },
): Evidence {
  const chain = causes(error);
  const status = chain.map((link) => /^Proxy response \((\d+)\)/.exec(link.message)?.[1]).find((found) => found);
  const code = chain.map((link) => link.code).findLast((found) => typeof found === 'string');
  const stage = chain.map((link) => link.stage).find((found) => found !== undefined);
  const last = chain.at(-1);
  return {
    where,
    stage: status !== undefined ? 'proxy' : (stage ?? stageOf(chain, code)),
    ...(code === undefined || status !== undefined ? {} : { error: COMMON_NAME[code] ?? code }),
    ...(status === undefined ? {} : { status: Number(status) }),
    text: redactKnownShapes(last?.message || code || 'the connection failed'),
    ...(peer.host === undefined ? {} : { host: peer.host }),
    ...(peer.port === undefined ? {} : { port: peer.port }),
  };
}

interface Link {
  readonly message: string;
  readonly code?: string;
  readonly stage?: Stage;
  readonly syscall?: string;
}

/** The error, its cause, that one's cause; of several addresses tried the first one's error speaks for all. */
function causes(error: unknown): Link[] {
  const chain: Link[] = [];
  let link: unknown = error;
  while (link instanceof Error && chain.length < 8) {
    chain.push(link as Link & Error);
    link = link.cause ?? (link instanceof AggregateError ? link.errors[0] : undefined);
  }
  return chain;
}

function stageOf(chain: readonly Link[], code: string | undefined): Stage {
  if (code === undefined) return 'response';
  if (chain.some((link) => link.syscall === 'getaddrinfo') || NAME_CODES.includes(code)) return 'dns';
  if (TLS_CODE.test(code) || chain.some((link) => /before secure TLS/.test(link.message))) return 'tls';
  if (CONNECT_CODES.includes(code) || code === 'UND_ERR_CONNECT_TIMEOUT') return 'connect';
  // Whatever kept this machine from connecting: a firewall of its own, no file to spare, a silent peer.
  if (chain.some((link) => link.syscall === 'connect')) return 'connect';
  return 'response';
}

function errorCode(error: unknown): string | undefined {
  return causes(error)
    .map((link) => link.code)
    .find((code) => typeof code === 'string');
}
