import type { Code } from './codes.js';
import type { Who } from './problem.js';
import type { Advice, Diagnosis, Rule, RuleFix } from './rule.js';

/** The conditions of a rule as they are written: what stands alone needs no list. */
type Conditions = {
  readonly [Name in keyof Rule['when']]: Rule['when'][Name] extends readonly (infer One)[] | undefined
    ? One | readonly One[]
    : Rule['when'][Name];
};

type Weight = NonNullable<Rule['weight']>;

/** What a person is told of one cause, and the rules that recognise it, in the order in which they are tried. */
export class Cause {
  readonly rules: Rule[] = [];
  private readonly fixes: RuleFix[] = [];
  private readonly told: { -readonly [Part in keyof Diagnosis]: Diagnosis[Part] };

  constructor(code: Code, message: string, who: Who) {
    this.told = { code, message, who, fix: this.fixes };
  }

  get diagnosis(): Diagnosis {
    return this.told;
  }

  /** One more next action, the likeliest first. */
  fix(text: string | RuleFix, more?: Omit<RuleFix, 'text'>): this {
    this.fixes.push(typeof text === 'string' ? { text, ...more } : text);
    return this;
  }

  /** See `Problem.settles`. */
  settles(): this {
    this.told.settles = true;
    return this;
  }

  /** See `Diagnosis.foreign`. */
  foreign(message: string): this {
    this.told.foreign = message;
    return this;
  }

  /** See `Diagnosis.app`. What an administrator has to allow an app may take a while to be known everywhere. */
  forApp(message: string, ...fix: readonly RuleFix[]): this {
    this.told.app = { message, who: 'admin', settles: true, fix };
    return this;
  }

  /** See `Diagnosis.asSent`. */
  asSent(): this {
    this.told.asSent = true;
    return this;
  }

  /** A rule that recognises it: its anchor in docs/errors.md, and what has to hold. */
  when(id: string, conditions: Conditions, weight?: Weight): this {
    const lists = Object.entries(conditions).map(([name, value]) => [name, LISTS.has(name) ? [value].flat() : value]);
    const when: Rule['when'] = Object.fromEntries(lists);
    this.rules.push({ id, ...(weight !== undefined && { weight }), when, diagnosis: this.told });
    return this;
  }

  /** Several rules of the same kind. */
  whenAny(conditions: Readonly<Record<string, Conditions>>): this {
    for (const [id, one] of Object.entries(conditions)) this.when(id, one);
    return this;
  }

  /** The same for what is known without a failure: see advice.ts. */
  as(rule: string): Advice {
    return { rule, ...this.told };
  }
}

const LISTS: ReadonlySet<string> = new Set<keyof Rule['when']>([
  'where',
  'stage',
  'error',
  'status',
  'enhanced',
  'grant',
]);

/**
 * A known cause, in the notation that all rules are written in; its sample stands in test/explain/samples.jsonl:
 *
 *     cause('dns_failed', 'the name server knows no address for {host}', 'network')
 *       .fix('correct the host name, if it is misspelt', { run: 'setup' })
 *       .when('dns-no-such-name', { error: ['ENOTFOUND', 'ENODATA'] }),
 */
export function cause(code: Code, message: string, who: Who = 'you'): Cause {
  return new Cause(code, message, who);
}

/** All rules of the causes, in their order: specific before general. */
export function rulesOf(...causes: readonly Cause[]): Rule[] {
  return causes.flatMap(({ rules }) => rules);
}
