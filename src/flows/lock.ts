import type { Account } from '../account/account.js';
import { type Held, withLock } from '../store/lock.js';
import { lockPath } from '../store/stores.js';
import type { World } from './world.js';

/** How long a change of an account waits for a refresh that another process has under way. */
const WAIT_MS = 60_000;

/**
 * Runs `work` while no other process reads and then writes the account's credential: refreshes, sign-ins and removals
 * take turns, so that none is saved over the other.
 */
export function withAccountLock<T>(
  world: World,
  account: Pick<Account, 'credential' | 'store'>,
  work: (held: Held) => Promise<T>,
  waitMs: number = WAIT_MS,
): Promise<T> {
  const path = lockPath(account.store.kind, account.credential, world.configDir);
  return withLock(path, { waitMs, signal: world.signal }, work);
}
