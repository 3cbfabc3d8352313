import { type FreshToken, tokenOf } from '../../account/credential.js';
import { secondsLeft } from '../../account/lifetime.js';
import type { Outcome } from '../../explain/outcome.js';
import { readCredential } from '../open.js';
import type { World } from '../world.js';
import type { OpenAccount, TokenWish } from './wish.js';

/**
 * The one way to an access token: `setup`, `check`, `authorize` and `token` all come here. A token that lives long
 * enough is read without a lock; any other goes through the transaction of `refresh.ts`.
 */
export async function freshToken(world: World, open: OpenAccount, wish: TokenWish): Promise<Outcome<FreshToken>> {
  const stored = await readCredential(open.store, open.account);
  if (wish.want === 'lasting' && secondsLeft(stored, world.now()) >= Math.max(1, wish.minTtl)) {
    return { ok: true, value: tokenOf(stored) };
  }
  const { refreshTogether } = await import('./refresh.js');
  return refreshTogether(world, open, stored, wish);
}
