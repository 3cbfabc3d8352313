/**
 * From evidence to the words a person reads: the first rule that recognises it, its placeholders filled, and one
 * next action. What no rule knows stays `unknown` and is told in the server's own words.
 */

import { hostPort } from '../words/host.js';
import { fillLink, lacksPart } from '../words/link.js';
import { forEachProtocol, serverOf } from '../words/protocol.js';
import { redactKnownShapes } from '../words/redact.js';
import { sanitise } from '../words/sanitise.js';
import { localMinute } from '../words/time.js';
import { type Code, EXIT_OF, isRetryable } from './codes.js';
import { type Evidence, isServersWords } from './evidence.js';
import { CODE_MEANINGS } from './meanings.js';
import { type Fix, type Problem, problemOf } from './problem.js';
import { type Diagnosis, type Rule, recognise } from './rule.js';
import { commonRules } from './rules/order.js';

/** A service besides mail, by the audience (RFC 7519 section 4.1.3) of its tokens. */
export interface OtherService {
  readonly audience: RegExp;
  readonly title: string;
}

/** What a provider's record brings to an explanation. */
export interface ProviderWords {
  readonly id: string;
  readonly title: string;
  readonly rules: readonly Rule[];
  /** Services whose tokens its mail servers refuse. */
  readonly otherServices?: readonly OtherService[];
  /** Rules for what other programs show, tried after `rules`. */
  readonly pasteRules?: readonly Rule[];
  /** What in a paste shows that it is about this provider: its hosts, its signatures, its numbers. */
  readonly shows?: RegExp;
  /** Known by its mail servers' words alone: mailauth sets nothing up there by its name. */
  readonly elsewhere?: true;
  /** What it says of a program that logs in with a password. */
  readonly password?: Diagnosis;
  /** The same where a paste does not show what was sent. */
  readonly refusal?: Diagnosis;
  /** What a person sends to an administrator who has to let the app in; the link, where there is one, follows it. */
  readonly adminRequest?: string;
  /** Link an administrator opens to consent for everybody; may hold `{tenant}`, `{client-id}`, `{redirect-uri}`. */
  readonly adminConsentUrl?: string;
}

export interface ExplainContext {
  readonly provider?: ProviderWords;
  /** What fills the placeholders: `name`, `account`, `project`, `client-id`, `tenant`, `redirect-uri`, `step`. */
  readonly answers: Readonly<Record<string, string>>;
  /** The set-up is under way and no account exists yet: to carry on with it takes the place of signing in or checking again. */
  readonly unfinished?: boolean;
}

/** A difference between two clocks that a token's lifetime does not forgive, in seconds. */
const CLOCK_TOLERANCE = 300;

/** Codes of which a wrong clock can be the true cause. */
const CLOCK_SUSPECTS: readonly Code[] = ['unknown', 'tls_expired', 'clock_skew'];

const NOT_RECOGNISED: Diagnosis = {
  code: 'unknown',
  message: '{peer} gave an answer that mailauth does not know',
  who: 'provider',
  fix: [{ text: 'send the words of the answer, as they stand, to whoever runs {peer}' }],
};

/** Beside whatever kept the server out of reach. */
const DIRECT_MAIL: Fix = {
  text: 'mail does not go through the proxy of this machine: ask the network’s administrator to let {peer} through directly',
};

export function explain(evidence: Evidence, context: ExplainContext): Problem {
  const rule = recognise(evidence, [...(context.provider?.rules ?? []), ...commonRules]);
  return diagnose(rule, evidence, context, refusesRefreshToken(evidence) ? 'signin_expired' : undefined);
}

/** The words of a rule that is known already; without one the cause stays `unknown`. */
export function diagnose(
  rule: Pick<Rule, 'id' | 'diagnosis'> | undefined,
  evidence: Evidence,
  context: ExplainContext,
  certain?: Code,
): Problem {
  const diagnosis = rule?.diagnosis ?? NOT_RECOGNISED;
  const code = certain ?? diagnosis.code;
  const clock = clockAdvice(evidence, context);
  if (clock !== undefined && CLOCK_SUSPECTS.includes(code)) return { ...clock, ...wordsOf(evidence) };
  const values = valuesOf(evidence, context);
  return problemOf(code, fillText(lostAnswer(evidence) ?? diagnosis.message, values), {
    who: diagnosis.who,
    fix: [
      ...diagnosis.fix.map((fix) => fillFix(carryOn(withConsentLink(fix, context), context), values)),
      ...(evidence.pastProxy === true ? [fillFix(DIRECT_MAIL, values)] : []),
      ...(clock?.fix ?? []),
    ],
    ...(diagnosis.settles && { settles: true }),
    ...(rule === undefined ? {} : { rule: rule.id }),
    ...wordsOf(evidence),
  });
}

