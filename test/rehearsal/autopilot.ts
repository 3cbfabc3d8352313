import { KEY, type Terminal } from '../servers/terminal.js';

/**
 * What to type where the screen ends with this prompt. `about` looks at what was shown since the last answer, for
 * prompts that are alike. The first that fits is taken.
 */
export interface Reply {
  readonly prompt: RegExp;
  readonly about?: RegExp;
  readonly type: string | ((everythingShown: string) => string | Promise<string>);
}

/** How long the program may take to ask the next question, in milliseconds: a sign-in lies in between. */
const PATIENCE = 30_000;

/**
 * Sits at the keyboard of a wizard until it ends, answering by what the screen asks and never by counting: a question
 * more or less, or in another place, is no trouble. A question it has no answer for is a failure that shows the screen.
 */
export async function answerPrompts(terminal: Terminal, replies: readonly Reply[]): Promise<void> {
  const prompts = new RegExp(`(?:${replies.map(({ prompt }) => prompt.source).join('|')})(?: \\([^()\\n]*\\))?\\s*$`);
  for (;;) {
    const match = await terminal.expectOrEnd(prompts, PATIENCE);
    if (match === undefined) return;
    const [asked] = match;
    const reply = replies.find(({ prompt, about }) => prompt.test(asked) && (about?.test(match.input) ?? true));
    if (reply === undefined) throw new Error(`the rehearsal has no answer for this:\n${match.input}`);
    const words = typeof reply.type === 'string' ? reply.type : await reply.type(terminal.text());
    terminal.send(`${words}${KEY.enter}`);
  }
}
