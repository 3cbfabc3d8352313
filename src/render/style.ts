import { randomInt } from 'node:crypto';
import { Chalk, type ChalkInstance } from 'chalk';
import { defuse } from '../words/sanitise.js';

export type Status = 'ok' | 'warn' | 'fail' | 'skip' | 'info';

const WORDS: Readonly<Record<Status, string>> = { ok: 'OK', warn: 'WARN', fail: 'FAIL', skip: 'SKIP', info: '' };

/** The words carry the meaning; colour only repeats it. */
export interface Style {
  word(status: Status): string;
  heading(text: string): string;
  /** A value to copy or an address: on its own line, and unbroken. */
  value(text: string): string;
  dim(text: string): string;
}

export function styleFor(colour: boolean): Style {
  return colour ? coloured() : PLAIN;
}

const PLAIN: Style = {
  word: (status) => WORDS[status],
  heading: (text) => text,
  value: (text) => text,
  dim: (text) => text,
};

function coloured(): Style {
  const chalk = new Chalk({ level: 1 });
  const paint: Readonly<Record<Status, ChalkInstance>> = {
    ok: chalk.green,
    warn: chalk.yellow,
    fail: chalk.red.bold,
    skip: chalk.dim,
    info: chalk.reset,
  };
  return {
    word: (status) => (WORDS[status] === '' ? '' : painted(paint[status], WORDS[status])),
    heading: (text) => painted(chalk.bold, text),
    value: (text) => painted(chalk.cyan, text),
    dim: (text) => painted(chalk.dim, text),
  };
}

/** Stands in our own colours until they are written. Drawn anew for each process that paints, so that nobody else can paint. */
let ours: string | undefined;

/** What others said within it was never painted here. */
function painted(colour: (text: string) => string, text: string): string {
  ours ??= `\x1b[${randomInt(1000, 9999)};${randomInt(1000, 9999)};${randomInt(1000, 9999)};`;
  return colour(text.split(ours).map(defuse).join(ours)).replaceAll(/\x1b\[(?!\d{4};\d{4};\d{4};)/g, ours);
}

/** The wall on the way out, for text: harmless but for the colours it was painted with here. */
export function writable(text: string): string {
  return ours === undefined ? defuse(text) : text.split(ours).map(defuse).join('\x1b[');
}

/**
 * Whether a stream gets colour: FORCE_COLOR before NO_COLOR (both count only when not empty), then `--no-color`,
 * TERM=dumb, and whether the stream is a terminal.
 */
export function wantsColour(env: NodeJS.ProcessEnv, isTerminal: boolean, refused: boolean): boolean {
  if (refused) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  if (env['NO_COLOR'] || env['TERM'] === 'dumb') return false;
  return isTerminal;
}
