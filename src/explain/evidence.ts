import { isProtocol, PROTOCOLS, type Protocol } from '../words/protocol.js';
import { redact } from '../words/redact.js';
import type { Secret } from '../words/secret.js';

/** Who speaks HTTP, the likeliest first. */
export const WEB = ['token', 'authorization', 'device', 'discovery', 'revocation', 'registration'] as const;

/**
 * Adapters report evidence: where something went wrong, the machine-readable parts of the answer, and the server's
 * own words. Rules (data) turn evidence into a diagnosis. No adapter words advice; no rule does I/O.
 */
export interface Evidence {
  /** The peer or the part of the machine that gave the answer. */
  readonly where: (typeof WEB)[number] | Protocol | 'store' | 'browser';
  /** How far the conversation got. Network stages are common to all peers. */
  readonly stage:
    | 'dns'
    | 'proxy'
    | 'connect'
    | 'tls'
    | 'greeting'
    | 'starttls'
    | 'capability'
    | 'auth'
    | 'mailbox'
    | 'response';
  /** OAuth `error`, a Node errno (`ECONNREFUSED`), an IMAP response code (`AUTHENTICATIONFAILED`), or our own word. */
  readonly error?: string;
  /** What mailauth itself found in an answer: `error` and `text` are ours then, and no word of a server passes for them. */
  readonly finding?: true;
  /** HTTP or SMTP status. */
  readonly status?: number;
  /** SMTP enhanced status code (RFC 3463), such as `5.7.139`. */
  readonly enhanced?: string;
  /** What the token endpoint was asked for. `probe` is a code exchange with a code that cannot be valid. */
  readonly grant?:
    | 'authorization_code'
    | 'refresh_token'
    | 'client_credentials'
    | 'jwt_bearer'
    | 'device_code'
    | 'probe';
  /** The decoded SASL error challenge (RFC 7628 section 3.2.2), where the server sent one. */
  readonly challenge?: string;
  /** The server's own words, with every secret that was sent replaced. Not yet sanitised for a terminal. */
  readonly text: string;
  readonly host?: string;
  readonly port?: number;
  /** `Retry-After` in seconds (RFC 9110 section 10.2.3), where given. */
  readonly retryAfter?: number;
  /** Our clock minus the server's `Date` header, in seconds, where known. */
  readonly clockOffset?: number;
  /** ISO date-time: an earlier refresh with the same token began then, and its answer was never stored. */
  readonly unanswered?: string;
  /** This machine is told to use a proxy, and mail went past it, as mail always does. */
  readonly pastProxy?: true;
}

/**
 * The wall on the way in: evidence of what came from outside, with every secret that was sent, and whatever looks like
 * one, masked in all of its words. To be called before anything is cut off: half a secret would not be recognised.
 */
export function withoutSecrets(evidence: Evidence, sent: readonly (Secret | undefined)[] = []): Evidence {
  const { error, text, challenge } = evidence;
  return {
    ...evidence,
    ...(error !== undefined && { error: redact(error, sent) }),
    text: redact(text, sent),
    ...(challenge !== undefined && { challenge: redact(challenge, sent) }),
  };
}

/** Whether the text is a server's own words, and not what this machine noticed: a timeout, a certificate, a finding. */
export function isServersWords({ where, stage, status, finding, text }: Evidence): boolean {
  if (finding === true) return false;
  if (where === 'authorization' || where === 'store') return true;
  if (isProtocol(where)) return status !== undefined || PROTOCOLS[where].refusal.test(text);
  return stage === 'response' && status !== undefined;
}
