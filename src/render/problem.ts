import type { Fix, Missing, Problem } from '../explain/problem.js';
import type { Style } from './style.js';
import { wrap } from './wrap.js';

/** The words behind a failure: a server's in quotes, else what this machine noticed. */
export function wordsBehind({ server, detail }: Pick<Problem, 'server' | 'detail'>): string | undefined {
  if (server) return `the server said: "${server}"`;
  return detail ? `details: ${detail}` : undefined;
}

/** What a person reads, in this order: what happened, the next action, the words behind it. */
export function renderProblem(problem: Problem, style: Style, width: number, indent = ''): string[] {
  const lines = wrap(`${style.word('fail')}  ${problem.message}`, width, indent, `${indent}      `);
  for (const fix of problem.fix) lines.push(...renderFix(fix, style, width, `${indent}      `));
  const words = wordsBehind(problem);
  if (words !== undefined) lines.push(...wrap(words, width, `${indent}      `));
  return lines;
}

/** A command or an address stands alone on its line, so that it can be copied. */
export function renderFix(fix: Fix, style: Style, width: number, indent: string): string[] {
  const step = fix.step === undefined ? '' : ` (step ${fix.step})`;
  const lines = wrap(`do: ${fix.text}${step}`, width, indent, `${indent}    `);
  // A message that is to be sent has the link in it.
  if (fix.url !== undefined && fix.send === undefined) lines.push(`${indent}    ${style.value(fix.url)}`);
  if (fix.command !== undefined) lines.push(`${indent}    ${style.value(fix.command)}`);
  if (fix.send !== undefined) lines.push(...wrap(`send: ${fix.send}`, width, `${indent}    `, `${indent}      `));
  return lines;
}

/** An error that ends the program: one line in the voice of a tool, then what is missing and what to do. */
export function renderError(problem: Problem, style: Style, width: number): string {
  const lines = wrap(`mailauth: ${problem.message}`, width, '', '  ');
  for (const missing of problem.missing ?? []) lines.push(...renderMissing(missing, style, width));
  const words = wordsBehind(problem);
  if (words !== undefined) lines.push(...wrap(words, width, '  '));
  for (const fix of problem.fix) lines.push(...renderFix(fix, style, width, '  '));
  return `${lines.join('\n')}\n`;
}

/** The same in one line, for a command whose caller is a program that shows or logs one. */
export function renderErrorLine(problem: Problem): string {
  const words = wordsBehind(problem);
  const said = words === undefined ? '' : ` (${words})`;
  const [fix] = problem.fix;
  const way = [fix?.text, fix?.command ?? fix?.url].filter((part) => part !== undefined).join(': ');
  return `mailauth: ${problem.message}${said}${way === '' ? '' : `; do: ${way}`}\n`;
}

function renderMissing(missing: Missing, style: Style, width: number): string[] {
  const step = missing.step === undefined ? '' : `  (step ${missing.step})`;
  const lines = wrap(`${missing.flag}  ${missing.meaning}${step}`, width, '  ', '      ');
  if (missing.url !== undefined) lines.push(`      ${style.value(missing.url)}`);
  return lines;
}

/** A problem as JSON prints it. The document it stands in gives the exit code, which may be another problem's. */
export function problemDocument<P extends Problem>({ exit: _exit, ...problem }: P): object {
  return {
    ...problem,
    fix: problem.fix.map(({ goesOn: _goesOn, ...fix }) => fix),
  };
}

/** Schema mailauth.error/1. */
export function errorDocument(problem: Problem): object {
  const missing = (problem.missing ?? []).map(({ flag, step, url }) => ({
    flag,
    ...(step && { step }),
    ...(url && { url }),
  }));
  return { schema: 'mailauth.error/1', ...problemDocument(problem), missing, exitCode: problem.exit };
}
