import { COMMON_ADVICE } from '../src/explain/advice.js';
import { type Code, EXIT_OF } from '../src/explain/codes.js';
import { everyRuleOf, type ProviderWords } from '../src/explain/context.js';
import type { Evidence } from '../src/explain/evidence.js';
import { explain } from '../src/explain/explain.js';
import { problemFrom, valuesOf } from '../src/explain/fill.js';
import { describeCode } from '../src/explain/meanings.js';
import type { Fix, Problem, Who } from '../src/explain/problem.js';
import type { Advice, Rule } from '../src/explain/rule.js';
import { commonRules } from '../src/explain/rules/order.js';
import { defuse, oneLine } from '../src/words/sanitise.js';
import { type Sample, sampleOf, samplesOf } from './explain/samples.js';

/** docs/errors.md: every code, what it means, and each known cause with the server's words and what to do. */
export async function renderErrors(providers: readonly ProviderWords[]): Promise<string> {
  const causes = await causesOf(providers);
  const codes = Object.keys(EXIT_OF) as Code[];
  return [
    '<!-- made by test/generate-docs.ts from src/explain/rules/ and src/providers/*/errors.ts: change it there -->',
    '',
    '# Errors',
    '',
    'Look for what you see in one of the lists below the table of codes; each line leads to what it means and what to do.',
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
    ...index(causes),
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
  readonly samples: readonly Sample[];
}

async function causesOf(providers: readonly ProviderWords[]): Promise<Cause[]> {
  const own = providers.map(async (provider) =>
    causesIn(await everyRuleOf(provider), Object.values(provider.advice ?? {}), provider),
  );
  return (await Promise.all([...own, causesIn(commonRules, Object.values(COMMON_ADVICE))])).flat();
}

async function causesIn(rules: readonly Rule[], advice: readonly Advice[], provider?: ProviderWords): Promise<Cause[]> {
  const context = { answers: {}, ...(provider && { provider }) };
  const failures = [...new Set(rules.map((rule) => rule.diagnosis))].map(async (diagnosis) => {
    const known = rules.filter((rule) => rule.diagnosis === diagnosis);
    const samples = known.flatMap((rule) => samplesOf(rule.id));
    const { host: _host, port: _port, ...anywhere } = sampleOf(known[0]?.id ?? '');
    return {
      code: diagnosis.code,
      problem: await explain(anywhere, context),
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
  return [...(await Promise.all(failures)), ...findings];
}

/** Where a person meets an error, in the order in which they would look. */
const SEEN: readonly (readonly [title: string, holds: (sample: Evidence, anchor: string) => boolean])[] = [
  ['In another program, in its own words', (_, anchor) => anchor.endsWith('-in-words')],
  ['In the browser, on the page for signing in', ({ where }) => where === 'authorization'],
  [
    'Before a server has said anything: names, connections, proxies, encryption',
    ({ stage }) => ['dns', 'proxy', 'connect', 'tls', 'starttls', 'greeting', 'capability'].includes(stage),
  ],
  ['When mail is sent (SMTP)', ({ where }) => where === 'smtp'],
  ['When mail is read (IMAP)', ({ where }) => where === 'imap'],
  ['When mail is collected (POP)', ({ where }) => where === 'pop'],
  ['When a token is asked for: setting up, signing in, renewing', () => true],
];

/** Long enough to tell one sample from another at a glance. */
const INDEX_LENGTH = 72;

/** What a person sees, and a link to what it means. */
function index(causes: readonly Cause[]): string[] {
  const rows = causes.flatMap(({ samples, code }) => samples.map((sample) => ({ sample, anchor: sample.rule, code })));
  const groupOf = (sample: Evidence, anchor: string) => SEEN.findIndex(([, holds]) => holds(sample, anchor));
  return SEEN.flatMap(([title], group) => {
    const own = rows.filter(({ sample, anchor }) => groupOf(sample, anchor) === group);
    if (own.length === 0) return [];
    const lines = own.map(
      ({ sample, anchor, code }) => `- [\`${glance(sample)}\`](#${anchor}): [\`${code}\`](#${code})`,
    );
    return [`<details><summary>${title} (${own.length})</summary>`, '', ...lines, '', '</details>', ''];
  });
}

function glance(sample: Evidence): string {
  const [line = ''] = [words(sample, INDEX_LENGTH), sample.error].filter((text) => text !== undefined && text !== '');
  return line.replaceAll('`', "'").replaceAll(']', ')').replaceAll('[', '(');
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
  network: 'Usually fixed in the network or on this machine',
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
    ...(samples.length === 0 ? [] : ['```text', ...samples.map((sample) => words(sample)), '```', '']),
    ...fixes(fix),
    '',
  ];
}

/** What comes after this much are numbers of the one request. */
const SAMPLE_LENGTH = 200;

/** The machine-readable part stands in front, unless the text has it already. */
function words({ error, status, text, challenge }: Evidence, length = SAMPLE_LENGTH): string {
  const known = error ?? (status === undefined ? '' : `HTTP ${status}`);
  const lead = text.includes(known) || /^\d{3}[ -]/.test(text) ? '' : known;
  return shown([lead, text].filter((part) => part !== '').join(': ') || challenge || '', length);
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

function shown(text: string, limit?: number): string {
  return defuse(oneLine(text, limit));
}
