/**
 * Homes of people who set a mailbox up by script with a refresh token they bring along, at providers that judge each
 * value: the right value of every flag, and a wrong one.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../../src/account/account.js';
import { entriesOf } from '../../src/account/record.js';
import type { Interviewer } from '../../src/flows/interviewer.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import { makeAuthority } from '../servers/certificates.js';
import { startImapServer } from '../servers/imap-server.js';
import { startSmtpServer } from '../servers/smtp-server.js';
import { type StrictProvider, startStrictProvider } from '../servers/strict-provider.js';
import { type Circumstances, type Ended, mailauth } from './in-process.js';

export const MAILBOX = 'reception@happypaws.example';
const TENANT = '99999999-2222-3333-4444-555555555555';
const CLIENTS = {
  gmail: {
    clientId: '123456789012-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com',
    secret: 'GOCSPX-0123456789abcdefghijklmnopqr',
    tenant: '',
  },
  outlook: { clientId: '11111111-2222-3333-4444-555555555555', secret: `aBc8Q~${'x'.repeat(34)}`, tenant: TENANT },
  custom: { clientId: 'the-mail-client', secret: 'a secret of our own issuer', tenant: '' },
} as const;
export type Name = keyof typeof CLIENTS;

/** A value that the provider, a server or the mailbox refuses, by flag. A secret is what its file holds. */
export const WRONG: Readonly<Record<Name, Readonly<Record<string, string>>>> = {
  gmail: {
    '--client-id': '999999999999-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com',
    '--client-secret-file': 'GOCSPX-9999999999abcdefghijklmnopqr',
    '--refresh-token-file': '1//0no-such-token-abcdefghijklmnop',
    '--account': 'recpetion@happypaws.example',
    '--issuer': 'https://localhost:1',
    '--imap-port': '1',
  },
  outlook: {
    '--client-id': '77777777-2222-3333-4444-555555555555',
    '--tenant': '88888888-2222-3333-4444-555555555555',
    '--client-secret-file': `zZz8Q~${'y'.repeat(34)}`,
    '--refresh-token-file': 'M.C5_no-such-token-abcdefghijklmnop',
    '--account': 'recpetion@happypaws.example',
    '--issuer': 'https://localhost:1/{tenant}/v2.0',
    '--imap-port': '1',
  },
  custom: {
    '--client-id': 'another-mail-client',
    '--client-secret-file': 'the secret of somebody else',
    '--refresh-token-file': 'no-such-token-abcdefghijklmnop',
    '--account': 'recpetion@happypaws.example',
    '--issuer': 'https://localhost:1',
    '--imap-port': '1',
  },
};

export type Values = Readonly<Record<string, string>>;

export interface Home {
  readonly configDir: string;
  readonly right: Values;
  /** Runs a command with `--json` and these flags; a secret is the text that its file is to hold. */
  run(command: readonly string[], values: Values, more?: Partial<Circumstances>): Promise<Ended>;
  /** `setup PROVIDER` with these flags. */
  set(values: Values): Promise<Ended>;
  read(): Configuration;
  /** Whether an account is set up. */
  isStored(): boolean;
  /** Files of the store, and files of unfinished set-ups, that no record names. */
  left(): readonly string[];
  /** Entries that records name and the store does not have. */
  lost(): readonly string[];
}

export interface ProviderTown {
  readonly folder: string;
  readonly providers: Readonly<Record<Name, StrictProvider>>;
  openHome(name: Name): Promise<Home>;
  /** A home in a folder that is there. */
  homeIn(configDir: string, name: Name, right?: Values): Home;
  close(): Promise<void>;
}

/** A person who signs in as soon as the address is shown, after whatever happens `meanwhile`. */
export function browserOf(provider: StrictProvider, meanwhile = async (): Promise<void> => {}): Partial<Interviewer> {
  return {
    async awaitRedirect({ url, redirectUri }, signal) {
      await meanwhile();
      const { searchParams } = new URL(url);
      const back = new URL(redirectUri);
      back.searchParams.set('code', provider.code(MAILBOX));
      back.searchParams.set('state', searchParams.get('state') ?? '');
      visit(back);
      return new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    },
  };
}

