import { input } from '@inquirer/prompts';
import { MailauthError } from '../../explain/problem.js';
import { type Style, writable } from '../../render/style.js';
import { columnsOf } from '../../render/wrap.js';
import { maskSecrets } from '../../words/masking.js';
import { masked } from './masked.js';
import { type Turns, takeTurns } from './turns.js';

/** A longer value is shown by its end alone while it is typed: redrawn at each key, it would run the screen full. */
const MOST_ROWS = 4;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

/** The prompts everything is built from. They read in raw mode, so that a paste of any length survives. */
export interface Prompts extends Turns {
  /** One visible line. What looks like a secret in it is masked all the same. */
  line(message: string, options?: { readonly suggestion?: string; readonly until?: AbortSignal }): Promise<string>;
  /** One masked line that no key can unmask. */
  hidden(message: string, options?: { readonly until?: AbortSignal }): Promise<string>;
}

interface Screen {
  readonly style: Style;
  /** Columns of the terminal, now. */
  readonly columns: () => number;
}

export function openPrompts(signal: AbortSignal, { style, columns }: Screen): Prompts {
  const screen = { style: leaving(style), columns };
  const turns = takeTurns();
  // What the first row has left beside the question.
  const roomBeside = (message: string) => (): number => screen.columns() - columnsOf(message) - 5;
  return {
    ...turns,
    line(message, { suggestion, until = signal } = {}) {
      const show = visibly(roomBeside(message), screen);
      return turns.ask(({ signal: ended, kept, typing }) => {
        const transformer = (value: string, { isFinal }: { isFinal: boolean }): string => {
          if (!isFinal) typing(value);
          return show(value, isFinal);
        };
        return input(
          {
            message,
            theme: themeOf(screen.style),
            transformer,
            ...(suggestion !== undefined && { default: suggestion }),
            ...(kept !== '' && { default: kept, prefill: 'editable' }),
          },
          { signal: ended, output: process.stderr },
        );
      }, until);
    },
    hidden(message, { until = signal } = {}) {
      const heading = screen.style.heading(message);
      return turns.ask(
        ({ signal: ended, ...turn }) =>
          masked({ message: heading, room: roomBeside(message), ...turn }, { signal: ended, output: process.stderr }),
        until,
      );
    },
  };
}

/** The library writes to the terminal itself: what is painted for it passes the wall here. */
function leaving({ heading, value, dim }: Style): Pick<Style, 'heading' | 'value' | 'dim'> {
  return {
    heading: (text) => writable(heading(text)),
    value: (text) => writable(value(text)),
    dim: (text) => writable(dim(text)),
  };
}

/** No glyph before a question: a screen reader would speak it. */
function themeOf(style: ReturnType<typeof leaving>) {
  return {
    prefix: { idle: ' ', done: ' ' },
    style: { message: style.heading, answer: style.value, defaultAnswer: (text: string) => style.dim(`(${text})`) },
  };
}

type LeavingScreen = Omit<Screen, 'style'> & { readonly style: ReturnType<typeof leaving> };

/** Shows what is typed, and of a long text its end. */
function visibly(room: () => number, { style, columns }: LeavingScreen): (value: string, isFinal: boolean) => string {
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

/** Somebody wants to stop; the place is saved by whoever knows it. */
export function stopped(): MailauthError {
  return new MailauthError('interrupted', 'stopped');
}
