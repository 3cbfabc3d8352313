import { isOver } from '../account/lifetime.js';
import { type AccountReport, type Check, isProblem } from '../explain/check.js';
import { hostPort } from '../words/host.js';
import { forEachProtocol, PROTOCOLS, type Protocol } from '../words/protocol.js';
import { localDay } from '../words/time.js';
import { problemDocument, renderFix, wordsBehind } from './problem.js';
import type { Style } from './style.js';
import { wrap } from './wrap.js';

const NAMES: Readonly<Record<Check['id'], string>> = {
  store: 'store',
  client: 'client',
  signin: 'sign-in',
  ...forEachProtocol((protocol) => PROTOCOLS[protocol].label),
};

/** Whether `serve` runs, and where it answers. Undefined where nothing is made for one. */
export interface ServeReport {
  readonly running: boolean;
  readonly listening: readonly { readonly protocol: string; readonly address: string }[];
}

/** Schema mailauth.check/1. */
export function checkDocument(
  accounts: readonly AccountReport[],
  time: Date,
  exitCode: number,
  serve?: ServeReport,
): object {
  return {
    schema: 'mailauth.check/1',
    time: time.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    ok: accounts.every((account) => account.ok),
    exitCode,
    accounts: accounts.map(({ signInEnds, checks, ...account }) => ({
      ...account,
      signInEnds: signInEnds?.slice(0, 'YYYY-MM-DD'.length) ?? null,
      checks: checksDocument(checks),
    })),
    ...(serve && { serve }),
  };
}

/** One line about the server, where there is anything to say. */
export function renderServe(serve: ServeReport | undefined): string[] {
  if (serve === undefined) return [];
  if (!serve.running) return ['serve: not running, though passwords are made for it; start it with mailauth serve'];
  return [`serve: running, ${serve.listening.map(({ protocol, address }) => `${protocol} at ${address}`).join(', ')}`];
}

export function checksDocument(checks: readonly Check[]): object[] {
  return checks.map((check) => (isProblem(check) ? problemDocument(check) : check));
}

export function renderReports(accounts: readonly AccountReport[], now: Date, style: Style, width: number): string {
  const lines = accounts.flatMap((account) => [
    headingOf(account, style),
    ...account.checks.flatMap((check) => renderCheck(check, style, width)),
    ...renderDates(account, now),
  ]);
  return `${[...lines, summary(accounts)].join('\n')}\n`;
}

export function headingOf({ name, address }: Pick<AccountReport, 'name' | 'address'>, style: Style): string {
  return `${style.heading(name)}  ${address}`;
}

/** The days on which something ends, near or far. */
export function renderDates({ signInEnds, secretExpires, credential }: AccountReport, now: Date): string[] {
  const name = credential === 'certificate' ? 'certificate' : 'client secret';
  const days = [
    ...(signInEnds === null ? [] : [`sign-in ${isOver(signInEnds, now) ? 'ended' : 'ends'} ${localDay(signInEnds)}`]),
    ...(secretExpires === null
      ? []
      : [`${name} ${isOver(secretExpires, now) ? 'expired' : 'expires'} ${secretExpires}`]),
  ];
  return days.length === 0 ? [] : [`  ${days.join(', ')}`];
}

export function renderCheck(check: Check, style: Style, width: number): string[] {
  const word = style.word(check.status).padEnd(style.word(check.status).length + 4 - check.status.length);
  const lines = wrap(`${NAMES[check.id].padEnd(8)} ${detail(check)}`, width, `  ${word}  `, ' '.repeat(17));
  if (!isProblem(check)) return lines;
  for (const fix of check.fix) lines.push(...renderFix(fix, style, width, '        '));
  const words = wordsBehind(check);
  if (words !== undefined) lines.push(...wrap(words, width, '        '));
  return lines;
}

function detail(check: Check): string {
  if (check.message !== undefined) return [place(check), check.message].filter((part) => part !== '').join('  ');
  switch (check.id) {
    case 'store':
      return check.store === 'file' ? 'the encrypted file opens' : 'the keychain holds the sign-in';
    case 'client':
      return 'the provider knows it';
    case 'signin':
      return check.expiresIn === undefined
        ? 'new access token; the provider does not say how long it is valid'
        : `new access token, valid ${minutes(check.expiresIn)}`;
    default:
      return `${place(check)}  ${login(check.id, check)}`;
  }
}

function login(protocol: Protocol, check: Check): string {
  const proven = `${PROTOCOLS[protocol].proven}${as(check)}`;
  return check.messages === undefined ? `${proven}; no message was sent` : `${proven}, ${messages(check.messages)}`;
}

function place(check: Check): string {
  return check.host === undefined ? '' : hostPort(check.host, check.port ?? '');
}

function as(check: Check): string {
  return check.user === undefined ? '' : ` as ${check.user}`;
}

function minutes(seconds: number): string {
  const count = Math.round(seconds / 60);
  return count === 1 ? '1 minute' : `${count} minutes`;
}

function messages(count: number): string {
  // Node takes ten milliseconds to learn how a language writes its numbers.
  return count === 1 ? '1 message' : `${String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')} messages`;
}

export function summary(accounts: readonly AccountReport[]): string {
  const failing = accounts.filter((account) => !account.ok).length;
  const warnings = accounts.flatMap((account) => account.checks).filter((check) => check.status === 'warn').length;
  const total = accounts.length === 1 ? '1 account' : `${accounts.length} accounts`;
  return `${total}: ${accounts.length - failing} working, ${failing} failing, ${warnings === 1 ? '1 warning' : `${warnings} warnings`}`;
}
