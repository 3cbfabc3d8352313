import { type AccountReport, type Check, isProblem } from '../explain/check.js';
import type { Problem } from '../explain/problem.js';
import { hostPort } from '../words/host.js';
import { oneLine } from '../words/sanitise.js';

/** The results of a check for programs that watch others: the text format of Prometheus, and one line for Nagios. */

interface Gauge {
  readonly name: string;
  readonly help: string;
  /** Nothing is known: no sample. */
  readonly samples: (report: AccountReport, now: Date) => readonly (readonly [labels: Labels, value: number])[];
}

type Labels = Readonly<Record<string, string>>;

const GAUGES: readonly Gauge[] = [
  {
    name: 'mailauth_check_ok',
    help: 'Whether the check passed; a warning counts as passed, and what was skipped is left out.',
    samples: ({ checks }) =>
      checks
        .filter(({ status }) => status !== 'skip')
        .map(({ id, status }) => [{ check: id }, status === 'fail' ? 0 : 1] as const),
  },
  {
    name: 'mailauth_secret_expires_timestamp_seconds',
    help: 'The last day of the client secret.',
    samples: ({ secretExpires }) => dayOf(secretExpires),
  },
  {
    name: 'mailauth_sign_in_ends_timestamp_seconds',
    help: 'The day on which the sign-in ends.',
    samples: ({ signInEnds }) => dayOf(signInEnds),
  },
  {
    name: 'mailauth_last_check_timestamp_seconds',
    help: 'When this check was made.',
    samples: (_, now) => [[{}, Math.floor(now.getTime() / 1000)]],
  },
];

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function prometheusText(accounts: readonly AccountReport[], now: Date): string {
  const lines = GAUGES.flatMap(({ name, help, samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...accounts.flatMap((report) =>
      samples(report, now).map(([labels, value]) => {
        const all = { account: report.name, address: report.address, ...labels };
        const text = Object.entries(all).map(([label, content]) => `${label}="${escaped(content)}"`);
        return `${name}{${text.join(',')}} ${value}`;
      }),
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function dayOf(date: string | null): readonly (readonly [Labels, number])[] {
  return date === null ? [] : [[{}, Math.floor(Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / 1000)]];
}

/** In the value of a label a backslash, a double quote and a line end are escaped, and nothing else. */
function escaped(content: string): string {
  return content.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** What a plugin ends with: https://nagios-plugins.org/doc/guidelines.html */
const STATES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

interface NagiosResult {
  readonly line: string;
  /** 0 to 3 */
  readonly exit: number;
}

export function nagiosResult(accounts: readonly AccountReport[]): NagiosResult {
  const of = (status: Check['status']): string[] =>
    accounts.flatMap(({ name, checks }) =>
      checks.flatMap((check) => (check.status === status && isProblem(check) ? [`${name} ${told(check)}`] : [])),
    );
  const failures = of('fail');
  const warnings = of('warn');
  const failing = accounts.filter(({ ok }) => !ok).length;
  const state = failures.length > 0 ? 2 : warnings.length > 0 ? 1 : 0;
  const working = accounts.length === 1 ? `${accounts[0]?.name} works` : `${accounts.length} accounts work`;
  const words = state === 0 ? working : [...failures, ...warnings].join('; ');
  const numbers = `accounts=${accounts.length} failing=${failing} warnings=${warnings.length}`;
  return inOneLine(state, words, numbers);
}

/** The check could not be made at all. */
export function nagiosUnknown({ code, message }: Problem): NagiosResult {
  return inOneLine(3, `${code}: ${message}`);
}

function told({ id, host, port, code, message }: Extract<Check, Problem>): string {
  const at = host === undefined ? '' : ` at ${hostPort(host, port ?? '')}`;
  return `${id}${at}: ${message} (${code})`;
}

/** A bar would begin the numbers. */
function inOneLine(exit: 0 | 1 | 2 | 3, words: string, numbers = ''): NagiosResult {
  const text = oneLine(words, 1000).replaceAll('|', '/');
  return { exit, line: `${STATES[exit]} - ${text}${numbers === '' ? '' : ` | ${numbers}`}` };
}
