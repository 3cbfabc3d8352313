/**
 * Removes each rule, and lets each one match too much, and looks whether the samples notice: `npx tsx
 * test/rule-mutations.ts`. A rule whose absence leads no sample elsewhere is superfluous; one that may match anything without
 * a sample being taken for it has conditions that nothing proves. Ends with 1 when one goes unnoticed.
 */
import type { Evidence } from '../src/explain/evidence.js';
import { type Rule, recognise } from '../src/explain/rule.js';
import { commonRules } from '../src/explain/rules/order.js';
import { gmail } from '../src/providers/gmail/provider.js';
import { outlook } from '../src/providers/outlook/provider.js';
import { samplesOf } from './explain/samples.js';

const companies: readonly (readonly [name: string, own: readonly Rule[]])[] = [
  ['gmail', await gmail.rules()],
  ['outlook', await outlook.rules()],
  ['common', []],
];

/** What nobody knows has to stay unknown. */
const NOBODY_KNOWS: readonly Evidence[] = [
  { where: 'smtp', stage: 'auth', status: 599, text: 'the moon is full' },
  { where: 'imap', stage: 'tls', text: 'the moon is full' },
  { where: 'token', stage: 'response', text: 'the moon is full' },
];

/** The anchor in docs/errors.md that a sample leads to. */
function answer(sample: Evidence, rules: readonly Rule[]): string | undefined {
  return recognise(sample, rules)?.id;
}

/** Whether some sample of the company is answered otherwise with the changed rules. */
function isNoticed(before: ReadonlyMap<Evidence, string | undefined>, rules: readonly Rule[]): boolean {
  for (const [sample, said] of before) if (answer(sample, rules) !== said) return true;
  return false;
}

const unnoticed: string[] = [];
let tried = 0;
for (const [name, own] of companies) {
  const rules = [...own, ...commonRules];
  const samples = [...rules.flatMap(({ id }) => samplesOf(id)), ...NOBODY_KNOWS];
  const before = new Map(samples.map((sample) => [sample, answer(sample, rules)]));
  for (const rule of own.length === 0 ? commonRules : own) {
    const without = rules.filter((one) => one !== rule);
    const greedy = rules.map((one) => (one === rule ? { ...one, when: {} } : one));
    tried += 2;
    if (!isNoticed(before, without)) unnoticed.push(`${name}: nothing changes without ${rule.id}`);
    if (!isNoticed(before, greedy)) unnoticed.push(`${name}: nothing changes when ${rule.id} matches anything`);
  }
}
for (const line of unnoticed) process.stdout.write(`UNNOTICED  ${line}\n`);
process.stdout.write(`${tried - unnoticed.length} of ${tried} noticed\n`);
process.exitCode = unnoticed.length === 0 ? 0 : 1;
