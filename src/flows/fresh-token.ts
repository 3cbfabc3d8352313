import type { Account, Client } from '../core/account.js';
import type { Credential, Grant } from '../core/grant.js';
import { secondsLeft } from '../core/lifetime.js';
import type { Outcome } from '../core/outcome.js';
import type { Secret } from '../core/secret.js';
import type { SecretStore } from '../store/store.js';
import type { Network } from '../system/network.js';
import { readCredential } from './vault.js';
import type { World } from './world.js';

/** An access token whose lifetime the server did not tell is used at once and trusted for this long (seconds). */
const UNTOLD_LIFETIME = 60;

export interface OpenAccount {
  readonly account: Account;
  readonly client: Client;
  readonly store: SecretStore;
  /** Called only when a request is to be made: opening it loads much. Must not be cut off by the signal of the world. */
  readonly network: () => Promise<Network>;
}

export interface TokenWish {
  /** Seconds the token should still live. */
  readonly minTtl: number;
  /**
   * `lasting`: a token that lives so long, from wherever. `newer`: one that was issued after this call began, by this
   * process or by another one. `answer`: what the token endpoint says to this process now.
   */
  readonly want: 'lasting' | 'newer' | 'answer';
}

export interface FreshToken {
  readonly accessToken: Secret;
  /** Epoch seconds. */
  readonly expires: number;
  readonly credential: Credential;
  /** The token endpoint's answer, where it was asked. */
  readonly grant?: Grant;
}

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

/** The credential after a token response: a new refresh token replaces the old one, an absent one keeps it (RFC 6749 section 6). */
export function renewed(previous: Credential, grant: Grant, now: Date): Credential {
  const issued = Math.floor(now.getTime() / 1000);
  const scopes = grant.scopes ?? previous.scopes;
  return {
    refreshToken: grant.refreshToken ?? previous.refreshToken,
    accessToken: grant.accessToken,
    accessTokenIssued: issued,
    accessTokenExpires: issued + (grant.expiresIn ?? UNTOLD_LIFETIME),
    ...(scopes && { scopes }),
    generation: previous.generation + 1,
  };
}

export function tokenOf(credential: Credential, grant?: Grant): FreshToken {
  const { accessToken, accessTokenExpires } = credential;
  if (accessToken === undefined || accessTokenExpires === undefined)
    throw new Error('a credential without an access token');
  return { accessToken, expires: accessTokenExpires, credential, ...(grant && { grant }) };
}
