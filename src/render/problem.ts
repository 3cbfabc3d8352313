import type { Code } from '../explain/codes.js';
import type { Fix } from '../explain/evidence.js';
import type { MailauthError, Missing } from '../explain/problem.js';
import { sanitise } from '../words/sanitise.js';
import type { Style } from './style.js';
import { wrap } from './wrap.js';

/** The parts of a failure that a person reads, in this order: what happened, the server's words, the next action. */
export interface Failure {
  readonly code: Code;
  readonly message: string;
  readonly fix: readonly Fix[];
  readonly server?: string | undefined;
  readonly detail?: string | undefined;
}

/** The words behind a failure: a server's in quotes, else what this machine noticed. */
export function wordsBehind({ server, detail }: Pick<Failure, 'server' | 'detail'>): string | undefined {
  if (server) return `the server said: "${sanitise(server)}"`;
  return detail ? `details: ${sanitise(detail)}` : undefined;
}

export function renderFailure(failure: Failure, style: Style, width: number, indent = ''): string[] {
  const lines = wrap(`${style.word('fail')}  ${failure.message}`, width, indent, `${indent}      `);
  for (const fix of failure.fix) lines.push(...renderFix(fix, style, width, `${indent}      `));
  const words = wordsBehind(failure);
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
export function renderError(error: MailauthError, style: Style, width: number): string {
  const lines = wrap(`mailauth: ${error.message}`, width, '', '  ');
  for (const missing of error.missing) lines.push(...renderMissing(missing, style, width));
  const words = wordsBehind(error);
  if (words !== undefined) lines.push(...wrap(words, width, '  '));
  for (const fix of error.fix) lines.push(...renderFix(fix, style, width, '  '));
  return `${lines.join('\n')}\n`;
}

/** The same in one line, for a command whose caller is a program that shows or logs one. */
export function renderErrorLine(error: MailauthError): string {
  const words = wordsBehind(error);
  const said = words === undefined ? '' : ` (${words})`;
  const [fix] = error.fix;
  const way = [fix?.text, fix?.command ?? fix?.url].filter((part) => part !== undefined).join(': ');
  return `${sanitise(`mailauth: ${error.message}`, 1000)}${said}${way === '' ? '' : `; do: ${way}`}\n`;
}

function renderMissing(missing: Missing, style: Style, width: number): string[] {
  const step = missing.step === undefined ? '' : `  (step ${missing.step})`;
  const lines = wrap(`${missing.flag}  ${missing.meaning}${step}`, width, '  ', '      ');
  if (missing.url !== undefined) lines.push(`      ${style.value(missing.url)}`);
  return lines;
}

/** Schema mailauth.error/1. */
export function errorDocument(error: MailauthError): object {
  return {
    schema: 'mailauth.error/1',
    code: error.code,
    message: error.message,
    who: error.who,
    retryable: error.exit === 75,
    fix: error.fix,
    missing: error.missing.map(({ flag, step, url }) => ({ flag, ...(step && { step }), ...(url && { url }) })),
    ...(error.server && { server: sanitise(error.server) }),
    ...(error.detail && { detail: sanitise(error.detail) }),
    exitCode: error.exit,
  };
}
