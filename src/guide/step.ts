import type { Answers, AnswerValue } from '../account/answers.js';
import type { Code } from '../explain/codes.js';

/**
 * A guide is data: numbered steps, numbered instructions, values to copy, questions to ask. The wizard, the script
 * mode, `guide`, the generated docs and the JSON all render the same record, so a number or a sentence exists once.
 * Texts may hold `{placeholders}`, filled from the answers by plan.ts.
 */

export type { Answers, AnswerValue };

/** What a recogniser makes of a tidied value. */
export type Recognition = Acceptance | Refusal;

export interface Acceptance {
  readonly ok: true;
  readonly value: string;
  readonly notes?: readonly string[];
  readonly warnings?: readonly string[];
  /** Other answers found in the value. */
  readonly learnt?: Readonly<Record<string, string>>;
}

export interface Refusal {
  readonly ok: false;
  readonly reason: string;
  readonly learnt?: Readonly<Record<string, string>>;
  /** Where the mistake has a name of its own among the codes. */
  readonly code?: Code;
}

export type Recogniser = (text: string, answers: Answers) => Recognition;

/** A provider's own guard of one question. */
export interface Guard {
  readonly recognise: Recogniser;
  /** Words stand apart inside the value (a file's text); otherwise all white space is taken out of it (an ID). */
  readonly inside: 'joined' | 'words';
}

/** Holds when the answer to `question` is one of `is` (an unanswered question is `''`). Several: all must hold. */
export interface Condition {
  readonly question: string;
  readonly is: readonly string[];
  /** Turned round: holds when the answer is none of them. */
  readonly not?: true;
}

/** A sentence that is said only where its condition holds. */
export interface Remark {
  readonly text: string;
  readonly when?: When;
}
export type When = Condition | readonly Condition[];

/** One of the answers that a question offers. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  /** What a printed guide writes above the instructions for this choice; the label where it is short enough. */
  readonly heading?: string;
  readonly when?: When;
}

/**
 * One question is at once a prompt of the wizard, a flag (`--client-id`), a variable (`MAILAUTH_CLIENT_ID`),
 * a JSON key and a line of the docs. All of these derive from `id`.
 */
export interface Question {
  /** Kebab case; the flag is `--id`. */
  readonly id: string;
  readonly kind:
    | 'text'
    | 'address'
    | 'secret'
    | 'choice'
    | 'confirm'
    | 'number'
    | 'date'
    | 'url'
    | 'host'
    | 'file'
    /** A file that is read once, and whose text is a secret that the guard learns from it. */
    | 'secret-file';
  /** What the wizard asks, and what the docs call it: "Client ID". */
  readonly label: string;
  /** What `?` explains, and `--help` shortens: what it is, where it comes from, whether it is secret. */
  readonly help: string;
  readonly choices?: readonly Choice[];
  /** Used where nothing is answered; may hold `{placeholders}`. */
  readonly default?: string;
  /** Defaults that follow from other answers: the first whose `when` holds, before `default`. */
  readonly defaults?: readonly { readonly when: When; readonly value: string }[];
  /** A set-up cannot end without it. A script must give it by flag or variable. */
  readonly required?: boolean;
  readonly repeatable?: boolean;
  /** Cleans and recognises a pasted value: one of guard.ts by its name, or the provider's own. */
  readonly guard?: string | Guard;
  /** Asked only where this holds; where it does not hold, a given value is a contradiction the flow reports. */
  readonly when?: When;
  /** Asked by the wizard only where this holds, though a flag may always give it (the details behind "edit"). */
  readonly askedWhen?: When;
  /** Other questions whose answer brings this one's along: a client file holds the client ID. */
  readonly suppliedBy?: readonly string[];
  /** Values that contradict another answer. */
  readonly notWith?: readonly { readonly is: readonly string[]; readonly when: When }[];
  /** The step that yields the value, where another one asks for it. */
  readonly foundAt?: string;
  /** How the flag names its value in help: `ADDRESS`, `FILE|-`. */
  readonly placeholder?: string;
  /** No environment variable (marked ° in the contract). */
  readonly flagOnly?: boolean;
  /** Asked by the wizard only: it decides what is shown, and a script says the same through other flags. */
  readonly wizardOnly?: boolean;
}

export interface Instruction {
  /** Roman, as in the guide: `i`, `ii`. */
  readonly number: string;
  readonly text: string;
  readonly url?: string;
  /** Values this instruction tells to type, each shown alone on its line so that it can be copied. */
  readonly values?: readonly Value[];
  readonly when?: When;
  /** Done on the page that an earlier instruction opened: shown together with it, and one Enter is enough for all. */
  readonly with?: 'link';
  /** Said once where `when` fails and no other instruction has the number, so that no number is missed. */
  readonly skip?: string;
}

export interface Value {
  readonly label: string;
  readonly value: string;
  readonly when?: When;
}

/** What a step proves once its questions are answered, in this order. */
export type Verification = 'store' | 'redirect' | 'tenant' | 'registration' | 'client' | 'signin' | 'mailbox';

export interface Step {
  /** `1` … `14`, as in the guide. */
  readonly number: string;
  readonly title: string;
  readonly url?: string;
  /** One or two sentences before the instructions, where the reader needs to know why. */
  readonly intro?: string;
  readonly instructions: readonly Instruction[];
  readonly values?: readonly Value[];
  /** Question ids, asked before the instructions because they decide which of them are shown. */
  readonly asksFirst?: readonly string[];
  /** Question ids, asked after the instructions. */
  readonly asks?: readonly string[];
  readonly verify?: readonly Verification[];
  /** Where this fails the step keeps its number and says SKIP and `skip`. */
  readonly when?: When;
  readonly skip?: string;
  /** What `?` explains here. */
  readonly help?: string;
}
