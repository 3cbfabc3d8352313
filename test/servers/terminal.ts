/** Runs a program in a real pseudo-terminal, waits for what it shows, and types. */
import { type IPty, spawn } from '@lydell/node-pty';
import { makeScreen } from './screen.js';

export const KEY = {
  enter: '\r',
  up: '\x1b[A',
  down: '\x1b[B',
  ctrlC: '\x03',
  ctrlD: '\x04',
  escape: '\x1b',
  backspace: '\x7f',
} as const;

export interface TerminalOptions {
  /** The whole environment of the program: nothing is inherited. TERM is added. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Default 100. */
  readonly cols?: number;
  /** Default 40. */
  readonly rows?: number;
  /** Milliseconds `expect` and `exited` wait unless told otherwise; default 15000. */
  readonly timeout?: number;
  /** Called with everything the program writes, as it comes. */
  readonly onData?: (data: string) => void;
}

export interface Exit {
  readonly code: number;
  readonly signal: number;
}

export interface Terminal {
  readonly pid: number;
  /**
   * Waits until `what` stands on the screen after the place of the last match, and returns the match.
   * A line is one line here even where the terminal wrapped it.
   */
  expect(what: string | RegExp, timeout?: number): Promise<RegExpExecArray>;
  /** The same, but undefined where the program ends without showing it. */
  expectOrEnd(what: string | RegExp, timeout?: number): Promise<RegExpExecArray | undefined>;
  /** Types. Never before the program asked: what is typed earlier can be lost. */
  send(keys: string): void;
  resize(cols: number, rows: number): void;
  kill(signal?: NodeJS.Signals): void;
  /** Everything shown so far, line by line, as the terminal would keep it. */
  text(): string;
  /** The same, from the place of the last match on. */
  unread(): string;
  /** The bytes as written. */
  raw(): string;
  exited(timeout?: number): Promise<Exit>;
  /** Resolves when nothing was written for `quiet` milliseconds, or the program ended. */
  settled(quiet?: number): Promise<void>;
}

interface Mark {
  readonly line: number;
  readonly column: number;
}

export function run(file: string, args: readonly string[], options: TerminalOptions): Terminal {
  const { cols = 100, rows = 40, timeout: patience = 15_000 } = options;
  const env: Record<string, string> = { TERM: 'xterm-256color' };
  for (const [name, value] of Object.entries(options.env)) if (value !== undefined) env[name] = value;
  const pty: IPty = spawn(file, [...args], {
    name: env['TERM'] ?? 'xterm',
    cols,
    rows,
    cwd: options.cwd ?? process.cwd(),
    env,
  });
  readToTheEnd(pty);
  const screen = makeScreen(cols, rows);
  const watchers = new Set<() => void>();
  let raw = '';
  let exit: Exit | undefined;
  let mark: Mark = { line: 0, column: 0 };
  let lastData = Date.now();
  let isWaking = false;

  const wake = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  pty.onData((data) => {
    raw += data;
    lastData = Date.now();
    screen.write(data);
    options.onData?.(data);
    // A paste comes back character by character; the screen need not be read after each.
    if (isWaking) return;
    isWaking = true;
    setTimeout(() => {
      isWaking = false;
      wake();
    }, 2);
  });
  // The last bytes may arrive after the news of the exit.
  pty.onExit(({ exitCode, signal }) => {
    setTimeout(() => {
      exit = { code: exitCode, signal: signal ?? 0 };
      wake();
    }, 30);
  });

  const unread = (): string => {
    const [first = '', ...rest] = screen.lines().slice(mark.line);
    return [first.slice(mark.column), ...rest].join('\n');
  };
  const advance = (match: RegExpExecArray): void => {
    const passed = unread()
      .slice(0, match.index + match[0].length)
      .split('\n');
    const last = passed.at(-1)?.length ?? 0;
    mark =
      passed.length === 1
        ? { line: mark.line, column: mark.column + last }
        : { line: mark.line + passed.length - 1, column: last };
  };
  /** Looks now and after every write; gives up when the time is over or the program has ended without it. */
  const wait = <T>(look: () => T | undefined, what: string, ms: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        watchers.delete(check);
        settle();
      };
      const fail = (why: string): void =>
        finish(() => reject(new Error(`${why} while waiting for ${what}\n${lastLines(unread())}`)));
      const check = (): void => {
        const found = look();
        if (found !== undefined) finish(() => resolve(found));
        else if (exit !== undefined) fail(`the program ended with ${exit.code}`);
      };
      const timer = setTimeout(() => fail(`${ms} ms went by`), ms);
      watchers.add(check);
      check();
    });

  const finder = (what: string | RegExp) => {
    const pattern = what instanceof RegExp ? new RegExp(what.source, what.flags.replace(/[gy]/g, '')) : literal(what);
    return () => pattern.exec(unread()) ?? undefined;
  };

  return {
    pid: pty.pid,
    async expect(what, timeout = patience) {
      const match = await wait(finder(what), String(what), timeout);
      advance(match);
      return match;
    },
    async expectOrEnd(what, timeout = patience) {
      const find = finder(what);
      const match = await wait(() => find() ?? (exit === undefined ? undefined : 'end'), String(what), timeout);
      if (match === 'end') return undefined;
      advance(match);
      return match;
    },
    send: (keys) => pty.write(keys),
    resize(columns, lines) {
      screen.resize(columns);
      pty.resize(columns, lines);
    },
    kill: (signal = 'SIGTERM') => pty.kill(signal),
    text: () => screen.lines().join('\n').trimEnd(),
    unread,
    raw: () => raw,
    exited: (timeout = patience) => wait(() => exit, 'its end', timeout),
    async settled(quiet = 60) {
      while (exit === undefined && Date.now() - lastData < quiet)
        await new Promise((resolve) => setTimeout(resolve, 10));
    },
  };
}

/**
 * node-pty closes its end 200 ms after the program's exit. Where this process was busy for so long, that timer comes
 * before the last bytes are read, and they are lost: one turn of the event loop reads them first.
 */
function readToTheEnd(pty: IPty): void {
  const { _socket: socket } = pty as IPty & { readonly _socket?: { destroy: () => unknown } };
  if (socket === undefined) return;
  const destroy = socket.destroy.bind(socket);
  socket.destroy = () => setImmediate(() => setImmediate(destroy));
}

function literal(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

function lastLines(text: string): string {
  return ['--- the screen since the last match', ...text.trimEnd().split('\n').slice(-40), '---'].join('\n');
}
