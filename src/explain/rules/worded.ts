import { type Evidence, WEB } from '../evidence.js';
import type { Rule } from '../rule.js';
import { mailRules } from './mail.js';
import { networkRules } from './network.js';
import { oauthRules } from './oauth.js';

/** What is told where a sign-in server is meant, and no mail server. */
const ON_THE_WEB: Readonly<Record<string, string>> = {
  'connect-timeout-mail': 'connect-timeout',
};

interface Wording {
  /** After the rule's name: `-in-words`. */
  readonly ending: string;
  /** Only looked for there, before a server has said anything, so that no server's reply is taken for it. */
  readonly stage: Evidence['stage'];
  readonly weight?: NonNullable<Rule['weight']>;
}

const known = new Map([...networkRules, ...oauthRules, ...mailRules].map((rule) => [rule.id, rule.diagnosis]));

/** Rules that say what others say, whose names are given, in the words of other programs. */
export function worded(how: Wording, words: Readonly<Record<string, RegExp>>): Rule[] {
  return Object.entries(words).flatMap(([id, text]) => {
    const web = ON_THE_WEB[id];
    return [...(web === undefined ? [] : [wordedAs(web, text, how, WEB)]), wordedAs(id, text, how)];
  });
}

function wordedAs(
  id: string,
  text: RegExp,
  { ending, stage, weight }: Wording,
  where?: readonly Evidence['where'][],
): Rule {
  const diagnosis = known.get(id);
  if (diagnosis === undefined) throw new Error(`no rule ${id}`);
  const when = { ...(where !== undefined && { where }), stage: [stage], text };
  return { id: `${id}${ending}`, ...(weight !== undefined && { weight }), when, diagnosis };
}
