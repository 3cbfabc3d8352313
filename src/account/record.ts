/**
 * The one table of what accounts.json keeps: a row for each field of an account and of a client. Reading and checking,
 * the answers of a set-up, `list` and its JSON all go through it, so a new field is one row, and the compiler complains
 * where it is forgotten. What only one provider knows (a tenant, a project) has no row here: the provider's
 * record declares it, and it stands in the file beside the others.
 */
import { hostPort, withoutBrackets } from '../words/host.js';
import { forEachProtocol, PROTOCOLS, type Protocol, serverQuestions, useAnswers } from '../words/protocol.js';
import { localDay, localMinute } from '../words/time.js';
import {
  type Account,
  type BegunSignIn,
  type Configuration,
  type Endpoints,
  type MailServer,
  type Security,
  STORE_KINDS,
  type StoreChoice,
  storeWord,
} from './account.js';
import { type Answers, list, text } from './answers.js';
import { type Client, type ClientType, type Registration, SIGN_IN_KINDS, type SignInKind } from './client.js';
import { CREDENTIAL_KINDS, type CredentialKind } from './client-credential.js';
import { isOver } from './lifetime.js';
import type { StoredPassword } from './password.js';
import * as is from './reading.js';

/** One field. A column that is left out says: nobody is asked for it, nothing shows it. */
interface Row<R, Value> {
  /** What it must be in the file. */
  readonly is: is.Kind;
  readonly asked?: Asked<Value>;
  /** Its value in `list --json` and `setup --json`, under the same name or under `jsonName`. */
  readonly json?: (value: Value | undefined) => unknown;
  readonly jsonName?: string;
  /** Its line of `list`. */
  readonly line?: (value: Value, record: R, now: Date) => Line | undefined;
  /** The entry of the secret store that it names. */
  readonly entry?: (value: Value) => string;
}

/** The questions behind a field, and the way to their answers and back. */
interface Asked<Value> {
  readonly questions: readonly string[];
  /** The answers that would bring the value again; none for what comes by itself. */
  answers(value: Value | undefined, usual: Usual): Answers;
  /** What complete answers make of it; undefined where they say nothing. */
  value(answers: Answers): Value | undefined;
}

/** What the provider's record assumes where nobody says anything: only what differs from it becomes an answer. */
export interface Usual {
  /** Of the provider's own issuer; undefined where it has none and the user gives it. */
  readonly issuerOrigin: string | undefined;
  /** The usual redirect URI of its kind of client; port 0 is any. */
  readonly redirect: { readonly host: string; readonly port: number };
}

/** Label and text. */
export type Line = readonly [string, string];

interface Records {
  readonly account: Account;
  readonly client: Client;
}

/** A field that only one provider has: one line of text. */
export interface OwnField {
  readonly of: keyof Records;
  /** Its name in the file and in JSON. */
  readonly key: string;
  readonly question: string;
  readonly json: boolean;
}

/** A row for each field: the compiler names the one that is missing. */
type Table<R> = { readonly [K in keyof Required<R>]: Row<R, NonNullable<R[K]>> };

// How fields become answers, and answers fields.

function answer<Value extends string>(question: string, usually?: Value): Asked<Value> {
  return {
    questions: [question],
    answers: (value): Answers => (value ? { [question]: value } : {}),
    value: (answers) => (text(answers, question) as Value | undefined) ?? usually,
  };
}

/** For what the sign-in itself brings: the answer decides it there, and is never stored as it stands. */
function cause<Value>(question: string, answers: Asked<Value>['answers']): Asked<Value> {
  return { questions: [question], answers, value: () => undefined };
}

function serverAnswers(protocol: Protocol): Asked<MailServer> {
  const { use, host, port, security } = serverQuestions(protocol);
  const { used, unused } = useAnswers(protocol);
  // Nobody says what stands where nobody says anything.
  const said = (answer: 'yes' | 'no'): Answers => (answer === 'yes' ? { [use]: answer } : {});
  return {
    questions: [use, host, port, security],
    answers: (server): Answers =>
      server === undefined
        ? said(unused)
        : { ...said(used), [host]: server.host, [port]: String(server.port), [security]: server.security },
    value(answers) {
      const name = text(answers, host);
      if (name === undefined || text(answers, use) !== used) return undefined;
      return { host: name, port: Number(text(answers, port)), security: text(answers, security) as Security };
    },
  };
}

