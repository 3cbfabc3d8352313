/**
 * From evidence to the words a person reads: the first rule that recognises it, its placeholders filled, and one
 * next action. What no rule knows stays `unknown` and is told in the server's own words.
 */

import { hostPort } from '../words/host.js';
import { forEachProtocol, isProtocol, PROTOCOLS, type Protocol, serverOf } from '../words/protocol.js';
import { localMinute } from '../words/time.js';
import { adviseClock } from './advice.js';
import type { Code } from './codes.js';
import type { ExplainContext } from './context.js';
import { type Evidence, isServersWords } from './evidence.js';
import { duration, fillFix, problemFrom, type Values, valuesOf } from './fill.js';
import type { Problem } from './problem.js';
import { type Diagnosis, type RuleFix, recognise } from './rule.js';

/** Codes of which a wrong clock can be the true cause. */
const CLOCK_SUSPECTS: readonly Code[] = ['unknown', 'tls_expired', 'clock_skew'];

const NOT_RECOGNISED: Diagnosis = {
  code: 'unknown',
  message: '{peer} gave an answer that mailauth does not know',
  who: 'provider',
  fix: [{ text: 'send the words of the answer, as they stand, to whoever runs {peer}' }],
};

/** Beside whatever kept the server out of reach. */
const DIRECT_MAIL: RuleFix = {
  text: 'mail does not go through the proxy of this machine: ask the network’s administrator to let {peer} through directly',
};

/** Loads every rule, which nothing but a failure needs. */
export async function explain(evidence: Evidence, context: ExplainContext): Promise<Problem> {
  const [own = [], { commonRules }] = await Promise.all([context.provider?.rules(), import('./rules/order.js')]);
  const rule = recognise(evidence, [...own, ...commonRules]);
  const diagnosis = diagnosisOf(evidence, rule?.diagnosis ?? NOT_RECOGNISED);
  return diagnose({ ...(rule && { id: rule.id }), diagnosis }, evidence, context);
}

/** The words of a cause that is known already. */
export function diagnose(
  { id, diagnosis }: { readonly id?: string; readonly diagnosis: Diagnosis },
  evidence: Evidence,
  context: ExplainContext,
): Problem {
  const clock = evidence.clockOffset === undefined ? undefined : adviseClock(evidence.clockOffset, context);
  if (clock !== undefined && CLOCK_SUSPECTS.includes(diagnosis.code)) return { ...clock, ...wordsOf(evidence) };
  const values = valuesOf(context, factsOf(evidence));
  const told = problemFrom(diagnosis, context, values, { ...(id !== undefined && { rule: id }), ...wordsOf(evidence) });
  const direct = evidence.pastProxy === true ? [fillFix(DIRECT_MAIL, context, values)] : [];
  return { ...told, fix: [...told.fix, ...direct, ...(clock?.fix ?? [])] };
}

/** RFC 6749 section 5.2: `invalid_grant` answers a refresh token that is no longer taken, whatever ended it. */
function diagnosisOf(evidence: Evidence, diagnosis: Diagnosis): Diagnosis {
  const { where, grant, error, unanswered } = evidence;
  if (where !== 'token' || grant !== 'refresh_token' || error !== 'invalid_grant') return diagnosis;
  const refused = { ...diagnosis, code: 'signin_expired' } as const;
  return unanswered === undefined ? refused : { ...refused, message: cutOff(unanswered) };
}

/** What the server cannot know: an earlier refresh with the same token never came to its end. */
function cutOff(unanswered: string): string {
  return `{provider} no longer takes the stored sign-in, usually because the refresh of ${localMinute(unanswered)} was cut off before its answer could be stored`;
}

function wordsOf(evidence: Evidence): Pick<Problem, 'server' | 'detail'> {
  const parts = [evidence.text, evidence.challenge ?? ''].filter((part) => part.trim() !== '');
  if (parts.length === 0) return {};
  const words = parts.join(' ');
  return isServersWords(evidence) ? { server: words } : { detail: words };
}

const PEERS: Readonly<Record<Evidence['where'], string>> = {
  discovery: 'the sign-in server',
  registration: 'the sign-in server',
  authorization: 'the sign-in page',
  token: 'the sign-in server',
  revocation: 'the sign-in server',
  device: 'the sign-in server',
  ...forEachProtocol(serverOf),
  store: 'the store',
  browser: 'the browser',
};

/** What every rule may name besides the answers: `{peer}`, `{host}`, `{port}`, `{wait}`, `{tls-port}`, `{port-pairs}`. */
function factsOf({ where, host, port, retryAfter }: Evidence): Values {
  return {
    peer: host === undefined ? PEERS[where] : port === undefined ? host : hostPort(host, port),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: String(port) }),
    ...(retryAfter !== undefined && retryAfter > 0 && { wait: duration(retryAfter) }),
    ...(isProtocol(where) && portsOf(where)),
  };
}

function portsOf(protocol: Protocol): Values {
  const { title, ports } = PROTOCOLS[protocol];
  return {
    'tls-port': `${title} ${ports.tls}`,
    'port-pairs': `${ports.tls} is TLS, ${ports.starttls} is STARTTLS`,
  };
}
