import type { Account, BegunSignIn, StoreChoice } from '../../account/account.js';
import { list, text } from '../../account/answers.js';
import type { Client } from '../../account/client.js';
import type { Check } from '../../explain/check.js';
import { type AnswerRecords, answersIn, proofOf } from '../../guide/answer-record.js';
import { complete, guideFor, type Progress, signInKind } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import type { Answers, Step, Verification } from '../../guide/step.js';
import { SIGN_INS, type SignIn } from '../signin/sign-ins.js';
import type { Workbench } from '../workbench.js';
import type { World } from '../world.js';

/**
 * How the person signs in. `begin` prints the address and ends; `finish` takes the address the browser ended on; `none`:
 * nobody is there to sign in; `app`: nobody needs to.
 */
export type SignInWay =
  | { readonly kind: 'browser' | 'device' | 'begin' | 'none' | 'app' }
  | { readonly kind: 'finish'; readonly callback: string | undefined };

/** One set-up under way. Its answers are changed in `answers.ts` and nowhere else; everything else reads them. */
export interface Setup {
  readonly world: World;
  /** The record that fits the answers as they are. */
  readonly provider: Provider;
  readonly id: string;
  /** What only the caller can know and texts may mention (see CONTEXT_IDS). */
  readonly context: Answers;
  way: SignInWay;
  /** Days before an end from which the final check warns. */
  readonly warnDays: number;
  readonly bench: Workbench;

  records: AnswerRecords;
  /** What the stored account stands for: the answers that would make it again. */
  stored: AnswerRecords;
  /** The instructions and empty steps that the person has done. */
  done: readonly string[];
  /** What was proven, by this run or by the stored account, and for which answers (see `proofOf`). */
  proofs: Readonly<Partial<Record<Verification, string>>>;
  /** Entries of the store that this set-up made and no answer names: a new sign-in, secrets that were replaced. */
  entries: Readonly<Record<string, string>>;
  storeChoice: StoreChoice | undefined;
  /** The account this set-up works on, or has just stored. */
  account: Account | undefined;
  client: Client | undefined;
  begun: BegunSignIn | undefined;
  /** Whether anything that is kept of the account is not as it was. */
  changed: boolean;
  /** Whether the final check refused what was to change: then nothing of it is stored. */
  refused: boolean;
  checks: readonly Check[];
  /** The foreign hosts that were told of last. */
  announced: string | undefined;
  /** The client that was waited for in vain: nobody waits for it twice. */
  waitedFor: string | undefined;
  /** What a person waits for, and until when. */
  waiting: { readonly what: 'signin' | 'mailbox'; readonly until: Date } | undefined;
}

export const CLIENT_FROM = 'client-from';
export const CLIENT_ID = 'client-id';
export const CLIENT_SECRET = 'client-secret-file';
/**
 * The issuer that mailauth registered itself at, where it keeps the registration, the loopback host it takes where that is
 * another than usual, and the token that deletes it.
 */
export const REGISTERED = 'registered';
export const REGISTRATION_URI = 'registration-uri';
export const REDIRECT_HOST = 'redirect-host';
export const REGISTRATION_TOKEN = 'registration-token';
export const SECRET_EXPIRES = 'secret-expires';
export const REFRESH_TOKEN = 'refresh-token-file';
/** Among the entries: the sign-in that is about to become the account's. */
export const SIGN_IN = 'sign-in';

/** The answers as they are given, without defaults. */
export function givenAnswers({ context, records }: Setup): Answers {
  const before = given.get(records);
  if (before !== undefined) return before;
  const answers = { ...context, ...answersIn(records) };
  given.set(records, answers);
  return answers;
}

/** Nothing changes a set of records, and what follows from them is asked for at every turn. */
const given = new WeakMap<AnswerRecords, Answers>();

/** The answers with every default and derived value. */
export function answersOf(setup: Setup): Answers {
  return complete(setup.provider, givenAnswers(setup));
}

/** The steps of this set-up's guide. */
export function stepsFor(setup: Setup): readonly Step[] {
  return guideFor(setup.provider, givenAnswers(setup)).steps;
}

/** What follows from who signs in, as the answers have it. */
export function signInFor(setup: Setup): SignIn {
  return SIGN_INS[signInKind(setup.provider, givenAnswers(setup))];
}

export function wayOf(setup: Setup): SignInWay {
  const { onlyWay } = signInFor(setup);
  return onlyWay === undefined ? setup.way : { kind: onlyWay };
}

/** Where the person stands: the answers, what was done, and what is proven for the answers as they are now. */
export function progressOf(setup: Setup): Progress {
  const proven = stepsFor(setup).flatMap((step) =>
    (step.verify ?? []).filter((one) => isProven(setup, one)).map((one) => `verify:${step.number}:${one}`),
  );
  return { answers: givenAnswers(setup), done: [...setup.done, ...proven] };
}

export function isProven(setup: Setup, verification: Verification): boolean {
  // The store is proven before anything secret exists, so also before a secret that waits and before a sign-in.
  if (verification === 'store' && setup.proofs.store === STORED) return !isWaiting(setup) && isProven(setup, 'signin');
  return setup.proofs[verification] === proofNow(setup, verification);
}

/** The proof that would be made now. */
export function proofNow(setup: Setup, verification: Verification): string {
  const known = answersOf(setup);
  const { scopes = [] } = setup.account ?? {};
  // Who signed in for more than is used now need not sign in for less.
  const isCovered = list(known, 'scopes').every((scope) => scopes.includes(scope));
  const comparable = { ...known, issuer: filledIssuer(known), ...(isCovered && { scopes }) };
  return proofOf(verification, comparable, setup.records);
}

/** An issuer is the same with the tenant in its place, and with or without a slash at its end. */
function filledIssuer(known: Answers): string {
  const issuer = text(known, 'issuer') ?? '';
  return issuer.replaceAll('{tenant}', text(known, 'tenant') ?? '').replace(/\/$/, '');
}

/** An account's own store needs no proof as long as nothing new is to be put into it. */
export const STORED = 'stored';

function isWaiting({ records }: Setup): boolean {
  return Object.values(records).some(({ state }) => state === 'waiting');
}
