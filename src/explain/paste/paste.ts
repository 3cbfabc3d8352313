/**
 * Explains what a person pasted from any program: one of our own codes, a line, a transcript, a stack trace, a whole log.
 * Every line is read; the words of a cause beat what only wraps it.
 */

import { isProtocol, PROTOCOLS, type Protocol, serverOf } from '../../words/protocol.js';
import { redactLogins } from '../../words/redact.js';
import { oneLine } from '../../words/sanitise.js';
import { type Code, EXIT_OF, isA } from '../codes.js';
import { type ExplainContext, everyRuleOf, type ProviderWords } from '../context.js';
import { type Evidence, WEB } from '../evidence.js';
import { diagnose } from '../explain.js';
import { ANY_PORTS } from '../fill.js';
import { describeCode } from '../meanings.js';
import { type Problem, problemOf } from '../problem.js';
import type { Diagnosis } from '../rule.js';
import { adviceFor } from './advice.js';
import {
  type Candidate,
  candidatesIn,
  partsOf,
  type Setting,
  SHOWS_IMAP,
  SHOWS_SMTP,
  SHOWS_WEB_LIBRARY,
  type Source,
  STRENGTH,
} from './candidates.js';
import { programIn } from './programs.js';
import { refusalOf } from './refusals.js';
import { type Reading, readSegments, type Segment } from './segments.js';
import { type Sent, sentIn } from './sent.js';
import { wordOfServe } from './serve-words.js';

/** A line of the paste, without secrets. */
interface PastedLine {
  readonly number: number;
  readonly text: string;
}

/** Another cause that is in the paste too. */
interface FurtherCause {
  readonly code: Code;
  readonly message: string;
  readonly line: PastedLine;
}

export interface PasteExplanation extends Problem {
  readonly provider?: string;
  /** The program that shows the words, as people call it. */
  readonly program?: string;
  /** The line that decided. */
  readonly line?: PastedLine;
  readonly also?: readonly FurtherCause[];
  /** How many lines were pasted, and how many of them were left out. */
  readonly read: { readonly lines: number; readonly skipped: number };
}

/** What was pasted, and what it shows as a whole. */
interface Paste {
  readonly reading: Reading;
  /** The providers it names. */
  readonly shown: readonly ProviderWords[];
  /** The mail protocols that it shows, by their names or by what is done with them. */
  readonly spoken: Readonly<Record<Protocol, boolean>>;
  /** What is known where it is about mailauth's own sign-in: no other program is meant then. */
  readonly own: ExplainContext | undefined;
}

/** Never fails: what no rule knows is `unknown`, with a next step. `own`: what is known of mailauth's own sign-in, whose page it is. */
export async function explainPaste(
  pasted: string,
  providers: readonly ProviderWords[],
  own?: ExplainContext,
): Promise<PasteExplanation> {
  const text = pasted.trim();
  const code = text.toLowerCase();
  if (Object.hasOwn(EXIT_OF, code)) return { ...describeCode(code as Code), read: { lines: 1, skipped: 0 } };
  const reading = readSegments(text);
  const served = own ? undefined : wordOfServe(text);
  if (served !== undefined) {
    const line = lineOf(served);
    return { ...describeCode(served.code), server: line.text, line, read: { lines: reading.lines, skipped: 0 } };
  }
  const shown = providers.filter((provider) => isShown(provider, reading));
  const paste: Paste = { reading, shown, spoken: spokenIn(reading), own };
  const sources = await sourcesFor(providers, shown);
  const setting = settingOf(paste);
  const known = causesIn(reading, sources, setting);
  const [first, ...others] = known.length > 0 ? known : causesIn(reading, sources, { ...setting, inPlainWords: true });
  return first === undefined
    ? unknownPaste(text, paste)
    : { ...told(first, paste), ...further(first, others, paste), read: readOf(paste) };
}

function readOf({ reading: { lines, skipped } }: Paste): PasteExplanation['read'] {
  return { lines, skipped };
}

function isShown({ shows }: ProviderWords, { whole, hidden }: Reading): boolean {
  return shows !== undefined && (shows.test(whole) || shows.test(hidden));
}

/** Where a paste names providers, the rules of the others are not asked: they share some of their words. */
async function sourcesFor(
  providers: readonly ProviderWords[],
  shown: readonly ProviderWords[],
): Promise<Source<ProviderWords>[]> {
  const asked = shown.length === 0 ? providers.filter(({ whenShown }) => whenShown !== true) : shown;
  const own = asked.map(async (provider) => ({ provider, rules: await everyRuleOf(provider) }));
  const { commonRules } = await import('../rules/order.js');
  return [...(await Promise.all(own)), { provider: undefined, rules: commonRules }];
}

