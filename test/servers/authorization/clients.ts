import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Layout } from '../login-pages.js';
import { type ClientRegistration, type House, REAL_DIRECTORY, type RegisteredClient } from './house.js';

/** What a person does at the console. */
export interface Registrations {
  registerClient(registration: ClientRegistration): Promise<RegisteredClient>;
  addRedirectUri(clientId: string, redirectUri: string): Promise<void>;
  expireSecret(clientId: string): Promise<void>;
  replaceSecret(clientId: string): Promise<string>;
  deleteClient(clientId: string): Promise<void>;
}

export function openRegistrations(house: House): Registrations {
  const { layout } = house.options;
  const store = house.storage.adapter('Client');
  const change = async (clientId: string, changes: Record<string, unknown>): Promise<void> => {
    const payload = await store.find(clientId);
    if (!payload) throw new Error(`no client ${clientId} is registered here`);
    await store.upsert(clientId, { ...payload, ...changes });
  };
  const newSecret = (): string => {
    const secret = makeSecret(layout);
    house.secrets.add(secret);
    return secret;
  };
  return {
    async registerClient(registration) {
      const client = fillIn(layout, registration, newSecret);
      house.clients.set(client.clientId, client);
      await store.upsert(client.clientId, metadataOf(layout, client));
      return client;
    },
    async addRedirectUri(clientId, redirectUri) {
      const known = house.clients.get(clientId);
      if (known === undefined) throw new Error(`no client ${clientId} is registered here`);
      const redirectUris = [...known.redirectUris, redirectUri];
      house.clients.set(clientId, { ...known, redirectUris });
      await change(clientId, { redirect_uris: redirectUris });
    },
    expireSecret: (clientId) => change(clientId, { client_secret_expires_at: Math.floor(Date.now() / 1000) - 60 }),
    async replaceSecret(clientId) {
      const secret = newSecret();
      await change(clientId, { client_secret: secret, client_secret_expires_at: 0 });
      return secret;
    },
    async deleteClient(clientId) {
      house.deleted.add(clientId);
      await store.destroy(clientId);
    },
  };
}

function fillIn(layout: Layout, registration: ClientRegistration, newSecret: () => string): RegisteredClient {
  const google = layout === 'google';
  const type = !google && registration.type === 'desktop' ? 'public' : registration.type;
  const loopback = google && type !== 'web' ? ['http://127.0.0.1', 'http://localhost'] : [];
  return {
    type,
    name: registration.name ?? 'mailauth',
    clientId: makeClientId(layout),
    clientSecret: type === 'public' ? '' : newSecret(),
    secretId: type === 'public' || google ? '' : randomUUID(),
    tenant: google ? '' : REAL_DIRECTORY,
    redirectUris: registration.redirectUris ?? loopback,
  };
}

function metadataOf(layout: Layout, client: RegisteredClient): Record<string, unknown> {
  const microsoft = layout === 'microsoft';
  const confidential = client.type === 'web';
  return {
    client_id: client.clientId,
    client_name: client.name,
    ...(client.clientSecret === '' ? {} : { client_secret: client.clientSecret }),
    token_endpoint_auth_method: client.clientSecret === '' ? 'none' : 'client_secret_post',
    // Microsoft ignores the port of a localhost redirect URI for web clients as well; Google does not.
    application_type: confidential && !microsoft ? 'web' : 'native',
    redirect_uris: client.redirectUris,
    response_types: ['code'],
    grant_types: [
      'authorization_code',
      'refresh_token',
      ...(microsoft ? ['urn:ietf:params:oauth:grant-type:device_code'] : []),
      ...(microsoft && confidential ? ['client_credentials'] : []),
    ],
  };
}

function makeClientId(layout: Layout): string {
  if (layout === 'microsoft') return randomUUID();
  const letters = Array.from({ length: 32 }, () => randomInt(36).toString(36)).join('');
  return `${randomInt(100_000_000_000, 999_999_999_999)}-${letters}.apps.googleusercontent.com`;
}

function makeSecret(layout: Layout): string {
  if (layout === 'google') return `GOCSPX-${randomBytes(21).toString('base64url')}`;
  return `${randomBytes(3).toString('hex').slice(0, 3)}8Q~${randomBytes(26).toString('base64url').slice(0, 34)}`;
}
