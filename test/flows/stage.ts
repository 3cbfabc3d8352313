/**
 * A mailbox that is set up and signed in, on a played provider, its secrets in the encrypted file. Commands run here as
 * the program runs them for a script, without the cost of a process; what a process adds is tested with `PROGRAM`.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Account } from '../../src/account/account.js';
import type { Client } from '../../src/account/client.js';
import type { Credential } from '../../src/account/credential.js';
import { run as runAuthorize } from '../../src/cli/commands/authorize.js';
import { openOutput } from '../../src/cli/output.js';
import { parse } from '../../src/cli/program.js';
import { scriptInterviewer } from '../../src/cli/terminal/script.js';
import { MailauthError } from '../../src/explain/problem.js';
import { watchFlights } from '../../src/flows/token/in-flight.js';
import type { World } from '../../src/flows/world.js';
import { changeConfiguration } from '../../src/store/accounts.js';
import { decodeCredential, encodeCredential } from '../../src/store/credential.js';
import { openFileStore } from '../../src/store/file/file-store.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import { Secret } from '../../src/words/secret.js';
import {
  type AuthorizationServer,
  type ClientKind,
  startAuthorizationServer,
} from '../servers/authorization-server.js';
import { describe, type Secrets, scanDirectory, scanText } from '../servers/canary.js';
import { makeAuthority } from '../servers/certificates.js';
import { type ImapServer, startImapServer } from '../servers/imap-server.js';
import { type BrowserSettings, redirectAddress } from '../servers/scripted-browser.js';

export interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the program would have told and ended with. */
  readonly error: MailauthError | undefined;
}

export interface CommandOptions {
  readonly signal?: AbortSignal;
  /** In addition to the stage's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the command finds in the file that is named `ADDRESS` on its command line. */
  readonly address?: string;
  /** Hears of everything that is written, as it comes. */
  readonly heard?: (everything: string) => void;
}

