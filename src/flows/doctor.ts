import { lookup } from 'node:dns/promises';
import { rootCertificates } from 'node:tls';
import type { Configuration } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import { connectToAny } from '../system/connect.js';
import { inThisWindowAlone } from '../system/lasting-variables.js';
import { proxiesOf } from '../system/proxy.js';
import { readsSystemAuthorities, trustedCertificates } from '../system/trust.js';
import { protocols } from '../words/protocol.js';
import { type Shell, shellOf } from '../words/shell.js';
import { openConfiguration } from './configuration.js';
import type { World } from './world.js';

/** What a report of a fault needs, and nothing that is secret or personal: no address, no name, no value of a variable. */
export interface Examination {
  readonly versions: Readonly<Record<'mailauth' | 'node' | 'openssl', string>>;
  readonly system: Readonly<Record<'platform' | 'release' | 'arch' | 'language', string>>;
  readonly configuration: {
    readonly folder: 'usual' | 'MAILAUTH_CONFIG_DIR';
    /** Where the file cannot be read: why. */
    readonly trouble: string | null;
    readonly accounts: readonly {
      readonly provider: string;
      readonly store: string;
      readonly lastFailures: readonly string[];
    }[];
  };
  readonly proxies: string | null;
  /** Names alone. */
  readonly variables: readonly string[];
  readonly reachability: readonly Reached[];
  /** Null on every other system. */
  readonly windows: WindowsFacts | null;
}

/** What decides on Windows whether a question can be asked, the keychain answers and a certificate is trusted. */
export interface WindowsFacts {
  readonly shell: Shell;
  /** Git Bash's window, which is no console for programs of Windows. */
  readonly console: boolean;
  /** Signed in at a desktop or a remote one: services, tasks and SSH are not, and may have no Credential Manager. */
  readonly desktop: boolean;
  /** Whether this Node can read the authorities in the store of Windows (22.15, 23.9 and newer). */
  readonly readsAuthorities: boolean;
  /** How many authorities the store of Windows adds to those of Node. */
  readonly addedAuthorities: number;
  /** Variables that `set` gave to this window: a scheduled task does not have them. */
  readonly inThisWindowAlone: readonly string[];
}

interface Reached {
  readonly host: string;
  readonly port: number;
  readonly ok: boolean;
  readonly milliseconds: number;
  /** The name of what went wrong, as the system calls it. */
  readonly trouble: string | null;
}

/** Seconds for one host, its name included. */
const REACH_SECONDS = 10;
const TELLING =
  /^(?:MAILAUTH_|NODE_|SSL_|BROWSER$|LANG$|LC_|TERM$|NO_COLOR$|FORCE_COLOR$|CREDENTIALS_DIRECTORY$|(?:https?|all|no)_proxy$)/i;

/** What a command without a person finds its accounts and their key by. */
const FOR_TASKS = ['MAILAUTH_KEY_FILE', 'MAILAUTH_PASSPHRASE_FILE', 'MAILAUTH_CONFIG_DIR'];

export async function examine(
  world: World,
  facts: Pick<Examination, 'versions'> & { readonly system: Omit<Examination['system'], 'language'> },
): Promise<Examination> {
  const { env, interviewer } = world;
  const { configuration, trouble } = await readable(world);
  const hosts = hostsOf(configuration);
  const reaching = Promise.all(hosts.map(({ host, port }) => reach(host, port, world.signal)));
  const reachability = await interviewer.waitFor({ what: `${hosts.length} servers`, seconds: REACH_SECONDS }, reaching);
  return {
    versions: facts.versions,
    system: { ...facts.system, language: env['LC_ALL'] ?? env['LANG'] ?? '' },
    configuration: {
      folder: env['MAILAUTH_CONFIG_DIR'] === undefined ? 'usual' : 'MAILAUTH_CONFIG_DIR',
      trouble,
      accounts: configuration.accounts.map(({ provider, store, lastFailures = [] }) => ({
        provider,
        store: store.kind,
        lastFailures,
      })),
    },
    proxies: proxiesOf(env).description ?? null,
    variables: Object.keys(env)
      .filter((name) => TELLING.test(name))
      .sort(),
    reachability,
    windows: world.platform === 'win32' ? await windowsFacts(world) : null,
  };
}

async function windowsFacts({ env, platform }: World): Promise<WindowsFacts> {
  const trusted = (await trustedCertificates(undefined, env, { platform })) ?? rootCertificates;
  return {
    shell: shellOf(env, platform),
    console: env['MSYSTEM'] === undefined || process.stdin.isTTY === true,
    // Set by the sign-in at a screen: Console, or RDP-Tcp#0.
    desktop: env['SESSIONNAME'] !== undefined,
    readsAuthorities: readsSystemAuthorities(),
    addedAuthorities: trusted.length - rootCertificates.length,
    inThisWindowAlone: await inThisWindowAlone(FOR_TASKS, env),
  };
}

async function readable(world: World): Promise<{ configuration: Configuration; trouble: string | null }> {
  try {
    return { configuration: await openConfiguration(world), trouble: null };
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
    return { configuration: { version: 1, accounts: [], clients: [] }, trouble: error.code };
  }
}

/** Where requests and mail of these accounts go, each once. */
function hostsOf({ accounts }: Configuration): readonly { readonly host: string; readonly port: number }[] {
  const tokens = accounts.map(({ endpoints }) => new URL(endpoints.token));
  const all = [
    ...tokens.map(({ hostname, port }) => ({ host: hostname, port: Number(port) || 443 })),
    ...accounts.flatMap(({ store }) => {
      const url = store.kind !== 'command' && store.at !== undefined ? new URL(store.at) : undefined;
      return url === undefined ? [] : [{ host: url.hostname, port: Number(url.port) || 443 }];
    }),
    ...accounts.flatMap((account) => protocols.flatMap((protocol) => account[protocol] ?? [])),
  ].map(({ host, port }) => ({ host, port }));
  return [...new Map(all.map((one) => [`${one.host} ${one.port}`, one])).values()];
}

/** Whether a TCP connection can be made; nothing is sent. */
async function reach(host: string, port: number, signal: AbortSignal): Promise<Reached> {
  const began = performance.now();
  const ended = (trouble: string | null): Reached => {
    return { host, port, ok: trouble === null, milliseconds: Math.round(performance.now() - began), trouble };
  };
  const until = AbortSignal.any([signal, AbortSignal.timeout(REACH_SECONDS * 1000)]);
  try {
    const addresses = await lookup(host, { all: true });
    (await connectToAny(addresses, port, until)).destroy();
    return ended(null);
  } catch (error) {
    signal.throwIfAborted();
    const { code, name } = error as NodeJS.ErrnoException;
    return ended(until.aborted ? 'ETIMEDOUT' : String(code ?? name));
  }
}
