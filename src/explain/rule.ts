import type { Evidence } from './evidence.js';
import type { Fix, Problem } from './problem.js';

type Verb = 'setup' | 'authorize' | 'check' | 'token' | 'export' | 'password';

/**
 * A command of mailauth about one account, without its name: `setup --from-step 7`. Whoever explains knows the account, and
 * whether there is one yet.
 */
export type OwnCommand = Verb | `${Verb} --${string}`;

/** A next action as a rule knows it: `command` is typed as it stands, `run` is written out for the account. */
export interface RuleFix extends Omit<Fix, 'goesOn'> {
  readonly run?: OwnCommand;
  /** Said in place of `text` to another program, where no command of mailauth follows. */
  readonly foreign?: string;
  /** Only where a person signs in, or only for an app; where nobody knows, it is said to both. */
  readonly only?: 'person' | 'app';
}

/** The part of a problem that is known before it happens. Texts may hold `{placeholders}`, filled from the account by `explain`. */
export interface Diagnosis extends Pick<Problem, 'code' | 'message' | 'who' | 'settles'> {
  readonly fix: readonly RuleFix[];
  /** Said in place of `message` of another program, of which less is known. */
  readonly foreign?: string;
  /** Said in its place where the account is an app's, and nobody signs in. */
  readonly app?: Pick<Diagnosis, 'message' | 'who' | 'settles' | 'fix'>;
  /** The words tell what was sent, so that a paste adds nothing to them. */
  readonly asSent?: true;
}

/** A regular expression, or what knows words in another way, such as a provider's list of numbers. */
export interface Words {
  test(text: string): boolean;
}

/**
 * One known cause. Every condition that is given must hold; `text` is tested against the server's words, its error
 * word and the decoded challenge. Rules are tried in order, a provider's own before the common ones, specific before general.
 */
export interface Rule {
  /** Unique, stable, and the anchor in docs/errors.md: `aadsts7000215`, `smtp-5.7.139-tenant`. */
  readonly id: string;
  readonly when: {
    readonly where?: readonly Evidence['where'][];
    readonly stage?: readonly Evidence['stage'][];
    readonly error?: readonly string[];
    /** The error word is one of ours. */
    readonly finding?: true;
    readonly status?: readonly number[];
    readonly enhanced?: readonly string[];
    readonly grant?: readonly NonNullable<Evidence['grant']>[];
    readonly text?: Words;
  };
  /**
   * For lines that other programs show (explain/paste): how much the rule says, where its conditions do not tell. `hint`:
   * only a second look.
   */
  readonly weight?: 'cause' | 'general' | 'number' | 'hint' | 'nothing';
  readonly diagnosis: Diagnosis;
}

/** What is known without a failure, see advice.ts. */
export type Fact =
  | 'signInEnds'
  | 'signInEndsInAWeek'
  | 'signInEnded'
  | 'signInEndedAfterAWeek'
  | 'secretExpires'
  | 'secretExpired'
  | 'scopesMissing'
  | 'rolesMissing'
  | 'noRefreshToken'
  | 'wrongAudience'
  | 'wrongAccount'
  | 'clockAhead'
  | 'clockBehind';

/** What a fact means. `rule` is its anchor in docs/errors.md. */
export interface Advice extends Diagnosis {
  readonly rule: string;
}

/** Whether every condition of the rule holds. */
export function matches(rule: Rule, evidence: Evidence): boolean {
  const { where, stage, error, finding, status, enhanced, grant, text } = rule.when;
  return (
    (where === undefined || where.includes(evidence.where)) &&
    (stage === undefined || stage.includes(evidence.stage)) &&
    (error === undefined || (evidence.error !== undefined && error.includes(evidence.error))) &&
    (finding === undefined || evidence.finding === true) &&
    (status === undefined || (evidence.status !== undefined && status.includes(evidence.status))) &&
    (enhanced === undefined || (evidence.enhanced !== undefined && enhanced.includes(evidence.enhanced))) &&
    (grant === undefined || (evidence.grant !== undefined && grant.includes(evidence.grant))) &&
    (text === undefined ||
      text.test(evidence.text) ||
      (evidence.error !== undefined && text.test(evidence.error)) ||
      (evidence.challenge !== undefined && text.test(evidence.challenge)))
  );
}

/** The first rule that recognises the evidence, or undefined: then the cause is unknown and only the server's words are told. */
export function recognise(evidence: Evidence, rules: readonly Rule[]): Rule | undefined {
  return rules.find((rule) => matches(rule, evidence));
}