const issuer: Asked<Endpoints> = {
  ...cause<Endpoints>('issuer', (endpoints, { issuerOrigin }): Answers => {
    if (endpoints === undefined || new URL(endpoints.issuer).origin === issuerOrigin) return {};
    const hosts = endpointHosts(endpoints);
    return { issuer: endpoints.issuer, ...(hosts.length > 0 && { 'endpoint-host': hosts }) };
  }),
  questions: ['issuer', 'endpoint-host'],
};

/** Hosts of endpoints besides the issuer's own: somebody allowed them when the account was set up. */
export function endpointHosts(endpoints: Endpoints): readonly string[] {
  const { issuer: url, authorization, token, revocation, deviceAuthorization } = endpoints;
  const all = [authorization, token, revocation, deviceAuthorization].filter(
    (one) => one !== undefined && URL.canParse(one),
  );
  return [...new Set(all.map((one) => new URL(String(one)).hostname))].filter((host) => host !== new URL(url).hostname);
}

const scopes: Asked<readonly string[]> = {
  questions: ['scope'],
  answers: (scope = []) => ({ scope }),
  value: (answers) => list(answers, 'scopes'),
};

const timeout: Asked<number> = {
  questions: ['mail-timeout'],
  answers: (seconds): Answers => (seconds === undefined ? {} : { 'mail-timeout': String(seconds) }),
  value: (answers) => Number(text(answers, 'mail-timeout')),
};

const movedRedirect = cause<string>('redirect-port', (uri = '', { redirect }): Answers => {
  const { hostname, port } = redirect.port === 0 ? { hostname: redirect.host, port: '' } : new URL(uri);
  const host = withoutBrackets(hostname);
  return {
    ...(port !== '' && port !== String(redirect.port) && { 'redirect-port': port }),
    ...(host !== redirect.host && { 'redirect-host': host }),
  };
});

const appRedirects: Asked<readonly string[]> = {
  questions: ['app-redirect-uri'],
  answers: (uris = []): Answers => (uris.length === 0 ? {} : { 'app-redirect-uri': uris }),
  value: (answers) => list(answers, 'app-redirect-uri'),
};

// How fields are shown.

const plain = (value: unknown): unknown => value ?? null;
const day = (date: string | undefined): string | null => date?.slice(0, 10) ?? null;

/** A label that says whether the day is still to come. */
const until =
  (what: string, future: string, past: string) =>
  (date: string, _record: object, now: Date): Line => [`${what} ${isOver(date, now) ? past : future}`, localDay(date)];

const serverJson = (server: MailServer | undefined): unknown =>
  server === undefined ? null : { host: server.host, port: server.port, security: server.security };
const serverLine =
  (label: string) =>
  ({ host, port, security }: MailServer): Line => [
    label,
    `${hostPort(host, port)} ${security === 'tls' ? 'TLS' : 'STARTTLS'}`,
  ];

const checkLine = (time: string, { lastFailures = [] }: Account): Line => [
  'last check',
  `${localMinute(time)}  ${lastFailures.length === 0 ? 'OK' : `FAIL ${lastFailures.join(', ')}`}`,
];

const begunLine = ({ expires }: BegunSignIn, _record: object, now: Date): Line | undefined =>
  isOver(expires, now) ? undefined : ['begun', `a sign-in, which can be finished until ${localMinute(expires)}`];

const theEntry = (id: string): string => id;

// What fields must be.

const SERVER: is.Shape<MailServer> = {
  host: is.word,
  port: is.port,
  security: is.oneOf('starttls', 'tls'),
  user: is.optional(is.word),
};

/** Of an account, and of an unfinished set-up. */
export const STORE: is.Shape<StoreChoice> = {
  kind: is.oneOf(...STORE_KINDS),
  at: is.optional(is.word),
  key: is.optional(is.oneOf('key-file', 'passphrase')),
  keyPath: is.optional(is.word),
};

const ENDPOINTS: is.Shape<Endpoints> = {
  issuer: is.word,
  authorization: is.word,
  token: is.word,
  revocation: is.optional(is.word),
  deviceAuthorization: is.optional(is.word),
  issInResponse: is.flag,
  clientAuthentication: is.optional(is.oneOf('client_secret_basic')),
};

