import { type Evidence, WEB } from '../evidence.js';
import { imapRefusal } from '../imap-refusal.js';
import type { Rule } from '../rule.js';
import type { Segment } from './segments.js';

/**
 * A pasted line does not say where it comes from. Everything it could be evidence of is weighed against each rule, the
 * likelier reading first, and a rule that knows the words is worth more than one that knows a number.
 */

/** Who brings rules: a provider, or undefined for the common ones. */
export interface Source<P> {
  readonly provider: P | undefined;
  readonly rules: readonly Rule[];
}

export interface Candidate<P> {
  readonly rule: Rule;
  readonly provider: P | undefined;
  readonly evidence: Evidence;
  readonly segment: Segment;
  /** How much the rule says: see `strengthOf`. */
  readonly strength: number;
}

/** What the whole paste is about, for the lines that do not say it themselves. */
export interface Setting {
  /** Nothing else is known: only what the lines say in plain words is looked for, and else everything but that. */
  readonly inPlainWords: boolean;
  readonly places: readonly Evidence['where'][];
  readonly speaksOfMail: boolean;
  /** `app`: a program asks for itself, and no person signs in; `now`: the answer of a sign-in is being handed in. */
  readonly signsIn: 'app' | 'now' | 'before';
}

/**
 * 3: the words of a cause. 2: an error's name of a standard, or words that several causes share. 1: a number.
 * Less: what it is about and what became of it, in plain words. 0: nothing that a foreign line should be judged by.
 */
export const STRENGTH = { cause: 3, general: 2, number: 1, hint: 0.75, nothing: 0 } as const;

function strengthOf({ when, weight }: Rule): number {
  if (weight !== undefined) return STRENGTH[weight];
  if (when.text !== undefined) return STRENGTH.cause;
  if (when.error !== undefined) return STRENGTH.general;
  if (when.enhanced !== undefined) return STRENGTH.number;
  if (when.status === undefined || isBareWebStatus(when)) return STRENGTH.nothing;
  return STRENGTH.number;
}

/** HTTP 400, 401 and 404 answer anything at all: only who asked knows what they mean. */
function isBareWebStatus({ where, status = [] }: Rule['when']): boolean {
  return where?.every((place) => WEB.some((one) => one === place)) === true && status.some((one) => one < 407);
}

const STAGES: readonly Evidence['stage'][] = [
  'response',
  'auth',
  'mailbox',
  'capability',
  'greeting',
  'tls',
  'connect',
  'dns',
];

/** Words that tell the stage: Node names the call that failed. */
const STAGE_WORDS: readonly (readonly [RegExp, Evidence['stage']])[] = [
  [/\b(?:prox(?:y|ies)|proxyconnect|proxychains|tunnel(?:l?ing)?)\b/i, 'proxy'],
  [/(?<!250[- ])STARTTLS|\bSTLS\b|(?<!\/)\bTLS\b/i, 'starttls'],
  [/\bconnect\b/, 'connect'],
  [/\bgetaddrinfo\b/, 'dns'],
  [/\b(?:TLS|SSL|certificate|handshake)\b/i, 'tls'],
  [/\b(?:SELECT|EXAMINE|NAMESPACE|LIST|STATUS)\b/, 'mailbox'],
];

/** Their names hold words that would tell a stage. */
const NAMES_OF_PROGRAMS = /email[- ]oauth ?2(?:\.0)?[- ]proxy|emailproxy|reverse[- ]proxy/gi;

/** Every rule that knows the segment, in the order in which they should be believed. */
export function candidatesIn<P>(segment: Segment, sources: readonly Source<P>[], setting: Setting): Candidate<P>[] {
  const parts = partsOf(segment);
  const text = segment.text.replace(NAMES_OF_PROGRAMS, 'the program');
  const worded = STAGE_WORDS.filter(([word]) => word.test(text)).map(([, stage]) => stage);
  const possible: Possible = {
    places: placesFor(parts, text, setting),
    grants: GRANTS[setting.signsIn],
    stages: [...new Set([...worded, ...STAGES])],
    parts,
    // Its errors are words of it. A pattern that runs twice is compiled twice, and that is most of the time.
    texts: [segment.text, segment.hidden].filter((one) => one !== ''),
    segment,
  };
  return knownBy(sources, possible, setting)
    .map((candidate, order) => ({ candidate, order }))
    .sort(
      (one, other) =>
        other.candidate.strength - one.candidate.strength ||
        foreignness(one.candidate) - foreignness(other.candidate) ||
        one.candidate.rank - other.candidate.rank ||
        one.order - other.order,
    )
    .map(({ candidate: { rank: _rank, ...candidate } }) => candidate);
}

