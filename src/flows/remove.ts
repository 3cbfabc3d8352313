import type { Account } from '../account/account.js';
import type { Client } from '../account/client.js';
import { entriesOf } from '../account/record.js';
import type { Code } from '../explain/codes.js';
import { MailauthError } from '../explain/problem.js';
import { sameAddress } from '../providers/directory.js';
import { changeConfiguration, readConfiguration } from '../store/accounts.js';
import { openJournal } from '../store/journal.js';
import { STORES } from '../store/stores.js';
import { withAccountLock } from './lock.js';
import { readCredential } from './open.js';
import { signInOf } from './signin/sign-ins.js';
import { atWorkbench, type Subject, type Workbench } from './workbench.js';
import type { World } from './world.js';

export interface Removed {
  /** What was done at the provider. `shared` and `declined`: the grant was left alone on purpose. `nobody`: an app, so nobody has signed in. */
  readonly revocation: 'revoked' | 'already-gone' | 'no-endpoint' | 'shared' | 'declined' | 'nobody' | 'failed';
  /** Whether the registration that mailauth had made itself went with the last account that used it; absent: there was none. */
  readonly registration?: 'deleted' | 'left';
  /** What could not be removed here, one sentence each. */
  readonly left: readonly string[];
  /** Why, where something is left. */
  readonly code?: Code;
}

/**
 * Ends an account: revokes the grant where that harms nobody else, and deletes every copy kept here. A refresh or a
 * sign-in of another process is waited for, and what it stored is deleted too. The accounts file is changed last, so
 * that a run that was cut off can be repeated.
 */
export function removeAccount(world: World, subject: Subject, wish: 'revoke' | 'keep' | undefined): Promise<Removed> {
  return atWorkbench(world, subject, (bench) => remove(world, subject, bench, wish));
}

async function remove(
  world: World,
  subject: Subject,
  bench: Workbench,
  wish: 'revoke' | 'keep' | undefined,
): Promise<Removed> {
  let revocation: Removed['revocation'] = wish === 'keep' ? 'declined' : 'failed';
  let registration: Pick<Removed, 'registration'> = {};
  try {
    const erase = await eraserOf(world, subject.account, bench);
    await withAccountLock(world, subject.account, async () => {
      await refuseRemoved(world, subject.account);
      revocation = await revokeGrant(world, subject, bench, wish);
      registration = await endRegistration(world, subject, bench);
      await deleteAccount(world, subject, erase);
    });
    return { revocation, ...registration, left: [] };
  } catch (error) {
    if (!(error instanceof MailauthError) || error.code === 'no_such_account' || world.signal.aborted) throw error;
    return {
      revocation,
      ...registration,
      left: [`not everything could be deleted: ${error.message}`],
      code: error.code,
    };
  }
}

/** Another process may have removed it while this one waited. */
async function refuseRemoved(world: World, { name, credential }: Account): Promise<void> {
  const { accounts } = await readConfiguration(world.configDir);
  if (accounts.some((other) => other.credential === credential)) return;
  throw new MailauthError('no_such_account', `another mailauth has just removed ${name}`, {
    fix: [{ text: 'see what is there', command: 'mailauth list' }],
  });
}

type Eraser = (id: string) => Promise<unknown>;

/** What deletes an entry. Where the key of the store is lost, its files are deleted all the same. */
async function eraserOf(world: World, account: Account, bench: Workbench): Promise<Eraser> {
  try {
    const store = await bench.store();
    return async (id) => {
      await store.delete(id);
      if ((await store.get(id)) === undefined) return;
      throw new MailauthError('cannot_write', `a secret is still in ${store.describe()}`);
    };
  } catch (error) {
    const { discard } = STORES[account.store.kind];
    const isLost = error instanceof MailauthError && KEY_LOST.includes(error.code);
    if (!isLost || discard === undefined) throw error;
    return (id) => discard(id, world.configDir);
  }
}

const KEY_LOST: readonly Code[] = ['key_missing', 'passphrase_wrong', 'bad_input', 'store_damaged'];

async function deleteAccount(world: World, { account }: Subject, erase: Eraser): Promise<void> {
  await changeConfiguration(world.configDir, async (configuration) => {
    const accounts = configuration.accounts.filter(({ credential }) => credential !== account.credential);
    const clients = configuration.clients.filter(({ id }) => accounts.some((one) => one.client === id));
    const kept = entriesOf({ accounts, clients });
    for (const entry of entriesOf(configuration)) if (!kept.has(entry)) await erase(entry);
    return { ...configuration, accounts, clients };
  });
  await openJournal(account.store.kind, account.credential, world.configDir).discard();
}

/** A revocation ends the whole grant of this person to this client, so a grant that others use is left alone. */
async function revokeGrant(
  world: World,
  subject: Subject,
  bench: Workbench,
  wish: 'revoke' | 'keep' | undefined,
): Promise<Removed['revocation']> {
  const { account, client, provider } = subject;
  if (!signInOf(client).hasGrant) return 'nobody';
  if (account.endpoints.revocation === undefined) return 'no-endpoint';
  if (wish === 'keep') return 'declined';
  const { accounts } = await readConfiguration(world.configDir);
  if (wish === undefined && isShared(account, client, accounts)) return 'shared';
  try {
    const network = await bench.network();
    const { revoke } = await import('../oauth/tokens.js');
    const { refreshToken } = await readCredential(await bench.store(), account);
    if (refreshToken === undefined) return 'failed';
    const signal = world.signal;
    const revoking = revoke(account.endpoints, await bench.client(), refreshToken, { network, signal });
    const wait = { what: `${provider.title} to end the sign-in`, seconds: 30 };
    const outcome = await world.interviewer.waitFor(wait, revoking);
    return outcome.ok ? outcome.value : 'failed';
  } catch (error) {
    // A sign-in that is gone or damaged, an authority's file that was moved: it is deleted here all the same.
    if (error instanceof MailauthError && !world.signal.aborted) return 'failed';
    throw error;
  }
}

/** A registration that mailauth made goes with the last account that uses it (RFC 7592 section 2.3). */
async function endRegistration(
  world: World,
  { account, client }: Subject,
  bench: Workbench,
): Promise<Pick<Removed, 'registration'>> {
  const { registration } = client;
  const { accounts } = await readConfiguration(world.configDir);
  const isUsed = accounts.some((other) => other.credential !== account.credential && other.client === client.id);
  if (registration === undefined || isUsed) return {};
  try {
    const token = (await (await bench.store()).get(registration.credential))?.value;
    if (token === undefined) return { registration: 'left' };
    const network = await bench.network();
    const { unregister } = await import('../oauth/registration.js');
    const gone = unregister({ uri: registration.uri, token }, { network, signal: world.signal });
    return { registration: (await gone) ? 'deleted' : 'left' };
  } catch (error) {
    if (error instanceof MailauthError && !world.signal.aborted) return { registration: 'left' };
    throw error;
  }
}

function isShared(account: Account, client: Client, accounts: readonly Account[]): boolean {
  const ownerOf = (one: Account) => one.authUser ?? one.address;
  const others = accounts.filter((other) => other.credential !== account.credential && other.client === client.id);
  return client.appRedirectUris.length > 0 || others.some((other) => sameAddress(ownerOf(other), ownerOf(account)));
}
