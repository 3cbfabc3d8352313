/**
 * A real authorization server, oidc-provider, over TLS on loopback, laid out as Google's or as Microsoft's: the same
 * paths, client id shapes, redirect rules and refusals. What is played is the people's side: pages, accounts, console.
 */
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ClientMetadata } from 'oidc-provider';
import { translate } from './authorization/answers.js';
import { type Apps, addJwtBearer, expectAudience, makeBooks, openApps } from './authorization/apps.js';
import { openRegistrations, type Registrations } from './authorization/clients.js';
import { configure, freeLoopback, loadProvider } from './authorization/configuration.js';
import { route } from './authorization/front-door.js';
import {
  type AuthorizationRequest,
  type AuthorizationServerOptions,
  type Circumstances,
  type House,
  MAIL_SERVER,
  mailScopes,
  REAL_DIRECTORY,
  type RegisteredClient,
  type TokenRequest,
} from './authorization/house.js';
import { openTokens, type Tokens } from './authorization/tokens.js';
import type { Layout } from './login-pages.js';
import { makeStorage } from './memory-adapter.js';

export type { RegisteredApp, ServiceAccount } from './authorization/apps.js';
export type {
  AuthorizationRequest,
  AuthorizationServerOptions,
  Circumstances,
  ClientKind,
  ClientRegistration,
  RegisteredClient,
  TokenRequest,
} from './authorization/house.js';
export type { Layout } from './login-pages.js';

export interface AuthorizationServer extends Apps, Registrations, Tokens {
  readonly layout: Layout;
  /** `https://localhost:PORT`, or with the name that was given. */
  readonly origin: string;
  /** Give it as `--issuer`. At Microsoft it names the directory by GUID. */
  readonly issuer: string;
  /** At Google always the issuer. */
  issuerOf(tenant: string): string;
  readonly tenant: string;
  readonly mailScopes: readonly string[];
  /** Introspection (RFC 7662) for Dovecot, its Basic credentials inside. */
  readonly introspectionUrl: string;
  readonly circumstances: Circumstances;
  /** What programs have registered themselves as, and not deleted. */
  readonly selfRegistered: ReadonlyMap<string, ClientMetadata>;
  readonly ledger: readonly TokenRequest[];
  readonly authorizations: readonly AuthorizationRequest[];
  /** Google: hashes of the tokens that were revoked. */
  readonly revocations: readonly string[];
  /** Every secret this server handed out or received: client secrets, codes, verifiers, tokens. For the canary. */
  readonly secrets: ReadonlySet<string>;
  stop(): Promise<void>;
}

export async function startAuthorizationServer(options: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const { authority, host = 'localhost' } = options;
  const server = createServer(authority.issue({ names: [host] }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { origin } = new URL(`https://${host}:${(server.address() as AddressInfo).port}`);
  const house = await furnish(options, origin);
  translate(house);
  const answer = house.provider.callback();
  server.on('request', (request, response) => {
    route(house, request, response, answer).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(`the test server failed: ${String(error)}`);
    });
  });
  return face(house, server);
}

async function furnish(options: AuthorizationServerOptions, origin: string): Promise<House> {
  const issuer = options.layout === 'google' ? origin : `${origin}/${REAL_DIRECTORY}/v2.0`;
  const shared = {
    options,
    origin,
    issuer,
    storage: makeStorage(),
    circumstances: {
      publishing: 'production',
      testUsers: [],
      adminConsentRequired: false,
      withheldScopes: [],
      claims: {},
      delegates: {},
      answer: undefined,
      delay: undefined,
    } satisfies Circumstances as Circumstances,
    clients: new Map<string, RegisteredClient>(),
    deleted: new Set<string>(),
    books: makeBooks(),
    tenants: new WeakMap<IncomingMessage, string>(),
    selfRegistered: new Map<string, ClientMetadata>(),
    offline: new Set<string>(),
    firstIssued: new Map<string, number>(),
    ledger: [],
    authorizations: [],
    revocations: [],
    secrets: new Set<string>(),
  };
  const ProviderClass = await loadProvider();
  const provider = new ProviderClass(issuer, await configure(shared));
  provider.on('registration_create.success', (_ctx, client) => {
    shared.selfRegistered.set(client.clientId, client.metadata());
  });
  provider.on('registration_delete.success', (_ctx, client) => {
    shared.selfRegistered.delete(client.clientId);
  });
  if (options.layout === 'google') freeLoopback(provider);
  const house = { ...shared, provider };
  if (options.layout === 'google') addJwtBearer(house);
  else expectAudience(house);
  return house;
}

/** What the tests hold in their hands. */
function face(house: House, server: Server): AuthorizationServer {
  const { layout } = house.options;
  const google = layout === 'google';
  return {
    layout,
    origin: house.origin,
    issuer: house.issuer,
    issuerOf: (tenant) => (google ? house.issuer : `${house.origin}/${tenant}/v2.0`),
    tenant: google ? '' : REAL_DIRECTORY,
    mailScopes: mailScopes[layout],
    introspectionUrl: `${house.origin.replace('//', `//${MAIL_SERVER.id}:${MAIL_SERVER.secret}@`)}/introspect`,
    circumstances: house.circumstances,
    ...openApps(house),
    ...openRegistrations(house),
    ...openTokens(house),
    selfRegistered: house.selfRegistered,
    ledger: house.ledger,
    authorizations: house.authorizations,
    revocations: house.revocations,
    secrets: house.secrets,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
