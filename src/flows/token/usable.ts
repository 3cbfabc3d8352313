import { type FreshToken, tokenOf } from '../../account/credential.js';
import { secondsLeft } from '../../account/lifetime.js';
import { isA } from '../../explain/codes.js';
import type { Evidence } from '../../explain/evidence.js';
import { MailauthError } from '../../explain/problem.js';
import { readCredential } from '../open.js';
import type { World } from '../world.js';
import { freshToken } from './fresh.js';
import type { OpenAccount, TokenWish } from './wish.js';

interface UsableToken extends FreshToken {
  /** Why it is not as fresh as was wished. */
  readonly trouble?: MailauthError;
}

/**
 * A token for a program that only wants to log in now: where no newer one can be had, the stored one as long as it
 * lives. A wish for a newer one is not met by that, and throws what is in its way.
 */
export async function usableToken(
  world: World,
  open: OpenAccount,
  wish: TokenWish,
  explained: (evidence: Evidence) => Promise<MailauthError>,
): Promise<UsableToken> {
  const found = await freshToken(world, open, wish).catch((error: unknown) => {
    if (error instanceof MailauthError && !isA('stopped', error.code)) return error;
    throw error;
  });
  if (!(found instanceof MailauthError) && found.ok) return found.value;
  const trouble = found instanceof MailauthError ? found : await explained(found.evidence);
  if (wish.want !== 'lasting') throw trouble;
  const stored = await readCredential(open.store, open.account).catch(() => {
    throw trouble;
  });
  if (secondsLeft(stored, world.now()) === 0) throw trouble;
  return { ...tokenOf(stored), trouble };
}
