import { MailauthError } from '../../explain/problem.js';

/** What a prompt is started with. */
export interface Turn {
  /** Ends the prompt with its reason. */
  readonly signal: AbortSignal;
  /** What was typed before the same prompt had to make room. */
  readonly kept: string;
  /** To be called with what stands in the prompt, at each change. */
  readonly typing: (text: string) => void;
}

export type Prompt<T> = (turn: Turn) => Promise<T>;

export interface Turns {
  /** Asks, after every prompt before it has ended. Rejects with the reason of `until`, or as `interrupted`. */
  ask<T>(prompt: Prompt<T>, until: AbortSignal): Promise<T>;
  /** Prints without spoiling the prompt that may be open: it is asked once more below, with what was typed so far. */
  aside(print: () => void): void;
  /** Whether something stands in the open prompt that was not entered yet. */
  isTyping(): boolean;
}

const AGAIN = Symbol('ask the same once more');

/**
 * One prompt at a time: the end of a prompt takes the terminal out of raw mode, also from under the next one. All of
 * them end with our own errors: Ctrl-C, Ctrl-D and a closed terminal are `interrupted`.
 */
export function takeTurns(): Turns {
  let previous: Promise<unknown> = Promise.resolve();
  let open: AbortController | undefined;
  let typed = '';
  const askAgain = (): void => open?.abort(AGAIN);
  // After Ctrl-Z and fg the reader has paused its input, and the row of the prompt is the shell's.
  process.on('SIGCONT', () => setImmediate(askAgain));

  async function once<T>(prompt: Prompt<T>, until: AbortSignal): Promise<T> {
    // A prompt that is over before it began would still close the terminal behind it.
    until.throwIfAborted();
    const ended = new AbortController();
    open = ended;
    const stopWatching = watchForEnd(() => ended.abort(new MailauthError('interrupted', 'stopped')));
    try {
      const typing = (text: string): void => {
        typed = text;
      };
      return await prompt({ signal: AbortSignal.any([until, ended.signal]), kept: typed, typing });
    } catch (error) {
      until.throwIfAborted();
      ended.signal.throwIfAborted();
      throw error instanceof Error && error.name === 'ExitPromptError'
        ? new MailauthError('interrupted', 'stopped')
        : error;
    } finally {
      stopWatching();
      open = undefined;
    }
  }

  async function untilAnswered<T>(prompt: Prompt<T>, until: AbortSignal): Promise<T> {
    for (typed = ''; ; ) {
      try {
        return await once(prompt, until);
      } catch (error) {
        if (error !== AGAIN) throw error;
      }
    }
  }

  return {
    ask(prompt, until) {
      const answer = previous
        .then(() => untilAnswered(prompt, until))
        .finally(() => {
          typed = '';
        });
      previous = answer.catch(() => undefined);
      return answer;
    },
    aside(print) {
      if (open !== undefined) process.stderr.write('\n');
      print();
      askAgain();
    },
    isTyping: () => open !== undefined && typed !== '',
  };
}

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