/** Of an account, and of an unfinished set-up. */
export const BEGUN: is.Shape<BegunSignIn> = { credential: is.id, redirectUri: is.word, expires: is.date };

const REGISTRATION: is.Shape<Registration> = { uri: is.word, credential: is.id };

const PASSWORD: is.Shape<StoredPassword> = { label: is.word, hash: is.word, created: is.date };

const passwordsLine = (passwords: readonly StoredPassword[]): Line => [
  'passwords',
  passwords.map(({ label }) => label).join(', '),
];

const ACCOUNT: Table<Account> = {
  name: { is: is.word, asked: answer('name'), json: plain },
  address: { is: is.word, asked: answer('account'), json: plain },
  provider: { is: is.word, json: plain, line: (id) => ['provider', id] },
  description: { is: is.text, asked: answer('description', ''), json: plain },
  client: { is: is.word },
  credential: { is: is.id, entry: theEntry },
  store: {
    is: is.shaped(STORE),
    json: (store) => (store === undefined ? null : storeWord(store)),
    line: (store) => ['store', store.kind === 'file' ? 'encrypted file' : storeWord(store)],
  },
  authUser: {
    is: is.optional(is.word),
    asked: answer('auth-user'),
    json: plain,
    line: (address) => ['who signs in', address],
  },
  endpoints: { is: is.shaped(ENDPOINTS), asked: issuer },
  scopes: { is: is.texts, asked: scopes },
  ...forEachProtocol((protocol) => ({
    is: is.optional(is.shaped(SERVER)),
    asked: serverAnswers(protocol),
    json: serverJson,
    line: serverLine(PROTOCOLS[protocol].label),
  })),
  mailTimeout: { is: is.seconds, asked: timeout },
  ca: { is: is.optional(is.word), asked: answer('ca') },
  created: { is: is.date },
  signedIn: { is: is.optional(is.date), line: (time) => ['signed in', localDay(time)] },
  signInEnds: { is: is.optional(is.date), json: day, line: until('sign-in', 'ends', 'ended') },
  lastCheck: { is: is.optional(is.date), line: checkLine },
  lastFailures: { is: is.optional(is.texts) },
  passwords: { is: is.optional(is.listOf(is.shaped(PASSWORD))), line: passwordsLine },
  begun: { is: is.optional(is.shaped(BEGUN)), line: begunLine, entry: ({ credential }) => credential },
};

const CLIENT: Table<Client> = {
  id: { is: is.word },
  provider: { is: is.word },
  clientId: { is: is.word, asked: answer('client-id'), json: plain },
  clientType: { is: is.oneOf('desktop', 'web'), asked: answer<ClientType>('client-type', 'desktop') },
  signIn: {
    is: is.optional(is.oneOf(...SIGN_IN_KINDS)),
    asked: {
      ...answer<SignInKind>('sign-in'),
      value: (answers) => (text(answers, 'sign-in') === 'app' ? 'app' : undefined),
    },
    json: (kind) => kind ?? 'person',
    line: (kind) => (kind === 'app' ? ['who signs in', 'nobody: it is an app'] : undefined),
  },
  credentialKind: {
    is: is.optional(is.oneOf(...CREDENTIAL_KINDS)),
    asked: answer<CredentialKind>('credential'),
    json: plain,
    jsonName: 'credential',
    line: (kind) => ['credential', kind],
  },
  federatedTokenFile: {
    is: is.optional(is.word),
    asked: answer('federated-token-file'),
    line: (path) => ['token file', path],
  },
  registration: {
    is: is.optional(is.shaped(REGISTRATION)),
    asked: {
      questions: [],
      answers: (registration): Answers => (registration ? { 'registration-uri': registration.uri } : {}),
      value: () => undefined,
    },
    entry: ({ credential }) => credential,
  },
  secretCredential: { is: is.optional(is.id), entry: theEntry },
  secretExpires: {
    is: is.optional(is.date),
    asked: answer('secret-expires'),
    json: plain,
    line: until('secret', 'expires', 'expired'),
  },
  redirectUri: { is: is.text, asked: movedRedirect },
  appRedirectUris: { is: is.texts, asked: appRedirects },
  appName: { is: is.text, asked: answer('app-name', 'mailauth') },
};

