import type { Code } from '../explain/codes.js';
import { asciiHost } from '../words/host.js';
import { showsSecret } from '../words/masking.js';
import { nearest } from '../words/nearest.js';
import { accept, answered, hasForeignIssuer, type IssuedValue, refuse, strangerIn } from './recognise.js';
import type { Answers, Guard, Question, Recogniser, Refusal } from './step.js';
import { tidy } from './tidy.js';

/**
 * Every value that a person pastes or a script gives passes through here: cleaned, recognised, and answered at once
 * where it is something else. Shapes only warn, since providers do not promise them; what cannot be is refused.
 * Reasons and warnings never repeat the value, which may be a secret.
 */
export interface Guarded {
  readonly value: string;
  /** What was done to the value: "removed 1 space". */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** Other answers found in the paste. `client-secret` among them is a secret. */
  readonly learnt: Readonly<Record<string, string>>;
}

export type GuardResult =
  | { readonly ok: true; readonly guarded: Guarded }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly learnt: Readonly<Record<string, string>>;
      /** Where the mistake has a name of its own. */
      readonly code?: Code;
    };

const LONGEST = 8192;

/** What the providers give out: the one that is being set up, and the others. */
export interface IssuedValues {
  readonly own: readonly IssuedValue[];
  readonly others: readonly IssuedValue[];
}

export interface GuardOptions extends IssuedValues {
  /** Public mail domains, for an address that misses one of them by a letter. */
  readonly domains?: readonly string[];
  /** The value comes from a file or a variable, and so is kept to the letter unless it has a known shape. */
  readonly verbatim?: boolean;
}

/**
 * Guards `pasted` as an answer to `question`. `answers` are those given so far, at best completed by `complete`.
 * A secret in a box that shows what is typed is refused, and kept for its own place where `issuedValues` know that.
 */
export function guard(
  question: Question,
  pasted: string,
  answers: Answers,
  options: GuardOptions = { own: [], others: [] },
): GuardResult {
  if (pasted.length > LONGEST) return refused(refuse('this is far too long to be the value'));
  const { recognise, inside } = guardOf(question);
  const json = pasted.trimStart().startsWith('{');
  const { text, notes } = tidy(pasted, json ? 'words' : inside);
  if (text === '') {
    return question.required === true
      ? refused(refuse('a value is needed here'))
      : { ok: true, guarded: { value: '', notes: [], warnings: [], learnt: {} } };
  }
  const recognition = recognise(text, answers);
  const stray = misplaced(question, text, answers, options);
  // A question that knows what it was given by mistake says so in its own words.
  if (stray !== undefined && (recognition.ok || recognition.learnt === undefined)) return refused(stray);
  if (!recognition.ok) return refused(recognition);
  if (isShown(question) && showsSecret(json ? recognition.value : text)) return refused(refuse(SECRET_HERE));
  const { value, learnt = {} } = recognition;
  const warnings = [...(recognition.warnings ?? []), ...misspelt(question, value, options.domains)];
  if (
    options.verbatim === true &&
    value === text &&
    ![...options.own, ...options.others].some(({ shape }) => shape.test(text))
  ) {
    return toTheLetter(pasted, warnings);
  }
  return {
    ok: true,
    guarded: {
      value: tidy(value, 'words').text,
      notes: [...(json ? [] : notes), ...(recognition.notes ?? [])],
      warnings,
      learnt: tidied(learnt),
    },
  };
}

function toTheLetter(value: string, warnings: readonly string[]): GuardResult {
  return /\p{Cc}/u.test(value)
    ? refused(refuse('it has several lines or control characters in it. One line is needed, the value alone'))
    : { ok: true, guarded: { value, notes: [], warnings, learnt: {} } };
}

/** Real mail domains that differ from a larger one by a letter. */
const REAL_DOMAINS: readonly string[] = ['mail.com', 'email.com', 'ymail.com', 'rocketmail.com'];

/** An address whose domain is nobody's, by one letter: `exmaple.com` for `example.com`. Short names are near too many. */
function misspelt({ kind }: Question, address: string, domains: readonly string[] = []): readonly string[] {
  const domain = domainOf(address).toLowerCase();
  if (kind !== 'address' || [...domains, ...REAL_DOMAINS].includes(domain)) return [];
  const meant = nearest(
    domain,
    domains.filter((known) => known.indexOf('.') > 4),
    1,
  );
  const name = address.slice(0, address.lastIndexOf('@'));
  return meant === undefined ? [] : [`this may be misspelt: did you mean ${name}@${meant}?`];
}