type Ranked<P> = Candidate<P> & { readonly rank: number };

/**
 * Words that count no more than a number are only looked for where neither stronger ones are known nor a provider's own
 * meaning of an enhanced code: their patterns take longest to make.
 */
function knownBy<P>(sources: readonly Source<P>[], possible: Possible, setting: Setting): readonly Ranked<P>[] {
  const { segment } = possible;
  const found = (isAsked: (rule: Rule, strength: number) => boolean): readonly Ranked<P>[] =>
    sources.flatMap(({ provider, rules }) =>
      rules.flatMap((rule) => {
        const strength = strengthOf(rule);
        const evidence = isAsked(rule, strength) ? evidenceFor(rule, possible) : undefined;
        return evidence === undefined ? [] : [{ rule, provider, segment, strength, ...evidence }];
      }),
    );
  if (setting.inPlainWords) {
    // The login that they speak of may be one at anything.
    const isMeant = ({ code }: Rule['diagnosis']): boolean => setting.speaksOfMail || code !== 'token_refused';
    return found(({ diagnosis }, strength) => strength === STRENGTH.hint && isMeant(diagnosis));
  }
  const isWeakWord = ({ when }: Rule, strength: number): boolean =>
    strength === STRENGTH.number && when.text !== undefined;
  const clear = found((rule, strength) => strength >= STRENGTH.number && !isWeakWord(rule, strength));
  const isTold = clear.some(
    ({ strength, evidence, provider }) =>
      strength > STRENGTH.number || (provider !== undefined && evidence.enhanced !== undefined),
  );
  return isTold ? clear : [...clear, ...found(isWeakWord)];
}

/** A provider's own wording tells which provider it was; without its words the common rules are the safer guess. */
function foreignness({ provider, rule }: { readonly provider: unknown; readonly rule: Rule }): number {
  if (provider === undefined) return 1;
  return rule.when.text === undefined ? 2 : 0;
}

interface Possible {
  readonly places: readonly Evidence['where'][];
  readonly grants: readonly Evidence['grant'][];
  readonly stages: readonly Evidence['stage'][];
  readonly parts: Parts;
  readonly texts: readonly string[];
  readonly segment: Segment;
}

const GRANTS: Readonly<Record<Setting['signsIn'], readonly Evidence['grant'][]>> = {
  app: ['jwt_bearer', 'client_credentials'],
  now: ['authorization_code', 'refresh_token', 'device_code', 'probe'],
  before: ['refresh_token', 'authorization_code', 'device_code', 'probe'],
};

/** The likeliest evidence that the rule recognises, and how far down the list of readings it stands. */
function evidenceFor(
  { when }: Rule,
  { places, grants: asked, stages, parts, texts, segment }: Possible,
): { evidence: Evidence; rank: number } | undefined {
  const place = indexIn(places, when.where);
  const stage = indexIn(stages, when.stage);
  const error = indexIn(parts.errors, when.error);
  if (place < 0 || stage < 0 || (when.error !== undefined && error < 0)) return undefined;
  if (when.status !== undefined && !(parts.status !== undefined && when.status.includes(parts.status)))
    return undefined;
  if (when.enhanced !== undefined && !when.enhanced.includes(parts.enhanced ?? '')) return undefined;
  if (when.text !== undefined && !texts.some((text) => when.text?.test(text))) return undefined;
  const where = places[place] ?? 'token';
  const grants: readonly Evidence['grant'][] = where === 'token' ? asked : [undefined];
  const grant = indexIn(grants, when.grant);
  if (grant < 0) return undefined;
  const [first] = parts.errors;
  return {
    rank: ((place * 20 + stage) * 10 + grant) * 10 + Math.max(error, 0),
    evidence: {
      where,
      stage: stages[stage] ?? 'response',
      text: segment.text,
      ...pick('error', error < 0 ? first : parts.errors[error]),
      ...pick('grant', grants[grant]),
      ...pick('status', parts.status),
      ...pick('enhanced', parts.enhanced),
      ...pick('challenge', segment.hidden === '' ? undefined : segment.hidden),
    },
  };
}

