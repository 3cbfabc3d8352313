import type { Code } from '../../explain/codes.js';
import { MailauthError, type Problem } from '../../explain/problem.js';
import { itemsOf, questionOf } from '../../guide/plan.js';
import { correct, forget, give, markUndone, stepBack } from './answers.js';
import { leaveClient } from './begin.js';
import { commandOf } from './command.js';
import { beginWaiting, isWaitedFor, type Spread, usuallyTakes, waitLabel, waitOn } from './spreading.js';
import { CLIENT_FROM, CLIENT_SECRET, givenAnswers, type Setup } from './state.js';

/** The answers that a code blames: forgetting them sends the wizard back to where they are asked. */
export const ANSWERS_AT_FAULT: Partial<Record<Code, readonly string[]>> = {
  client_not_found: ['client-id', 'tenant'],
  client_secret_wrong: [CLIENT_SECRET],
  client_secret_is_id: [CLIENT_SECRET],
  client_secret_expired: [CLIENT_SECRET, 'secret-expires'],
  client_type_mismatch: ['client-type'],
  tenant_wrong: ['tenant'],
  dns_failed: ['issuer'],
  connect_refused: ['issuer'],
  connect_timeout: ['issuer'],
};

/**
 * A proof that failed at a terminal: says why, and offers to correct the answers at fault, to try again (new clients
 * and secrets may take minutes to work), or to stop with everything saved. A script gets the error itself.
 */
export async function recover(setup: Setup, failure: MailauthError): Promise<void> {
  const { interviewer } = setup.world;
  const { questions, brought, step } = atFault(setup, failure.code);
  const problem = step === undefined ? failure.problem : atStep(failure.problem, step);
  const ending = MailauthError.of(problem.settles ? withPatience(problem, setup) : problem);
  if (isWaitedFor(setup, SPREAD, problem)) {
    const waited = await waitOn(setup, SPREAD);
    if (waited === 'again') return;
    if (waited === 'over') throw ending;
  }
  interviewer.explain(problem);
  const choice = await interviewer.choose(
    'What next?',
    [
      ...(step === undefined
        ? []
        : [{ value: 'correct' as const, label: `go back to step ${step} and ${wayBack(questions)}` }]),
      ...(problem.code === 'port_busy' ? [{ value: 'port' as const, label: 'use another port' }] : []),
      ...(problem.settles
        ? [
            {
              value: 'wait' as const,
              label: waitLabel(setup, SPREAD),
            },
          ]
        : []),
      { value: 'again' as const, label: 'try again now' },
      { value: 'back' as const, label: 'go back to the last question' },
      { value: 'stop' as const, label: 'save and stop here' },
    ],
    ending,
  );
  if (choice === 'stop') throw ending;
  if (choice === 'correct') {
    if (questions.includes(CLIENT_FROM)) leaveClient(setup);
    for (const question of questions) correct(setup, question, questions.length === 1);
    for (const question of brought) forget(setup, question);
  }
  if (choice === 'back') stepBack(setup);
  if (choice === 'port') await moveListener(setup);
  if (choice === 'wait' && (await beginWaiting(setup, SPREAD)) === 'declined') await recover(setup, failure);
}

/** Of the two things that take their time, the one that a token shows. */
const SPREAD: Spread = 'signin';

/** The next action names the step that asks for what was wrong, where the diagnosis could not know it. */
function atStep(problem: Problem, step: string): Problem {
  const [first, ...others] = problem.fix;
  if (first === undefined || problem.who !== 'you' || problem.fix.some((fix) => fix.step !== undefined)) return problem;
  return { ...problem, fix: [{ ...first, step }, ...others] };
}

/** Whoever wrote a script, or stops here, may come back when the value works. */
function withPatience(problem: Problem, setup: Setup): Problem {
  const { attended } = setup.world.interviewer;
  const later = {
    text: `if it was made a moment ago, wait: it can take ${usuallyTakes(setup, SPREAD)} to work; then run the same command again`,
    ...(attended && { command: commandOf(setup) }),
  };
  return { ...problem, fix: [...problem.fix, later] };
}

function wayBack(questions: readonly string[]): string {
  if (questions.includes(CLIENT_FROM)) return 'choose the registration again';
  return `enter ${questions.length === 1 ? 'it' : 'both'} again`;
}

interface AtFault {
  /** Those that one step asks this person for once they are forgotten. */
  readonly questions: readonly string[];
  /** What had brought the answers along, such as a client file: as long as it stands, nobody is asked. */
  readonly brought: readonly string[];
  readonly step?: string;
}

/** Of the answers a code blames, those that can be entered again. A registration that is used again is chosen again. */
function atFault(setup: Setup, code: Code): AtFault {
  const { provider } = setup;
  const answers = givenAnswers(setup);
  const blamed = ANSWERS_AT_FAULT[code] ?? [];
  const brought = blamed
    .flatMap((id) => questionOf(provider, id)?.suppliedBy ?? [])
    .filter((id, index, all) => answers[id] !== undefined && answers[id] !== '' && all.indexOf(id) === index);
  const wrong = brought.includes(CLIENT_FROM) ? [CLIENT_FROM] : blamed;
  const others = Object.entries(answers).filter(([id]) => !wrong.includes(id) && !brought.includes(id));
  const asked = itemsOf(provider, Object.fromEntries(others)).filter((item) => wrong.includes(item.id));
  const [first] = asked;
  if (first === undefined) return { questions: [], brought: [] };
  const questions = asked.filter((item) => item.step === first.step).map((item) => item.id);
  return { questions, brought, step: first.step.number };
}

/** A free port instead of the busy one. The steps that show the redirect URI are gone through once more. */
async function moveListener(setup: Setup): Promise<void> {
  const { listen } = await import('../../oauth/callback/listener.js');
  const listener = await listen({ ...setup.bench.redirect(), anyPort: true }, { signal: setup.world.signal });
  await listener.close();
  give(setup, 'redirect-port', String(listener.port), { from: 'learnt' });
  const shows = itemsOf(setup.provider, givenAnswers(setup)).filter(
    (item) => item.kind === 'instruction' && JSON.stringify(item.instruction).includes('{redirect-uri}'),
  );
  markUndone(setup, (id) => shows.some((item) => item.id === id));
}