const SECRET_HERE = 'that holds a secret, which does not belong here. It was not kept';

/** Whether the value is shown, saved and put into links: not where a secret is hidden, nor where a file is named. */
function isShown({ kind }: Question): boolean {
  return !['secret', 'file', 'secret-file'].includes(kind);
}

/**
 * What belongs into another box. With another authorization server (`--issuer`) nobody knows whose shapes are in use:
 * an ID may look like anybody's, and a secret of any provider belongs to this set-up.
 */
function misplaced(
  question: Question,
  text: string,
  answers: Answers,
  { own, others }: IssuedValues,
): Refusal | undefined {
  const isFree = hasForeignIssuer(answers);
  const found = [...own, ...others].find(({ shape, secret }) => shape.test(text) && (secret || !isFree));
  if (found === undefined || (!isShown(question) && question.kind !== 'secret') || text.startsWith('{'))
    return undefined;
  const isOwn = own.includes(found) || isFree;
  const belongsHere =
    found.answers !== undefined && question.id.replace(/^(client-secret)-file$/, '$1') === found.answers;
  if (isOwn && belongsHere) return undefined;
  // Of the secrets, only the client secret is asked for in this way and can be kept.
  const isKept = isOwn && (!found.secret || found.answers === 'client-secret');
  return refuse(`that is ${found.what}`, isKept && found.answers !== undefined ? { [found.answers]: text } : {});
}

function refused({ reason, learnt = {}, code }: Refusal): GuardResult {
  return { ok: false, reason, learnt: tidied(learnt), ...(code && { code }) };
}

function tidied(learnt: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(learnt).map(([id, value]) => [id, tidy(value, 'words').text]));
}

function guardOf(question: Question): Guard {
  if (typeof question.guard === 'object') return question.guard;
  if (question.kind === 'choice') return { recognise: choiceOf(question), inside: 'words' };
  const name = question.guard ?? question.kind;
  return { recognise: GUARDS[name]?.(question) ?? accepted, inside: WORDY.includes(name) ? 'words' : 'joined' };
}

/** In these, words stand apart. */
const WORDY: readonly string[] = ['text', 'name', 'file', 'path', 'scope', 'expiry-date', 'date'];

const accepted: Recogniser = (text) => accept(text);

/** Named by `Question.guard`, or else by the question's kind. */
export const GUARDS: Readonly<Record<string, (question: Question) => Recogniser>> = {
  text: () => accepted,
  file: () => accepted,
  path: () => accepted,
  secret: () => accepted,
  name: () => accountName,
  address: () => mailAddress,
  'public-address': () => publicAddress,
  host: hostOf,
  port: portOf,
  number: () => wholeNumber(0, Number.MAX_SAFE_INTEGER),
  seconds: () => wholeNumber(1, 3600),
  confirm: () => confirmation,
  url: () => httpsUrl,
  'https-url': () => httpsUrl,
  'redirect-uri': () => redirectUri,
  scope: () => scopes,
  date: () => expiryDate,
  'expiry-date': () => expiryDate,
  'client-id': () => clientId,
  'client-secret': () => accepted,
  'refresh-token': () => refreshToken,
};

const accountName: Recogniser = (text) =>
  /^[a-z0-9][a-z0-9._-]{0,63}$/i.test(text)
    ? accept(text)
    : refuse('a name has letters, digits, full stops, hyphens and underscores, and starts with a letter or a digit');

const mailAddress: Recogniser = (text) => {
  const bare = /<([^<>]+)>/.exec(text)?.[1] ?? text.replace(/^mailto:/i, '');
  if (!bare.includes('@')) return refuse('an e-mail address has an @, as in reception@example.com');
  if (!/^[^\s@<>()[\],;:"\\]{1,64}@[^\s@<>()[\],;:"\\/]{1,255}$/.test(bare) || !isHost(domainOf(bare))) {
    return refuse('this is no e-mail address such as reception@example.com');
  }
  return { ok: true, value: bare, notes: bare === text ? [] : ['took the address out of what you pasted'] };
};

const publicAddress: Recogniser = (text, answers) => {
  const read = mailAddress(text, answers);
  if (!read.ok || domainOf(read.value).includes('.')) return read;
  return refuse('the part after the @ has a full stop in it, as in reception@example.com');
};

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** The name of a registration. `names` are the provider's own, which it may refuse inside it. */
export function appNameGuard(names: RegExp): Guard {
  return {
    recognise: (text) =>
      names.test(text) ? accept(text, 'the provider may refuse a name that contains its own') : accept(text),
    inside: 'words',
  };
}

