/**
 * The strict reading of accounts.json and of an unfinished set-up. Every field that mailauth knows must be as it writes
 * it; fields it does not know are kept, so that a later version's additions survive an older one.
 */
import type {
  Account,
  BegunSignIn,
  Client,
  Configuration,
  Endpoints,
  MailServer,
  StoreChoice,
} from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import type { Answers } from '../guide/step.js';

export const VERSION = 1;

/** An unfinished set-up. It holds no secret: a secret already pasted is in the store, under the id kept here. */
export interface Draft {
  readonly version: 1;
  /** Random, ours; the name of its file. */
  readonly id: string;
  readonly provider: string;
  /** ISO date-time of the last answer. */
  readonly savedAt: string;
  readonly answers: Answers;
  readonly done: readonly string[];
  /** Earlier answers to questions that are open again: Enter keeps them. */
  readonly proposed?: Answers;
  /** Question id -> credential id of a pasted secret. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Where those secrets are; absent until the store was chosen. */
  readonly store?: StoreChoice;
  /** Name of the account that this set-up re-does, or has stored already. */
  readonly account?: string;
}

/** Throws `store_damaged`, naming the file and the first field that is wrong. */
export function parseConfiguration(text: string, path: string): Configuration {
  const value = parse(text, path) as unknown as Configuration;
  const accounts = list(value.accounts, 'accounts', path);
  const clients = list(value.clients, 'clients', path);
  clients.forEach((client, index) => {
    check(client, CLIENT, `clients[${index}]`, path);
  });
  accounts.forEach((account, index) => {
    check(account, ACCOUNT, `accounts[${index}]`, path);
  });
  unique(value.clients, 'id', 'clients', path);
  unique(value.accounts, 'name', 'accounts', path);
  unique(value.accounts, 'credential', 'accounts', path);
  const known = new Set(value.clients.map((client) => client.id));
  const orphan = value.accounts.findIndex((account) => !known.has(account.client));
  if (orphan >= 0) throw damaged(path, `accounts[${orphan}].client names no client`);
  return value;
}

/** Throws `store_damaged`, naming the file and the first field that is wrong. */
export function parseDraft(text: string, path: string): Draft {
  const value = parse(text, path);
  check(value, DRAFT, 'the set-up', path);
  return value as unknown as Draft;
}

function parse(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    // Editors on Windows begin a file with a byte order mark.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw damaged(path, 'it is not JSON, or was cut off');
  }
  if (!isRecord(value)) throw damaged(path, 'it holds no object');
  const version = value['version'];
  if (typeof version === 'number' && version > VERSION) {
    throw new MailauthError('store_damaged', `${path} was written by a newer version of mailauth`, {
      fix: [{ text: 'update mailauth; the file is left as it is', command: 'npm install -g mailauth-cli' }],
    });
  }
  if (version !== VERSION) throw damaged(path, 'its version is missing');
  return value;
}

// What each field must be. A table instead of code, so that the shape can be read at a glance.

type Kind = (value: unknown) => string | undefined;
type Shape<T> = { readonly [K in keyof Required<T>]: Kind };

/** These values go into other programs' files and protocols, where a control character would begin a line or a field. */
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
const text: Kind = (value) =>
  typeof value !== 'string' ? 'is not a text' : CONTROL.test(value) ? 'is not one line of text' : undefined;
const word: Kind = (value) => (value === undefined || value === '' ? 'is missing' : text(value));
const flag: Kind = (value) => (typeof value === 'boolean' ? undefined : 'is not true or false');
const date: Kind = (value) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? undefined : 'is not a date';
const seconds: Kind = (value) =>
  typeof value === 'number' && value > 0 && Number.isFinite(value) ? undefined : 'is not a number of seconds';
const port: Kind = (value) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535 ? undefined : 'is not a port';
const texts: Kind = (value) =>
  Array.isArray(value) && value.every((item) => text(item) === undefined) ? undefined : 'is not a list of texts';
