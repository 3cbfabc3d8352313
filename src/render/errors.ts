import { type Code, EXIT_OF } from '../explain/codes.js';
import type { Evidence } from '../explain/evidence.js';
import { describeCode, explain } from '../explain/explain.js';
import type { Fix, Who } from '../explain/problem.js';
import type { Diagnosis, Rule } from '../explain/rule.js';
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
        causes.filter((cause) => cause.diagnosis.code === code),
      ),
    ),
  ].join('\n');
}

/** Rules that share their diagnosis are one cause with several samples. */
interface Cause {
  readonly diagnosis: Diagnosis;
  readonly provider: Provider | undefined;
  readonly rules: readonly Rule[];
}

function causesOf(providers: readonly Provider[]): Cause[] {
  const sources = [
    ...providers.map((provider) => ({ provider, rules: provider.rules })),
    { provider: undefined, rules: commonRules },
  ];
  return sources.flatMap(({ provider, rules }) =>
    [...new Set(rules.map((rule) => rule.diagnosis))].map((diagnosis) => ({
      diagnosis,
      provider,
      rules: rules.filter((rule) => rule.diagnosis === diagnosis),
    })),
  );
}

function samplesIn(causes: readonly Cause[]): number {
  return causes.reduce((count, cause) => count + cause.rules.length, 0);
}

function exitTable(codes: readonly Code[]): string[] {
  const exits = [...new Set(codes.map((code) => EXIT_OF[code]))];
  return exits.map((exit) => {
    const links = codes.filter((code) => EXIT_OF[code] === exit).map((code) => `[\`${code}\`](#${code})`);
    return `| ${exit} | ${links.join(', ')} |`;
  });
}

const MENDED_BY: Readonly<Record<Who, string>> = {
  you: 'Usually mended by you',
  admin: 'Usually mended by the administrator of the mailbox',
  provider: 'Usually mended by whoever runs the server',
  network: 'Usually mended in the network or on this machine',
  mailauth: 'Usually mended by the authors of mailauth',
};

function section(code: Code, causes: readonly Cause[]): string[] {
  const { meaning, who, fix, exit } = describeCode(code);
  return [
    `## ${code}`,
    '',
    `${sentence(meaning)} ${MENDED_BY[who]}. Exit code ${exit}.`,
    '',
    ...(causes.length === 0 ? [...fixes(fix), ''] : causes.flatMap(cause)),
  ];
}

function cause({ rules, provider }: Cause): string[] {
  const [first] = rules;
  if (first === undefined) return [];
  const { host: _host, port: _port, ...anywhere } = first.sample;
  const { message, fix } = explain(anywhere, { answers: {}, ...(provider && { provider }) });
  return [
    `### ${rules.map((rule) => `<a id="${rule.id}"></a>`).join('')}${markdown(upper(message))}`,
    '',
    '```text',
    ...rules.map((rule) => words(rule.sample)),
    '```',
    '',
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
