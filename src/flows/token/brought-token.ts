import type { Grant } from '../../account/grant.js';
import type { Outcome } from '../../explain/outcome.js';
import { MailauthError } from '../../explain/problem.js';
import { decodeCredential, encodeCredential } from '../../store/credential.js';
import { withAccountLock } from '../lock.js';
import { readCredential } from '../open.js';
import type { World } from '../world.js';
import { refreshTogether } from './refresh.js';
import type { OpenAccount } from './wish.js';

/**
 * What the token endpoint gives for a refresh token that a set-up was given, through the one transaction. `account` names
 * the entry that holds the token as it was given, or its successor after an earlier try: the successor is stored there,
 * as an account's credential, before anything is judged, so that the entry can become the account's own.
 *
 * Fails as the token endpoint does; throws what keeps the store from use, `signin_required` where the entry is gone.
 */
export async function spendBroughtToken(world: World, open: OpenAccount): Promise<Outcome<Grant>> {
  await withAccountLock(world, open.account, () => asCredential(open));
  const stored = await readCredential(open.store, open.account);
  const outcome = await refreshTogether(world, open, stored, { minTtl: 0, want: 'answer' });
  if (!outcome.ok) return outcome;
  const { grant, credential, accessToken } = outcome.value;
  const { refreshToken } = credential;
  return { ok: true, value: { accessToken, ...grant, ...(refreshToken && { refreshToken }) } };
}

/** A token as it was given becomes a credential without an access token. */
async function asCredential({ store, account }: OpenAccount): Promise<void> {
  const stored = await store.get(account.credential);
  if (stored === undefined) throw new MailauthError('signin_required', 'the refresh token is no longer in the store');
  if (stored.value.reveal().startsWith('{')) return void decodeCredential(stored.value);
  const credential = encodeCredential({ refreshToken: stored.value, generation: 0 });
  await store.put(account.credential, credential, stored.version);
}
