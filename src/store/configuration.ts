/** The strict reading of accounts.json. */
import type { Account, BegunSignIn, Configuration, Endpoints, MailServer, StoreChoice } from '../account/account.js';
import type { Client } from '../account/client.js';
import {
  check,
  damaged,
  date,
  flag,
  id,
  list,
  oneOf,
  optional,
  parseDocument,
  port,
  type Shape,
  seconds,
  shaped,
  text,
  texts,
  unique,
  word,
} from '../account/reading.js';

export const VERSION = 1;

/** Throws `store_damaged`, naming the file and the first field that is wrong. */
export function parseConfiguration(json: string, path: string): Configuration {
  const value = parseDocument(json, path, VERSION) as unknown as Configuration;
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

const SERVER: Shape<MailServer> = {
  host: word,
  port,
  security: oneOf('starttls', 'tls'),
  user: optional(word),
};

export const STORE: Shape<StoreChoice> = {
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
