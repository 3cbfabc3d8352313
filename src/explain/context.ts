import type { Protocol } from '../words/protocol.js';
import type { Advice, Diagnosis, Fact, Rule } from './rule.js';

/** A service besides mail, by the audience (RFC 7519 section 4.1.3) of its tokens. */
export interface OtherService {
  readonly audience: RegExp;
  readonly title: string;
}

/** What a provider's record brings to an explanation. */
export interface ProviderWords {
  readonly id: string;
  readonly title: string;
  /** Loaded when there is something to explain: they are much of the program, and nothing else needs them. */
  readonly rules: () => Promise<readonly Rule[]>;
  /** Where it has words of its own for what is known without a failure. */
  readonly advice?: Readonly<Partial<Record<Fact, Advice>>>;
  /** Services whose tokens its mail servers refuse. */
  readonly otherServices?: readonly OtherService[];
  /** What a token has to be asked for, by what it is for. */
  readonly scopes?: Readonly<Record<Protocol, readonly string[]>>;
  /** Rules for what other programs show, tried after `rules`. */
  readonly pasteRules?: () => Promise<readonly Rule[]>;
  /** What in a paste shows that it is about this provider: its hosts, its signatures, its numbers. */
  readonly shows?: RegExp;
  /** Its rules use words that others use as well, and are asked only where a paste shows that it is about this provider. */
  readonly whenShown?: true;
  /** Known by its mail servers' words alone: mailauth sets nothing up there by its name. */
  readonly elsewhere?: true;
  /** What it says of a program that logs in with a password. */
  readonly password?: Diagnosis;
  /** The same where a paste does not show what was sent. */
  readonly refusal?: Diagnosis;
  /** What a person sends to an administrator who has to let the app in; the link, where there is one, follows it. */
  readonly adminRequest?: string;
  /** Link an administrator opens to consent for everybody; may hold `{tenant}`, `{client-id}`, `{redirect-uri}`. */
  readonly adminConsentUrl?: string;
}

/** Those for what other programs show stand behind the others. */
export async function everyRuleOf({ rules, pasteRules }: ProviderWords): Promise<readonly Rule[]> {
  return [...(await rules()), ...((await pasteRules?.()) ?? [])];
}

export interface ExplainContext {
  readonly provider?: ProviderWords;
  /** What fills the placeholders: `name`, `account`, `project`, `client-id`, `tenant`, `redirect-uri`, `step`. */
  readonly answers: Readonly<Record<string, string>>;
  /** The set-up is under way and no account exists yet: to carry on with it takes the place of signing in or checking again. */
  readonly unfinished?: boolean;
  /** It is the failure of another program, which no command of mailauth about an account would end. */
  readonly foreign?: boolean;
}
