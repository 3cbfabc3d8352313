import { MailauthError } from '../explain/problem.js';
import type { World } from '../flows/world.js';
import { configDirectory } from '../store/places.js';
import { readStoreChoice } from '../store/stores.js';
import { Secret } from '../words/secret.js';
import { type Output, openOutput } from './output.js';
import { scriptInterviewer } from './terminal/script.js';
import type { Invocation } from './usual-line.js';

/** What every command gets. */
export interface Context {
  readonly world: World;
  readonly output: Output;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** A person at a terminal, who was not told to be left alone. */
  readonly attended: boolean;
}

/** How fast time goes by for a person at a terminal. */
export interface ClockSpeed {
  /** Milliseconds. */
  readonly second: number;
}

/** What can end the process before its command does. */
export type Ending = Pick<World, 'signal' | 'inFlight' | 'onFrozen'>;

/** Runs a command and gives its exit code. */
export type Run = (context: Context) => Promise<number>;

/** Variables that hold a secret: read once, and gone before any child process could inherit them. */
export const SECRET_VARIABLES = {
  clientSecret: 'MAILAUTH_CLIENT_SECRET',
  refreshToken: 'MAILAUTH_REFRESH_TOKEN',
  passphrase: 'MAILAUTH_PASSPHRASE',
} as const;

export async function openContext(
  invocation: Invocation,
  { signal, inFlight, onFrozen }: Ending,
  { second }: ClockSpeed,
): Promise<Context> {
  const { options } = invocation;
  const secrets = takeSecrets(process.env);
  const json = options['json'] === true;
  const output = openOutput(process, process.env, {
    json,
    quiet: options['quiet'] === true,
    verbose: options['verbose'] === true,
    noColor: options['color'] === false,
  });
  // Standard input last: to look at it opens it.
  const attended = !json && options['input'] !== false && process.stderr.isTTY === true && process.stdin.isTTY === true;
  const interviewer = attended
    ? (await import('./terminal/interviewer.js')).terminalInterviewer({
        output,
        env: process.env,
        platform: process.platform,
        signal,
        second,
      })
    : scriptInterviewer(output);
  const storeFlag = storeChoice(options['store'], '--store');
  const store = storeFlag ?? storeChoice(process.env['MAILAUTH_STORE'], 'MAILAUTH_STORE');
  const timeout = wholeNumber(options['timeout'], '--timeout');
  const world: World = {
    env: process.env,
    platform: process.platform,
    now: () => new Date(),
    // Not every command has anything to keep: `explain` needs no home folder.
    get configDir() {
      return configDirectory(process.env, process.platform);
    },
    signal,
    inFlight,
    interviewer,
    secrets,
    stores: new Map(),
    openBrowser: options['browser'] !== false,
    ...(onFrozen && { onFrozen }),
    ...(output.trace && { trace: output.trace }),
    ...(store && { store }),
    ...(storeFlag && { storeFlag }),
    ...(timeout !== undefined && { timeout }),
  };
  return { world, output, args: invocation.args, options, attended };
}

function takeSecrets(env: NodeJS.ProcessEnv): World['secrets'] {
  const taken: Record<string, Secret> = {};
  for (const [name, variable] of Object.entries(SECRET_VARIABLES)) {
    const value = env[variable];
    if (value) taken[name] = new Secret(value);
    delete env[variable];
  }
  return taken;
}

function storeChoice(value: unknown, given: string): World['store'] {
  return value === undefined || value === '' ? undefined : readStoreChoice(String(value), given);
}

/** A whole number of at least `least`, or undefined where the option was not given. */
export function wholeNumber(value: unknown, flag: string, least = 1): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (typeof value === 'string' && /^\d{1,6}$/.test(value) && number >= least) return number;
  throw new MailauthError('usage', `${flag} takes a whole number of at least ${least}, not "${String(value)}"`);
}
