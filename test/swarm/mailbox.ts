/** An account as `setup` leaves it behind, made without the wizard: accounts.json, the client secret, the credential. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Account, StoreChoice } from '../../src/account/account.js';
import type { Client } from '../../src/account/client.js';
import type { Credential } from '../../src/account/credential.js';
import { changeConfiguration } from '../../src/store/accounts.js';
import { decodeCredential, encodeCredential } from '../../src/store/credential.js';
import { openFileStore } from '../../src/store/file/file-store.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import type { SecretStore } from '../../src/store/store.js';
import { Secret } from '../../src/words/secret.js';

export interface MailboxWish {
  readonly name?: string;
  readonly address?: string;
  readonly provider?: 'gmail' | 'outlook' | 'custom';
  /** Only the token endpoint is ever asked. */
  readonly tokenEndpoint?: string;
  readonly clientId?: string;
  /** Empty: a public client. */
  readonly clientSecret?: string;
  readonly scopes?: readonly string[];
  /** PEM file. */
  readonly ca?: string;
  readonly account?: Partial<Account>;
  readonly credential?: Partial<Credential>;
}

export interface Mailbox {
  readonly configDir: string;
  readonly account: Account;
  readonly client: Client;
  readonly store: SecretStore;
  /** What is stored now. */
  credential(): Promise<Credential>;
  save(credential: Credential): Promise<void>;
}

/** An access token of long ago. */
export const OVER = { accessTokenIssued: 1_700_000_000, accessTokenExpires: 1_700_003_600 } as const;

/** The store with the key file: no Debian package, no daemon. */
export async function fileStoreIn(configDir: string): Promise<SecretStore> {
  const path = join(configDir, 'key');
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  await makeKeyFile(path);
  return openFileStore({ directory: configDir, key: { kind: 'key-file', path } });
}

export async function makeMailbox(configDir: string, store: SecretStore, wish: MailboxWish = {}): Promise<Mailbox> {
  const client = clientOf(wish);
  const account = accountOf(wish, client, store.choice);
  if (client.secretCredential !== undefined) {
    await store.put(client.secretCredential, new Secret(wish.clientSecret ?? 'the-client-secret'));
  }
  const save = (credential: Credential) => store.put(account.credential, encodeCredential(credential));
  await save({
    refreshToken: new Secret('the-first-refresh-token'),
    accessToken: new Secret('the-first-access-token'),
    ...OVER,
    generation: 1,
    ...wish.credential,
  });
  await changeConfiguration(configDir, ({ clients, accounts, version }) => ({
    version,
    clients: [...clients, client],
    accounts: [...accounts, account],
  }));
  return {
    configDir,
    account,
    client,
    store,
    save,
    credential: async () => decodeCredential((await store.get(account.credential))?.value as Secret),
  };
}

function clientOf(wish: MailboxWish): Client {
  return {
    id: globalThis.crypto.randomUUID(),
    provider: wish.provider ?? 'outlook',
    clientId: wish.clientId ?? 'the-client',
    clientType: 'web',
    ...(wish.clientSecret !== '' && { secretCredential: globalThis.crypto.randomUUID() }),
    redirectUri: 'http://localhost:8765/callback',
    appRedirectUris: [],
    appName: 'mailauth',
  };
}

function accountOf(wish: MailboxWish, client: Client, store: StoreChoice): Account {
  const token = wish.tokenEndpoint ?? 'https://localhost:8/token';
  const issuer = new URL(token).origin;
  return {
    name: wish.name ?? 'outlook',
    address: wish.address ?? 'ann@happypaws.example',
    provider: client.provider,
    description: '',
    client: client.id,
    credential: globalThis.crypto.randomUUID(),
    store,
    endpoints: { issuer, authorization: `${issuer}/authorize`, token, issInResponse: false },
    scopes: wish.scopes ?? ['https://outlook.office.com/SMTP.Send', 'offline_access'],
    smtp: { host: 'localhost', port: 587, security: 'starttls' },
    imap: { host: 'localhost', port: 993, security: 'tls' },
    mailTimeout: 20,
    ...(wish.ca && { ca: wish.ca }),
    created: '2026-11-23T09:00:00.000Z',
    ...wish.account,
  };
}
