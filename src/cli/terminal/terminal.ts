import type { Problem } from '../../explain/problem.js';
import type { Choice, Interviewer } from '../../flows/interviewer.js';
import { renderProblem } from '../../render/problem.js';
import { wrap } from '../../render/wrap.js';
import { openBrowser } from '../../system/browser.js';
import { copyToClipboard } from '../../system/clipboard.js';
import type { Output, Stream } from '../output.js';
import { keyIn } from './keys.js';
import { openPrompts, type Prompts, stopped } from './prompts.js';

/** Columns left for an answer beside its question. */
const ROOM = 8;

export interface TerminalOptions {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly signal: AbortSignal;
  /** How long a second lasts, in milliseconds, where a person is waited for. */
  readonly second: number;
}

/** What every part of the conversation needs: prompts, words on the screen, the browser and the clipboard. */
export interface Terminal {
  readonly prompts: Prompts;
  readonly stream: Stream;
  readonly signal: AbortSignal;
  readonly second: number;
  say(...lines: readonly string[]): void;
  readonly tell: Interviewer['tell'];
  open(url: string): Promise<void>;
  copy(text: string): Promise<void>;
}

export function openTerminal(options: TerminalOptions): Terminal {
  const { output, signal, second } = options;
  const stream = output.err;
  const prompts = openPrompts(signal, { style: stream.style, columns: () => process.stderr.columns || stream.width });
  const say = (...lines: readonly string[]): void => output.talk(lines.join('\n'));
  const tell: Interviewer['tell'] = (status, text) => {
    const word = stream.style.word(status);
    const lines = word === '' ? wrap(text, stream.width, '  ') : wrap(`${word}  ${text}`, stream.width, '  ', '      ');
    prompts.aside(() => say(...lines));
  };
  return {
    prompts,
    stream,
    signal,
    second,
    say,
    tell,
    async open(url) {
      const opened = await openBrowser(url, options);
      if (opened === 'failed') tell('warn', 'no browser could be opened here; open the address on any computer');
    },
    async copy(text) {
      const how = await copyToClipboard(text, { ...options, isTerminal: process.stderr.isTTY === true });
      if (how === 'copied') tell('ok', 'copied');
      else if (how === 'sent') tell('info', 'sent to your terminal; if pasting gives something else, copy it by hand');
      else tell('info', 'no clipboard here; select the value and copy it by hand');
    },
  };
}

/** Prose as it stands on the screen. */
export function paragraph({ stream }: Terminal, text: string, indent = '  ', hanging = indent): string[] {
  return wrap(text, stream.width, indent, hanging);
}

/** The question as it fits beside an answer; what is too long for that stands above it, whole words on each line. */
export function beside(terminal: Terminal, question: string): string {
  const lines = wrap(question, terminal.stream.width - ROOM, '  ');
  if (lines.length > 1) terminal.say(...lines.slice(0, -1));
  return (lines.at(-1) ?? '').trim();
}

export function numbered(terminal: Terminal, labels: readonly string[]): string[] {
  return labels.flatMap((label, index) => paragraph(terminal, `${index + 1}  ${label}`, '    ', '       '));
}

export function rangeOf(choices: readonly unknown[]): string {
  return `Number 1 to ${choices.length}:`;
}

interface Picking {
  readonly until?: AbortSignal;
  /** Whether `b` leads anywhere: then it gives undefined. */
  readonly back?: true;
}

const YES_NO: Readonly<Record<string, string>> = { y: 'yes', n: 'no' };

/** A choice by its number, or by its value where that is a yes or a no. `q` ends the set-up here as everywhere. */
export async function pick<T extends string>(
  terminal: Terminal,
  message: string,
  choices: readonly Choice<T>[],
  { until = terminal.signal, back }: Picking = {},
): Promise<T | undefined> {
  const { prompts, say, tell } = terminal;
  say(
    ...paragraph(terminal, message),
    ...numbered(
      terminal,
      choices.map(({ label }) => label),
    ),
  );
  for (;;) {
    const typed = (await prompts.line(rangeOf(choices), { suggestion: '1', until })).trim().toLowerCase();
    const chosen =
      choices[Number(typed) - 1] ?? choices.find(({ value }) => value === typed || value === YES_NO[typed]);
    if (chosen !== undefined) return chosen.value;
    const key = keyIn(typed);
    if (key === 'quit') throw stopped();
    const backwards = choices.find(({ value }) => value === 'back');
    if (key === 'back' && (back === true || backwards !== undefined)) return backwards?.value;
    tell('warn', `type a number from 1 to ${choices.length}, or ${back === true ? 'b to go back' : 'q to stop'}`);
  }
}

/** What went wrong and the next action. A command that brings the person where they are already is left out. */
export function sayProblem({ say, stream }: Terminal, problem: Problem): void {
  const fix = problem.fix.map(({ command, ...one }) =>
    command === undefined || one.goesOn ? one : { ...one, command },
  );
  say(...renderProblem({ ...problem, fix }, stream.style, stream.width, '  '));
}
