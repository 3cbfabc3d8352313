import { MailauthError, type Problem } from '../explain/problem.js';
import type { Item, Progress } from '../guide/plan.js';
import type { PageError, Provider } from '../guide/provider.js';
import type { Answers, AnswerValue, Question } from '../guide/step.js';
import type { ReachHint } from '../system/surroundings.js';
import type { Secret } from '../words/secret.js';

/** What came of showing an instruction or asking a question. */
export type Reply<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'back' }
  | { readonly kind: 'quit' };

/** Instead of signing in the person goes back to what they were asked before. */
export const GOING_BACK = new MailauthError('interrupted', 'stopped');

/** A pasted or typed answer: secrets stay wrapped, everything else is plain. */
export interface Entered {
  /** Undefined: what was pasted answers other questions, and this one is asked again; or `kept`. */
  readonly value: AnswerValue | Secret | undefined;
  /** Further answers that were found in the same paste (a provider's JSON file holds four). */
  readonly learnt: Answers;
  readonly learntSecret?: Secret;
  /** It does not look as such a value usually does, and the person kept it all the same. */
  readonly doubtful?: true;
  /** Enter: the earlier answer that was proposed stands again. */
  readonly kept?: true;
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

export type Shown = (Item & { kind: 'instruction' }) | { readonly kind: 'step'; readonly step: Item['step'] };

/**
 * The other side of every conversation. One interviewer sits at a terminal, one speaks for a script; a flow cannot
 * tell them apart. Whatever is told goes to stderr.
 */
export interface Interviewer {
  /** Whether a person is there to answer a window of the keychain or a prompt. */
  readonly attended: boolean;
  /** Before the first step: what the guide is, how long it takes, what the person needs; or where it carries on. */
  open(provider: Provider, progress: Progress, at: Item | undefined): Promise<void>;
  /** Shows an instruction, or the heading of a step alone, unless it stands there already, and waits for nothing. */
  show(item: Shown, progress: Progress): void;
  /**
   * Shows an instruction (and its step's heading when it is the first of the step) until it is done: this one, or, as
   * the person says, every instruction of the step.
   */
  instruct(item: Item & { kind: 'instruction' }, progress: Progress): Promise<Reply<'this' | 'whole step'>>;
  /** `proposed` is what the person answered before: Enter keeps it. */
  ask(
    item: { readonly step: Item['step']; readonly question: Question },
    progress: Progress,
    proposed: AnswerValue | undefined,
  ): Promise<Reply<Entered>>;
  /** The address of the mailbox, before anything else is known. A script is told what it forgot. */
  address(forgotten: Error): Promise<string>;
  /** A decision that is no answer of the guide. A script gets `scripted`, or the error it stands for is raised. */
  choose<T extends string>(message: string, choices: readonly Choice<T>[], scripted: NoInfer<T> | Error): Promise<T>;
  tell(status: 'ok' | 'warn' | 'fail' | 'skip' | 'info', text: string): void;
  /** Shows what went wrong and the one next action. */
  explain(explanation: Problem): void;
  /**
   * Shows the authorization address, alone on its line, and waits for the person to paste the address the browser
   * ended on. Never resolves where nobody can paste; rejects when `signal` aborts, and with `GOING_BACK`.
   */
  awaitRedirect(request: RedirectRequest, signal: AbortSignal): Promise<string>;
  /** The address the browser ended on, pasted into a masked prompt; undefined where nobody can paste. */
  pasteRedirect(): Promise<string | undefined>;
  /** Shows what to open on another device and what to type there. The address is a checked one, the code is sanitised. */
  showCode(request: CodeRequest): void;
  /** Waits, showing the seconds that are left. A person may cut it short, or not want it; nobody waits for a script. */
  countdown(pause: Pause, signal: AbortSignal): Promise<'over' | 'declined'>;
  /** Gives what `work` gives. Once that takes longer than a second, it says what is waited for and how long at most. */
  waitFor<T>(wait: Wait, work: Promise<T>): Promise<T>;
  /** Shows a step's heading with SKIP and the reason. */
  skipped(step: Item['step'], reason: string): void;
  /** Says that some instructions of a step fall away: `i to iv`. */
  skippedPart(step: Item['step'], numbers: string, reason: string, progress: Progress): void;
  /** A passphrase for the encrypted file; typed twice when new. */
  passphrase(isNew: boolean): Promise<Secret | undefined>;
}

/** What is happening while nobody can do anything. */
export interface Wait {
  /** As it stands after "waiting for": `the answer of login.example.com`. */
  readonly what: string;
  /** The deadline. */
  readonly seconds: number;
}

export interface Pause {
  readonly seconds: number;
  /** What comes when it is over: `Try 1 of 5`. */
  readonly about: string;
  /** Said before it begins. */
  readonly why?: string;
}

export interface RedirectRequest {
  readonly provider: Provider;
  readonly answers: Answers;
  readonly url: string;
  readonly redirectUri: string;
  /** Whether `open` opens anything; `--no-browser` only shows the address. */
  readonly opens: boolean;
  /** Opens the browser; called once the address has been shown. False: there is none here. */
  readonly open: () => Promise<boolean>;
  /** What to end with where no browser was opened, and nobody sees the address. */
  readonly unopened: MailauthError;
  /** Seconds until the wait ends. */
  readonly seconds: number;
  readonly pageErrors: readonly PageError[];
  /** How a browser on another computer comes back to this one. */
  readonly reach: readonly ReachHint[];
  /** The address was shown before, and what was pasted then did not belong to this sign-in. */
  readonly again: boolean;
  /** The browser was opened before. */
  readonly opened: boolean;
}

export interface CodeRequest {
  readonly address: string;
  readonly code: string;
  /** Seconds until the code is worth nothing. */
  readonly seconds: number;
}
