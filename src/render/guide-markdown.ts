import type { Provider } from '../guide/provider.js';
import { byChoice, flagsOf, type GuideDocument, type GuideInstruction, type GuideStep } from './guide-document.js';

/** For a page in docs/ or a wiki. */
export function guideMarkdown(provider: Provider, document: GuideDocument): string {
  const total = document.steps.length;
  const blocks = [
    `# ${escaped(document.title)}: OAuth2 in ${total} steps`,
    `About ${document.minutes} minutes. The names of buttons were last compared on ${document.lastChecked}. \`mailauth setup ${document.provider}\` walks you through these steps, checks every value as you paste it, and keeps the secrets in your keychain.`,
    '## You need',
    document.needs.map((need) => `- ${escaped(need)}`).join('\n'),
    ...document.steps.flatMap((step) => markdownStep(provider, step, total)),
    ...(document.pageErrors.length === 0 ? [] : ['## If the sign-in page shows an error', markdownErrors(document)]),
    ...markdownWays(document),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function markdownStep(provider: Provider, step: GuideStep, total: number): readonly string[] {
  const heading = `## Step ${step.number} of ${total}: ${escaped(step.title)}`;
  if (step.skipped !== undefined) return [heading, `SKIP: ${escaped(step.skipped)}.`];
  const flags = flagsOf(provider, step);
  return [
    heading,
    ...(step.intro === undefined ? [] : [escaped(step.intro)]),
    ...(step.url === undefined ? [] : [`Open: ${link(step.url)}`]),
    ...byChoice(step.instructions).flatMap(({ heading: choice, instruction }) => [
      ...(choice === undefined ? [] : [`*${escaped(choice)}:*`]),
      markdownInstruction(instruction, step.url),
    ]),
    ...(flags.length === 0 ? [] : [`mailauth asks for: ${flags.map(escaped).join(', ')}`]),
    ...(step.help === undefined ? [] : [`> ${escaped(step.help)}`]),
  ];
}

function markdownInstruction(instruction: GuideInstruction, stepUrl: string | undefined): string {
  return [
    `**${instruction.number}.** ${escaped(instruction.text)}`,
    ...(instruction.url === undefined || instruction.url === stepUrl ? [] : [`- Open: ${link(instruction.url)}`]),
    ...(instruction.values ?? []).map(({ label, value }) => `- ${escaped(label)}: ${code(value)}`),
  ].join('\n');
}

function markdownErrors(document: GuideDocument): string {
  const rows = document.pageErrors.map((error) => {
    const fix = `${escaped(error.fix)}${error.url === undefined ? '' : ` ${link(error.url)}`}`;
    return `| ${escaped(error.shows)} | ${escaped(error.explanation)} | ${fix} | ${error.step} |`;
  });
  return ['| the page shows | why | what to do | step |', '|---|---|---|---|', ...rows].join('\n');
}

function markdownWays(document: GuideDocument): readonly string[] {
  const others = document.ways.flatMap((way) => way.others);
  if (others.length === 0) return [];
  return [
    '## Other ways',
    `This page is for: ${document.ways.map((way) => escaped(way.shown)).join('; ')}. The other ways:`,
    ['```', ...others, '```'].join('\n'),
  ];
}

function escaped(sentence: string): string {
  return sentence.replace(/[\\`*_[\]<>|]/g, '\\$&');
}

/** A value keeps its characters, backquotes included. */
function code(value: string): string {
  const fence = '`'.repeat(Math.max(0, ...[...value.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return fence === '`' ? `\`${value}\`` : `${fence} ${value} ${fence}`;
}

/** A link with an unknown part leads nowhere, and is shown as text. */
function link(url: string): string {
  return url.includes('<') ? code(url) : `<${url}>`;
}
