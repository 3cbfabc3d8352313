import { type Style, styleFor, wantsColour } from '../render/style.js';

/** Wider text is tiring to read, and a pipe has no width. */
const WIDEST = 100;

export interface Stream {
  readonly style: Style;
  readonly width: number;
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
}

export function openOutput(
  streams: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream },
  env: NodeJS.ProcessEnv,
  wish: { readonly json: boolean; readonly quiet: boolean; readonly noColor: boolean },
): Output {
  const { stdout, stderr } = streams;
  const describe = (stream: NodeJS.WriteStream): Stream => ({
    style: styleFor(wantsColour(env, stream.isTTY === true, wish.noColor)),
    width: Math.min(stream.columns || 80, WIDEST),
  });
  return {
    out: describe(stdout),
    err: describe(stderr),
    json: wish.json,
    result: (text) => void stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    talk: (text) => void stderr.write(`${text}\n`),
    progress: (text) => {
      if (!wish.quiet) stderr.write(`${text}\n`);
    },
  };
}

export function json(document: object): string {
  return `${JSON.stringify(document)}\n`;
}