const SHOWS_SENDING =
  /\bEHLO\b|postfix|email_port|send_?mail|mail_?send|(?:send|sent|sending) (?:an? |the |test )?(?:e-?mail|message)/i;
const SHOWS_READING = /\bSELECT\b|CAPABILITY|\bINBOX\b/i;
const SHOWS_POP = /\b[Pp][Oo][Pp]3[Ss]?\b|\bPOP\b|\bpop\.\w/;

function spokenIn({ whole }: Reading): Paste['spoken'] {
  return {
    smtp: SHOWS_SMTP.test(whole) || SHOWS_SENDING.test(whole),
    imap: SHOWS_IMAP.test(whole) || SHOWS_READING.test(whole),
    pop: SHOWS_POP.test(whole),
  };
}

const SHOWS_APP = /service ?accounts?\b|gserviceaccount|client_credentials|AcquireTokenForClient|jwt-bearer/i;

/** An authorization code on its way (RFC 6749 section 4.1.3); a page of errors has a `code` too. */
const SHOWS_CODE = /grant_type=authorization_code|(?<!error)[?&]code=[\w%./-]{8}|redeem\w* (?:the )?(?:auth\w* )?code/i;

function settingOf({ reading: { whole }, spoken: { smtp, imap, pop } }: Paste): Setting {
  const about = {
    inPlainWords: false,
    speaksOfMail: smtp || imap || pop || SHOWS_MAIL.test(whole),
    signsIn: SHOWS_APP.test(whole) ? 'app' : SHOWS_CODE.test(whole) ? 'now' : 'before',
  } as const;
  if (!smtp && !imap && pop) return { places: ['pop', 'imap', 'smtp'], ...about };
  if (!smtp && !imap && SHOWS_WEB_LIBRARY.test(whole)) return { places: WEB, ...about };
  return { places: smtp && !imap ? ['smtp', 'imap'] : ['imap', 'smtp'], ...about };
}

/** Whoever shows no more than that a login failed means one at a mail server. */
const SHOWS_MAIL = /mail|^\W{0,4}(?:535\W{1,3})?authentication failed ?(?:[.!]|$)/i;

/** The last link of a chain is where it began: Java, .NET, Python. */
const CAUSED_BY =
  /^\s*(?:Caused by|Suppressed|Root cause)\b|--->|nested exception is|The above exception was the direct cause/i;

type Cause = Candidate<ProviderWords>;

function causesIn({ segments, whole }: Reading, sources: readonly Source<ProviderWords>[], setting: Setting): Cause[] {
  const refusal = Math.min(...segments.filter(isSmtpRefusal).map(({ number }) => number));
  const found = segments
    .flatMap((segment) => candidatesIn(segment, sources, setting).slice(0, 3))
    .filter((cause) => !isAnnouncement(cause, whole))
    .filter(
      (cause) => !isHungUp(cause) || !(cause.segment.joined ? refusal < Infinity : cause.segment.number > refusal),
    );
  const order = (cause: Cause): number =>
    CAUSED_BY.test(cause.segment.raw) && !cause.segment.joined ? -cause.segment.number : cause.segment.number;
  const answered = Math.max(0, ...found.filter(isAnswered).map(({ segment }) => segment.number));
  const refused = Math.min(...found.filter(isLastWord).map(({ segment }) => segment.number));
  const value = (cause: Cause): number =>
    cause.strength -
    (cause.segment.joined ? 0.5 : 0) -
    (isStatusOfSomePage(cause) ? 0.25 : 0) -
    (isWaitedFor(cause) ? 1.25 : 0) -
    (cause.rule.diagnosis.code === 'unknown' ? 0.1 : 0) -
    (isUnreached(cause) && cause.segment.number < answered ? 1.25 : 0) -
    (isHungUp(cause) && (cause.segment.joined || cause.segment.number > refused) && refused < Infinity ? 1.25 : 0);
  return found.sort((one, other) => value(other) - value(one) || order(one) - order(other));
}

