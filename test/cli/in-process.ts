/**
 * The program's commands in the process of the test: the real parser, the real commands, a clock that can be set. What
 * a process alone can show (signals, streams, the environment of children) is tested with the compiled program.
 */
import type { Run } from '../../src/cli/context.js';
import { openOutput } from '../../src/cli/output.js';
import { parse } from '../../src/cli/program.js';
import { scriptInterviewer } from '../../src/cli/terminal/script.js';
import { MailauthError } from '../../src/explain/problem.js';
import type { Interviewer } from '../../src/flows/interviewer.js';
import { watchFlights } from '../../src/flows/token/in-flight.js';
import type { World } from '../../src/flows/world.js';
import { errorDocument, renderError } from '../../src/render/problem.js';
import { styleFor, writable } from '../../src/render/style.js';
import { readStoreChoice } from '../../src/store/stores.js';
import { json } from '../../src/words/sanitise.js';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The one document of `--json`; fails where stdout is anything else. */
  document<T>(): T;
}

export interface Circumstances {
  readonly configDir: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly now?: () => Date;
  readonly signal?: AbortSignal;
  /** Standard output is a terminal. */
  readonly terminal?: true;
  /** Columns of the terminal; 100 where nothing is said. */
  readonly columns?: number;
  /** Hears what is written, as it is written. */
  readonly hears?: (text: string) => void;
  /** What was taken out of the environment. */
  readonly secrets?: World['secrets'];
  /** What is answered otherwise than a script does. */
  readonly answers?: Partial<Interviewer>;
}

/** Runs one command line for a script, without a terminal. */
export async function mailauth(argv: readonly string[], circumstances: Circumstances): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    ({
      isTTY: name === 'stdout' && circumstances.terminal === true,
      columns: circumstances.columns ?? 100,
      write: (text: string) => {
        written[name] += text;
        circumstances.hears?.(text);
        return true;
      },
    }) as unknown as NodeJS.WriteStream;
  const streams = { stdout: stream('stdout'), stderr: stream('stderr') };
  const code = await run(argv, circumstances, streams).catch((error: unknown) => {
    if (!(error instanceof MailauthError)) throw error;
    if (argv.includes('--json')) streams.stdout.write(json(errorDocument(error.problem)));
    streams.stderr.write(writable(renderError(error.problem, styleFor(false), 100)));
    return error.exit;
  });
  return {
    code,
    ...written,
    document: <T>() => {
      if (!/^\{.*\}\n$/.test(written.stdout)) throw new Error(`not one document: ${written.stdout}`);
      return JSON.parse(written.stdout) as T;
    },
  };
}

async function run(
  argv: readonly string[],
  {
    configDir,
    env = {},
    now = () => new Date(),
    signal = new AbortController().signal,
    answers = {},
    secrets = {},
  }: Circumstances,
  streams: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream },
): Promise<number> {
  const invocation = parse(argv);
  if (invocation === undefined) throw new Error(`${argv.join(' ')} runs no command`);
  const { command = 'status', args, options } = invocation;
  const output = openOutput(streams, env, {
    json: options['json'] === true,
    quiet: options['quiet'] === true,
    verbose: options['verbose'] === true,
    noColor: true,
  });
  const timeout = options['timeout'];
  const kind = options['store'] ?? env['MAILAUTH_STORE'];
  const world: World = {
    env,
    platform: process.platform,
    now,
    configDir,
    signal,
    inFlight: watchFlights(signal),
    interviewer: { ...scriptInterviewer(output), ...answers },
    secrets,
    stores: new Map(),
    openBrowser: options['browser'] !== false,
    ...(kind !== undefined && { store: readStoreChoice(String(kind), '--store') }),
    ...(options['store'] !== undefined && { storeFlag: readStoreChoice(String(options['store']), '--store') }),
    ...(timeout !== undefined && { timeout: Number(timeout) }),
  };
  const load = COMMANDS[command];
  if (load === undefined) throw new Error(`${command} is not run in this process`);
  return (await load()).run({ world, output, args, options, attended: false });
}

const COMMANDS: Readonly<Record<string, () => Promise<{ readonly run: Run }>>> = {
  authorize: () => import('../../src/cli/commands/authorize.js'),
  check: () => import('../../src/cli/commands/check.js'),
  discover: () => import('../../src/cli/commands/discover.js'),
  doctor: () => import('../../src/cli/commands/doctor.js'),
  explain: () => import('../../src/cli/commands/explain.js'),
  export: () => import('../../src/cli/commands/export.js'),
  guide: () => import('../../src/cli/commands/guide.js'),
  import: () => import('../../src/cli/commands/import.js'),
  key: () => import('../../src/cli/commands/key.js'),
  list: () => import('../../src/cli/commands/list.js'),
  password: () => import('../../src/cli/commands/password.js'),
  remove: () => import('../../src/cli/commands/remove.js'),
  serve: () => import('../../src/cli/commands/serve.js'),
  setup: () => import('../../src/cli/commands/setup.js'),
  token: () => import('../../src/cli/commands/token.js'),
  status: () => import('../../src/cli/commands/status.js'),
};
