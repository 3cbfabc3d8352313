import type { Evidence } from '../evidence.js';
import type { Rule } from '../rule.js';
import { mailRules } from './mail.js';
import { networkRules } from './network.js';

const known = new Map([...networkRules, ...mailRules].map((rule) => [rule.id, rule.diagnosis]));

/**
 * A rule that says what another one says, in the words of other programs: `tls-closed` in general becomes
 * `tls-closed-in-general-in-words`. Only looked for at one stage, before a server has said anything, so that no server's reply is
 * taken for it.
 */
export function worded(
  ending: string,
  stage: Evidence['stage'],
  words: Readonly<Record<string, RegExp>>,
  weight?: Rule['weight'],
): Rule[] {
  return Object.entries(words).map(([id, text]) => {
    const diagnosis = known.get(id);
    if (diagnosis === undefined) throw new Error(`no rule ${id}`);
    return { id: `${id}${ending}`, ...(weight !== undefined && { weight }), when: { stage: [stage], text }, diagnosis };
  });
}
