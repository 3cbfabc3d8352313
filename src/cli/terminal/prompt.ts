import { input } from '@inquirer/prompts';
import { MailauthError } from '../../explain/problem.js';
import type { Style } from '../../render/style.js';
import { maskSecrets } from '../../words/masking.js';

/** More asterisks tell nobody more. */
const MOST_ASTERISKS = 40;

/** A longer value is shown by its end alone while it is typed: redrawn at each key, it would run the screen full. */
const MOST_ROWS = 4;

const UP = '\x1b[1A';
const DOWN = '\x1b[1B';
const ERASE_LINE = '\r\x1b[2K';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

export interface Prompts {
  /** One visible line. What looks like a secret in it is masked all the same. */
  line(message: string, options?: LineOptions): Promise<string>;
  /** One masked line that no key can unmask. */
  hidden(message: string, options?: { readonly until?: AbortSignal }): Promise<string>;
  /** Prints without spoiling the prompt that may be open: it is asked once more below, with what was typed so far. */
  aside(print: () => void): void;
  /** Writes the line above the open prompt anew, unless somebody is typing. */
  above(text: string): void;
  /** Whether something stands in the open prompt that was not entered yet. */
  isTyping(): boolean;
}

export interface LineOptions {
  readonly suggestion?: string;
  readonly until?: AbortSignal;
  /** The question leaves no trace once it is over. */
  readonly fleeting?: true;
}

/** What the prompt gives; undefined where `over` ended it. */
export async function unless(
  over: AbortSignal,
  until: AbortSignal,
  ask: (until: AbortSignal) => Promise<string>,
): Promise<string | undefined> {
  try {
    return await ask(AbortSignal.any([until, over]));
  } catch (error) {
    if (over.aborted && error === over.reason) return undefined;
    throw error;
  }
}

interface Screen {
  readonly style: Style;
  /** Columns of the terminal, now. */
  readonly columns: () => number;
}

/**
 * The two prompts everything is built from. They read in raw mode, so that a paste of any length survives, and end with
 * our own errors: Ctrl-C, Ctrl-D and a closed terminal are `interrupted`, an aborted wait rejects with its reason.
 */
export function openPrompts(signal: AbortSignal, { style, columns }: Screen): Prompts {
  // No glyph before a question: a screen reader would speak it.
  const theme = {
    prefix: { idle: ' ', done: ' ' },
    style: { message: style.heading, answer: style.value, defaultAnswer: (text: string) => style.dim(`(${text})`) },
  };
  let previous: Promise<void> = Promise.resolve();
  let open: AbortController | undefined;
  /** What stands in the open prompt, and the row before it; undefined before it is drawn. */
  let typed: string | undefined;
  let row = '';

  /** One prompt at a time: the end of a prompt takes the terminal out of raw mode, also from under the next one. */
  async function inTurn(prompt: Prompt, until: AbortSignal): Promise<string> {
    const before = previous;
    let done = (): void => undefined;
    previous = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await before;
      return await asking(prompt, until);
    } finally {
      done();
    }
  }

  async function asking(prompt: Prompt, until: AbortSignal): Promise<string> {
    for (let kept = ''; ; ) {
      // A prompt that is over before it began would still close the terminal behind it.
      until.throwIfAborted();
      const once = new AbortController();
      open = once;
      const stopWatching = watchForEnd(() => once.abort(new MailauthError('interrupted', 'stopped')));
      try {
        return await prompt(AbortSignal.any([until, once.signal]), kept);
      } catch (error) {
        if (until.aborted) throw until.reason;
        if (once.signal.aborted && once.signal.reason === AGAIN) {
          kept = typed ?? kept;
          continue;
        }
        if (once.signal.aborted) throw once.signal.reason;
        if (error instanceof Error && error.name === 'ExitPromptError')
          throw new MailauthError('interrupted', 'stopped');
        throw error;
      } finally {
        stopWatching();
        open = undefined;
        typed = undefined;
      }
    }
  }

  function ask(message: string, show: Shown, { suggestion, until = signal, fleeting }: LineOptions): Promise<string> {
    const transformer = (value: string, { isFinal }: { isFinal: boolean }): string => {
      typed = isFinal ? undefined : value;
      row = `  ${message} `;
      return show(value, isFinal);
    };
    return inTurn(
      (ended, kept) =>
        input(
          {
            message,
            theme,
            transformer,
            ...(suggestion !== undefined && { default: suggestion }),
            ...(kept !== '' && { default: kept, prefill: 'editable' }),
          },
          { signal: ended, output: process.stderr, clearPromptOnDone: fleeting === true },
        ),
      until,
    );
  }

  /** What the first row has left beside the question. */
  const roomBeside = (message: string) => (): number => columns() - message.length - 5;

  return {
    line: (message, options = {}) => ask(message, visibly(roomBeside(message), columns, style), options),
    hidden: (message, options = {}) => ask(message, masked(roomBeside(message)), options),
    aside(print) {
      if (open !== undefined) process.stderr.write('\n');
      print();
      open?.abort(AGAIN);
    },
    above(text) {
      if (typed !== '' || row.length >= columns() || text.length >= columns()) return;
      process.stderr.write(`${UP}${ERASE_LINE}${text}${DOWN}\x1b[${row.length + 1}G`);
    },
    isTyping: () => typed !== undefined && typed !== '',
  };
}

/** `kept` is what had been typed when the same prompt had to make room. */
type Prompt = (until: AbortSignal, kept: string) => Promise<string>;

const AGAIN = Symbol('ask the same once more');

/** Ctrl-D closes the reader without a word to the prompt, which would then wait for ever. */
function watchForEnd(ended: () => void): () => void {
  const onKey = (_: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }): void => {
    if (key.ctrl === true && key.name === 'd') setImmediate(() => process.stdin.isPaused() && ended());
  };
  process.stdin.on('keypress', onKey);
  process.stdin.on('end', ended);
  return () => {
    process.stdin.off('keypress', onKey);
    process.stdin.off('end', ended);
  };
}

type Shown = (value: string, isFinal: boolean) => string;

/** Asterisks, and past the row how many characters there are: whoever pastes sees whether all of it arrived. */
function masked(room: () => number): Shown {
  return (value) => {
    const most = Math.min(MOST_ASTERISKS, room());
    if (value.length <= most) return '*'.repeat(value.length);
    const count = ` (${value.length} characters)`;
    return `${HIDE_CURSOR}${'*'.repeat(Math.max(4, Math.min(most, room() - count.length)))}${count}`;
  };
}

function visibly(room: () => number, columns: () => number, style: Style): Shown {
  let isCursorHidden = false;
  return (value, isFinal) => {
    const shown = maskSecrets(value);
    const fits = shown.length <= room() + (MOST_ROWS - 1) * columns();
    if (isFinal) return style.value(fits ? shown : `${shown.slice(0, room() + columns())}...`);
    if (fits) {
      const cursor = isCursorHidden ? SHOW_CURSOR : '';
      isCursorHidden = false;
      return cursor + shown;
    }
    isCursorHidden = true;
    return `${HIDE_CURSOR}...${shown.slice(-Math.max(8, room() - 3))}`;
  };
}
