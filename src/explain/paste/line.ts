/**
 * Reads an error line of any program, or several of them: a pasted line does not say where it comes from, so everything
 * it could be evidence of is tried against the rules, the likelier reading first.
 */

import { redactKnownShapes } from '../../words/redact.js';
import { type Code, EXIT_OF } from '../codes.js';
import type { Evidence } from '../evidence.js';
import { type CodeDescription, describeCode, explain, type ProviderWords } from '../explain.js';
import type { Problem } from '../problem.js';
import { type Rule, recognise } from '../rule.js';
import { commonRules } from '../rules/order.js';

function isCode(text: string): text is Code {
  return Object.hasOwn(EXIT_OF, text);
}

/**
 * Diagnoses an error line from any program: an AADSTS number, an OAuth error, an SMTP or IMAP reply, a Node error name,
 * or one of our own codes. Undefined: nothing in it is known.
 */
export function explainText(
  text: string,
  providers: readonly ProviderWords[],
): { provider?: string; explanation: Problem } | undefined {
  const pasted = text.trim();
  const code = pasted.toLowerCase();
  if (isCode(code)) return { explanation: explanationOf(describeCode(code)) };
  const readings = readingsOf(pasted);
  const own = (told: (rule: Rule) => boolean): { provider: ProviderWords; evidence: Evidence } | undefined => {
    for (const provider of providers) {
      const evidence = firstReading(provider.rules.filter(told), readings);
      if (evidence !== undefined) return { provider, evidence };
    }
    return undefined;
  };
  // A provider's own wording tells which provider it was; after that the common rules are the safer guess.
  const found = own((rule) => rule.when.text !== undefined);
  if (found !== undefined) return explained(found.evidence, found.provider);
  const common = firstReading(commonRules, readings);
  if (common !== undefined) return explained(common);
  const guessed = own((rule) => rule.when.text === undefined);
  return guessed === undefined ? undefined : explained(guessed.evidence, guessed.provider);
}

function explanationOf({ meaning, ...rest }: CodeDescription): Problem {
  return { ...rest, message: meaning };
}

function explained(evidence: Evidence, provider?: ProviderWords): { provider?: string; explanation: Problem } {
  const context = provider === undefined ? { answers: {} } : { provider, answers: {} };
  const { detail, server = detail, ...explanation } = explain(evidence, context);
  const pasted = { ...explanation, ...(server !== undefined && { server }) };
  return provider === undefined ? { explanation: pasted } : { provider: provider.id, explanation: pasted };
}

/** What is told where no rule knows a line: its own words, and no guess. */
export function unknownLine(text: string): Problem {
  return {
    code: 'unknown',
    message: 'mailauth does not know these words, and does not guess',
    who: 'provider',
    fix: [{ text: 'send them, as they stand, to whoever runs the server or wrote the program that shows them' }],
    exit: EXIT_OF.unknown,
    retryable: false,
    server: redactKnownShapes(text.trim()),
  };
}

/** The likeliest reading of a text that any of the rules knows. */
function firstReading(rules: readonly Rule[], readings: readonly Evidence[]): Evidence | undefined {
  const texts = [...new Set(readings.flatMap(({ text, error, challenge }) => [text, error ?? '', challenge ?? '']))];
  // The words are the same in each reading, so the rules about words are tried on them once.
  const possible = rules.filter(({ when }) => when.text === undefined || texts.some((text) => when.text?.test(text)));
  return readings.find((evidence) => recognise(evidence, possible) !== undefined);
}

/** Much longer than any error line. */
const PASTE_LIMIT = 4_000;

const STAGES: readonly Evidence['stage'][] = [
  'response',
  'auth',
  'mailbox',
  'capability',
  'starttls',
  'greeting',
  'tls',
  'connect',
  'dns',
];

/** Words that tell the stage: Node names the call that failed. */
const STAGE_WORDS: readonly (readonly [RegExp, Evidence['stage']])[] = [
  [/\bconnect\b/, 'connect'],
  [/\bgetaddrinfo\b/, 'dns'],
  [/\b(?:TLS|SSL|certificate|handshake)\b/i, 'tls'],
  [/\b(?:prox(?:y|ies)|tunneling)\b/i, 'proxy'],
];