/** RFC 6749 section 5.2: `invalid_grant` answers a refresh token that is no longer taken, whatever ended it. */
function refusesRefreshToken(evidence: Evidence): boolean {
  return evidence.where === 'token' && evidence.grant === 'refresh_token' && evidence.error === 'invalid_grant';
}

/** What the server cannot know: an earlier refresh with the same token never came to its end. */
function lostAnswer(evidence: Evidence): string | undefined {
  const { unanswered } = evidence;
  if (unanswered === undefined || !refusesRefreshToken(evidence)) return undefined;
  const when = localMinute(unanswered);
  return `{provider} no longer takes the stored sign-in, usually because the refresh of ${when} was cut off before its answer could be stored`;
}

function wordsOf(evidence: Evidence): Pick<Problem, 'server' | 'detail'> {
  const parts = [evidence.text, evidence.challenge ?? ''].filter((part) => part.trim() !== '');
  if (parts.length === 0) return {};
  const words = redactKnownShapes(parts.join(' '));
  return isServersWords(evidence) ? { server: words } : { detail: words };
}

// Advice on what is known without a failure: dates, scopes, identity. Each is evidence of our own making, so that the
// words stand in the rules, a provider's before the common ones.

/**
 * A sign-in that will end on its own. `lifetime`: seconds from the sign-in to the end the provider announced; the length
 * tells whether somebody chose the limit. The answers give the day of the end as `date`.
 */
export function adviseSignInEnd(lifetime: number, context: ExplainContext): Problem {
  return advise(isWeek(lifetime) ? 'SIGN_IN_ENDS_IN_A_WEEK' : 'SIGN_IN_ENDS', {}, context);
}

/** A sign-in that is no longer taken after the end the provider had announced; `lifetime` as above. */
export function adviseSignInEnded(lifetime: number, context: ExplainContext): Problem {
  return advise(isWeek(lifetime) ? 'SIGN_IN_ENDED_AFTER_A_WEEK' : 'SIGN_IN_ENDED', {}, context);
}

/** As long as a sign-in lasts whose project is in Testing; seconds. */
export function isWeek(lifetime: number): boolean {
  const days = lifetime / 86_400;
  return days > 6.5 && days < 7.5;
}

/** A client secret with a known last day. `daysLeft` below zero: it is over. The answers give the last day as `date`. */
export function adviseSecretExpiry(daysLeft: number, context: ExplainContext): Problem {
  const error = daysLeft < 0 ? 'SECRET_EXPIRED' : 'SECRET_EXPIRES_SOON';
  return advise(error, { days: counted(Math.max(0, Math.floor(daysLeft)), 'day') }, context);
}

/** Scopes that are needed and were not granted. */
export function adviseMissingScopes(missing: readonly string[], context: ExplainContext): Problem {
  return advise('missing_scope', { 'missing-scopes': missing.join(' ') }, context);
}

/** An access token that was made for another service than the mail servers; `service` as people call it. */
export function adviseAudience(service: string, context: ExplainContext): Problem {
  return advise('wrong_audience', { audience: service }, context);
}

/** Another account than the wanted one has signed in. */
export function adviseWrongAccount(signedIn: string, wanted: string, context: ExplainContext): Problem {
  return advise('wrong_account', { 'signed-in': signedIn, 'auth-user': signedIn, account: wanted }, context);
}

/** Our clock against a server's, in seconds; undefined where they agree well enough. */
export function adviseClock(offset: number, context: ExplainContext): Problem | undefined {
  if (!(Math.abs(offset) > CLOCK_TOLERANCE)) return undefined;
  const error = offset > 0 ? 'CLOCK_AHEAD' : 'CLOCK_BEHIND';
  return advise(error, { 'clock-offset': duration(Math.abs(offset)) }, context);
}

function advise(error: string, known: Readonly<Record<string, string>>, context: ExplainContext): Problem {
  const evidence: Evidence = { where: 'token', stage: 'response', error, text: '' };
  return explain(evidence, { ...context, answers: { ...context.answers, ...known } });
}

function clockAdvice(evidence: Evidence, context: ExplainContext): Problem | undefined {
  return evidence.clockOffset === undefined ? undefined : adviseClock(evidence.clockOffset, context);
}

// Placeholders.

type Values = Readonly<Record<string, string>>;

const PEERS: Readonly<Record<Evidence['where'], string>> = {
  discovery: 'the sign-in server',
  authorization: 'the sign-in page',
  token: 'the sign-in server',
  revocation: 'the sign-in server',
  device: 'the sign-in server',
  ...forEachProtocol(serverOf),
  store: 'the store',
  browser: 'the browser',
};