const TABLES = { account: ACCOUNT, client: CLIENT } as const;

/** The rows of a record, its provider's own fields among them. */
function rowsOf<Of extends keyof Records>(of: Of, own: readonly OwnField[]): [string, Row<Records[Of], unknown>][] {
  const ownRow = ({ question, json }: OwnField): Row<Records[Of], string> => ({
    is: is.optional(is.text),
    asked: answer(question),
    ...(json && { json: plain }),
  });
  return [
    ...Object.entries(TABLES[of]),
    ...own.filter((field) => field.of === of).map((field) => [field.key, ownRow(field)]),
  ] as [string, Row<Records[Of], unknown>][];
}

/** What each field of a record must be. */
export function shapeOf<Of extends keyof Records>(of: Of, own: readonly OwnField[] = []): is.Shape<Records[Of]> {
  return Object.fromEntries(rowsOf(of, own).map(([key, row]) => [key, row.is])) as is.Shape<Records[Of]>;
}

/** The questions whose answers a record keeps. */
export function questionsOf(of: keyof Records, own: readonly OwnField[]): readonly string[] {
  return rowsOf(of, own).flatMap(([, { asked }]) => asked?.questions ?? []);
}

/** The answers that would make this record again. */
export function answersOf<Of extends keyof Records>(
  of: Of,
  record: Records[Of],
  { own, usual }: { readonly own: readonly OwnField[]; readonly usual: Usual },
): Answers {
  const answers = rowsOf(of, own).map(([key, { asked }]) => asked?.answers(fieldOf(record, key), usual));
  return Object.assign({}, ...answers);
}

/** What complete answers say of a record, and what the sign-in brought, which stands above them. */
export function recordOf<Of extends keyof Records>(
  of: Of,
  answers: Answers,
  own: readonly OwnField[],
  learnt: { readonly [K in keyof Records[Of]]?: Records[Of][K] | undefined },
): Records[Of] {
  const answered = Object.fromEntries(rowsOf(of, own).map(([key, { asked }]) => [key, asked?.value(answers)]));
  const fields = Object.entries({ ...answered, ...learnt }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as unknown as Records[Of];
}

/** The part of a record that `list --json` shows. */
export function jsonOf<Of extends keyof Records>(
  of: Of,
  record: Records[Of] | undefined,
  own: readonly OwnField[],
): Readonly<Record<string, unknown>> {
  const shown = rowsOf(of, own).flatMap(([key, { json, jsonName = key }]) =>
    json ? [[jsonName, json(fieldOf(record, key))]] : [],
  );
  return Object.fromEntries(shown);
}

/** The lines of `list` about a record. */
export function linesOf<Of extends keyof Records>(of: Of, record: Records[Of], now: Date): readonly Line[] {
  return rowsOf(of, []).flatMap(([key, { line }]) => {
    const value = fieldOf(record, key);
    const shown = value === undefined ? undefined : line?.(value, record, now);
    return shown === undefined ? [] : [shown];
  });
}

/** The entries of the secret store that these records name. What none names is nobody's. */
export function entriesOf({ accounts, clients }: Pick<Configuration, 'accounts' | 'clients'>): ReadonlySet<string> {
  const named = <Of extends keyof Records>(of: Of, record: Records[Of]): readonly string[] =>
    rowsOf(of, []).flatMap(([key, { entry }]) => {
      const value = fieldOf(record, key);
      return entry === undefined || value === undefined ? [] : [entry(value)];
    });
  return new Set([
    ...accounts.flatMap((account) => named('account', account)),
    ...clients.flatMap((client) => named('client', client)),
  ]);
}

/** A field that only the provider of this record has; undefined where it says nothing. */
export function ownField(record: Account | Client | undefined, key: string): string | undefined {
  const value = fieldOf(record, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fieldOf(record: object | undefined, key: string): unknown {
  return (record as Readonly<Record<string, unknown>> | undefined)?.[key];
}

/** `after` in the place of `before`, with what this version does not know of `before`. */
export function replaced<Of extends keyof Records>(
  of: Of,
  before: Records[Of],
  after: Records[Of],
  own: readonly OwnField[],
): Records[Of] {
  return is.keepUnknown(shapeOf(of, own), before, after);
}