/** The id of an entry is a file name too. */
const id: Kind = (value) => (typeof value === 'string' && /^[0-9a-z-]{1,64}$/.test(value) ? undefined : 'is not an id');
const oneOf =
  (...words: readonly string[]): Kind =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? undefined : `is not ${words.join(' or ')}`;
const optional =
  (kind: Kind): Kind =>
  (value) =>
    value === undefined ? undefined : kind(value);
const each =
  (kind: Kind): Kind =>
  (value) =>
    isRecord(value) ? first(Object.entries(value).map(([key, item]) => within(key, kind(item)))) : 'is not an object';
const shaped =
  <T>(shape: Shape<T>): Kind =>
  (value) =>
    isRecord(value)
      ? first(Object.entries<Kind>(shape).map(([key, kind]) => within(key, kind(value[key]))))
      : 'is not an object';

const SERVER: Shape<MailServer> = {
  host: word,
  port,
  security: oneOf('starttls', 'tls'),
  user: optional(word),
};

const STORE: Shape<StoreChoice> = {
  kind: oneOf('keychain', 'file'),
  key: optional(oneOf('key-file', 'passphrase')),
  keyPath: optional(word),
};

const ENDPOINTS: Shape<Endpoints> = {
  issuer: word,
  authorization: word,
  token: word,
  revocation: optional(word),
  deviceAuthorization: optional(word),
  issInResponse: flag,
  clientAuthentication: optional(oneOf('client_secret_basic')),
};

const CLIENT: Shape<Client> = {
  id: word,
  provider: word,
  clientId: word,
  clientType: oneOf('desktop', 'web'),
  secretCredential: optional(id),
  secretExpires: optional(date),
  redirectUri: text,
  appRedirectUris: texts,
  tenant: optional(text),
  project: optional(text),
  audience: optional(text),
  appName: text,
};

const BEGUN: Shape<BegunSignIn> = {
  credential: id,
  redirectUri: word,
  expires: date,
};

const ACCOUNT: Shape<Account> = {
  name: word,
  address: word,
  provider: word,
  description: text,
  client: word,
  credential: id,
  store: shaped(STORE),
  authUser: optional(word),
  endpoints: shaped(ENDPOINTS),
  scopes: texts,
  smtp: optional(shaped(SERVER)),
  imap: optional(shaped(SERVER)),
  mailTimeout: seconds,
  ca: optional(word),
  mailboxKind: optional(oneOf('work', 'personal')),
  created: date,
  signedIn: optional(date),
  signInEnds: optional(date),
  lastCheck: optional(date),
  lastFailures: optional(texts),
  begun: optional(shaped(BEGUN)),
};

const DRAFT: Shape<Draft> = {
  version: () => undefined,
  id,
  provider: word,
  savedAt: date,
  answers: each((value) => (typeof value === 'string' ? undefined : texts(value))),
  done: texts,
  proposed: optional(each((value) => (typeof value === 'string' ? undefined : texts(value)))),
  credentials: each(id),
  store: optional(shaped(STORE)),
  account: optional(word),
};

/** Kinds answer with what is wrong, prefixed by the way to it: `smtp.port is not a port`. */
function within(key: string, problem: string | undefined): string | undefined {
  if (problem === undefined) return undefined;
  return problem.startsWith('is ') ? `${key} ${problem}` : `${key}.${problem}`;
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

function check<T>(value: unknown, shape: Shape<T>, where: string, path: string): void {
  const problem = within(where, shaped(shape)(value));
  if (problem !== undefined) throw damaged(path, problem);
}

function list(value: unknown, name: string, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw damaged(path, `${name} is not a list`);
  return value;
}

function unique<T>(items: readonly T[], key: keyof T & string, name: string, path: string): void {
  const seen = new Set<unknown>();
  items.forEach((item, index) => {
    if (seen.has(item[key])) throw damaged(path, `${name}[${index}].${key} is there twice`);
    seen.add(item[key]);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(path: string, why: string): MailauthError {
  return new MailauthError('store_damaged', `${path} is damaged: ${why}`, {
    fix: [{ text: `put the file right, or restore it from a backup; mailauth leaves it as it is` }],
  });
}