function pick<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/** Where the first value that a condition allows stands; 0 where there is no condition. */
function indexIn<T>(values: readonly T[], allowed: readonly T[] | undefined): number {
  if (allowed === undefined) return 0;
  return values.findIndex((value) => allowed.includes(value));
}

const SOURCE_FILE = String.raw`\.(?:[mc]?[jt]sx?|py|php|rb|java|kt|scala|groovy|dart|swift|go|cs|vb|fs|exs?|erl|p[lm]|rs|hs|lua|el|c|cc|cpp|h|mm?)`;
/** A port behind a host; a line of a source file is none, and neither is a time of day. */
const PORT = String.raw`(?<!${SOURCE_FILE})(?<!:\d\d)(?<![\s([T]\d\d):`;
/** Where in a program it happened: no status of an answer. */
const SOURCE_LINE = new RegExp(`(?<=${SOURCE_FILE}):\\d{1,6}(?::\\d{1,4})?\\b`, 'g');
export const SHOWS_SMTP = new RegExp(`smtp|${PORT}(?:25|465|587)\\b(?!:\\d)`, 'i');
/** What asks sign-in servers and web interfaces, and never a mail server. */
export const SHOWS_WEB_LIBRARY =
  /\bfetch failed\b|\bundici\b|gaxios|\baxios\b|requests\.exceptions|urllib|HTTPSConnectionPool|GuzzleHttp|okhttp|reqwest|net\/http:|cURL error \d/i;
export const SHOWS_IMAP = new RegExp(`imap|${PORT}(?:143|993)\\b(?!:\\d)`, 'i');

