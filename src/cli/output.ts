import { type Style, styleFor, wantsColour, writable } from '../render/style.js';
import { lettersFor } from '../words/letters.js';
import { redactKnownShapes } from '../words/redact.js';
import { json, oneLine } from '../words/sanitise.js';

/** Wider text is tiring to read, and a pipe has no width. */
const WIDEST = 100;

export interface Stream {
  readonly style: Style;
  /** As wide as the terminal is at this moment. */
  readonly width: number;
  /** Whether somebody may be looking. */
  readonly isTerminal: boolean;
}

/** stdout carries the result, stderr the talk. */
export interface Output {
  readonly out: Stream;
  readonly err: Stream;
  readonly json: boolean;
  /** The result: exactly one document with `--json`. */
  result(text: string): void;
  /** What a person must see even with `--quiet`: warnings, the address to open. */
  talk(text: string): void;
  /** What happened on the way; silent with `--quiet`. */
  progress(text: string): void;
  /** What only `--verbose` tells: one line, with the seconds since the start. Undefined without it. */
  readonly trace?: (text: string) => void;
}

export function openOutput(
  streams: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream },
  env: NodeJS.ProcessEnv,
  wish: { readonly json: boolean; readonly quiet: boolean; readonly verbose: boolean; readonly noColor: boolean },
): Output {
  const { stdout, stderr } = streams;
  const describe = (stream: NodeJS.WriteStream): Stream => ({
    style: styleFor(wantsColour(env, stream.isTTY === true, wish.noColor)),
    get width() {
      return Math.min(stream.columns || 80, WIDEST);
    },
    isTerminal: stream.isTTY === true,
  });
  const err = describe(stderr);
  const letters = lettersFor(env);
  const talk = (text: string): void => void stderr.write(writable(letters(`${text}\n`)));
  const trace = (text: string): void => {
    const seconds = (performance.now() / 1000).toFixed(2).padStart(6);
    talk(err.style.dim(`${seconds} s  ${oneLine(redactKnownShapes(text))}`));
  };
  return {
    out: describe(stdout),
    err,
    json: wish.json,
    result: (text) => {
      const whole = text.endsWith('\n') ? text : `${text}\n`;
      stdout.write(writable(wish.json ? whole : letters(whole)));
    },
    talk,
    progress: (text) => {
      if (!wish.quiet) talk(text);
    },
    ...(wish.verbose && { trace }),
  };
}

export { json };
