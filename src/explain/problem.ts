import { oneLine } from '../words/sanitise.js';
import { type Code, EXIT_OF, isA } from './codes.js';

export type Who = 'you' | 'admin' | 'provider' | 'network' | 'mailauth';

/** One next action. `step` names a numbered step of the guide, `command` what to type, `url` where to click. */
export interface Fix {
  readonly text: string;
  readonly command?: string;
  readonly url?: string;
  readonly step?: string;
  /** A message to somebody else who has to act, as it can be sent; it repeats the link. */
  readonly send?: string;
  /** The command goes on with the set-up or the sign-in it came up in: whoever is in the middle of that needs no command. */
  readonly goesOn?: true;
}

/** One thing a script forgot to give: the flag, the step of the guide that yields it, and that step's page. */
export interface Missing {
  readonly flag: string;
  readonly env?: string;
  readonly meaning: string;
  readonly step?: string;
  readonly url?: string;
}

/**
 * What went wrong, from the place where it is found to the screen: `explain` makes it of evidence, `MailauthError`
 * carries it, a failed check is one, and JSON prints it.
 */
export interface Problem {
  readonly code: Code;
  /** What happened and why, in lower case and without a final period. */
  readonly message: string;
  /** Who can fix it. */
  readonly who: Who;
  /** What to do next, the likeliest first. */
  readonly fix: readonly Fix[];
  /** The exit code that `code` stands for. */
  readonly exit: number;
  /** The same command can succeed later although nothing was changed. */
  readonly retryable: boolean;
  /** The rule that recognised it: an anchor of docs/errors.md. */
  readonly rule?: string;
  /** A server's own words, free of secrets, in one line; made harmless where they leave (words/sanitise.ts). */
  readonly server?: string;
  /** What this machine noticed where no server said anything, such as Node's own message; likewise. */
  readonly detail?: string;
  /** A value that was made a moment ago is refused like this too, until the whole of the provider knows it: waiting may help. */
  readonly settles?: true;
  /** What a script has to give as well. */
  readonly missing?: readonly Missing[];
}

/** All of a problem that its code does not say. */
export type ProblemParts = Partial<Omit<Problem, 'code' | 'message' | 'exit' | 'retryable'>>;

/** More of a sentence, which may name what others chose, is cut off. */
const SENTENCE_LIMIT = 1000;

/** Every problem is made here, and what others said gets its shape: one line, of a limited length. */
export function problemOf(code: Code, message: string, { server, detail, ...parts }: ProblemParts = {}): Problem {
  return {
    code,
    message: oneLine(message, SENTENCE_LIMIT),
    who: 'you',
    fix: [],
    ...parts,
    exit: EXIT_OF[code],
    retryable: isA('passing', code),
    ...(server !== undefined && { server: oneLine(server) }),
    ...(detail !== undefined && { detail: oneLine(detail) }),
  };
}

/** For `catch`, where what went wrong may be passed over: a bug of ours never is. */
export function throwBugs(error: unknown): void {
  if (!(error instanceof MailauthError)) throw error;
}

/** The one error class. Anything else that is thrown is a bug of ours (exit 1). */
export class MailauthError extends Error {
  override readonly name = 'MailauthError';
  readonly problem: Problem;

  constructor(code: Code, message: string, { cause, ...parts }: ProblemParts & { readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.problem = problemOf(code, message, parts);
  }

  static of(problem: Problem): MailauthError {
    return new MailauthError(problem.code, problem.message, problem);
  }

  get code(): Code {
    return this.problem.code;
  }

  get exit(): number {
    return this.problem.exit;
  }
}
