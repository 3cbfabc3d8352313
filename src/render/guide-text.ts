import type { Provider } from '../guide/provider.js';
import {
  byChoice,
  flagsOf,
  type GuideDocument,
  type GuideInstruction,
  type GuidePageError,
  type GuideStep,
} from './guide-document.js';
import { wrap } from './wrap.js';

/** For a terminal or a printer; links and values are never broken. */
export function guideText(provider: Provider, document: GuideDocument, width: number): string {
  const total = document.steps.length;
  const lines = [
    ...wrap(`${document.title}: OAuth2 in ${total} steps, about ${document.minutes} minutes`, width, '', ''),
    ...wrap(`The names of buttons were last compared on ${document.lastChecked}.`, width, '', ''),
    '',
    'You need',
    ...document.needs.flatMap((need) => wrap(need, width, '- ', '  ')),
    ...document.steps.flatMap((step) => ['', ...textStep(provider, step, total, width)]),
    ...(document.pageErrors.length === 0 ? [] : ['', 'If the sign-in page shows an error']),
    ...document.pageErrors.flatMap((error) => ['', ...textError(error, width)]),
    ...textWays(document, width),
  ];
  return `${lines.join('\n')}\n`;
}

function textStep(provider: Provider, step: GuideStep, total: number, width: number): readonly string[] {
  const heading = wrap(`STEP ${step.number} of ${total}  ${step.title}`, width, '', '  ');
  if (step.skipped !== undefined) return [...heading, ...wrap(`SKIP  ${step.skipped}`, width, '  ', '  ')];
  return [
    ...heading,
    ...(step.intro === undefined ? [] : wrap(step.intro, width, '  ', '  ')),
    ...(step.url === undefined ? [] : [`  Open: ${step.url}`]),
    ...byChoice(step.instructions).flatMap(({ heading: choice, instruction }) => [
      ...(choice === undefined ? [] : wrap(`${choice}:`, width, '  ', '  ')),
      ...textInstruction(instruction, step.url, width),
    ]),
    ...flagsOf(provider, step).flatMap((flag) => wrap(`mailauth asks for: ${flag}`, width, '  ', '    ')),
    ...(step.help === undefined ? [] : wrap(`Note: ${step.help}`, width, '  ', '    ')),
  ];
}

function textInstruction(instruction: GuideInstruction, stepUrl: string | undefined, width: number): readonly string[] {
  const indent = ' '.repeat(8);
  return [
    ...wrap(instruction.text, width, `  ${`${instruction.number}.`.padEnd(5)} `, indent),
    ...(instruction.url === undefined || instruction.url === stepUrl ? [] : [`${indent}Open: ${instruction.url}`]),
    ...(instruction.values ?? []).flatMap(({ label, value }) =>
      indent.length + label.length + value.length + 2 <= width
        ? [`${indent}${label}: ${value}`]
        : [`${indent}${label}:`, `${indent}${value}`],
    ),
  ];
}

function textError(error: GuidePageError, width: number): readonly string[] {
  return [
    ...wrap(error.shows, width, '  ', '    '),
    ...wrap(`why:  ${error.explanation}`, width, '    ', '          '),
    ...wrap(`do:   ${error.fix} (step ${error.step})`, width, '    ', '          '),
    ...(error.url === undefined ? [] : [`    Open: ${error.url}`]),
  ];
}

function textWays(document: GuideDocument, width: number): readonly string[] {
  const others = document.ways.flatMap((way) => way.others);
  if (others.length === 0) return [];
  return [
    '',
    ...wrap(`This guide is for: ${document.ways.map((way) => way.shown).join('; ')}.`, width, '', ''),
    'For another way:',
    ...others.map((command) => `  ${command}`),
  ];
}
