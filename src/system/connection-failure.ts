import { type Evidence, withoutSecrets } from '../explain/evidence.js';

type Stage = Evidence['stage'];

interface FailureParts {
  /** How far the connection got, where the code alone does not tell. */
  readonly stage?: Stage;
  /** The HTTP status of a proxy that refused. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** An error of ours in the shape of Node's: a code, and the stage it belongs to. */
export function connectionFailure(code: string, message: string, parts: FailureParts = {}): NodeJS.ErrnoException {
  const { cause, ...known } = parts;
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code, ...known });
}

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
  const code = chain.map((link) => link.code).findLast((found) => typeof found === 'string');
  const stage = chain.map((link) => link.stage).find((found) => found !== undefined);
  const status = chain.map((link) => link.status).find((found) => found !== undefined);
  const last = chain.at(-1);
  return withoutSecrets({
    where,
    stage: stage ?? stageOf(chain, code),
    ...(code === undefined ? {} : { error: code }),
    ...(status === undefined ? {} : { status }),
    text: last?.message || code || 'the connection failed',
    ...(peer.host === undefined ? {} : { host: peer.host }),
    ...(peer.port === undefined ? {} : { port: peer.port }),
  });
}

interface Link {
  readonly message: string;
  readonly code?: string;
  readonly stage?: Stage;
  readonly status?: number;
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
  if (CONNECT_CODES.includes(code)) return 'connect';
  // Whatever kept this machine from connecting: a firewall of its own, no file to spare, a silent peer.
  if (chain.some((link) => link.syscall === 'connect')) return 'connect';
  return 'response';
}

/** The code that says most about an error: its own, or that of what caused it. */
export function codeOf(error: unknown): string | undefined {
  return causes(error)
    .map((link) => link.code)
    .find((code) => typeof code === 'string');
}
