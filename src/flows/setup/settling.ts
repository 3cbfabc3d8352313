import { MailauthError } from '../../explain/problem.js';
import { ANSWERS_AT_FAULT } from './recover.js';
import { CLIENT_ID, CLIENT_SECRET, proofNow, type Setup } from './state.js';

/**
 * Proves a client that may be so new that not all of the provider knows it yet. Where it is refused as such a client is,
 * the proof is made again after each pause, before anybody hears that a value is wrong; once for each value, and only
 * for values of this run that look as they should. Nobody waits for a script.
 */
export async function withPauses<T>(setup: Setup, prove: () => Promise<T>): Promise<T> {
  const { provider, world } = setup;
  const { pauses = [], usually = '' } = provider.settling ?? {};
  const minutes = pauses.reduce((sum, pause) => sum + pause, 0) / 60;
  for (const [index, seconds] of pauses.entries()) {
    const outcome = await prove().catch((error: unknown) => (maySettle(setup, error) ? error : Promise.reject(error)));
    if (!(outcome instanceof MailauthError)) return outcome;
    const wait = {
      seconds,
      about: `Try ${index + 1} of ${pauses.length}`,
      ...(index === 0 && {
        why: `${provider.title} does not accept these values yet. New ones can take ${usually} to work, so mailauth tries again by itself, for up to ${minutes} minutes. Is one of them wrong? Then press b.`,
      }),
    };
    if ((await world.interviewer.countdown(wait, world.signal)) === 'declined') {
      setup.waitedFor = proofNow(setup, 'client');
      throw outcome;
    }
  }
  setup.waitedFor = proofNow(setup, 'client');
  return prove();
}

function maySettle(setup: Setup, error: unknown): error is MailauthError {
  if (!(error instanceof MailauthError) || error.problem.settles !== true) return false;
  const blamed = ANSWERS_AT_FAULT[error.code] ?? [];
  if (setup.waitedFor === proofNow(setup, 'client')) return false;
  return [CLIENT_ID, CLIENT_SECRET].some((id) => blamed.includes(id) && isNew(setup, id));
}

/** Of this run, and as such values look. */
function isNew({ records }: Setup, id: string): boolean {
  const record = records[id];
  return record?.state === 'given' && record.from !== 'saved' && record.doubtful !== true;
}