/** What fails on the way to a sign-in server or a web interface, and not to a mail server. */
const SHOWS_WEB =
  /AADSTS\d{4}|:443\b(?!:\d)|\bport:? 443\b|(?:request|connect\w{0,4}|GET|POST|fetch\w{0,3}|reach\w{0,3}|resolv\w{0,3}|ur[il]|endpoint)\W{1,4}(?:to |for |with |at )?['"]?(?:https:\/\/|(?:oauth2?|login|accounts|graph|api)\.\w)|\bhttps:\/\/\S{1,200}?\/(?:token|oauth2?|authorize|devicecode)\b/i;

function placesFor(parts: Parts, text: string, setting: Setting): readonly Evidence['where'][] {
  // A JSON text is what a token endpoint says; the same words elsewhere are rather those of a page.
  const isJson = /["']error["']|\[error\]/.test(text);
  const [token, page, ...others] = WEB;
  const web: readonly Evidence['where'][] = isJson ? WEB : [page, token, ...others];
  if (isJson || /\bHTTP\b(?!Y)/.test(text) || (!parts.reply && SHOWS_WEB.test(text))) return web;
  if (parts.pop) return ['pop'];
  const either: readonly Evidence['where'][] = SHOWS_SMTP.test(text)
    ? ['smtp', 'imap']
    : SHOWS_IMAP.test(text)
      ? ['imap', 'smtp']
      : setting.places;
  const mail: readonly Evidence['where'][] = parts.enhanced === undefined ? either : ['smtp'];
  return parts.reply ? mail : [...mail, ...web];
}

export interface Parts {
  readonly errors: readonly string[];
  readonly status?: number;
  readonly enhanced?: string;
  /** It has the form of an SMTP, IMAP or POP reply. */
  readonly reply: boolean;
  /** It has the form of a POP refusal (RFC 1939 section 3). */
  readonly pop: boolean;
}

/** A line can hold several replies: the refusal is what it is about. */
const SMTP_REFUSAL = /\b([45]\d\d)[\s,:;(b'"*-]{1,4}([45]\.\d{1,3}\.\d{1,3})\b/;
const SMTP_REPLY = /\b([245]\d\d)[\s,:;(b'"*-]{1,4}([245]\.\d{1,3}\.\d{1,3})\b/;
/** Programs put words between the two: `Code: 535, Enhanced code: 5.7.8`, `error (535): 5.7.139`, `(535); Msg: b'5.7.3`. */
const SMTP_APART = /\b(?:code|error|retcode)\b[ :]{0,2}\(?([45]\d\d)\b.{0,30}?\b([245]\.\d{1,3}\.\d{1,3})\b/i;
/** The names of OpenSSL's findings, which Node gives without what they all begin with. */
const FAMILIES = /\bX509_V_ERR_/g;
/** In any language: `Erreur SMTP (535) : ...`. */
const SMTP_STATUS = /\bSMTP\b[^\d.[:/]{1,16}\b(?!465|587)([45]\d\d)\b(?![.:]\d)/i;
/** They show a reply without its enhanced code. */
const SMTP_LIBRARY =
  /Expected response code|(?:permanent|temporary)_failure|\b(?:MAIL|RCPT|DATA|[EH]ELO|QUIT|RSET) command\b|\bAUTHRequiredError\b|\bSMTP(?:Server|Sender|Recipients|Data|Auth|Connect|Helo|Syntax|Fatal|Unsupported|Unknown)[A-Za-z]{0,20}(?:Error|Busy|Command|Refused|Disconnected)|SMTP ?Error|SmtpException/;
const STATUS =
  /(?:^|[>'":`：（] ?| --? |said: |code |code[.:] \[?|error |error code|status(?: ?code)?[ :=]{0,3}|"?responseCode"?[ :=]{1,3}|failed: |login: |(?:Error|Refused|Exception)\(|HTTP(?:\/[\d.]{1,3})? )['"]?\(?([1-5]\d\d)\b(?![.:]\d)/gi;

/** An IMAP refusal (RFC 9051 section 7.1). Where all is in capitals, the words may be anybody's. */
const TAGGED =
  /(?:^|[:>'"] ?)(?:\* |[A-Za-z]{0,12}\d{1,9} )?(NO|BAD|BYE(?!.{0,60}(?:[Ll]ogging out|LOGOUT|signing off)))\b ?/;
const TAGGED_IN_CAPITALS = /(?:^|(?:^|[:>'"] ?)(?:\* |[A-Z]{0,12}\d{1,9} ))(NO|BAD|BYE)\b/;
/** The text ends in the middle of the response code, which may be any. */
const CUT_CODE = /\b(?:NO|BAD|BYE) \[[A-Z-]{0,30}$/;

/** A program that names the status it expected besides the one it got means the refusal. */
function statusIn(text: string): string | undefined {
  const found = Array.from(text.replace(SOURCE_LINE, '').matchAll(STATUS), ([, status]) => status);
  return found.find((status) => status !== undefined && status >= '400') ?? found[0];
}

export function partsOf({ text: shown, hidden }: Pick<Segment, 'text' | 'hidden'>): Parts {
  const text = shown.replace(FAMILIES, '');
  const smtp = SMTP_REFUSAL.exec(text) ?? SMTP_REPLY.exec(text) ?? SMTP_APART.exec(text);
  const [, word = '', code = ''] =
    /(?:\b(NO|BAD|BYE)|-ERR)\s+\[([A-Z][A-Z/-]{1,30})/.exec(text) ??
    /()\[(AUTH[A-Z]{4,20}FAILED|UNAVAILABLE|EXPIRED|PRIVACYREQUIRED|CONTACTADMIN|NOPERM|INUSE|IN-USE|LIMIT|THROTTLED|OVERQUOTA|SERVERBUG|NONEXISTENT|ALERT)\]/.exec(
      text,
    ) ??
    /()(?:textCode|ResponseCode)["']?: ?["']([A-Z][A-Z-]{1,30})/i.exec(text) ??
    [];
  const status = smtp?.[1] ?? statusIn(text) ?? SMTP_STATUS.exec(text)?.[1];
  const words =
    text.match(
      /\b(?:[a-z]{1,30}(?:_[a-z]{1,30}){1,6}(?![a-z\d_])|(?:(?!EXPIRED\b)E[A-Z_]{3,30}|[A-Z]{3,30}(?:_[A-Z0-9]{1,30}){1,6})\b)/g,
    ) ?? [];
  const tagged = (/[a-z]/.test(text) ? TAGGED : TAGGED_IN_CAPITALS).exec(text)?.[1];
  const refusal = CUT_CODE.test(text) ? undefined : imapRefusal(word, code) || tagged;
  const pop = smtp === null && /^-ERR\b|[<>:'"] ?-ERR\b/.test(text);
  const reply =
    smtp !== null || refusal !== undefined || pop || /"status"\s{0,3}:/.test(hidden) || SMTP_LIBRARY.test(text);
  return {
    errors: [...new Set([...(refusal === undefined ? [] : [refusal]), ...words])].slice(0, 12),
    ...(status === undefined ? {} : { status: Number(status) }),
    ...(smtp?.[2] === undefined ? {} : { enhanced: smtp[2] }),
    reply,
    pop,
  };
}
