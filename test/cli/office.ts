/** A mailbox with everything around it: a token endpoint that says what it is told, and mail servers that know tokens. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account, Configuration } from '../../src/account/account.js';
import type { Client } from '../../src/account/client.js';
import type { Credential } from '../../src/account/credential.js';
import { changeConfiguration, readConfiguration } from '../../src/store/accounts.js';
import type { SecretStore } from '../../src/store/store.js';
import { Secret } from '../../src/words/secret.js';
import { type Leaf, makeAuthority } from '../servers/certificates.js';
import { type ImapServer, type ImapServerOptions, startImapServer } from '../servers/imap-server.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import {
  type ScriptedAnswer,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../servers/scripted-token-endpoint.js';
import { type SmtpServer, startSmtpServer } from '../servers/smtp-server.js';
import { fileStoreIn, makeMailbox } from '../swarm/mailbox.js';
import { type Circumstances, type Ended, mailauth } from './in-process.js';

export const ADDRESS = 'reception@happypaws.example';
export const SMTP_SCOPE = 'https://outlook.office.com/SMTP.Send';
export const IMAP_SCOPE = 'https://outlook.office.com/IMAP.AccessAsUser.All';

/** What a token endpoint gives; the mail servers below take tokens that begin with `good`. */
export const GOOD = { access_token: 'good-access-token', token_type: 'Bearer', expires_in: 3600 };

const authority = makeAuthority();
const leaf: Leaf = authority.issue();

export interface Office {
  readonly configDir: string;
  readonly endpoint: ScriptedEndpoint;
  readonly smtp: SmtpServer;
  readonly imap: ImapServer;
  readonly store: SecretStore;
  readonly caFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** An account whose servers are the ones of this office, unless it is told otherwise. */
  employ(wish?: Employee): Promise<Account>;
  /** The answer to the next request of the token endpoint. */
  answer(answer: ScriptedAnswer): void;
  mailauth(argv: readonly string[], changes?: Partial<Circumstances>): Promise<Ended>;
  configuration(): Promise<Configuration>;
  account(name?: string): Promise<Account>;
  /** A mail server with a script of its own, closed with the office. */
  script(script: string): Promise<ScriptedServer>;
  close(): Promise<void>;
}

export interface Employee {
  /** Without a mail server: for what only the token endpoint has to do with. */
  readonly mail?: false;
  readonly provider?: 'gmail' | 'outlook' | 'custom';
  readonly account?: Partial<Account>;
  readonly client?: Partial<Client> & { readonly tenant?: string };
  readonly credential?: Partial<Credential>;
}

export interface OfficeOptions {
  readonly verify?: ImapServerOptions['verify'];
  readonly imap?: Partial<ImapServerOptions>;
}

export async function openOffice(options: OfficeOptions = {}): Promise<Office> {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-office-'));
  const configDir = join(folder, 'config');
  mkdirSync(configDir, { mode: 0o700 });
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.cert);
  const verify = options.verify ?? (async (_user: string, token: string) => token.startsWith('good'));
  const [endpoint, smtp, imap, store] = await Promise.all([
    startScriptedEndpoint(authority, leaf),
    startSmtpServer({ leaf, security: 'starttls', verify }),
    startImapServer({ leaf, security: 'tls', verify, messages: 402, ...options.imap }),
    fileStoreIn(configDir),
  ]);
  const env = { MAILAUTH_KEY_FILE: join(configDir, 'key') };
  const scripts: ScriptedServer[] = [];
  const configuration = () => readConfiguration(configDir);
  return {
    configDir,
    endpoint,
    smtp,
    imap,
    store,
    caFile,
    env,
    async employ({ provider = 'outlook', mail, account = {}, client = {}, credential = {} } = {}) {
      const made = await makeMailbox(configDir, store, {
        name: provider,
        address: ADDRESS,
        provider,
        clientSecret: 'the-client-secret',
        tokenEndpoint: `${endpoint.origin}/token`,
        scopes: ['openid', 'offline_access', IMAP_SCOPE, SMTP_SCOPE],
        ca: caFile,
        credential,
        account: {
          smtp: { host: 'localhost', port: smtp.port, security: 'starttls' },
          imap: { host: 'localhost', port: imap.port, security: 'tls' },
          ...account,
        },
      });
      await changeConfiguration(configDir, (before) => ({
        ...before,
        clients: before.clients.map((one) => (one.id === made.client.id ? { ...one, ...client } : one)),
        accounts: before.accounts.map((one) =>
          one.name === made.account.name && mail === false ? mailless(one) : one,
        ),
      }));
      return made.account;
    },
    answer: (answer) => endpoint.answer('/token', answer),
    mailauth: (argv, changes = {}) => mailauth(argv, { configDir, env, ...changes }),
    configuration,
    async account(name = 'outlook') {
      const found = (await configuration()).accounts.find((one) => one.name === name);
      if (found === undefined) throw new Error(`no account ${name}`);
      return found;
    },
    async script(script) {
      const server = await playScript(script, leaf);
      scripts.push(server);
      return server;
    },
    async close() {
      await Promise.all([smtp.close(), imap.close(), ...scripts.map((server) => server.close())]);
      rmSync(folder, { recursive: true, force: true });
      await endpoint.stop();
    },
  };
}

function mailless({ smtp: _smtp, imap: _imap, ...account }: Account): Account {
  return account;
}

/** A stored access token that is good for so many seconds more. */
export function cachedFor(seconds: number, token = 'good-cached-token'): Partial<Credential> {
  const now = Math.floor(Date.now() / 1000);
  return { accessToken: new Secret(token), accessTokenIssued: now - 60, accessTokenExpires: now + seconds };
}
