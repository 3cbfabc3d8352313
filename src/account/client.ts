export type ClientType = 'desktop' | 'web';

/**
 * An OAuth client, registered once by the user and shared by the accounts that name it. What only its provider knows of
 * it stands beside these fields (`OwnField`).
 */
export interface Client {
  /** Random, ours; accounts point here. */
  readonly id: string;
  readonly provider: string;
  readonly clientId: string;
  readonly clientType: ClientType;
  /** Key of the client secret in the store; absent for a public client. */
  readonly secretCredential?: string;
  /** ISO date the user read off the provider's page. */
  readonly secretExpires?: string;
  readonly redirectUri: string;
  readonly appRedirectUris: readonly string[];
  readonly appName: string;
}
