import { type Code, EXIT_OF } from './codes.js';
import { type Evidence, type Fix, isServersWords, type Who } from './evidence.js';

/** One thing a script forgot to give: the flag, the step of the guide that yields it, and that step's page. */
export interface Missing {
  readonly flag: string;
  readonly env?: string;
  readonly meaning: string;
  readonly step?: string;
  readonly url?: string;
}

export interface MailauthErrorOptions {
  readonly fix?: readonly Fix[];
  readonly who?: Who;
  readonly missing?: readonly Missing[];
  readonly evidence?: Evidence;
  /** The words of a server, already free of secrets; shown sanitised. */
  readonly server?: string;
  /** What this machine noticed where no server said anything; likewise. */
  readonly detail?: string;
  /** See `Diagnosis`. */
  readonly settles?: true;
  readonly cause?: unknown;
}

/**
 * The one error class. `message` says what happened and why, in lower case and without a final period;
 * `fix` holds the next action. Anything else that is thrown is a bug of ours (exit 1).
 */
export class MailauthError extends Error {
  override readonly name = 'MailauthError';
  readonly code: Code;
  readonly exit: number;
  readonly fix: readonly Fix[];
  readonly who: Who;
  readonly missing: readonly Missing[];
  readonly evidence: Evidence | undefined;
  readonly server: string | undefined;
  readonly detail: string | undefined;
  readonly settles: boolean;

  constructor(code: Code, message: string, options: MailauthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exit = EXIT_OF[code];
    this.fix = options.fix ?? [];
    this.who = options.who ?? 'you';
    this.missing = options.missing ?? [];
    this.evidence = options.evidence;
    this.settles = options.settles === true;
    const { evidence } = options;
    const said = evidence !== undefined && isServersWords(evidence);
    this.server = options.server ?? (said ? evidence.text : undefined);
    this.detail = options.detail ?? (said ? undefined : evidence?.text);
  }
}