/** Goes where the program sends a browser on to, as every browser does: the program waits for a while until it is there. */
function visit(address: URL): void {
  get(address, (response) => {
    response.resume();
    const { location } = response.headers;
    if (location !== undefined) visit(new URL(location, address));
  });
}

export async function openTown(): Promise<ProviderTown> {
  const authority = makeAuthority();
  // Every change is waited for until it is on the disk, which the tests of the store see to.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mailauth-town-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.cert);
  const providers = {
    gmail: await startStrictProvider(authority, 'google', CLIENTS.gmail),
    outlook: await startStrictProvider(authority, 'microsoft', CLIENTS.outlook),
    custom: await startStrictProvider(authority, 'google', CLIENTS.custom),
  };
  const verify = async (user: string, token: string): Promise<boolean> =>
    (await Promise.all(Object.values(providers).map((one) => one.verify(user, token)))).includes(true);
  const leaf = authority.issue();
  const smtp = await startSmtpServer({ leaf, security: 'starttls', verify });
  const imap = await startImapServer({ leaf, security: 'tls', verify });
  const rightFor = (name: Name): Values => ({
    '--account': MAILBOX,
    '--client-id': CLIENTS[name].clientId,
    ...(name === 'outlook' && { '--tenant': TENANT }),
    '--client-secret-file': providers[name].secret,
    '--refresh-token-file': providers[name].issue(MAILBOX),
    '--issuer': name === 'outlook' ? `${providers[name].origin}/{tenant}/v2.0` : providers[name].origin,
    '--ca': caFile,
    '--smtp-host': 'localhost',
    '--smtp-port': String(smtp.port),
    '--smtp-security': 'starttls',
    '--imap-host': 'localhost',
    '--imap-port': String(imap.port),
    '--imap-security': 'tls',
  });
  const homeIn = (configDir: string, name: Name, right: Values = rightFor(name)): Home => home(configDir, name, right);
  let homes = 0;
  return {
    folder,
    providers,
    homeIn,
    async openHome(name) {
      const configDir = join(folder, `home-${++homes}`);
      mkdirSync(configDir, { mode: 0o700 });
      await makeKeyFile(join(configDir, 'key'));
      return homeIn(configDir, name);
    },
    async close() {
      const servers = [...Object.values(providers).map((one) => one.stop()), smtp.close(), imap.close()];
      await Promise.all(servers);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function home(configDir: string, name: Name, right: Values): Home {
  const env = { MAILAUTH_KEY_FILE: join(configDir, 'key'), MAILAUTH_STORE: 'file' };
  const run: Home['run'] = (command, values, more = {}) => {
    const flags = Object.entries(values).flatMap(([flag, value]) => [flag, fileFor(configDir, flag, value)]);
    return mailauth([...command, '--json', ...flags], { configDir, env, ...more });
  };
  const read = (): Configuration => JSON.parse(readFileSync(join(configDir, 'accounts.json'), 'utf8'));
  const stored = (): readonly string[] =>
    filesIn(join(configDir, 'secrets')).flatMap((file) => (file.endsWith('.enc') ? [file.replace('.enc', '')] : []));
  return {
    configDir,
    right,
    run,
    set: (values) => run(['setup', name], values),
    read,
    isStored: () => existsSync(join(configDir, 'accounts.json')) && read().accounts.length > 0,
    left() {
      const named = entriesOf(read());
      return [...stored().filter((id) => !named.has(id)), ...filesIn(join(configDir, 'setups'))];
    },
    lost() {
      const there = stored();
      return [...entriesOf(read())].filter((id) => !there.includes(id));
    },
  };
}

function fileFor(configDir: string, flag: string, value: string): string {
  if (flag !== '--client-secret-file' && flag !== '--refresh-token-file') return value;
  const file = join(configDir, flag.slice(2));
  writeFileSync(file, value, { mode: 0o600 });
  return file;
}

function filesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
