import { execFile } from 'node:child_process';
import { wrap } from '../../src/render/wrap.js';
import { type Secrets, scanText } from '../servers/canary.js';
import { run, type Terminal } from '../servers/terminal.js';
import { PROGRAM, type Stage } from './stage.js';

/** What a command left behind, for the audience and for the canary. */
export interface Output {
  readonly command: string;
  readonly code: number;
  /** As the terminal shows it, or standard output and standard error. */
  readonly shown: string;
  readonly stdout: string;
}

/** Runs the real program, shows what it does, and keeps every byte it wrote for the search for secrets at the end. */
export interface Programme {
  say(...lines: readonly string[]): void;
  heading(text: string): void;
  /** In a pseudo-terminal, `play` at its keyboard. */
  inTerminal(args: readonly string[], play?: (terminal: Terminal) => Promise<void>): Promise<Output>;
  /** As a script runs it: no terminal, and standard input is empty. `hush` keeps standard output from the audience. */
  asScript(args: readonly string[], options?: { hush?: boolean }): Promise<Output>;
  /** Ends the command that runs now, whatever it is at. */
  stop(): void;
  /** Places in which one of the secrets was seen. */
  leaks(secrets: Secrets): readonly string[];
}

const DEADLINE_MS = 40_000;

/** Sentences keep within the terminal, below the word they belong to; a command stays as it can be copied. */
function fitted(line: string, columns: number): readonly string[] {
  const isSentence = /^(?:[A-Z][\w-]+ |mailauth, | {8})/.test(line);
  if (!isSentence) return [line];
  const [lead = ''] = /^(?:[A-Z][a-z]+ {2,}| *)/.exec(line) ?? [];
  return wrap(line.slice(lead.length), columns, lead, ' '.repeat(lead.length));
}

export function openProgramme(stage: Stage): Programme {
  const stream = process.stdout;
  const live = stream.isTTY === true;
  const columns = Math.min(Math.max(stream.columns || 100, 40), 200);
  const stopped = new AbortController();
  const written: { readonly place: string; readonly text: string }[] = [];
  const say = (...texts: readonly string[]): void => {
    const lines = texts.flatMap((text) => text.split('\n'));
    void stream.write(`${lines.flatMap((line) => (live ? fitted(line, columns) : line)).join('\n')}\n`);
  };
  const heading = (text: string): void => say('', live ? `\x1b[1m== ${text}\x1b[0m` : `== ${text}`);
  const announce = (args: readonly string[]): string => {
    const command = ['mailauth', ...args].join(' ');
    say('', live ? `\x1b[36m$ ${command}\x1b[0m` : `$ ${command}`);
    return command;
  };

  return {
    say,
    heading,
    async inTerminal(args, play) {
      const command = announce(args);
      const terminal = run(process.execPath, [PROGRAM, ...args], {
        env: stage.env,
        cols: columns,
        ...(live && { onData: (data: string) => void stream.write(data) }),
      });
      const end = (): void => terminal.kill('SIGKILL');
      stopped.signal.addEventListener('abort', end);
      try {
        await play?.(terminal);
        const { code } = await terminal.exited(DEADLINE_MS);
        return { command, code, shown: terminal.text(), stdout: '' };
      } finally {
        end();
        stopped.signal.removeEventListener('abort', end);
        if (!live) say(terminal.text());
        written.push({ place: `${command} (terminal)`, text: terminal.raw() });
      }
    },
    async asScript(args, { hush = false } = {}) {
      const command = announce(args);
      const { code, stdout, stderr } = await execute(args, stage.env, stopped.signal);
      const shown = [hush ? '' : stdout, stderr].join('');
      if (shown !== '') say(shown.trimEnd());
      if (!hush) written.push({ place: `${command} (standard output)`, text: stdout });
      written.push({ place: `${command} (standard error)`, text: stderr });
      return { command, code, shown, stdout };
    },
    stop: () => stopped.abort(),
    leaks: (secrets) =>
      written.flatMap(({ place, text }) =>
        scanText(place, text, secrets).map(
          (finding) => `${finding.secret} (${finding.encoding}) in the output of ${finding.place}`,
        ),
      ),
  };
}

function execute(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [PROGRAM, ...args],
      { env, timeout: DEADLINE_MS, signal, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}
