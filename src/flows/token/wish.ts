import type { Account } from '../../account/account.js';
import type { Client } from '../../account/client.js';
import type { SecretStore } from '../../store/store.js';
import type { Network } from '../../system/network.js';

export type OpenClient = Pick<Client, 'provider' | 'clientId'> & {
  readonly [Key in 'secretCredential' | 'credentialKind' | 'federatedTokenFile' | 'signIn']?: Client[Key] | undefined;
};

/** What a refresh needs to know: an account, or a set-up that was given a refresh token and is none yet. */
export interface OpenAccount {
  readonly account: Pick<
    Account,
    'name' | 'address' | 'authUser' | 'credential' | 'store' | 'endpoints' | 'scopes' | 'signInEnds'
  >;
  readonly client: OpenClient;
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
