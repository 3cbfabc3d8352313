/** What accounts.json keeps: everything about an account but its secrets. */

import type { Protocol } from '../words/protocol.js';
import type { Client } from './client.js';
import type { StoredPassword } from './password.js';

export type Security = 'starttls' | 'tls';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `tls`: TLS from the first byte (RFC 8314). `starttls`: mandatory upgrade, never plain text. */
  readonly security: Security;
  /** The user name of the XOAUTH2 login, where it is not the account's address (a shared mailbox's delegate). */
  readonly user?: string;
}

/** The endpoints of one issuer, as its discovery document gave them (RFC 8414 names). Kept so that `token` needs no discovery. */
export interface Endpoints {
  readonly issuer: string;
  readonly authorization: string;
  readonly token: string;
  readonly revocation?: string;
  readonly deviceAuthorization?: string;
  /** RFC 9207: the authorization response must carry `iss`. */
  readonly issInResponse: boolean;
  /** Set where the token endpoint does not take the secret in the body (RFC 6749 section 2.3.1). */
  readonly clientAuthentication?: 'client_secret_basic';
}

/** The kinds of store, each as `--store` spells it. Each has its row in store/stores.ts. */
export const STORE_SPELLINGS = {
  keychain: 'keychain',
  file: 'file',
  command: 'command:PATH',
  vault: 'vault:URL',
  etcd: 'etcd:URL',
} as const;

export const STORE_KINDS = Object.keys(STORE_SPELLINGS) as readonly (keyof typeof STORE_SPELLINGS)[];

export interface StoreChoice {
  readonly kind: keyof typeof STORE_SPELLINGS;
  /** What stands behind the word and a colon: where a store is found that other hosts may share. */
  readonly at?: string;
  /** For `file`: how the data key is wrapped, so that a process without it can name what it lacks. */
  readonly key?: 'key-file' | 'passphrase';
  readonly keyPath?: string;
}

/** A store as `--store` spells it, by which two choices are one store: `file`, `command:/usr/local/bin/helper`. */
export function storeWord({ kind, at }: StoreChoice): string {
  return at === undefined ? kind : `${kind}:${at}`;
}

export function isSameStore(one: StoreChoice | undefined, other: StoreChoice | undefined): boolean {
  return (one && storeWord(one)) === (other && storeWord(other));
}

/** A sign-in that `authorize --begin` has begun and nobody has finished yet. */
export interface BegunSignIn {
  /** Key of its state, nonce and code verifier in the store, where they are read once. */
  readonly credential: string;
  /** How the address begins that finishes it. */
  readonly redirectUri: string;
  /** ISO date-time. */
  readonly expires: string;
}

/** A server for each protocol that is used. */
export type MailServers = { readonly [P in Protocol]?: MailServer };

export interface Account extends MailServers {
  readonly name: string;
  readonly address: string;
  readonly provider: string;
  readonly description: string;
  /** Id of the client. */
  readonly client: string;
  /** Key of the account's credential in the store. */
  readonly credential: string;
  readonly store: StoreChoice;
  /** The account that signs in, where it is not `address` (alias, shared mailbox). */
  readonly authUser?: string;
  readonly endpoints: Endpoints;
  readonly scopes: readonly string[];
  /** Seconds; the guide's Timeout field. */
  readonly mailTimeout: number;
  /** PEM file trusted in addition, absolute path. */
  readonly ca?: string;
  /** ISO date-times. */
  readonly created: string;
  readonly signedIn?: string;
  /** When the provider will end this sign-in, where it announced one. */
  readonly signInEnds?: string;
  /** The last whole check, and the codes of what failed in it; none where all was well. */
  readonly lastCheck?: string;
  readonly lastFailures?: readonly string[];
  readonly begun?: BegunSignIn;
  /** What lets programs into the account through `serve`. */
  readonly passwords?: readonly StoredPassword[];
}

export interface Configuration {
  readonly version: 1;
  readonly clients: readonly Client[];
  readonly accounts: readonly Account[];
}
