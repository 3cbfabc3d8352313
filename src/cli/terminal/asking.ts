import type { Entered, Reply } from '../../flows/interviewer.js';
import type { IssuedValues } from '../../guide/guard.js';
import type { Answers, Question } from '../../guide/step.js';
import { type Key, keyIn } from './keys.js';
import type { StepView } from './step-view.js';
import { paragraph, type Terminal } from './terminal.js';

/** One question that is being asked. */
export interface Asking {
  readonly terminal: Terminal;
  readonly view: StepView;
  readonly question: Question;
  /** With every default and derived value. */
  readonly answers: Answers;
  readonly issuedValues: IssuedValues;
  /** What `?` says. */
  readonly explanation: string;
  /** What Enter alone takes. */
  readonly suggestion?: string;
  /** A secret is in the store already, and Enter alone keeps it. */
  readonly isStored: boolean;
}

export interface Reading {
  readonly read: () => Promise<string>;
  readonly explanation: string;
  /** Keys that work here besides those of every question. */
  readonly extra?: readonly Key[];
  readonly keyOf?: (typed: string) => Key | undefined;
}

/** One line from the person. A key acts and asks again; `b`, `q` and `s` end the question. */
export async function readKeyed(
  terminal: Terminal,
  view: StepView,
  { read, explanation, extra = [], keyOf = keyIn }: Reading,
): Promise<Reply<string> | { readonly kind: 'next step' }> {
  for (;;) {
    const value = await read();
    switch (keyOf(value)) {
      case undefined:
        return { kind: 'answer', value };
      case 'back':
        view.forget();
        return { kind: 'back' };
      case 'quit':
        return { kind: 'quit' };
      case 'next step':
        return { kind: 'next step' };
      case 'open':
        await view.openLink();
        break;
      case 'copy':
        await view.copyValue();
        break;
      case 'help':
        terminal.say(...paragraph(terminal, explanation));
        view.showKeys(extra, true);
    }
  }
}

/** The same for a question, where `s` means nothing. */
export async function readAnswer(asking: Asking, read: () => Promise<string>): Promise<Reply<string>> {
  const { terminal, view, explanation } = asking;
  const reply = await readKeyed(terminal, view, { read, explanation });
  return reply.kind === 'next step' ? { kind: 'back' } : reply;
}

export function entered(value: Entered): Reply<Entered> {
  return { kind: 'answer', value };
}
