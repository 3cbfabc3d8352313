import { setMaxListeners } from 'node:events';
import { isSea } from 'node:sea';
import { isA } from '../explain/codes.js';
import { type Fix, MailauthError } from '../explain/problem.js';
import { watchFlights } from '../flows/token/in-flight.js';
import { askingAgain } from '../words/shell.js';
import { COMMANDS, type CommandName, renderHelp } from './command-table.js';
import type { ClockSpeed, Ending, Run } from './context.js';
import { settleRuntime } from './runtime.js';
import { isOutputClosed, isUnderNohup } from './standard-streams.js';
import { version } from './version.js';

/** One small file a command, loaded only when it runs. */
const RUN: Readonly<Record<CommandName, () => Promise<{ readonly run: Run }>>> = {
  setup: () => import('./commands/setup.js'),
  authorize: () => import('./commands/authorize.js'),
  check: () => import('./commands/check.js'),
  token: () => import('./commands/token.js'),
  list: () => import('./commands/list.js'),
  remove: () => import('./commands/remove.js'),
  export: () => import('./commands/export.js'),
  import: () => import('./commands/import.js'),
  guide: () => import('./commands/guide.js'),
  explain: () => import('./commands/explain.js'),
  key: () => import('./commands/key.js'),
  serve: () => import('./commands/serve.js'),
  password: () => import('./commands/password.js'),
  discover: () => import('./commands/discover.js'),
  doctor: () => import('./commands/doctor.js'),
  completion: () => import('./commands/completion.js'),
};

/** Windows sends SIGBREAK for Ctrl-Break, and SIGHUP when its console is closed. */
const STOPPING: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  ...(process.platform === 'win32' ? (['SIGBREAK'] as const) : []),
];

/**
 * The whole program: the only catch, the only exit code, the only signal handlers.
 * The first signal aborts every wait, so that prompts restore the terminal and state is saved; a second one ends at
 * once, unless a refresh token is in flight.
 */
export async function main(argv: readonly string[], speed: ClockSpeed = { second: 1000 }): Promise<void> {
  const stop = new AbortController();
  // Every account of a check listens to it, and there may be a hundred.
  setMaxListeners(0, stop.signal);
  const inFlight = watchFlights(stop.signal);
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted && !inFlight.busy) process.kill(process.pid, 'SIGKILL');
    stop.abort(new MailauthError(signal === 'SIGINT' ? 'interrupted' : 'terminated', 'stopped'));
  };
  const deaf = () => undefined;
  for (const signal of STOPPING) process.on(signal, signal === 'SIGHUP' && isUnderNohup() ? deaf : onSignal);
  // The default action opens the inspector to every local user.
  process.on('SIGUSR1', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    // Who reads no further, as `head` does, knows it.
    leave(74, error.code === 'EPIPE' ? '' : `mailauth: cannot write to standard output: ${error.message}\n`),
  );
  // Nobody reads the talk: the result is worth printing all the same.
  process.stderr.on('error', () => undefined);
  const onCrash = crashHandler(argv);
  process.on('uncaughtException', onCrash).on('unhandledRejection', onCrash);
  let frozen = false;
  const onFrozen = (): void => {
    frozen = true;
  };
  try {
    settleRuntime(process.env, (text) => process.stderr.write(`WARN  ${text}\n`));
    process.exitCode = await runCommand(argv, { signal: stop.signal, inFlight, onFrozen }, speed);
  } catch (error) {
    process.exitCode = await report(error, argv);
  }
  // A keychain that froze inside native code keeps the process alive: where it does not let go, only a signal ends it.
  if (frozen) setTimeout(() => process.kill(process.pid, 'SIGKILL'), LETTING_GO_MS).unref();
}

/** Time for the native call to come back once its connection has ended. */
const LETTING_GO_MS = 2_000;

