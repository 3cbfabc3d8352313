import { readFileSync } from 'node:fs';
import type { Evidence } from '../../src/explain/evidence.js';

/** A real answer, and the rule that must recognise it before every other. A line of samples.jsonl. */
export interface Sample extends Evidence {
  readonly rule: string;
}

const lines = readFileSync(new URL('samples.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');

export const samples: readonly Sample[] = lines.map((line) => JSON.parse(line));

/** All samples of one rule, which has at least one. */
export function samplesOf(rule: string): readonly [Sample, ...Sample[]] {
  const [first, ...others] = samples.filter((sample) => sample.rule === rule);
  if (first === undefined) throw new Error(`${rule} has no sample in test/explain/samples.jsonl`);
  return [first, ...others];
}

/** The evidence of the first of them. */
export function sampleOf(id: string): Evidence {
  const { rule: _rule, ...evidence } = samplesOf(id)[0];
  return evidence;
}
