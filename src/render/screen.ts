import { complete, fill, fillList, holds } from '../guide/plan.js';
import type { Provider } from '../guide/provider.js';
import type { Answers, Instruction, Step, Value } from '../guide/step.js';
import type { Style } from './style.js';
import { wrap } from './wrap.js';

/** What the screen of one step shows, and what its keys act on. */
export interface Screen {
  readonly lines: readonly string[];
  /** What `o` opens. */
  readonly link?: string;
  /** What `c` copies, in the order in which it stands on the screen. */
  readonly values: readonly string[];
}

export function headingScreen(step: Step, provider: Provider, answers: Answers, style: Style, width: number): Screen {
  const title = `STEP ${step.number} of ${provider.steps.length}  ${fill(step.title, answers, provider)}`;
  const intro = step.intro === undefined ? [] : wrap(fill(step.intro, answers, provider), width, '  ');
  const values = valuesOf(step.values, provider, answers);
  // Where an instruction opens a page itself, the same address above it would only be read twice.
  const known = complete(provider, answers);
  const opensItself = step.instructions.some(({ url, when }) => url !== undefined && holds(when, known));
  return {
    lines: [
      '',
      ...wrap(title, width).map((line) => style.heading(line)),
      ...intro,
      ...linkLines(opensItself ? undefined : step.url, provider, answers, style),
      ...values.lines(style),
    ],
    ...(step.url !== undefined && { link: fill(step.url, answers, provider) }),
    values: values.texts,
  };
}

export function instructionScreen(
  instruction: Instruction,
  provider: Provider,
  answers: Answers,
  style: Style,
  width: number,
): Screen {
  const number = `  ${`${instruction.number}.`.padEnd(5)} `;
  const values = valuesOf(instruction.values, provider, answers);
  return {
    lines: [
      ...wrap(fill(instruction.text, answers, provider), width, number, ' '.repeat(8)),
      ...linkLines(instruction.url, provider, answers, style),
      ...values.lines(style),
    ],
    ...(instruction.url !== undefined && { link: fill(instruction.url, answers, provider) }),
    values: values.texts,
  };
}

/** What each key does; no key is torn from its meaning. */
export function keyLines(keys: readonly string[], width: number, indent = ''): string[] {
  const unbroken = keys.map((key) => key.replaceAll(' ', '\u00a0')).join(' | ');
  return wrap(`Keys: ${unbroken}`, width, indent).map((line) => line.replaceAll('\u00a0', ' '));
}

/** The address comes last and unbroken: a terminal finds it, and a mouse can take it whole. */
function linkLines(url: string | undefined, provider: Provider, answers: Answers, style: Style): string[] {
  return url === undefined ? [] : [`        Open: ${style.value(fill(url, answers, provider))}`];
}

function valuesOf(values: readonly Value[] | undefined, provider: Provider, answers: Answers) {
  const known = complete(provider, answers);
  const shown = (values ?? [])
    .filter((value) => holds(value.when, known))
    .map((value) => ({ label: fill(value.label, answers, provider), texts: fillList(value, answers, provider) }));
  return {
    texts: shown.flatMap((value) => value.texts),
    // A list is several values of one label, which is said once.
    lines: (style: Style) =>
      shown.flatMap(({ label, texts }, index) => [
        ...(label === shown[index - 1]?.label ? [] : [`        ${label}:`]),
        ...texts.map((text) => `          ${style.value(text)}`),
      ]),
  };
}
