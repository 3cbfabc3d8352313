import { input, password } from '@inquirer/prompts';
import { MailauthError } from '../core/errors.js';

/** No glyph before a question: a screen reader would speak it. */
const THEME = { prefix: { idle: ' ', done: ' ' } };

export interface Prompts {
  /** One visible line. */
  line(message: string, options?: { readonly suggestion?: string; readonly until?: AbortSignal }): Promise<string>;
  /** One masked line that no key can unmask. */
  hidden(message: string, options?: { readonly until?: AbortSignal }): Promise<string>;
}

/**
 * The two prompts everything is built from. They read in raw mode, so that a paste of any length survives, and end with
 * our own errors: Ctrl-C and a closed terminal are `interrupted`, an aborted wait rejects with its reason.
 */
export function openPrompts(signal: AbortSignal): Prompts {
  async function read(prompt: (until: AbortSignal) => Promise<string>, until: AbortSignal): Promise<string> {
    try {
      return await prompt(until);
    } catch (error) {
      if (until.aborted) throw until.reason;
      if (error instanceof Error && error.name === 'ExitPromptError') throw new MailauthError('interrupted', 'stopped');
      throw error;
    }
  }
  return {
    line: (message, { suggestion, until = signal } = {}) =>
      read(
        (ended) =>
          input(
            { message, theme: THEME, ...(suggestion !== undefined && { default: suggestion }) },
            { signal: ended, output: process.stderr },
          ),
        until,
      ),
    hidden: (message, { until = signal } = {}) =>
      read(
        (ended) =>
          password({ message, mask: '*', toggleMask: false, theme: THEME }, { signal: ended, output: process.stderr }),
        until,
      ),
  };
}