const LABEL = '[\\p{L}\\p{N}_]([\\p{L}\\p{N}_-]{0,61}[\\p{L}\\p{N}_])?';
const HOST_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`, 'u');

function isHost(text: string): boolean {
  return HOST_NAME.test(text) || (text.length < 64 && /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text));
}

/** Takes the host out of an address, and the port along with it. */
function hostOf(question: Question): Recogniser {
  return (text) => {
    if (/^[^/]+@/.test(text)) return refuse('that is an e-mail address. A host is a name such as smtp.example.com');
    const [authority = ''] = text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').split('/');
    const { host, port } = partsOf(authority);
    const bare = host.replace(/\.$/, '').toLowerCase();
    if (!isHost(bare)) return refuse('a host is a name such as smtp.example.com');
    return {
      ok: true,
      value: asciiHost(bare),
      notes: bare === text.toLowerCase() ? [] : ['took the name of the host out of what you pasted'],
      learnt: port === undefined || question.repeatable ? {} : { [question.id.replace(/-host$/, '-port')]: port },
    };
  };
}

/** Host and port of `host:port` (RFC 3986 section 3.2.2); several colons without brackets are an IPv6 address alone. */
function partsOf(authority: string): { readonly host: string; readonly port?: string } {
  const [, literal, literalPort] = /^\[([0-9a-f:.]+)\](?::(\d{1,5}))?$/i.exec(authority) ?? [];
  if (literal !== undefined) return { host: literal, ...(literalPort !== undefined && { port: literalPort }) };
  const [host = '', port, ...more] = authority.split(':');
  if (port === undefined || more.length > 0) return { host: authority };
  return /^\d{1,5}$/.test(port) ? { host, port } : { host: '' };
}

function portOf(question: Question): Recogniser {
  const within = wholeNumber(1, 65_535);
  return (text, answers) => {
    const result = within(text, answers);
    if (!result.ok || question.id !== 'redirect-port' || Number(text) >= 1024) return result;
    // The default port of http: a browser leaves it out, and a redirect URI is compared to the letter.
    if (result.value === '80') return refuse('browsers leave port 80 out of an address. Choose one such as 8766');
    return accept(result.value, 'ports below 1024 usually need an administrator. Choose one such as 8766');
  };
}

function wholeNumber(least: number, most: number): Recogniser {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return accept(String(value));
    return refuse(
      most === Number.MAX_SAFE_INTEGER
        ? 'a whole number is needed here'
        : `a whole number from ${least} to ${most} is needed here`,
    );
  };
}

const confirmation: Recogniser = (text) => {
  if (/^(y|yes|true|1|on)$/i.test(text)) return accept('yes');
  if (/^(n|no|false|0|off)$/i.test(text)) return accept('no');
  return refuse('answer yes or no');
};

function choiceOf(question: Question): Recogniser {
  const choices = question.choices ?? [];
  return (text) => {
    const wanted = text.toLowerCase();
    const chosen = choices.find(({ value, label }) => value.toLowerCase() === wanted || label.toLowerCase() === wanted);
    return chosen === undefined
      ? refuse(`choose one of ${choices.map(({ value }) => value).join(', ')}`)
      : accept(chosen.value);
  };
}

function parsedUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

const DISCOVERY = /\/\.well-known\/(openid-configuration|oauth-authorization-server)$/;

const httpsUrl: Recogniser = (text) => {
  const bare = text.replace(DISCOVERY, '');
  const url = parsedUrl(bare);
  if (url === undefined) return refuse('this is no address such as https://login.example.com');
  if (url.protocol !== 'https:') return refuse('the address has to start with https://');
  if (url.username !== '' || url.password !== '') return refuse('the address must not hold a user name or a password');
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(bare)) return refuse('the address must end before ? and #');
  return { ok: true, value: bare, notes: bare === text ? [] : ['left out the end of the address'] };
};

/** Kept to the letter: a redirect URI is compared as a string (RFC 6749 section 3.1.2.3, RFC 9700 section 4.1.3). */
const redirectUri: Recogniser = (text) => {
  const url = parsedUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return refuse('this is no address such as https://server.example.com/callback');
  }
  if (url.username !== '' || url.password !== '') return refuse('the address must not hold a user name or a password');
  if (text.includes('#')) return refuse('a redirect URI must not hold a #');
  if (text.includes('*')) return refuse('a redirect URI must not hold a *');
  return accept(
    text,
    ...(url.protocol === 'http:' && !isLoopback(url) ? ['providers usually want https:// here'] : []),
    ...(text.includes('?') ? ['providers usually refuse a redirect URI with a ?'] : []),
    ...(text.length > 256 ? ['this is longer than providers usually allow'] : []),
  );
};

function isLoopback({ hostname }: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

const WAYS_OUT =
  'Give the program an https address with a public name; or, if it runs on this computer, open it as http://localhost and copy the redirect URI that it shows then';

/** For a provider that takes http for this computer only. */
export const httpsRedirectUri: Guard = {
  recognise: (text, answers) => {
    const read = redirectUri(text, answers);
    const url = parsedUrl(text);
    if (!read.ok || url === undefined || url.protocol === 'https:' || isLoopback(url)) return read;
    return refuse(`the provider refuses http:// for anything but this computer. ${WAYS_OUT}`);
  },
  inside: 'joined',
};

