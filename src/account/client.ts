import type { CredentialKind } from './client-credential.js';

export type ClientType = 'desktop' | 'web';

/** Who signs in: a person, once, or nobody, because an administrator has let the registration in as an app. */
export const SIGN_IN_KINDS = ['person', 'app'] as const;
export type SignInKind = (typeof SIGN_IN_KINDS)[number];

/** RFC 7592 section 3. */
export interface Registration {
  readonly uri: string;
  /** Key of the registration access token in the store. */
  readonly credential: string;
}

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
  /** Absent: a person. */
  readonly signIn?: SignInKind;
  /** What an app proves itself with. */
  readonly credentialKind?: CredentialKind;
  /** The file with another issuer's token, full path: read again for each token. */
  readonly federatedTokenFile?: string;
  /** Where the issuer keeps the registration that mailauth made, and the entry of the token that deletes it there. */
  readonly registration?: Registration;
  /** Key of the client secret in the store, or of what an app has in its place; absent for a public client. */
  readonly secretCredential?: string;
  /** ISO date on which it ends: read off the provider's page, or in a certificate. */
  readonly secretExpires?: string;
  readonly redirectUri: string;
  readonly appRedirectUris: readonly string[];
  readonly appName: string;
}
