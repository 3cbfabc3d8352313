/** The words of a known cause for one case: placeholders filled, links whole or left out, commands as they are typed. */

import { fillLink, lacksPart } from '../words/link.js';
import { defuse, oneLine } from '../words/sanitise.js';
import type { ExplainContext } from './context.js';
import { type Fix, type Problem, type ProblemParts, problemOf } from './problem.js';
import type { Diagnosis, OwnCommand, RuleFix } from './rule.js';

export type Values = Readonly<Record<string, string>>;

/** A diagnosis as a problem of this case. `more` may know besides what fills the placeholders. */
export function problemFrom(
  diagnosis: Diagnosis,
  context: ExplainContext,
  values: Values,
  parts: ProblemParts = {},
): Problem {
  const { app, ...general } = diagnosis;
  const told = context.answers['sign-in'] === 'app' ? { ...general, ...app } : general;
  const { code, message, foreign = message, asSent: _asSent, fix, ...rest } = told;
  const filled = likeliestFirst(fix, context)
    .filter((one) => isFor(one, context))
    .map((one) => fillFix(one, context, values));
  return problemOf(code, fillText(context.foreign === true ? foreign : message, values), {
    ...rest,
    fix: filled,
    ...parts,
  });
}

/** Where nobody knows how a program signs in, it does so as a person rather than as an app. */
function likeliestFirst(fix: readonly RuleFix[], { answers, foreign }: ExplainContext): readonly RuleFix[] {
  if (foreign !== true || answers['sign-in'] !== undefined) return fix;
  return [...fix.filter(({ only }) => only !== 'app'), ...fix.filter(({ only }) => only === 'app')];
}

/** An app has nobody who could sign in again. */
function isFor({ only, run }: RuleFix, { answers }: ExplainContext): boolean {
  const signIn = answers['sign-in'];
  if (signIn === 'app' && run?.startsWith('authorize')) return false;
  return only === undefined || signIn === undefined || only === signIn;
}

/** What every text may name: the answers, and `{provider}`. Answers hold what servers said too, such as the address that signed in. */
export function valuesOf({ provider, answers }: ExplainContext, more: Values = {}): Values {
  const known = { provider: provider?.title ?? 'the provider', program: 'mailauth', ...more, ...answers };
  return Object.fromEntries(
    Object.entries(known)
      .filter(([, value]) => value !== '')
      .map(([key, value]) => [key, oneLine(value)]),
  );
}

const PLACEHOLDER = /\{([a-z][a-z0-9-]*)\}/g;

/** Where nobody knows which protocol is spoken. */
export const ANY_PORTS: Values = {
  'tls-port': '465 for sending, 993 or 995 for reading',
  'port-pairs': '465 and 993 are TLS, 587 and 143 are STARTTLS',
};

/** How a sentence speaks of what is not known; in a command or a link that would be no value. */
const IN_GENERAL: Values = {
  account: 'the mailbox',
  'mail-scope': 'the scope for mail',
  host: 'the server',
  wait: 'a few minutes',
  'app-name': 'the app',
  tenant: 'the tenant',
  date: 'its day',
  days: 'a few days',
  'clock-offset': 'minutes or hours',
  'signed-in': 'another account',
  'missing-scopes': 'the mail permission',
  'missing-roles': 'the mail permission',
  'credential-name': 'client secret',
  audience: 'another service',
  ...ANY_PORTS,
};

function fillText(text: string, values: Values): string {
  return text.replace(PLACEHOLDER, (_, key: string) => values[key] ?? IN_GENERAL[key] ?? `<${key}>`);
}

export function fillFix(fix: RuleFix, context: ExplainContext, values: Values): Fix {
  const { step } = fix;
  const text = context.foreign === true ? (fix.foreign ?? fix.text) : fix.text;
  const { url, send } = forAdministrators(fix, context);
  const link = url === undefined ? undefined : fillUrl(url, values, context.foreign === true);
  return {
    text: fillText(text, values),
    ...commandOf(fix, context, values),
    ...(link === undefined ? {} : { url: link }),
    ...(step === undefined ? {} : { step }),
    // A message that asks to open a link is worth sending only with the link.
    ...(send === undefined || (url !== undefined && link === undefined)
      ? {}
      : { send: [fillText(send, values), link ?? ''].join(' ').trim() }),
  };
}