/** For a provider that besides takes no address of a private network: no IP address, and no name that only a LAN knows. */
export const publicRedirectUri: Guard = {
  recognise: (text, answers) => {
    const read = httpsRedirectUri.recognise(text, answers);
    const url = parsedUrl(text);
    if (!read.ok || url === undefined || isLoopback(url) || isPublicName(url.hostname)) return read;
    return refuse(`the provider refuses an IP address, and a name that only your own network knows. ${WAYS_OUT}`);
  },
  inside: 'joined',
};

function isPublicName(host: string): boolean {
  return (
    /\.[a-z][a-z0-9-]*$/i.test(host) && !/\.(?:local|lan|internal|intranet|home|corp|localdomain|arpa)$/i.test(host)
  );
}

/** RFC 6749 section 3.3: scope tokens of printable ASCII without space, quotation mark and backslash. */
const scopes: Recogniser = (text) => {
  const tokens = text.split(/[ ,]+/).filter((token) => token !== '');
  return tokens.length > 0 && tokens.every((token) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(token))
    ? accept(tokens.join(' '))
    : refuse('a scope is a word of plain letters, digits and signs, without quotation marks');
};

const clientId: Recogniser = (text) => {
  const stranger = strangerIn(text);
  return stranger === undefined ? accept(text) : accept(text, stranger);
};

const refreshToken: Recogniser = (text) =>
  text.startsWith('{') ? refuse('this is JSON. Give only the refresh token that it holds') : accept(text);

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DATE_HINT = 'write the date as year, month, day, such as 2028-11-22';

/** The day on which the client secret ends. */
const expiryDate: Recogniser = (text, answers) => {
  const date = isoDate(text);
  if (date === undefined) return refuse(DATE_HINT);
  const today = Date.parse(answered(answers, 'today'));
  const days = Number.isNaN(today) ? undefined : (Date.parse(date) - today) / 86_400_000;
  if (days !== undefined && days < 0) return refuse('that day has passed. Look at the column Expires again');
  return {
    ok: true,
    value: date,
    notes: date === text ? [] : [`read as ${date}`],
    warnings: days !== undefined && days > 732 ? ['that is more than 24 months ahead, which is the longest usual'] : [],
  };
};

/** Reads a date that can only be meant one way; 03/04/2028 can be two days, and is not read. */
function isoDate(text: string): string | undefined {
  if (text.length > 40) return undefined;
  const iso = /^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[T ].*)?$/.exec(text);
  if (iso !== null) return realDate(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const named = /^(\d{1,2})?[ .-]*([a-z]{3})[a-z]*[ .,-]*(\d{1,2})?,?[ -]+(\d{4})$/i.exec(text);
  if (named !== null) {
    const month = MONTHS.indexOf((named[2] ?? '').toLowerCase()) + 1;
    return realDate(Number(named[4]), month, Number(named[1] ?? named[3]));
  }
  const numeric = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/.exec(text);
  if (numeric === null) return undefined;
  const [one, other, year] = [Number(numeric[1]), Number(numeric[3]), Number(numeric[4])];
  if (numeric[2] === '.' || one > 12) return realDate(year, other, one);
  return other > 12 || one === other ? realDate(year, one, other) : undefined;
}

function realDate(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = year >= 2000 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.toISOString().slice(0, 10) : undefined;
}
