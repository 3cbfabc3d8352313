import type { Evidence } from '../explain/evidence.js';
import { imapRefusal } from '../explain/imap-refusal.js';
import type { Protocol } from '../words/protocol.js';

/** Where a conversation stands: how far it got, and what the server said since our last command. */
export interface ConversationState {
  stage: Evidence['stage'];
  heard: string[];
}

/** A command of the part before TLS, and how its reply is read. */
export interface Command {
  readonly line: string;
  /** The last line of the reply. */
  readonly ends: RegExp;
  /** Recognises the last line of a positive reply. */
  readonly accepts: RegExp;
}

/** What the protocols say differently while they do the same: greet, offer STARTTLS, log in, refuse. */
export interface ProtocolSyntax {
  readonly where: Protocol;
  /**
   * The greeting the library reads, in place of the server's. The real one may have come before TLS, and what a
   * server says in plain text, its capabilities above all, must not be known afterwards (RFC 3207 section 4.2).
   */
  readonly substituteGreeting: string;
  /** Every line of a greeting; anything else is another protocol. */
  readonly greetingLine: RegExp;
  readonly greeting: Pick<Command, 'ends' | 'accepts'>;
  readonly capability: (tag: string) => Command;
  readonly offersStarttls: RegExp;
  readonly starttls: (tag: string) => Command;
  /** The stage a line of ours begins; undefined for one that continues the command before it. */
  readonly stageOf: (line: string, stage: Evidence['stage']) => Evidence['stage'] | undefined;
  /** The stage after a line of the server. */
  readonly stageAfter: (line: string, stage: Evidence['stage']) => Evidence['stage'];
  /** A line that ends the conversation at this stage. The library would go on in another way, and the reply be forgotten. */
  readonly refuses: (line: string, stage: Evidence['stage']) => boolean;
  /** A line that asks the client to go on with a SASL exchange. */
  readonly continues: RegExp;
  readonly refusalIn: (
    heard: readonly string[],
  ) => Pick<Evidence, 'error' | 'status' | 'enhanced' | 'text'> | undefined;
  readonly challengeIn: (heard: readonly string[]) => string | undefined;
}

/** An address literal names no machine and is right for every client (RFC 5321 section 4.1.4). */
export const EHLO_NAME = '[127.0.0.1]';

export const SMTP_LAST_LINE = /^\d{3}(?: |$)/;
const SMTP_STAGES: Readonly<Record<string, Evidence['stage']>> = {
  EHLO: 'capability',
  HELO: 'capability',
  AUTH: 'auth',
  MAIL: 'response',
  RCPT: 'response',
  DATA: 'response',
};

/** RFC 5321, RFC 3207, RFC 4954. */
export const SMTP: ProtocolSyntax = {
  where: 'smtp',
  substituteGreeting: '220 ready\r\n',
  greetingLine: /^\d{3}(?:[ -]|$)/,
  greeting: { ends: SMTP_LAST_LINE, accepts: /^220/ },
  capability: () => ({ line: `EHLO ${EHLO_NAME}`, ends: SMTP_LAST_LINE, accepts: /^250/ }),
  offersStarttls: /^250[ -]STARTTLS\s*$/i,
  starttls: () => ({ line: 'STARTTLS', ends: SMTP_LAST_LINE, accepts: /^220/ }),
  stageOf: (line) => SMTP_STAGES[line.slice(0, 4).toUpperCase()],
  stageAfter: (_line, stage) => stage,
  // The library would greet with HELO, after which no login is offered.
  refuses: (line, stage) => stage === 'capability' && /^[45]\d\d(?: |$)/.test(line),
  continues: /^334/,
  refusalIn(heard) {
    const refusals = heard.filter((line) => /^[45]\d\d/.test(line));
    // Commands that were sent together are refused together, and only the first reply says why (RFC 2920 section 3.1).
    const end = refusals.findIndex((line) => SMTP_LAST_LINE.test(line));
    const lines = end < 0 ? refusals : refusals.slice(0, end + 1);
    const last = lines.at(-1);
    if (last === undefined) return undefined;
    const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(last)?.[1];
    return {
      status: Number(last.slice(0, 3)),
      ...(enhanced === undefined ? {} : { enhanced }),
      text: lines.join('\n'),
    };
  },
  challengeIn: (heard) => challengeIn(heard, /^334 (\S+)/),
};

/** RFC 9051, RFC 4959. */
export const IMAP: ProtocolSyntax = {
  where: 'imap',
  substituteGreeting: '* OK ready\r\n',
  greetingLine: /^\* (?:OK|BYE|PREAUTH)\b/i,
  greeting: { ends: /^/, accepts: /^\* OK\b/i },
  capability: (tag) => tagged(tag, 'CAPABILITY'),
  offersStarttls: /^\* CAPABILITY\b.* STARTTLS\b/i,
  starttls: (tag) => tagged(tag, 'STARTTLS'),
  stageOf(line, stage) {
    const verb = /^\w+ ([A-Z]+)/i.exec(line)?.[1]?.toUpperCase();
    // The library lists a mailbox before it opens it, and again after a refusal, whose words must not be lost.
    if (verb === undefined || verb === 'LIST' || verb === 'LSUB') return undefined;
    if (verb === 'AUTHENTICATE') return 'auth';
    return stage === 'mailbox' ? 'mailbox' : 'capability';
  },
  stageAfter: (line, stage) => (stage === 'auth' && /^\w+ OK\b/i.test(line) ? 'mailbox' : stage),
  // The library would wait as long as the words say, and ask again.
  refuses: (line, stage) => stage === 'mailbox' && /^\w+ (?:BAD|NO) .*\bthrottled\b/i.test(line),
  continues: /^\+/,
  refusalIn(heard) {
    const lines = heard.flatMap((line) => /^(?:\w+ (?:NO|BAD)|\* (?:NO|BAD|BYE))\b.*$/i.exec(line)?.[0] ?? []);
    const said = lines.find((line) => !line.startsWith('*')) ?? lines.at(-1);
    if (said === undefined) return undefined;
    const code = /^\S+ (\w+)(?: \[([A-Z][A-Z0-9/-]*))?/i.exec(said);
    return {
      error: imapRefusal(code?.[1] ?? 'NO', code?.[2]),
      text: lines.map((line) => (line.startsWith('*') ? line : line.replace(/^\w+ /, ''))).join('\n'),
    };
  },
  challengeIn: (heard) => challengeIn(heard, /^\+ (\S+)/),
};

function tagged(tag: string, verb: string): Command {
  return { line: `${tag} ${verb}`, ends: new RegExp(`^${tag} `), accepts: new RegExp(`^${tag} OK\\b`, 'i') };
}

/**
 * The error challenge a server sends before it refuses, decoded (RFC 7628 section 3.2.2). What is no base64 is kept
 * as it came: it is evidence all the same.
 */
export function challengeIn(heard: readonly string[], shape: RegExp): string | undefined {
  const sent = heard.map((line) => shape.exec(line)?.[1]).findLast((text) => text !== undefined);
  if (sent === undefined) return undefined;
  return /^[A-Za-z0-9+/]+={0,2}$/.test(sent) ? Buffer.from(sent, 'base64').toString('utf8') : sent;
}