/** The link for administrators, and what to write to one, stand once, in the provider's record. */
function forAdministrators({ url, send }: RuleFix, { provider }: ExplainContext): Pick<RuleFix, 'url' | 'send'> {
  const link = url === '{admin-consent-url}' ? (provider?.adminConsentUrl ?? url) : url;
  const request = send === '{admin-request}' ? (provider?.adminRequest ?? send) : send;
  return { ...(link !== undefined && { url: link }), ...(request !== undefined && { send: request }) };
}

function commandOf(
  { command, run }: RuleFix,
  context: ExplainContext,
  values: Values,
): Pick<Fix, 'command' | 'goesOn'> {
  if (run !== undefined) return ownCommand(run, context, values);
  return command === undefined ? {} : { command: fillCommand(command, values, context.foreign) };
}

/** About an account that does not exist yet: the command would only say so, and the set-up itself is the way on. */
const NEEDS_AN_ACCOUNT: readonly string[] = ['authorize', 'check', 'token'];

function ownCommand(
  run: OwnCommand,
  { unfinished, foreign, provider }: ExplainContext,
  values: Values,
): Pick<Fix, 'command' | 'goesOn'> {
  if (foreign) return {};
  const [verb = '', ...flags] = run.split(' ');
  if (unfinished && provider !== undefined && NEEDS_AN_ACCOUNT.includes(verb)) {
    // A set-up takes the flags of a sign-in too.
    const kept = verb === 'authorize' ? flags : [];
    const command = ['mailauth setup', provider.id, ...kept].join(' ');
    return kept.length === 0 ? { command, goesOn: true } : { command };
  }
  // A set-up takes the first account's name for its provider's, and would ask which mailbox is meant.
  const isProvider = run === 'setup' && !unfinished && values['name'] === provider?.id;
  const account = isProvider && values['account'] !== undefined ? '{account}' : '{name}';
  const command = fillCommand(['mailauth', verb, account, ...flags].join(' '), values);
  const goesOn = (verb === 'setup' || verb === 'authorize') && /^(?:--from-step \S+)?$/.test(flags.join(' '));
  return goesOn ? { command, goesOn } : { command };
}

/** Of another program's registration nothing is known; in sentences words stand for these, and no address is made of words. */
const OF_ANOTHER: readonly string[] = ['client-id', 'redirect-uri'];

/** With a part missing that it needs, an address leads nowhere and is not given. */
function fillUrl(template: string, values: Values, isForeign: boolean): string | undefined {
  const known = (id: string): string | undefined => (isForeign && OF_ANOTHER.includes(id) ? undefined : values[id]);
  return lacksPart(template, known) ? undefined : fillLink(template, known, () => '');
}

/**
 * A command is pasted into a shell, POSIX or PowerShell: a value that either would read as syntax is quoted where double
 * quotes are enough in both, and otherwise left for the reader to put in. Of another program's account nothing is known:
 * what to put in is named in capitals, as where a command is described.
 */
function fillCommand(template: string, values: Values, isForeign = false): string {
  return template.replace(PLACEHOLDER, (_, key: string) => {
    if (isForeign) return key.toUpperCase();
    const value = values[key];
    if (value === undefined || /["$`\\!%]/.test(value) || defuse(value) !== value) return `<${key}>`;
    return /^[\w@.:/+-]+$/.test(value) && !value.startsWith('@') && !value.startsWith('-') ? value : `"${value}"`;
  });
}

/** Seconds in the unit that people would use. */
export function duration(seconds: number): string {
  if (seconds < 120) return counted(Math.ceil(seconds), 'second');
  if (seconds < 7200) return counted(Math.round(seconds / 60), 'minute');
  if (seconds < 172_800) return counted(Math.round(seconds / 3600), 'hour');
  return counted(Math.round(seconds / 86_400), 'day');
}

export function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
