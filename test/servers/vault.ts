/**
 * The part of a Vault that the KV engine of version 2 is, as its HTTP API describes it, and strict: what a real one
 * would refuse is refused here, in its words. AppRole, Kubernetes and token lookups with policies that can be changed.
 */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Authority, makeAuthority } from './certificates.js';

interface Secret {
  version: number;
  data: Record<string, unknown> | undefined;
  maxVersions: number;
  casRequired: boolean;
}

export type Capability = 'create' | 'read' | 'update' | 'delete';

export interface Vault {
  readonly origin: string;
  readonly authority: Authority;
  readonly secrets: Map<string, Secret>;
  /** Token -> what its policy allows; a token that is taken away is over. */
  readonly tokens: Map<string, ReadonlySet<Capability>>;
  /** `METHOD path`, in order. */
  readonly requests: string[];
  sealed: boolean;
  standby: boolean;
  /** Answers the next write as lost on the way: it is done, and the connection ends. */
  loseAnswer: boolean;
  metadataAllowed: boolean;
}

const EVERYTHING: ReadonlySet<Capability> = new Set(['create', 'read', 'update', 'delete']);
export const READ_ONLY: ReadonlySet<Capability> = new Set(['read']);
export const ROLE = { roleId: 'the-role-id', secretId: 'the-secret-id', jwt: 'the.pod.jwt', role: 'mailer' };

interface Reply {
  readonly status: number;
  readonly body?: object;
}

const errors = (status: number, ...words: string[]): Reply => ({ status, body: { errors: words } });

export async function startVault(mounts: Readonly<Record<string, 1 | 2>> = { secret: 2 }): Promise<Vault> {
  const authority = makeAuthority();
  const server = createServer(authority.issue(), async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    vault.requests.push(`${request.method} ${request.url}`);
    const asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text ? JSON.parse(text) : {},
    };
    const { status, body } = answer(vault, mounts, asked);
    if (vault.loseAnswer && request.method === 'POST' && asked.path.includes('/data/')) {
      vault.loseAnswer = false;
      request.socket.destroy();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(body ? JSON.stringify(body) : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const vault: Vault = {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    authority,
    secrets: new Map(),
    tokens: new Map([['the-token', EVERYTHING]]),
    requests: [],
    sealed: false,
    standby: false,
    loseAnswer: false,
    metadataAllowed: true,
  };
  return vault;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a client sends
  readonly body: any;
}

function answer(vault: Vault, mounts: Readonly<Record<string, 1 | 2>>, asked: Asked): Reply {
  if (asked.headers['x-vault-request'] !== 'true') return errors(400, 'missing X-Vault-Request');
  if (vault.sealed) return errors(503, 'Vault is sealed');
  if (vault.standby) return { status: 429, body: { errors: [] } };
  const [, version, mount = '', kind = '', ...rest] = asked.path.split('/');
  if (version !== 'v1') return errors(404);
  if (asked.path.endsWith('/login')) return login(vault, asked);
  const token = String(asked.headers['x-vault-token'] ?? '');
  const allowed = vault.tokens.get(token);
  if (allowed === undefined) return errors(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n');
  if (asked.path === '/v1/auth/token/lookup-self') return { status: 200, body: { data: { id: token } } };
  if (mounts[mount] === undefined)
    return errors(404, `no handler for route "${mount}/${kind}". route entry not found.`);
  if (mounts[mount] === 1) return asked.method === 'POST' ? { status: 204 } : errors(404);
  const key = `${mount}/${rest.join('/')}`;
  if (kind === 'metadata') return metadata(vault, key, allowed, asked);
  return kind === 'data' ? data(vault, key, allowed, asked) : errors(404);
}

function login(vault: Vault, { path, body }: Asked): Reply {
  const token = `s.${vault.requests.length}`;
  const isRole = path === '/v1/auth/approle/login' && body.role_id === ROLE.roleId && body.secret_id === ROLE.secretId;
  const isPod = path === '/v1/auth/kubernetes/login' && body.role === ROLE.role && body.jwt === ROLE.jwt;
  if (!isRole && !isPod) return errors(400, 'invalid role or secret ID');
  vault.tokens.set(token, EVERYTHING);
  return { status: 200, body: { auth: { client_token: token, lease_duration: 3600, renewable: true } } };
}

function metadata(vault: Vault, key: string, allowed: ReadonlySet<Capability>, { method, body }: Asked): Reply {
  if (!vault.metadataAllowed || !allowed.has(method === 'DELETE' ? 'delete' : 'update'))
    return errors(403, '1 error occurred:\n\t* permission denied\n\n');
  if (method === 'DELETE') {
    vault.secrets.delete(key);
    return { status: 204 };
  }
  const secret = vault.secrets.get(key) ?? { version: 0, data: undefined, maxVersions: 0, casRequired: false };
  vault.secrets.set(key, { ...secret, maxVersions: body.max_versions, casRequired: body.cas_required });
  return { status: 204 };
}

function data(vault: Vault, key: string, allowed: ReadonlySet<Capability>, { method, body }: Asked): Reply {
  const secret = vault.secrets.get(key);
  if (method === 'GET') {
    if (!allowed.has('read')) return errors(403, '1 error occurred:\n\t* permission denied\n\n');
    if (secret === undefined || secret.version === 0) return errors(404);
    const held = {
      version: secret.version,
      created_time: '2026-11-26T02:00:00Z',
      deletion_time: secret.data ? '' : '2026-11-26T02:01:00Z',
    };
    return { status: secret.data ? 200 : 404, body: { data: { data: secret.data ?? null, metadata: held } } };
  }
  if (method === 'DELETE') {
    if (secret !== undefined) secret.data = undefined;
    return { status: 204 };
  }
  if (!allowed.has(secret?.data ? 'update' : 'create'))
    return errors(403, '1 error occurred:\n\t* permission denied\n\n');
  const cas = body.options?.cas;
  if (cas === undefined && secret?.casRequired) return errors(400, 'check-and-set parameter required for this call');
  if (cas !== undefined && cas !== (secret?.version ?? 0))
    return errors(400, 'check-and-set parameter did not match the current version');
  if (typeof body.data !== 'object') return errors(400, 'no data provided');
  const version = (secret?.version ?? 0) + 1;
  vault.secrets.set(key, { maxVersions: 0, casRequired: false, ...secret, version, data: body.data });
  return { status: 200, body: { data: { version, created_time: '2026-11-26T02:00:00Z', deletion_time: '' } } };
}
