import type { Code } from './codes.js';

/**
 * Adapters report evidence: where something went wrong, the machine-readable parts of the answer, and the server's
 * own words. Rules (data) turn evidence into a diagnosis. No adapter words advice; no rule does I/O.
 */
export interface Evidence {
  /** The peer or the part of the machine that gave the answer. */
  readonly where:
    | 'discovery'
    | 'authorization'
    | 'token'
    | 'revocation'
    | 'device'
    | 'smtp'
    | 'imap'
    | 'store'
    | 'browser';
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
  /** HTTP or SMTP status. */
  readonly status?: number;
  /** SMTP enhanced status code (RFC 3463), such as `5.7.139`. */
  readonly enhanced?: string;
  /** What the token endpoint was asked for. `probe` is a code exchange with a code that cannot be valid. */
  readonly grant?: 'authorization_code' | 'refresh_token' | 'client_credentials' | 'device_code' | 'probe';
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

export type Who = 'you' | 'admin' | 'provider' | 'network' | 'mailauth';

/** One next action. `step` names a numbered step of the guide, `command` what to type, `url` where to click. */
export interface Fix {
  readonly text: string;
  readonly command?: string;
  readonly url?: string;
  readonly step?: string;
  /** A message to somebody else who has to act, as it can be sent; it repeats the link. */
  readonly send?: string;
}

/** What is known about a failure. Texts may hold `{placeholders}`, filled from the account by `explain`. */
export interface Diagnosis {
  readonly code: Code;
  readonly message: string;
  readonly who: Who;
  readonly fix: readonly Fix[];
  /** A value that was made a moment ago is refused like this too, until the whole of the provider knows it: waiting may mend it. */
  readonly settles?: true;
}

/**
 * One known cause. Every condition that is given must hold; `text` is tested against the server's words, its error
 * word and the decoded challenge. Rules are tried in order, a provider's own before the common ones, specific before general.
 */
export interface Rule {
  /** Unique, stable, and the anchor in docs/errors.md: `aadsts7000215`, `smtp-5.7.139-tenant`. */
  readonly id: string;
  readonly when: {
    readonly where?: readonly Evidence['where'][];
    readonly stage?: readonly Evidence['stage'][];
    readonly error?: readonly string[];
    readonly status?: readonly number[];
    readonly enhanced?: readonly string[];
    readonly grant?: readonly NonNullable<Evidence['grant']>[];
    readonly text?: RegExp;
  };
  /** A real reply that this rule, and no earlier one, must recognise. */
  readonly sample: Evidence;
  readonly diagnosis: Diagnosis;
}

/** What mailauth itself finds in an answer; the text is then ours as well. */
const FINDING = /^(?:issuer_mismatch|endpoint_refused|response_rejected|id_token_\w+)$/;
const REFUSAL = /^(?:\* )?(?:NO|BAD|BYE)\b/;

/** Whether the text is a server's own words, and not what this machine noticed: a timeout, a certificate, a finding. */
export function isServersWords({ where, stage, status, error, text }: Evidence): boolean {
  if (error !== undefined && FINDING.test(error)) return false;
  switch (where) {
    case 'authorization':
    case 'store':
      return true;
    case 'smtp':
      return status !== undefined;
    case 'imap':
      return REFUSAL.test(text);
    default:
      return stage === 'response' && status !== undefined;
  }
}

/** Whether every condition of the rule holds. */
export function matches(rule: Rule, evidence: Evidence): boolean {
  const { where, stage, error, status, enhanced, grant, text } = rule.when;
  return (
    (where === undefined || where.includes(evidence.where)) &&
    (stage === undefined || stage.includes(evidence.stage)) &&
    (error === undefined || (evidence.error !== undefined && error.includes(evidence.error))) &&
    (status === undefined || (evidence.status !== undefined && status.includes(evidence.status))) &&
    (enhanced === undefined || (evidence.enhanced !== undefined && enhanced.includes(evidence.enhanced))) &&
    (grant === undefined || (evidence.grant !== undefined && grant.includes(evidence.grant))) &&
    (text === undefined ||
      text.test(evidence.text) ||
      (evidence.error !== undefined && text.test(evidence.error)) ||
      (evidence.challenge !== undefined && text.test(evidence.challenge)))
  );
}

/** The first rule that recognises the evidence, or undefined: then the cause is unknown and only the server's words are told. */
export function recognise(evidence: Evidence, rules: readonly Rule[]): Rule | undefined {
  return rules.find((rule) => matches(rule, evidence));
}
