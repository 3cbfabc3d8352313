import { protocols, serverQuestions } from '../words/protocol.js';
import type { Secret } from '../words/secret.js';
import type { Answers, AnswerValue, Verification } from './step.js';

/** Where an answer came from: a flag, a variable, the person, an earlier run or the account, or another answer that held it. */
export type AnswerSource = 'flag' | 'variable' | 'paste' | 'saved' | 'learnt';

/**
 * `proposed`: an earlier answer to a question that is open again; Enter keeps it. `given`: answered, and nothing has shown
 * yet that it is right. `waiting`: a secret that stays in memory until there is a store for it. `proven`: the stored
 * account has it, or a proof of this run stands for it.
 */
type AnswerState = 'proposed' | 'given' | 'waiting' | 'proven';

/** A secret that is in the store, by the name of its entry. */
interface StoredSecret {
  readonly entry: string;
}

/** All that is known of the answer to one question. */
export interface AnswerRecord {
  readonly value: AnswerValue | Secret | StoredSecret;
  readonly from: AnswerSource;
  readonly state: AnswerState;
  /** It does not look as such a value usually does, and the person kept it all the same. */
  readonly doubtful?: true;
}

/** By question. */
export type AnswerRecords = Readonly<Record<string, AnswerRecord>>;

/** What stands for a secret where answers are read: texts and conditions only ask whether there is one. */
const HIDDEN = '(hidden)';

/** The answers as texts and conditions read them: those of open questions are not among them, and no secret is. */
export function answersIn(records: AnswerRecords): Answers {
  return textsOf(records, ({ state }) => state !== 'proposed');
}

/** The earlier answers to questions that are open again. */
export function proposalsIn(records: AnswerRecords): Answers {
  return textsOf(records, ({ state }) => state === 'proposed');
}

function textsOf(records: AnswerRecords, isMeant: (record: AnswerRecord) => boolean): Answers {
  const meant = Object.entries(records).filter(([, record]) => isMeant(record));
  return Object.fromEntries(meant.map(([id, { value }]) => [id, isText(value) ? value : HIDDEN]));
}

export function isText(value: AnswerRecord['value']): value is AnswerValue {
  return typeof value === 'string' || Array.isArray(value);
}

export function isStored(value: AnswerRecord['value'] | undefined): value is StoredSecret {
  return typeof value === 'object' && 'entry' in value;
}

/** Whether two answers say the same. Two secrets in hand cannot be compared here, so they count as different. */
export function isSameAnswer(
  one: AnswerRecord['value'] | undefined,
  other: AnswerRecord['value'] | undefined,
): boolean {
  return one === other || (!isSecret(one) && !isSecret(other) && JSON.stringify(one) === JSON.stringify(other));
}

function isSecret(value: AnswerRecord['value'] | undefined): boolean {
  return typeof value === 'object' && !Array.isArray(value) && !('entry' in value);
}

const SERVERS = protocols.flatMap((protocol) => Object.values(serverQuestions(protocol)));
const ISSUER = ['issuer', 'tenant', 'cloud', 'endpoint-host'];

/**
 * The answers each proof stands for, by question or derived value. Where one of them changes the proof has to be made
 * again, and where none has changed since, the stored account stands for it.
 */
export const PROVES: Readonly<Record<Verification, readonly string[]>> = {
  store: [],
  redirect: ['client-type', 'redirect-port'],
  tenant: [...ISSUER, 'ca'],
  registration: [...ISSUER, 'ca', 'client-from', 'client-id'],
  client: [...ISSUER, 'ca', 'client-id', 'client-type', 'client-secret-file'],
  signin: [...ISSUER, 'account', 'auth-user', 'client-id', 'client-type', 'scopes', 'refresh-token-file'],
  mailbox: [...ISSUER, 'ca', 'account', 'auth-user', 'client-id', 'client-secret-file', 'scopes', ...SERVERS],
};

/**
 * What a proof was made for, as one text to compare. `known` are the completed answers; a secret counts by its entry in
 * the store, which holds one value as long as it is there.
 */
export function proofOf(verification: Verification, known: Answers, records: AnswerRecords): string {
  return JSON.stringify(
    PROVES[verification].map((id) => {
      const value = records[id]?.value;
      if (isStored(value)) return value.entry;
      return known[id] ?? '';
    }),
  );
}
