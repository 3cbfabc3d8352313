/**
 * Everything that changes the answers of a set-up. One rule stands for all of it: what is given now wins over what was
 * saved, and nothing counts as proven that neither this run nor the stored account has proven for these very answers.
 */
import {
  type AnswerRecord,
  type AnswerRecords,
  type AnswerSource,
  answersIn,
  isSameAnswer,
  isStored,
  PROVES,
} from '../../guide/answer-record.js';
import { back, type Progress, questionOf } from '../../guide/plan.js';
import type { Answers, AnswerValue, Verification } from '../../guide/step.js';
import { sameAddress } from '../../providers/directory.js';
import type { Secret } from '../../words/secret.js';
import type { Entered } from '../interviewer.js';
import { CLIENT_SECRET, progressOf, proofNow, SECRET_EXPIRES, type Setup } from './state.js';

/** Gives an answer. One that the account has already stays the account's, and so stays proven. */
export function give(
  setup: Setup,
  question: string,
  value: AnswerRecord['value'],
  { from, doubtful }: { readonly from: AnswerSource; readonly doubtful?: true },
): void {
  const stored = setup.stored[question];
  if (stored !== undefined && saysTheSame(setup, question, stored.value, value)) {
    put(setup, question, stored);
    return;
  }
  const isWaiting = !isStored(value) && typeof value === 'object' && !Array.isArray(value);
  const state = isWaiting ? 'waiting' : 'given';
  put(setup, question, { value, from, state, ...(doubtful && { doubtful }) });
}

function saysTheSame(
  { provider }: Setup,
  question: string,
  one: AnswerRecord['value'],
  other: AnswerRecord['value'],
): boolean {
  const isAddress = questionOf(provider, question)?.kind === 'address';
  if (isAddress && typeof one === 'string' && typeof other === 'string') return sameAddress(one, other);
  return isSameAnswer(one, other);
}

/** Whatever else is told along with an answer. */
export function learn(setup: Setup, answers: Answers, from: AnswerSource = 'learnt'): void {
  for (const [question, value] of Object.entries(answers)) give(setup, question, value, { from });
}

/** Answers that a record of the account or of its client stands for. */
export function adopt(setup: Setup, records: AnswerRecords): void {
  for (const [question, record] of Object.entries(records)) put(setup, question, record);
}

/** What a person entered at one question, with whatever else was found in the same paste. */
export function enter(setup: Setup, question: string, { value, learnt, learntSecret, kept, doubtful }: Entered): void {
  const how = { from: 'paste', ...(doubtful && { doubtful }) } as const;
  learn(setup, learnt, 'paste');
  if (learntSecret !== undefined) give(setup, CLIENT_SECRET, learntSecret, how);
  const before = setup.records[question];
  // Whoever types a secret once more may wait for it once more.
  if (question === CLIENT_SECRET && kept !== true) setup.waitedFor = undefined;
  const isKept = before !== undefined && (kept === true || (value !== undefined && isSameAnswer(before.value, value)));
  // Enter: the earlier answer stands again, and is no newer for it.
  if (isKept) give(setup, question, before.value, before);
  else if (value !== undefined) give(setup, question, value, how);
}

/** The question is asked again, and Enter keeps the answer. */
export function reopen(setup: Setup, question: string): void {
  const record = setup.records[question];
  if (record !== undefined) put(setup, question, { ...record, state: 'proposed' });
  markUndone(setup, (id) => id === question);
}

/** The question is asked again, and Enter takes this. */
export function propose(setup: Setup, question: string, value: AnswerValue): void {
  forget(setup, question);
  put(setup, question, { value, from: 'learnt', state: 'proposed' });
}

/** The question is asked again, and nothing is proposed. */
export function forget(setup: Setup, question: string): void {
  replaced(setup, question);
  const { [question]: _, ...rest } = setup.records;
  setup.records = rest;
  markUndone(setup, (id) => id === question);
}

/** The answer was refused. Where others may be at fault as well, Enter keeps it; a secret never. */
export function correct(setup: Setup, question: string, isAlone: boolean): void {
  if (isAlone || question === CLIENT_SECRET) forget(setup, question);
  else reopen(setup, question);
}

/** Client ID and tenant ID look alike, and were given in each other's place. */
export function swap(setup: Setup, one: string, other: string): void {
  const { [one]: first, [other]: second } = setup.records;
  if (first === undefined || second === undefined) return;
  give(setup, one, second.value, second);
  give(setup, other, first.value, first);
}

/** The secret is in the store now, under this name. */
export function stored(setup: Setup, question: string, entry: string): void {
  const record = setup.records[question];
  if (record === undefined) return;
  give(setup, question, { entry }, record);
  const date = setup.records[SECRET_EXPIRES];
  const isNew = question === CLIENT_SECRET && setup.records[question]?.state !== 'proven';
  // A new secret has a date of its own.
  if (isNew && date?.from === 'saved' && date.state !== 'given') forget(setup, SECRET_EXPIRES);
}

/** The secrets that still wait for a store, by question. */
export function waiting({ records }: Setup): readonly (readonly [question: string, secret: Secret])[] {
  return Object.entries(records)
    .filter(([, { state }]) => state === 'waiting')
    .map(([question, { value }]) => [question, value as Secret]);
}

/** A proof was made for the answers as they are now. */
export function prove(setup: Setup, verification: Verification): void {
  setup.proofs = { ...setup.proofs, [verification]: proofNow(setup, verification) };
  for (const question of PROVES[verification]) {
    const record = setup.records[question];
    if (record?.state === 'given') put(setup, question, { ...record, state: 'proven' });
  }
}

/** The proof is to be made again, whatever the answers. */
export function doubt(setup: Setup, verification: Verification): void {
  const { [verification]: _, ...rest } = setup.proofs;
  setup.proofs = rest;
}

/** An instruction, or a step without any, is behind the person. */
export function markDone(setup: Setup, ...ids: readonly string[]): void {
  setup.done = [...new Set([...setup.done, ...ids])];
}

export function markUndone(setup: Setup, isUndone: (id: string) => boolean): void {
  setup.done = setup.done.filter((id) => !isUndone(id));
}

/** One item back; verifications that came after it are to be made again. */
export function stepBack(setup: Setup): void {
  const before = progressOf(setup);
  const earlier = back(setup.provider, before);
  for (const question of Object.keys(answersIn(setup.records))) {
    if (earlier.answers[question] === undefined) reopen(setup, question);
  }
  setup.done = setup.done.filter((id) => earlier.done.includes(id));
  for (const verification of lostProofs(before, earlier)) doubt(setup, verification);
}

function lostProofs(before: Progress, earlier: Progress): readonly Verification[] {
  const lost = before.done.filter((id) => id.startsWith('verify:') && !earlier.done.includes(id));
  return lost.map((id) => id.split(':')[2] as Verification);
}

function put(setup: Setup, question: string, record: AnswerRecord): void {
  replaced(setup, question, record);
  setup.records = { ...setup.records, [question]: record };
}

/** The entry of a secret that is answered anew stays known until it is deleted from the store. */
function replaced(setup: Setup, question: string, next?: AnswerRecord): void {
  const before = setup.records[question]?.value;
  if (!isStored(before) || isSameAnswer(before, next?.value)) return;
  noteReplaced(setup, question, before.entry);
}

/** An entry of the store that is to be deleted as soon as no record names it. */
export function noteReplaced(setup: Setup, question: string, entry: string): void {
  setup.entries = { ...setup.entries, [`${REPLACED}${question}:${entry}`]: entry };
}

export const REPLACED = 'replaced:';