async function runCommand(argv: readonly string[], ending: Ending, speed: ClockSpeed): Promise<number> {
  const [first] = argv;
  if (argv.length === 1 && (first === '--help' || first === '-h' || first === 'help')) {
    process.stdout.write(renderHelp());
    return 0;
  }
  if (asksForVersion(argv)) {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const invocation =
    (await import('./usual-line.js')).readUsualLine(argv) ?? (await import('./program.js')).parse(argv);
  if (invocation === undefined) return 0;
  const { openContext } = await import('./context.js');
  const context = await openContext(invocation, ending, speed);
  const { command } = invocation;
  const { run } = await (command === undefined ? import('./commands/status.js') : RUN[command]());
  const onlyPrints = command === undefined || COMMANDS.find(({ name }) => name === command)?.onlyPrints === true;
  if (onlyPrints && isOutputClosed()) throw outputClosed();
  return run(context);
}

function outputClosed(): MailauthError {
  return new MailauthError('cannot_write', 'standard output is closed, so nothing can be printed', {
    fix: [{ text: 'leave >&- out; to print to nobody, write > /dev/null' }],
  });
}

/** Wherever it stands, except behind `--`, where nothing is a flag. */
function asksForVersion(argv: readonly string[]): boolean {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  return words.includes('--version') || words.includes('-V');
}

/** Node itself would print the error as it is, with whatever its message holds. */
function crashHandler(argv: readonly string[]): (error: unknown) => void {
  let crashed = false;
  return (error) => {
    if (crashed) return;
    crashed = true;
    report(error, argv).then(
      (exit) => process.exit(exit),
      // Not even the words could be loaded.
      (why: NodeJS.ErrnoException) => leave(1, `mailauth: cannot go on (${why.code ?? why.name})\n`),
    );
  };
}

/** Prints what went wrong, as text or as the one JSON document, and gives the exit code. */
async function report(error: unknown, argv: readonly string[]): Promise<number> {
  const { errorDocument, renderError, renderErrorLine } = await import('../render/problem.js');
  const { styleFor, wantsColour, writable } = await import('../render/style.js');
  const { json } = await import('../words/sanitise.js');
  const { lettersFor } = await import('../words/letters.js');
  const style = styleFor(wantsColour(process.env, process.stderr.isTTY === true, argv.includes('--no-color')));
  const known = error instanceof MailauthError ? error : await asBug(error);
  if (argv.includes('--json')) process.stdout.write(json(errorDocument(known.problem)));
  const problem =
    known.code === 'missing_input' ? { ...known.problem, fix: [...known.problem.fix, ...ways(argv)] } : known.problem;
  if (isA('stopped', known.code)) process.stderr.write('\n');
  const width = Math.min(process.stderr.columns || 80, 100);
  // Who calls `token` is a program, which shows or logs one line.
  const oneLine = argv[0] === 'token' && known.code !== 'bug';
  const text = oneLine ? renderErrorLine(problem) : renderError(problem, style, width);
  process.stderr.write(writable(lettersFor(process.env)(text)));
  return known.exit;
}

/** Whoever sits at a window that is no console is no script. */
function ways(argv: readonly string[]): readonly Fix[] {
  const program = isSea() ? 'mailauth' : 'mailauth.cmd';
  const command = askingAgain(process.env, process.platform, { program, args: argv });
  if (command === undefined || process.stdin.isTTY || argv.includes('--no-input')) return [];
  return [{ text: 'to be asked, use the Command Prompt or PowerShell, or in Git Bash', command }];
}

/** Anything but our own error is a mistake of ours, and says so; its place helps whoever fixes it. */
async function asBug(error: unknown): Promise<MailauthError> {
  const { describeBug } = await import('../render/bug.js');
  process.stderr.write(`${describeBug(error)}\n`);
  return new MailauthError('bug', 'this is a bug in mailauth, not something you did', {
    who: 'mailauth',
    fix: [{ text: 'send the lines above to the project' }],
  });
}

function leave(exit: number, text: string): void {
  process.stderr.write(text);
  process.exit(exit);
}
