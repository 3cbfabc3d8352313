import { MailauthError } from '../core/errors.js';
import { CLIENT_ID, CLIENT_SECRET, type Session } from './session.js';

/**
 * Proves a client that may be so new that not all of the provider knows it yet. Where it is refused as such a client is,
 * the proof is made again after each pause, before anybody hears that a value is wrong; once for each value, and only
 * for values of this run. Nobody waits for a script.
 */
export async function patiently<T>(session: Session, prove: () => Promise<T>): Promise<T> {
  const { provider, world } = session;
  const { settling } = provider;
  if (settling === undefined || ![CLIENT_ID, CLIENT_SECRET].some((id) => session.fresh.includes(id))) return prove();
  const { pauses, usually } = settling;
  const minutes = pauses.reduce((sum, pause) => sum + pause, 0) / 60;
  for (const [index, seconds] of pauses.entries()) {
    const outcome = await prove().catch(unlessSettling);
    if (!(outcome instanceof MailauthError)) return outcome;
    const wait = {
      seconds,
      about: `Try ${index + 1} of ${pauses.length}`,
      ...(index === 0 && {
        why: `not accepted yet: a new client or secret can take ${usually} to work. mailauth tries again by itself, for up to ${minutes} minutes; there is nothing you have to do`,
      }),
    };
    if ((await world.interviewer.countdown(wait, world.signal)) === 'declined') {
      session.fresh = [];
      throw outcome;
    }
  }
  session.fresh = [];
  return prove();
}

function unlessSettling(error: unknown): MailauthError {
  if (error instanceof MailauthError && error.settles) return error;
  throw error;
}
