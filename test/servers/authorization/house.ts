/** What the parts of the authorization server share: its layout, what an administrator can change, and what it noted. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { ClientMetadata, Configuration } from 'oidc-provider';
import type { Authority } from '../certificates.js';
import type { Layout } from '../login-pages.js';
import type { Storage } from '../memory-adapter.js';
import type { AppBooks } from './apps.js';

export interface AuthorizationServerOptions {
  readonly layout: Layout;
  /** Signs the server's certificate. */
  readonly authority: Authority;
  /** Its name, which leads to this computer; default: localhost. */
  readonly host?: string;
  /** Default: chosen by the system. */
  readonly port?: number;
  /** Offered on the account page; any other address can be typed there. */
  readonly accounts?: readonly string[];
  /** Names of the Microsoft directory besides its GUID. */
  readonly domains?: readonly string[];
  /** Seconds. */
  readonly accessTokenLife?: number;
  /** Any program may register itself (RFC 7591), and delete its registration (RFC 7592). */
  readonly registration?: true;
  /** Redirect URIs that a registration may have; default: every one that oidc-provider takes. */
  readonly redirects?: RegExp;
  /** A request is taken from the program alone (RFC 9126). */
  readonly pushed?: true;
  /** What its metadata name as the one thing that tokens are for (RFC 9728). */
  readonly protectedResource?: string;
}

/** What an administrator can change while the server runs. */
export interface Circumstances {
  /** Google: a project in Testing announces that its refresh tokens end after seven days. */
  publishing: 'testing' | 'production';
  /** Google, in Testing: who may sign in; empty lets everybody in. */
  testUsers: string[];
  /** Microsoft: a person without a role meets "Need admin approval" for a mailbox scope. */
  adminConsentRequired: boolean;
  /** Asked for, but silently not granted. */
  withheldScopes: string[];
  /** Claims by address that replace the usual ones; `undefined` takes one away. */
  claims: Record<string, Record<string, unknown>>;
  /** Who may open a shared mailbox over IMAP: the mailbox's address, the people. */
  delegates: Record<string, readonly string[]>;
  /** Answers a request in the server's place and says so: an outage, a captive portal. */
  answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Waited for before a request is looked at. */
  delay: ((request: IncomingMessage) => Promise<void>) | undefined;
}

export type ClientKind = 'desktop' | 'web' | 'public';

export interface ClientRegistration {
  /** Microsoft knows `web` (with a secret) and `public`; `desktop` is `public` there. */
  readonly type: ClientKind;
  /** A Google desktop client needs none: any loopback port and path will do. */
  readonly redirectUris?: readonly string[];
  readonly name?: string;
}

export interface RegisteredClient {
  readonly type: ClientKind;
  readonly name: string;
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
  /** Microsoft's Secret ID, which people paste by mistake; empty for a public client. */
  readonly secretId: string;
  /** Microsoft's directory; empty at Google. */
  readonly tenant: string;
  readonly redirectUris: readonly string[];
}

export interface TokenRequest {
  readonly grantType: string;
  readonly clientId: string;
  readonly tenant: string;
  /** First 16 hexadecimal digits of the SHA-256 of the refresh token sent. */
  readonly refreshTokenHash: string | undefined;
  /** `ok` or the `error` of the answer. */
  readonly outcome: string;
}

export interface AuthorizationRequest {
  readonly tenant: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export const GOOGLE_SCOPE = 'https://mail.google.com/';
export const MICROSOFT_SCOPES = ['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'].map(
  (permission) => `https://outlook.office.com/${permission}`,
);
/** What an app asks for, to reach the mail servers. */
export const EXCHANGE_DEFAULT = 'https://outlook.office365.com/.default';
export const GRAPH_DEFAULT = 'https://graph.microsoft.com/.default';
export const mailScopes: Record<Layout, readonly string[]> = { google: [GOOGLE_SCOPE], microsoft: MICROSOFT_SCOPES };

export const scopeTexts: Readonly<Record<string, string>> = {
  openid: 'Associate you with your personal info',
  email: 'See your primary email address',
  profile: 'See your personal info',
  offline_access: 'Maintain access to data you have given it access to',
  [GOOGLE_SCOPE]: 'Read, compose, send, and permanently delete all your email from Gmail',
  'https://outlook.office.com/IMAP.AccessAsUser.All': 'Read and write access to your mail via IMAP',
  'https://outlook.office.com/POP.AccessAsUser.All': 'Read and write access to your mail via POP',
  'https://outlook.office.com/SMTP.Send': 'Send emails from your mailbox using SMTP AUTH',
};

export const routes: Record<Layout, Configuration['routes']> = {
  google: {
    authorization: '/o/oauth2/v2/auth',
    token: '/token',
    revocation: '/revoke',
    introspection: '/introspect',
    jwks: '/oauth2/v3/certs',
    userinfo: '/v1/userinfo',
  },
  // The tenant segment is rewritten to /T, so that every directory reaches the same routes.
  microsoft: {
    authorization: '/T/oauth2/v2.0/authorize',
    token: '/T/oauth2/v2.0/token',
    device_authorization: '/T/oauth2/v2.0/devicecode',
    code_verification: '/T/oauth2/deviceauth',
    introspection: '/introspect',
    jwks: '/T/discovery/v2.0/keys',
    userinfo: '/oidc/userinfo',
  },
};

export const SHARED_TENANTS = ['common', 'organizations', 'consumers'];
export const REAL_DIRECTORY = '4f1c6a52-8a0b-4d5e-9c3f-2b7d1e0a9c84';
export const MAIL_SERVER = { id: 'mail-server', secret: 'mail-server-secret' };

/** Everything the parts below share about one running server. */
export interface House {
  readonly options: AuthorizationServerOptions;
  readonly provider: Provider;
  readonly origin: string;
  readonly issuer: string;
  readonly storage: Storage;
  readonly circumstances: Circumstances;
  readonly clients: Map<string, RegisteredClient>;
  readonly deleted: Set<string>;
  readonly selfRegistered: Map<string, ClientMetadata>;
  readonly books: AppBooks;
  readonly tenants: WeakMap<IncomingMessage, string>;
  /** Grants asked for with access_type=offline; Google gives a refresh token for these only. */
  readonly offline: Set<string>;
  /** When the first refresh token of a grant was given, epoch seconds. */
  readonly firstIssued: Map<string, number>;
  readonly ledger: TokenRequest[];
  readonly authorizations: AuthorizationRequest[];
  readonly revocations: string[];
  readonly secrets: Set<string>;
}
