import { complete, fill, holds, type Item, stepsOf } from '../../guide/plan.js';
import type { Provider } from '../../guide/provider.js';
import type { Answers, Instruction, Step } from '../../guide/step.js';

/** Something of the guide that does not apply. It keeps its number, so that a reader can follow the published guide. */
export interface Skip {
  /** What tells it from the others: `6`, or `6.i to iv`. */
  readonly key: string;
  readonly step: Step;
  /** `i to iv`; undefined where the whole step falls away. */
  readonly numbers?: string;
  readonly reason: string;
}

/** Everything that falls away before this item, in the guide's order; before the end where there is no item. */
export function skipsBefore(provider: Provider, answers: Answers, item: Item | undefined): readonly Skip[] {
  const skips: Skip[] = [];
  for (const { step, skipped } of stepsOf(provider, answers)) {
    const isHere = step === item?.step;
    if (skipped !== undefined) skips.push({ key: step.number, step, reason: skipped });
    else skips.push(...partsBefore(provider, answers, step, isHere ? placeOf(item) : step.instructions.length));
    if (isHere) break;
  }
  return skips;
}

/** How many instructions of its step an item comes after. */
function placeOf(item: Item): number {
  if (item.kind === 'instruction') return item.step.instructions.indexOf(item.instruction);
  const isFirst = item.kind === 'question' && item.step.asksFirst?.includes(item.id);
  return isFirst ? 0 : item.step.instructions.length;
}

/** Neighbours that fall away for the same reason are told in one line. */
function partsBefore(provider: Provider, answers: Answers, step: Step, place: number): readonly Skip[] {
  const known = complete(provider, answers);
  const shown = new Set(step.instructions.filter(({ when }) => holds(when, known)).map(({ number }) => number));
  const runs: Instruction[][] = [];
  for (const [index, instruction] of step.instructions.slice(0, place).entries()) {
    if (instruction.skip === undefined || shown.has(instruction.number)) continue;
    const run = runs.at(-1);
    const isNext = run?.at(-1) === step.instructions[index - 1] && run?.[0]?.skip === instruction.skip;
    if (isNext) run?.push(instruction);
    else runs.push([instruction]);
  }
  return runs.map((run) => {
    const [first, last] = [run[0] as Instruction, run.at(-1) as Instruction];
    const numbers = first === last ? first.number : `${first.number} to ${last.number}`;
    return { key: `${step.number}.${numbers}`, step, numbers, reason: fill(first.skip ?? '', answers, provider) };
  });
}
