import type { Choice, Interviewer } from '../../flows/interviewer.js';
import type { Stream } from '../output.js';
import type { Prompts } from './prompt.js';

/** What the parts of a terminal conversation share. */
export interface Desk {
  readonly prompts: Prompts;
  readonly paper: Stream;
  readonly second: number;
  say(...lines: readonly string[]): void;
  tell: Interviewer['tell'];
  open(url: string): Promise<void>;
  copy(text: string): Promise<void>;
  pick<T extends string>(message: string, choices: readonly Choice<T>[], until: AbortSignal): Promise<T>;
  /** Shows the beginning of a long question, and gives what is to stand beside the answer. */
  beside(question: string): string;
  value(text: string): string;
}