/** Everything a pasted line could be evidence of: it does not say where it comes from, so each place is tried. */
function readingsOf(pasted: string): Evidence[] {
  const text = pasted.slice(0, PASTE_LIMIT);
  const parts = partsOf(text);
  const stages = [...STAGE_WORDS.filter(([word]) => word.test(text)).map(([, stage]) => stage), ...STAGES];
  return placesFor(parts, text).flatMap((where) =>
    stages.flatMap((stage) => grantsFor(where).flatMap((grant) => errorsFor(parts, where, stage, grant, text))),
  );
}

function placesFor(parts: Parts, text: string): readonly Evidence['where'][] {
  // A JSON text is what a token endpoint says; the same words elsewhere are rather those of a page.
  const isJson = text.includes('"error"');
  const front: readonly Evidence['where'][] = isJson ? ['token', 'authorization'] : ['authorization', 'token'];
  const web: readonly Evidence['where'][] = [...front, 'device', 'discovery'];
  if (isJson || /\bHTTP\b/.test(text)) return web;
  const either: readonly Evidence['where'][] = /smtp|:(?:25|465|587)\b/i.test(text)
    ? ['smtp', 'imap']
    : ['imap', 'smtp'];
  const mail: readonly Evidence['where'][] = parts.enhanced === undefined ? either : ['smtp'];
  return parts.reply ? mail : [...mail, ...web];
}

function grantsFor(where: Evidence['where']): (Evidence['grant'] | undefined)[] {
  return where === 'token' ? ['refresh_token', 'authorization_code', 'device_code', 'probe'] : [undefined];
}

function errorsFor(
  parts: Parts,
  where: Evidence['where'],
  stage: Evidence['stage'],
  grant: Evidence['grant'] | undefined,
  text: string,
): Evidence[] {
  const errors = parts.errors.length === 0 ? [undefined] : parts.errors;
  return errors.map((error) => ({
    where,
    stage,
    text,
    ...(error === undefined ? {} : { error }),
    ...(grant === undefined ? {} : { grant }),
    ...(parts.status === undefined ? {} : { status: parts.status }),
    ...(parts.enhanced === undefined ? {} : { enhanced: parts.enhanced }),
    ...(parts.challenge === undefined ? {} : { challenge: parts.challenge }),
  }));
}

interface Parts {
  readonly errors: readonly string[];
  readonly status?: number;
  readonly enhanced?: string;
  /** Decoded: programs show a SASL challenge as it came, in base64 (RFC 7628 section 3.2.2). */
  readonly challenge?: string;
  /** It has the form of an SMTP or IMAP reply. */
  readonly reply: boolean;
}

function partsOf(text: string): Parts {
  const smtp = /\b([245]\d\d)[\s,(b'"-]+([245]\.\d{1,3}\.\d{1,3})\b/.exec(text);
  const imap = /\b(?:NO|BAD|BYE)\s+\[([A-Z][A-Z/-]+)/.exec(text) ?? /^\[([A-Z][A-Z/-]+)\]/.exec(text);
  const status = smtp?.[1] ?? /(?:^|error |status(?: code)?[ :=]*|HTTP(?:\/[\d.]+)? )([1-5]\d\d)\b/i.exec(text)?.[1];
  const words = text.match(/\b(?:[a-z]+(?:_[a-z]+)+|E[A-Z_]{3,}|[A-Z]{3,}(?:_[A-Z0-9]+)+)\b/g) ?? [];
  const goodbye = /^\* (BYE) /.exec(text)?.[1];
  const code = imap?.[1] ?? goodbye;
  const challenge = challengeIn(text);
  const reply = smtp !== null || code !== undefined || challenge !== undefined || /^(?:[\w.]+ )?(?:NO|BAD) /.test(text);
  return {
    errors: [...new Set([...(code === undefined ? [] : [code]), ...words])].slice(0, 8),
    ...(status === undefined ? {} : { status: Number(status) }),
    ...(smtp?.[2] === undefined ? {} : { enhanced: smtp[2] }),
    ...(challenge === undefined ? {} : { challenge }),
    reply,
  };
}

/** A JSON object with a status, in base64: `eyJ` is how the opening brace and a quote begin. */
function challengeIn(text: string): string | undefined {
  const [encoded] = /\beyJ[A-Za-z0-9+/]{8,600}={0,2}/.exec(text) ?? [];
  const decoded = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  return /^\{.*"status"\s*:.*\}$/s.test(decoded) ? decoded : undefined;
}
