import { complete, fill, fillList, guideFor, holds } from '../guide/plan.js';
import type { Provider } from '../guide/provider.js';
import type { Answers, Instruction, Step, Value } from '../guide/step.js';
import type { Style } from './style.js';
import { wrap } from './wrap.js';

/** What the screen of one step shows, and what its keys act on. */
export interface Screen {
  readonly lines: readonly string[];
  /** What `o` opens. */
  readonly link?: string;
  /** What `c` copies, in the order in which it stands on the screen, each once. */
  readonly values: readonly Labelled[];
}

interface Labelled {
  readonly label: string;
  readonly text: string;
}

/** What the texts of the guide are filled with, and where they are shown. */
export interface Page {
  readonly provider: Provider;
  readonly answers: Answers;
  readonly style: Style;
  readonly width: number;
}

export function headingScreen(step: Step, page: Page): Screen {
  const { provider, answers, style, width } = page;
  const title = `STEP ${step.number} of ${guideFor(provider, answers).steps.length}  ${fill(step.title, answers, provider)}`;
  const intro = step.intro === undefined ? [] : wrap(fill(step.intro, answers, provider), width, '  ');
  const values = valuesOf(step.values, page);
  // Where an instruction opens a page itself, the same address above it would only be read twice.
  const known = complete(provider, answers);
  const opensItself = step.instructions.some(({ url, when }) => url !== undefined && holds(when, known));
  return {
    lines: [
      '',
      ...wrap(title, width).map((line) => style.heading(line)),
      ...intro,
      ...linkLines(opensItself ? undefined : step.url, page),
      ...linesOf(values, style),
    ],
    ...(step.url !== undefined && { link: fill(step.url, answers, provider) }),
    values,
  };
}

export function instructionScreen(instruction: Instruction, page: Page): Screen {
  const { provider, answers, style, width } = page;
  const number = `  ${`${instruction.number}.`.padEnd(5)} `;
  const values = valuesOf(instruction.values, page);
  return {
    lines: [
      ...wrap(fill(instruction.text, answers, provider), width, number, ' '.repeat(8)),
      ...linkLines(instruction.url, page),
      ...linesOf(values, style),
    ],
    ...(instruction.url !== undefined && { link: fill(instruction.url, answers, provider) }),
    values,
  };
}

/** What each key does; no key is torn from its meaning. Keys are letters, and Enter sends them. */
export function keyLines(keys: readonly string[], width: number, indent = ''): string[] {
  const unbroken = keys.map((key) => key.replaceAll(' ', '\u00a0')).join(' | ');
  return wrap(`Keys, then Enter: ${unbroken}`, width, indent, `${indent}    `).map((line) =>
    line.replaceAll('\u00a0', ' '),
  );
}

/** The address comes last and unbroken: a terminal finds it, and a mouse can take it whole. */
function linkLines(url: string | undefined, { provider, answers, style }: Page): string[] {
  return url === undefined ? [] : [`        Open: ${style.value(fill(url, answers, provider))}`];
}

function valuesOf(values: readonly Value[] | undefined, { provider, answers }: Page): readonly Labelled[] {
  const known = complete(provider, answers);
  return (values ?? [])
    .filter((value) => holds(value.when, known))
    .flatMap((value) => {
      const label = fill(value.label, answers, provider);
      return fillList(value, answers, provider).map((text) => ({ label, text }));
    });
}

/** A list is several values of one label, which is said once. */
function linesOf(values: readonly Labelled[], style: Style): string[] {
  return values.flatMap(({ label, text }, index) => [
    ...(label === values[index - 1]?.label ? [] : [`        ${label}:`]),
    `          ${style.value(text)}`,
  ]);
}
