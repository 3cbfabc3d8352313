import { isProtocol } from '../../words/protocol.js';
import type { Code } from '../codes.js';
import type { ProviderWords } from '../context.js';
import type { Evidence } from '../evidence.js';
import type { Fix, Problem } from '../problem.js';
import type { Program } from './programs.js';

interface Circumstances {
  readonly provider: ProviderWords | undefined;
  readonly program: Program | undefined;
  readonly evidence: Evidence;
  /** The paste shows which mail protocol is spoken. */
  readonly isProtocolShown: boolean;
  /** Words about a token alone may be of any web interface. */
  readonly speaksOfMail: boolean;
  /** The paste shows that the program logs in with a token already. */
  readonly hasToken: boolean;
}

/** What the program that was pasted from can change, by the kind of cause. */
const SETTINGS: readonly (readonly [setting: 'login' | 'signin' | 'port', codes: readonly Code[]])[] = [
  ['login', ['token_refused', 'mechanism_not_offered', 'policy_blocked', 'signin_required']],
  ['signin', ['signin_expired', 'signin_required', 'consent_missing_scope', 'client_type_mismatch']],
  ['port', ['tls_failed', 'starttls_missing', 'connect_timeout', 'connect_refused']],
];

/** What only a mail server can mean, also where nothing names its protocol. */
const ABOUT_LOGINS: ReadonlySet<Code> = new Set<Code>(['token_refused', 'mechanism_not_offered']);

/** Causes that mailauth's own sign-in would not have, or would show at once. */
const WAYS: ReadonlySet<Code> = new Set<Code>([
  'token_refused',
  'mechanism_not_offered',
  'signin_required',
  'signin_expired',
  'consent_missing_scope',
  'client_type_mismatch',
  'redirect_uri_mismatch',
  'tenant_wrong',
  'client_secret_wrong',
  'client_secret_expired',
  'client_not_found',
]);

/**
 * The next actions for another program's failure: what to do, where that program has its setting, and mailauth as one
 * way.
 */
export function adviceFor(
  { code, fix }: Pick<Problem, 'code' | 'fix'>,
  { provider, program, evidence, isProtocolShown, speaksOfMail, hasToken }: Circumstances,
): readonly Fix[] {
  // Who has no OAuth sign-in for programs is not helped by one.
  const signsIn = provider?.elsewhere !== true;
  const setting = SETTINGS.find(
    ([name, codes]) =>
      (name === 'port' || signsIn) &&
      codes.includes(code) &&
      program?.[name] !== undefined &&
      (name !== 'login' ||
        (isProtocol(evidence.where) && (isProtocolShown || (speaksOfMail && ABOUT_LOGINS.has(code))))),
  )?.[0];
  // A program that has a token already is told where it gets one.
  const name = setting === 'login' && hasToken && program?.signin !== undefined ? 'signin' : setting;
  const there =
    name === undefined || program === undefined
      ? []
      : [{ text: `in ${program.title}: ${settingOf(program[name], isProtocolShown ? evidence.where : undefined)}` }];
  return [...fix, ...there, ...(signsIn && WAYS.has(code) ? [wayOf(provider, program)] : [])];
}

function settingOf(setting: Program['login'], where: Evidence['where'] | undefined): string | undefined {
  if (typeof setting !== 'object') return setting;
  return where === undefined ? `${setting.smtp}; ${setting.imap}` : setting[where === 'smtp' ? 'smtp' : 'imap'];
}

function wayOf(provider: ProviderWords | undefined, program: Program | undefined): Fix {
  const hand = program?.export === undefined ? 'tokens' : `${program.title} its configuration`;
  return {
    text: `one way: mailauth sets the sign-in up step by step, proves it, and gives ${program === undefined ? 'a program tokens' : hand}`,
    command: provider === undefined ? 'mailauth setup' : `mailauth setup ${provider.id}`,
  };
}
