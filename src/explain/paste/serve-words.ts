/**
 * What `mailauth serve` itself has told a program, or has written to its log: its own word is known, so nothing is
 * guessed.
 */
import { type Code, EXIT_OF } from '../codes.js';

/** A reply to a login: the code of its protocol, then ours (serve/smtp.ts, imap.ts, pop.ts). */
const REPLY =
  /(?:[45]\.7\.[08]|\[(?:AUTHENTICATIONFAILED|UNAVAILABLE|CONTACTADMIN|AUTH|SYS\/TEMP|SYS\/PERM)\]) ([a-z][a-z_]{2,30}): /;
/** A line of the log (serve/log.ts), or an object of it. */
const LOGGED = / {2}([a-z][a-z_]{2,30}) {2}\d{1,15} in, \d{1,15} out {2}/;
const OUTCOME = /"outcome":"([a-z][a-z_]{2,30})"/;

/** Too general to be ours for certain where another program says it. */
const GENERAL: ReadonlySet<string> = new Set<Code>([
  'bug',
  'usage',
  'unknown',
  'intercepted',
  'interrupted',
  'terminated',
]);

interface ServeWord {
  readonly code: Code;
  readonly number: number;
  readonly raw: string;
}

/** The last one: what happened before may be over. */
export function wordOfServe(text: string): ServeWord | undefined {
  const found = text.split('\n').flatMap((raw, index): readonly ServeWord[] => {
    const [, replied] = REPLY.exec(raw) ?? [];
    const [, written] = LOGGED.exec(raw) ?? [];
    const [, named] = raw.includes('{"event":"connection",') ? (OUTCOME.exec(raw) ?? []) : [];
    const code = replied ?? written ?? named ?? '';
    return Object.hasOwn(EXIT_OF, code) && !GENERAL.has(code) ? [{ code: code as Code, number: index + 1, raw }] : [];
  });
  return found.at(-1);
}