/** What every rule may name besides the answers: `{peer}`, `{host}`, `{port}`, `{wait}`, `{provider}`. */
function valuesOf(evidence: Evidence, context: ExplainContext): Values {
  const { host, port, retryAfter } = evidence;
  const known: Record<string, string> = {
    peer: PEERS[evidence.where],
    provider: context.provider?.title ?? 'the provider',
    program: 'mailauth',
    ...context.answers,
  };
  if (host !== undefined) {
    known['host'] = host;
    known['peer'] = port === undefined ? host : hostPort(host, port);
  }
  if (port !== undefined) known['port'] = String(port);
  if (retryAfter !== undefined && retryAfter > 0) known['wait'] = duration(retryAfter);
  // Answers hold what servers said too (the address that signed in), so nothing enters a text unsanitised.
  return Object.fromEntries(
    Object.entries(known)
      .filter(([, value]) => value !== '')
      .map(([key, value]) => [key, sanitise(value)]),
  );
}

const PLACEHOLDER = /\{([a-z][a-z0-9-]*)\}/g;

/** How a sentence speaks of what is not known; in a command or a link that would be no value. */
const IN_GENERAL: Values = {
  account: 'the mailbox',
  host: 'the server',
  wait: 'a few minutes',
  'app-name': 'the app',
  tenant: 'the tenant',
  date: 'its day',
  days: 'a few days',
  'clock-offset': 'minutes or hours',
  'signed-in': 'another account',
  'missing-scopes': 'the mail permission',
  audience: 'another service',
};

function fillText(text: string, values: Values): string {
  return text.replace(PLACEHOLDER, (_, key: string) => values[key] ?? IN_GENERAL[key] ?? `<${key}>`);
}

function fillFix(fix: Fix, values: Values): Fix {
  const url = fix.url === undefined ? undefined : fillUrl(fix.url, values);
  return {
    text: fillText(fix.text, values),
    ...(fix.command === undefined ? {} : { command: fillCommand(fix.command, values) }),
    ...(url === undefined ? {} : { url }),
    ...(fix.step === undefined ? {} : { step: fix.step }),
    ...sendOf(fix, url, values),
  };
}

/** Commands about an account that does not exist yet would only say so: the set-up itself is the way on. */
function carryOn(fix: Fix, { unfinished, provider }: ExplainContext): Fix {
  if (unfinished !== true || provider === undefined) return fix;
  if (fix.command === undefined || !/^mailauth (authorize|check|token) /.test(fix.command)) return fix;
  return { ...fix, command: `mailauth setup ${provider.id}` };
}

/** A message that asks to open a link is worth sending only with the link. */
function sendOf(fix: Fix, url: string | undefined, values: Values): { readonly send?: string } {
  if (fix.send === undefined || (fix.url !== undefined && url === undefined)) return {};
  return { send: [fillText(fix.send, values), url ?? ''].join(' ').trim() };
}

/** The link for administrators, and what to write to one, stand once, in the provider's record. */
function withConsentLink(fix: Fix, { provider }: ExplainContext): Fix {
  const url = fix.url === '{admin-consent-url}' ? provider?.adminConsentUrl : fix.url;
  const send = fix.send === '{admin-request}' ? provider?.adminRequest : fix.send;
  return { ...fix, ...(url !== undefined && { url }), ...(send !== undefined && { send }) };
}

/** With a part missing that it needs, an address leads nowhere and is not given. */
function fillUrl(template: string, values: Values): string | undefined {
  const known = (id: string): string | undefined => values[id];
  return lacksPart(template, known) ? undefined : fillLink(template, known, () => '');
}

/**
 * A command is pasted into a shell, POSIX or PowerShell: a value that either would read as syntax is quoted where double
 * quotes are enough in both, and otherwise left for the reader to put in.
 */
function fillCommand(template: string, values: Values): string {
  return template.replace(PLACEHOLDER, (_, key: string) => {
    const value = values[key];
    if (value === undefined || /["$`\\!%]/.test(value)) return `<${key}>`;
    return /^[\w@.:/+-]+$/.test(value) && !value.startsWith('@') && !value.startsWith('-') ? value : `"${value}"`;
  });
}

function duration(seconds: number): string {
  if (seconds < 120) return counted(Math.ceil(seconds), 'second');
  if (seconds < 7200) return counted(Math.round(seconds / 60), 'minute');
  if (seconds < 172_800) return counted(Math.round(seconds / 3600), 'hour');
  return counted(Math.round(seconds / 86_400), 'day');
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

// Codes.

export interface CodeDescription {
  readonly code: Code;
  /** What the code means, one sentence. */
  readonly meaning: string;
  readonly who: Diagnosis['who'];
  readonly fix: readonly Fix[];
  readonly exit: number;
  readonly retryable: boolean;
}

/** What a code of the closed list means by itself, before anything is known about the case. */
export function describeCode(code: Code): CodeDescription {
  const { meaning, who, fix } = CODE_MEANINGS[code];
  const values = { peer: 'the server', provider: 'the provider' };
  return {
    code,
    meaning: fillText(meaning, values),
    who,
    fix: fix.map((one) => fillFix(one, values)),
    exit: EXIT_OF[code],
    retryable: isRetryable(code),
  };
}
