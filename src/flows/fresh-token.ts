import type { Account, Client } from '../core/account.js';
import type { Evidence } from '../core/diagnosis.js';
import type { Credential, Grant } from '../core/grant.js';
import type { Outcome } from '../core/outcome.js';
import type { Secret } from '../core/secret.js';
import type { SecretStore } from '../store/store.js';
import type { Network } from '../system/network.js';
import { readClientSecret, readCredential, saveCredential } from './vault.js';
import type { World } from './world.js';

/** An access token whose lifetime the server did not tell is used at once and trusted for this long (seconds). */
const UNTOLD_LIFETIME = 60;
/** How long a process waits for another one that is refreshing the same credential. */
const LOCK_WAIT_MS = 60_000;

export interface OpenAccount {
  readonly account: Account;
  readonly client: Client;
  readonly store: SecretStore;
  readonly network: Network;
}

export interface FreshToken {
  readonly accessToken: Secret;
  /** Epoch seconds. */
  readonly expires: number;
  readonly credential: Credential;
  /** The token endpoint's answer, where it was asked. */
  readonly grant?: Grant;
}

/** Seconds the cached access token still lives; 0 where there is none, or where the clock has moved behind its issue. */
export function secondsLeft(credential: Credential, now: Date): number {
  const seconds = now.getTime() / 1000;
  if (credential.accessToken === undefined || credential.accessTokenExpires === undefined) return 0;
  if (credential.accessTokenIssued !== undefined && credential.accessTokenIssued > seconds + 60) return 0;
  return Math.max(0, Math.floor(credential.accessTokenExpires - seconds));
}

/**
 * The one way to an access token: `setup`, `check`, `authorize` and `token` all come here.
 * Read without a lock; if fresh enough, use it. Else lock across processes, read again (another process may just have
 * refreshed), prove the store writable before the refresh token is spent, refresh, save before anything else, unlock.
 * A failed refresh changes nothing in the store.
 */
export async function freshToken(
  world: World,
  open: OpenAccount,
  want: { readonly minTtl: number; readonly force: boolean },
): Promise<Outcome<FreshToken>> {
  const before = await readCredential(open.store, open.account);
  if (!want.force && secondsLeft(before, world.now()) >= want.minTtl) return cached(before);

  const [{ withLock }, { lockPath }] = await Promise.all([import('../store/lock.js'), import('../store/places.js')]);
  const path = lockPath(open.account.store.kind, open.account.credential, world.configDir);
  return withLock(path, { waitMs: LOCK_WAIT_MS, signal: world.signal }, async (held) => {
    const current = await readCredential(open.store, open.account);
    const refreshedByOther = current.generation !== before.generation;
    if (refreshedByOther && secondsLeft(current, world.now()) >= Math.max(want.minTtl, 1)) return cached(current);
    const clientSecret = await readClientSecret(open.store, open.client);
    await open.store.prove();
    await held.assertHeld();

    const { refresh } = await import('../oauth/tokens.js');
    const outcome = await refresh(
      open.account.endpoints,
      { clientId: open.client.clientId, ...(clientSecret && { clientSecret }) },
      current.refreshToken,
      { network: open.network, scopes: open.account.scopes, signal: world.signal },
    );
    if (!outcome.ok) return outcome;
    const credential = renewed(current, outcome.value, world.now());
    await held.assertHeld();
    await saveCredential(open.store, open.account, credential);
    return fresh(credential, outcome.value);
  });
}

/** The credential after a token response: a new refresh token replaces the old one, an absent one keeps it (RFC 6749 section 6). */
export function renewed(previous: Credential, grant: Grant, now: Date): Credential {
  const issued = Math.floor(now.getTime() / 1000);
  return {
    refreshToken: grant.refreshToken ?? previous.refreshToken,
    accessToken: grant.accessToken,
    accessTokenIssued: issued,
    accessTokenExpires: issued + (grant.expiresIn ?? UNTOLD_LIFETIME),
    ...((grant.scopes ?? previous.scopes) && { scopes: grant.scopes ?? previous.scopes }),
    generation: previous.generation + 1,
  } as Credential;
}

/** Whether the failure leaves the credential as good as it was: a network, a proxy or a busy server, not a refusal. */
export function isPassing(evidence: Evidence): boolean {
  return evidence.stage !== 'response' || evidence.error === 'intercepted' || (evidence.status ?? 0) >= 429;
}

function cached(credential: Credential): Outcome<FreshToken> {
  return fresh(credential, undefined);
}

function fresh(credential: Credential, grant: Grant | undefined): Outcome<FreshToken> {
  const { accessToken, accessTokenExpires } = credential;
  if (accessToken === undefined || accessTokenExpires === undefined)
    throw new Error('a credential without an access token');
  return {
    ok: true,
    value: { accessToken, expires: accessTokenExpires, credential, ...(grant && { grant }) },
  };
}
