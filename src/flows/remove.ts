import type { Account, Client } from '../core/account.js';
import { MailauthError } from '../core/errors.js';
import { changeConfiguration, readConfiguration } from '../store/accounts.js';
import { openAccountNetwork, type Subject } from './authorize.js';
import { openStore, readClientSecret, readCredential } from './vault.js';
import type { World } from './world.js';

const REVOKE_MS = 10_000;

export interface Removed {
  /** What was done at the provider. `shared` and `declined`: the grant was left alone on purpose. */
  readonly revocation: 'revoked' | 'already-gone' | 'no-endpoint' | 'shared' | 'declined' | 'failed';
  /** What could not be removed here, one sentence each. */
  readonly left: readonly string[];
}

/**
 * Ends an account: revokes the grant where that harms nobody else, and deletes every copy kept here. The accounts
 * file is changed last, so that a run that was cut off can be repeated.
 */
export async function removeAccount(
  world: World,
  subject: Subject,
  wish: 'revoke' | 'keep' | undefined,
): Promise<Removed> {
  const { account, client } = subject;
  const { accounts } = await readConfiguration(world.configDir);
  const shares = accounts.filter((other) => other.name !== account.name && other.client === client.id);
  const left: string[] = [];
  let revocation: Removed['revocation'] = 'failed';
  try {
    const store = await openStore(world, account.store);
    revocation = await revokeGrant(world, subject, store, shares, wish);
    await store.delete(account.credential);
    if (account.begun !== undefined) await store.delete(account.begun.credential);
    if (shares.length === 0 && client.secretCredential !== undefined) await store.delete(client.secretCredential);
    if ((await store.get(account.credential)) !== undefined) left.push(`the sign-in is still in ${store.describe()}`);
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
    left.push(`the secrets could not be deleted: ${error.message}`);
  }
  if (left.length === 0) {
    await changeConfiguration(world.configDir, (configuration) => ({
      ...configuration,
      accounts: configuration.accounts.filter((other) => other.name !== account.name),
      clients: configuration.clients.filter((other) => other.id !== client.id || shares.length > 0),
    }));
  }
  return { revocation, left };
}

/** A revocation ends the whole grant of this person to this client, so a grant that others use is left alone. */
async function revokeGrant(
  world: World,
  subject: Subject,
  store: Awaited<ReturnType<typeof openStore>>,
  shares: readonly Account[],
  wish: 'revoke' | 'keep' | undefined,
): Promise<Removed['revocation']> {
  const { account, client } = subject;
  if (account.endpoints.revocation === undefined) return 'no-endpoint';
  if (wish === 'keep') return 'declined';
  if (wish === undefined && isShared(account, client, shares)) return 'shared';
  const network = await openAccountNetwork(world, account);
  try {
    const { revoke } = await import('../oauth/tokens.js');
    const credential = await readCredential(store, account);
    const clientSecret = await readClientSecret(store, client);
    const outcome = await revoke(
      account.endpoints,
      { clientId: client.clientId, ...(clientSecret && { clientSecret }) },
      credential.refreshToken,
      { network, signal: AbortSignal.any([world.signal, AbortSignal.timeout(REVOKE_MS)]) },
    );
    return outcome.ok ? outcome.value : 'failed';
  } catch (error) {
    if (error instanceof MailauthError && error.code !== 'signin_required') throw error;
    return 'failed';
  } finally {
    await network.close();
  }
}

function isShared(account: Account, client: Client, shares: readonly Account[]): boolean {
  const owner = account.authUser ?? account.address;
  return client.appRedirectUris.length > 0 || shares.some((other) => (other.authUser ?? other.address) === owner);
}