/** The text ends where the reason would follow. */
const BREAKS_OFF = /(?:(?<!body|responded):|\[ALERT\]) ?[({[]?$/;

/** General words in front of a reason that is not there any more say nothing of the cause. */
function isAnnouncement({ rule: { when }, strength, segment }: Cause, whole: string): boolean {
  const isWorded = when.text !== undefined || when.error?.includes('ALERT') === true;
  const isAtEnd = strength > STRENGTH.hint || whole.endsWith(segment.text.slice(-20));
  const isCut = !segment.joined && isAtEnd && BREAKS_OFF.test(segment.text);
  return strength < STRENGTH.cause && isWorded && isCut;
}

/** A server that refuses for good (RFC 5321 section 4.2.1) often hangs up then, and that is no cause, even if nobody knows the reply. */
function isSmtpRefusal(segment: Segment): boolean {
  if (segment.joined || !/smtp/i.test(segment.text)) return false;
  const { status = 0 } = partsOf(segment);
  return status >= 550 && status < 560;
}

/** A mail server said no; a number alone may be anything. */
function isAnswered({ strength, evidence: { where, status = 0 }, segment }: Cause): boolean {
  return strength >= STRENGTH.general && isProtocol(where) && status >= 400 && !segment.joined;
}

/** A reply of a mail server that refuses the login, or ends the conversation; what hangs up then is no cause. */
function isLastWord({ rule, evidence: { where, stage, error, status }, segment }: Cause): boolean {
  if (!isProtocol(where) || segment.joined) return false;
  if (rule.when.status?.includes(421) === true) return status === 421;
  if (rule.diagnosis.code !== 'token_refused') return false;
  return rule.when.error !== undefined && stage === 'auth' && (error === 'NO' || error === 'AUTHENTICATIONFAILED');
}

/** An HTTP status alone: the program's own page has one as well. */
function isStatusOfSomePage({ rule: { when }, evidence: { where }, strength }: Cause): boolean {
  return strength === STRENGTH.number && when.status !== undefined && when.text === undefined && !isProtocol(where);
}

function isHungUp({ rule: { diagnosis }, strength }: Cause): boolean {
  return diagnosis.code === 'server_unavailable' && strength === STRENGTH.general;
}

const WAITS =
  /\b(?:waiting|sleeping|retry(?:ing)?|try(?:ing)? again|back(?:ing)? ?off|reconnecting)\b[^\d.]{0,12}\b\d{1,6} ?(?:h|m|s|ms|min\w{0,4}|sec\w{0,4}|hours?)\b/i;

/** A program's own log of what it waits for and tries again; another line says what it cannot get past. */
function isWaitedFor({ rule: { diagnosis }, segment }: Cause): boolean {
  return isA('passing', diagnosis.code) && WAITS.test(segment.text);
}

/** One address could not be reached. Where a server answers later, another one could: IPv6 fails often, then IPv4 works. */
function isUnreached({ rule: { diagnosis } }: Cause): boolean {
  return diagnosis.code === 'connect_timeout' || diagnosis.code === 'connect_refused';
}

function further(first: Cause, others: readonly Cause[], paste: Paste): { readonly also?: readonly FurtherCause[] } {
  const also: FurtherCause[] = [];
  for (const cause of others) {
    if (cause.strength < STRENGTH.cause || cause.segment.joined) continue;
    const { code, message, line } = told(cause, paste);
    if (code === 'unknown' || line === undefined || cause.segment.number === first.segment.number) continue;
    if (code === first.rule.diagnosis.code || also.some((one) => one.code === code)) continue;
    also.push({ code, message, line });
    if (also.length === 3) break;
  }
  return also.length === 0 ? {} : { also: also.sort((one, other) => one.line.number - other.line.number) };
}

function told({ rule, provider: owner, evidence, segment }: Cause, paste: Paste): PasteExplanation {
  const { reading, shown, spoken, own } = paste;
  const provider = owner ?? (shown.length === 1 ? shown[0] : undefined);
  const program = own ? undefined : programIn(reading.whole);
  const sent = sentIn(reading, provider?.otherServices);
  const refused = isMailRefusal(rule.diagnosis, evidence) ? refusalOf(sent, provider) : undefined;
  const diagnosis = refused ?? rule.diagnosis;
  const explanation = diagnose({ ...rule, diagnosis }, evidence, {
    ...(own ?? { answers: answersFor(evidence, paste, provider, program?.title), foreign: true }),
    ...(owner !== undefined && { provider: owner }),
  });
  const { server: _server, detail: _detail, ...rest } = explanation;
  const line = lineOf(segment);
  return {
    ...rest,
    ...(owner !== undefined && { provider: owner.id }),
    ...(program !== undefined && { program: program.title }),
    rule: refused === undefined ? rule.id : (refused.id ?? rule.id),
    who: own || explanation.who !== 'mailauth' ? explanation.who : 'you',
    fix: own
      ? explanation.fix
      : adviceFor(explanation, {
          provider,
          program,
          evidence,
          isProtocolShown: Object.values(spoken).includes(true) || evidence.enhanced !== undefined,
          speaksOfMail: rule.diagnosis.asSent !== true || SHOWS_MAIL.test(reading.whole),
          hasToken: SHOWS_TOKEN.has(sent.what),
        }),
    server: line.text,
    line,
    read: readOf(paste),
  };
}

const SHOWS_TOKEN: ReadonlySet<Sent['what']> = new Set(['token', 'expired', 'foreign', 'other-service']);

/** A mail server refused a login: what matters then is what was sent. */
function isMailRefusal({ code, asSent }: Diagnosis, { where }: Evidence): boolean {
  return code === 'token_refused' && asSent !== true && isProtocol(where);
}

/** How an explanation speaks of what only a set-up account would know. */
function answersFor(
  { where, stage, text }: Evidence,
  { reading: { whole }, spoken }: Paste,
  provider: ProviderWords | undefined,
  program: string | undefined,
): Readonly<Record<string, string>> {
  const scope = isProtocol(where) ? provider?.scopes?.[where][0] : undefined;
  const [, host] = UNRESOLVED.exec(text) ?? [];
  return {
    peer: peerOf(where, stage, whole),
    ...(isProtocol(where) && { protocol: spoken[where] ? PROTOCOLS[where].title : 'mail' }),
    ...(scope !== undefined && { 'mail-scope': scope }),
    ...(isProtocol(where) && !spoken[where] && ANY_PORTS),
    ...(host !== undefined && { host }),
    program: program ?? 'the program',
    ...(!isProtocol(where) && { account: 'the account' }),
    ...(SHOWS_APP.test(whole) && { 'sign-in': 'app' }),
    'redirect-uri': 'the redirect URI that the program sends',
    'client-id': 'of the program',
    ...(provider !== undefined && { provider: provider.title }),
  };
}

/** The name that no name server knows. */
const UNRESOLVED =
  /(?:ENOTFOUND|EAI_AGAIN|\blookup|resolve(?: host| proxy| hostname| address)?:?|\bhost(?:name)?:?|UnknownHostException:|unable to look up host) ['"]?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6})\b/i;

/** Before a server has said a word, nothing tells what kind it is. */
const BEFORE_WORDS: readonly Evidence['stage'][] = ['dns', 'connect', 'tls'];

const SHOWS_SIGN_IN =
  /oauth|token|sign-?in|log-?in|logg(?:ed|ing)|authori[sz]|accounts\.|grant|consent|client_|AADSTS/i;

function peerOf(where: Evidence['where'], stage: Evidence['stage'], whole: string): string {
  if (!isProtocol(where)) return SHOWS_SIGN_IN.test(whole) ? 'the sign-in server' : 'the server';
  if (where === 'pop') return serverOf(where);
  if (SHOWS_IMAP.test(whole)) {
    if (where === 'imap') return 'the IMAP server';
    if (!SHOWS_SMTP.test(whole)) return 'the mail server';
  }
  if (where === 'smtp' && (SHOWS_SMTP.test(whole) || /port[=: ]{1,3}(?:25|465|587)\b/i.test(whole)))
    return 'the SMTP server';
  return BEFORE_WORDS.includes(stage) && !/mail/i.test(whole) ? 'the server' : 'the mail server';
}

function lineOf({ number, raw }: { readonly number: number; readonly raw: string }): PastedLine {
  return { number, text: oneLine(redactLogins(raw)) };
}

/** What is told where no rule knows a paste: its own words, no guess, and where to look for more. */
function unknownPaste(text: string, paste: Paste): PasteExplanation {
  const [provider, ...others] = paste.shown;
  return {
    ...problemOf('unknown', 'mailauth does not know these words, and does not guess', {
      who: 'provider',
      fix: [
        { text: whereToLook(paste.reading.whole) },
        { text: 'if there is no more, send the words, as they stand, to whoever runs the server or wrote the program' },
      ],
      server: redactLogins(text),
    }),
    ...(provider !== undefined && others.length === 0 && { provider: provider.id }),
    read: readOf(paste),
  };
}

function whereToLook(whole: string): string {
  const program = programIn(whole);
  if (program?.log !== undefined) return `${program.log}; paste what it shows then`;
  if (/\b(?:auth\w*|login|log in|sign in|SASL|credential)/i.test(whole))
    return 'paste the lines before this one as well: look for three digits such as 535, for NO or -ERR, or for AADSTS and a number';
  if (/\bHTTP\b|\b40[0-9]\b/.test(whole))
    return 'paste the body of the answer as well: look for "error" and "error_description", or for AADSTS and a number';
  return 'paste the lines before and after this one as well, or the log of the program at its most talkative: look for the words "error", "refused" or "failed"';
}
