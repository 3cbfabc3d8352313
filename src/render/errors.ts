import { COMMON_ADVICE } from '../explain/advice.js';
import { type Code, EXIT_OF } from '../explain/codes.js';
import type { Evidence } from '../explain/evidence.js';
import { explain } from '../explain/explain.js';
import { problemFrom, valuesOf } from '../explain/fill.js';
import { describeCode } from '../explain/meanings.js';
import type { Fix, Problem, Who } from '../explain/problem.js';
import type { Advice, Rule } from '../explain/rule.js';
import { commonRules } from '../explain/rules/order.js';
import type { Provider } from '../guide/provider.js';
import { sanitise } from '../words/sanitise.js';

/** docs/errors.md: every code, what it means, and each known cause with the server's words and what to do. */
export function renderErrors(providers: readonly Provider[]): string {
  const causes = causesOf(providers);
  const codes = Object.keys(EXIT_OF) as Code[];
  return [
    '<!-- made by test/generate-docs.ts from src/explain/rules/ and src/providers/*/errors.ts: change it there -->',
    '',
    '# Errors',
    '',
    'Every failure has one of the codes below. `mailauth check --json` gives it as `code`, and the exit code follows from it.',
    'A mail program may try again later where the exit code is 75. An error line of any program is explained by `mailauth explain "LINE"`.',
    `The words of servers below are samples: what varies in them does not matter. ${causes.length} causes are known, from ${samplesIn(causes)} samples.`,
    'What is not known has the code [`unknown`](#unknown) and is told in the server’s own words.',
    '',
    '| exit | codes |',
    '|---|---|',
    ...exitTable(codes),
    '',
    ...codes.flatMap((code) =>
      section(
        code,
        causes.filter((cause) => cause.code === code),
      ),
    ),
  ].join('\n');
}

/** Rules that share their diagnosis are one cause with several samples; what is known without a failure has none. */
interface Cause {
  /** Of the kind; one case may be another, such as a refresh token that is no longer taken. */
  readonly code: Code;
  readonly problem: Problem;
  readonly anchors: readonly string[];
  readonly samples: readonly Evidence[];
}

function causesOf(providers: readonly Provider[]): Cause[] {
  return [
    ...providers.flatMap((provider) => causesIn(provider.rules, Object.values(provider.advice ?? {}), provider)),
    ...causesIn(commonRules, Object.values(COMMON_ADVICE)),
  ];
}

function causesIn(rules: readonly Rule[], advice: readonly Advice[], provider?: Provider): Cause[] {
  const context = { answers: {}, ...(provider && { provider }) };
  const failures = [...new Set(rules.map((rule) => rule.diagnosis))].map((diagnosis) => {
    const known = rules.filter((rule) => rule.diagnosis === diagnosis);
    const samples = known.map((rule) => rule.sample);
    const { host: _host, port: _port, ...anywhere } = samples[0] as Evidence;
    return {
      code: diagnosis.code,
      problem: explain(anywhere, context),
      anchors: known.map((rule) => rule.id),
      samples,
    };
  });
  const findings = [...new Set(advice)].map(({ rule, ...diagnosis }) => ({
    code: diagnosis.code,
    problem: problemFrom(diagnosis, context, valuesOf(context)),
    anchors: [rule],
    samples: [],
  }));
  return [...failures, ...findings];
}

function samplesIn(causes: readonly Cause[]): number {
  return causes.reduce((count, cause) => count + cause.samples.length, 0);
}

function exitTable(codes: readonly Code[]): string[] {
  const exits = [...new Set(codes.map((code) => EXIT_OF[code]))];
  return exits.map((exit) => {
    const links = codes.filter((code) => EXIT_OF[code] === exit).map((code) => `[\`${code}\`](#${code})`);
    return `| ${exit} | ${links.join(', ')} |`;
  });
}

const FIXED_BY: Readonly<Record<Who, string>> = {
  you: 'Usually fixed by you',
  admin: 'Usually fixed by the administrator of the mailbox',
  provider: 'Usually fixed by whoever runs the server',
  network: 'Usually mended in the network or on this machine',
  mailauth: 'Usually fixed by the authors of mailauth',
};

function section(code: Code, causes: readonly Cause[]): string[] {
  const { message, who, fix, exit } = describeCode(code);
  return [
    `## ${code}`,
    '',
    `${sentence(message)} ${FIXED_BY[who]}. Exit code ${exit}.`,
    '',
    ...(causes.length === 0 ? [...fixes(fix), ''] : causes.flatMap(cause)),
  ];
}

function cause({ problem: { message, fix }, anchors, samples }: Cause): string[] {
  return [
    `### ${anchors.map((anchor) => `<a id="${anchor}"></a>`).join('')}${markdown(upper(message))}`,
    '',
    ...(samples.length === 0 ? [] : ['```text', ...samples.map(words), '```', '']),
    ...fixes(fix),
    '',
  ];
}

/** What comes after this much are numbers of the one request. */
const SAMPLE_LENGTH = 200;

/** The machine-readable part stands in front, unless the text has it already. */
function words({ error, status, text, challenge }: Evidence): string {
  const known = error ?? (status === undefined ? '' : `HTTP ${status}`);
  const lead = text.includes(known) || /^\d{3}[ -]/.test(text) ? '' : known;
  return sanitise([lead, text].filter((part) => part !== '').join(': ') || challenge || '', SAMPLE_LENGTH);
}

function fixes(fix: readonly Fix[]): string[] {
  return fix.flatMap(({ text, command, url, step, send }) => {
    const link = url === undefined ? '' : ` <${url}>`;
    const typed = command === undefined ? '' : ` \`${command}\``;
    const line = `- ${markdown(upper(text))}${step === undefined ? '' : ` (step ${step})`}${typed === '' && link === '' ? '.' : ':'}${link}${typed}`;
    return [line, ...(send === undefined ? [] : [`  Text to send: “${markdown(send)}”`])];
  });
}

function sentence(text: string): string {
  return `${markdown(upper(text))}.`;
}

function upper(text: string): string {
  return text.startsWith('mailauth') ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** `<name>` is a placeholder to the reader and a tag to Markdown. */
function markdown(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('*', '\\*').replaceAll('_', '\\_');
}