export interface Stage {
  readonly name: string;
  readonly address: string;
  readonly authorization: AuthorizationServer;
  readonly imap: ImapServer;
  readonly home: string;
  readonly configDir: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** `authorize NAME` with these flags. */
  authorize(flags: readonly string[], options?: CommandOptions): Promise<Ended>;
  /** Where a browser ends, unopened, after the person did as told. */
  redirect(url: string, settings?: Partial<BrowserSettings>): Promise<string>;
  browser(settings?: Partial<BrowserSettings>): BrowserSettings;
  account(): Account;
  amend(change: (account: Account) => Account): Promise<void>;
  credential(): Promise<Credential>;
  /** The names in the folder of the encrypted file. */
  secretFiles(): readonly string[];
  /** How the requests of a grant fared that came since `before`, a length of the ledger. */
  granted(grant: 'authorization_code' | 'device', before: number): readonly string[];
  /** Fails when a secret of the provider is in a text, or in a file below the folder. */
  expectClean(texts: readonly string[], folder?: string): void;
  clear(): Promise<void>;
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const REDIRECT_URI = { gmail: 'http://127.0.0.1:8765/callback', outlook: 'http://localhost:8765/callback' } as const;

export async function setStage(provider: 'gmail' | 'outlook', kind?: ClientKind): Promise<Stage> {
  const home = mkdtempSync(join(tmpdir(), 'mailauth-authorize-'));
  const configDir = join(home, '.config', 'mailauth');
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  const keyFile = join(home, 'key');
  await makeKeyFile(keyFile);
  const store = await openFileStore({ directory: configDir, key: { kind: 'key-file', path: keyFile } });
  const authority = makeAuthority();
  const ca = join(home, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const address = provider === 'gmail' ? 'reception.happypaws@gmail.com' : 'reception@happypaws.example';
  const authorization = await startAuthorizationServer({
    layout: provider === 'gmail' ? 'google' : 'microsoft',
    authority,
    accounts: [address, 'pat@happypaws.example'],
  });
  const leaf = authority.issue();
  const imap = await startImapServer({ leaf, security: 'tls', verify: authorization.verifierOf('imap') });
  const type = kind ?? (provider === 'gmail' ? 'desktop' : 'web');
  const registered = await authorization.registerClient({
    type,
    ...(provider === 'outlook' && { redirectUris: [REDIRECT_URI.outlook] }),
  });
  const client: Client = {
    id: 'the-client',
    provider,
    clientId: registered.clientId,
    clientType: type === 'web' ? 'web' : 'desktop',
    ...(registered.clientSecret !== '' && { secretCredential: 'the-client-secret' }),
    redirectUri: REDIRECT_URI[provider],
    appRedirectUris: [],
    ...(registered.tenant !== '' && { tenant: registered.tenant }),
    appName: 'mailauth',
  };
  const identity = provider === 'gmail' ? ['openid', 'email'] : ['openid', 'email', 'profile', 'offline_access'];
  const account: Account = {
    name: provider,
    address,
    provider,
    description: '',
    client: client.id,
    credential: 'the-credential',
    store: store.choice,
    endpoints: {
      issuer: authorization.issuer,
      authorization: authorization.issuer,
      token: authorization.issuer,
      issInResponse: false,
    },
    scopes: [...identity, ...authorization.mailScopes.filter((scope) => !scope.includes('POP'))],
    imap: { host: 'localhost', port: imap.port, security: 'tls' },
    mailTimeout: 20,
    ca,
    created: '2026-11-23T09:00:00.000Z',
  };
  if (registered.clientSecret !== '') await store.put('the-client-secret', new Secret(registered.clientSecret));
  await store.put('the-credential', encodeCredential({ refreshToken: new Secret('the-old-one'), generation: 1 }));
  await changeConfiguration(configDir, (before) => ({ ...before, clients: [client], accounts: [account] }));

  const env = {
    PATH: '/usr/bin:/bin',
    HOME: home,
    MAILAUTH_CONFIG_DIR: configDir,
    MAILAUTH_KEY_FILE: keyFile,
  };
  const addressFile = join(home, 'address');
  return {
    name: provider,
    address,
    authorization,
    imap,
    home,
    configDir,
    env,
    async authorize(flags, options = {}) {
      if (options.address !== undefined) writeFileSync(addressFile, options.address);
      const named = flags.map((flag) => (flag === 'ADDRESS' ? addressFile : flag));
      const ended = await command(['authorize', provider, ...named], configDir, {
        ...options,
        env: { ...env, ...options.env },
      });
      rmSync(addressFile, { force: true });
      return ended;
    },
    redirect: (url, settings = {}) => redirectAddress(url, { ca: authority.cert, ...settings }),
    browser: (settings = {}) => ({ ca: authority.cert, account: address, ...settings }),
    account: () => JSON.parse(readFileSync(join(configDir, 'accounts.json'), 'utf8')).accounts[0],
    async amend(change) {
      await changeConfiguration(configDir, (before) => ({ ...before, accounts: before.accounts.map(change) }));
    },
    credential: async () => decodeCredential((await store.get('the-credential'))?.value as Secret),
    secretFiles: () => readdirSync(join(configDir, 'secrets')).sort(),
    granted: (grant, before) =>
      authorization.ledger
        .slice(before)
        .filter(({ grantType }) => grantType === (grant === 'device' ? DEVICE_GRANT : grant))
        .map(({ outcome }) => outcome),
    expectClean(texts, folder = home) {
      const secrets: Secrets = Object.fromEntries([...authorization.secrets].map((value, at) => [`${at}`, value]));
      expect(Object.keys(secrets).length).toBeGreaterThan(0);
      const found = [...scanDirectory(folder, secrets), ...texts.flatMap((text) => scanText('output', text, secrets))];
      expect(describe(found)).toBe('');
    },
    async clear() {
      await Promise.all([authorization.stop(), imap.close()]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What `main` does for a script, with ends of our own instead of the process's. */
async function command(
  argv: readonly string[],
  configDir: string,
  { env = {}, signal = new AbortController().signal, heard }: CommandOptions,
): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const end = (name: keyof typeof written) =>
    ({
      write(text: string) {
        written[name] += text;
        heard?.(written.stdout + written.stderr);
      },
    }) as NodeJS.WriteStream;
  const invocation = parse(argv);
  if (invocation === undefined) throw new Error('that only asks for help');
  const { options, args } = invocation;
  const timeout = options['timeout'];
  const output = openOutput({ stdout: end('stdout'), stderr: end('stderr') }, env, {
    json: options['json'] === true,
    quiet: options['quiet'] === true,
    verbose: options['verbose'] === true,
    noColor: true,
  });
  const world: World = {
    env,
    platform: process.platform,
    now: () => new Date(),
    configDir,
    signal,
    inFlight: watchFlights(signal),
    interviewer: scriptInterviewer(output),
    secrets: {},
    stores: new Map(),
    openBrowser: false,
    ...(timeout !== undefined && { timeout: Number(timeout) }),
  };
  try {
    const exit = await runAuthorize({ world, output, args, options, attended: false });
    return { exit, ...written, error: undefined };
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
    return { exit: error.exit, ...written, error };
  }
}
