import { codesOf } from '../../explain/check.js';
import type { Code } from '../../explain/codes.js';
import { MailauthError } from '../../explain/problem.js';
import type { World } from '../world.js';
import { type SetupResult, setUp } from './run.js';
import type { SetupWish } from './wish.js';

/** So many set-ups at once: a provider's token endpoint and this machine's file limits take that. */
const AT_ONCE = 8;

/** A mailbox of a list, and what is to be done for it. */
export interface OneOfMany {
  readonly address: string;
  readonly wish: () => Promise<SetupWish>;
}

export interface DoneOfMany {
  readonly address: string;
  readonly outcome: SetupResult | MailauthError;
}

/**
 * Sets up each mailbox of a list by itself, a few at once. One that fails keeps nobody else from being set up; a second
 * run does what is not done. Nobody is asked anything.
 */
export async function setUpMany(world: World, list: readonly OneOfMany[]): Promise<readonly DoneOfMany[]> {
  const done: DoneOfMany[] = [];
  const queue = [...list.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      world.signal.throwIfAborted();
      const [index, one] = next;
      done[index] = { address: one.address, outcome: await setUpOne(world, one) };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return done;
}

async function setUpOne(world: World, { address, wish }: OneOfMany): Promise<SetupResult | MailauthError> {
  const { interviewer } = world;
  const tell: typeof interviewer.tell = (status, text) => interviewer.tell(status, `${address}: ${text}`);
  try {
    return await setUp({ ...world, interviewer: { ...interviewer, tell } }, await wish());
  } catch (error) {
    if (!(error instanceof MailauthError) || world.signal.aborted) throw error;
    tell('fail', error.message);
    return error;
  }
}

/** The codes of what failed; with `strict` of what is worth a warning too. */
export function codesOfOutcome(outcome: DoneOfMany['outcome'], strict: boolean): readonly Code[] {
  if (outcome instanceof MailauthError) return [outcome.code];
  return outcome.kind === 'stored' ? codesOf(outcome.checks, strict) : [];
}
