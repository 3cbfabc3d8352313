/** How this host shows a Vault who it is: a token that it was given, or one that it is given for a role. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MailauthError } from '../../explain/problem.js';
import { readTextFile } from '../../system/text-file.js';
import { Secret } from '../../words/secret.js';
import { type Answer, type Ask, type Request, type Site, unknownAnswer } from './answer.js';

/** Where Kubernetes puts the token of a pod's service account. */
const POD_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export interface VaultLogin {
  /** Reads or asks anew each time: an agent may have replaced the file, and a role's token ends. */
  token(): Promise<Secret>;
  /** What to do where it is no longer taken. */
  readonly renewal: string;
}

/** The first way that the environment names; then the file that `vault login` leaves. */
export function vaultLogin(site: Site, env: NodeJS.ProcessEnv, ask: Ask): VaultLogin {
  const { VAULT_TOKEN: token, VAULT_TOKEN_FILE: file, VAULT_ROLE_ID: roleId, VAULT_ROLE: role } = env;
  if (token) {
    return { token: async () => new Secret(token), renewal: 'put a valid token into VAULT_TOKEN' };
  }
  if (file) return { token: () => secretIn(file), renewal: `put a valid token into ${file}` };
  if (roleId) return byAppRole(site, roleId, env, ask);
  if (role) return byKubernetes(site, role, env, ask);
  const usual = join(env['HOME'] || homedir(), '.vault-token');
  return {
    renewal: 'log in with `vault login`, or set VAULT_TOKEN_FILE, or VAULT_ROLE_ID and VAULT_SECRET_ID_FILE',
    token: () =>
      secretIn(usual).catch(() => {
        throw loginFailed(
          site,
          'needs a token, and none was given',
          'set VAULT_TOKEN_FILE, VAULT_ROLE_ID with VAULT_SECRET_ID_FILE, or VAULT_ROLE; or log in with `vault login`',
        );
      }),
  };
}

function byAppRole(site: Site, roleId: string, env: NodeJS.ProcessEnv, ask: Ask): VaultLogin {
  const file = env['VAULT_SECRET_ID_FILE'];
  if (!file) throw new MailauthError('usage', 'VAULT_ROLE_ID needs VAULT_SECRET_ID_FILE, the file with its secret ID');
  return {
    renewal: `put a valid secret ID into ${file}`,
    token: async () => {
      const secretId = await secretIn(file);
      const body = { role_id: roleId, secret_id: secretId.reveal() };
      return granted(
        site,
        await post(ask, env, { path: '/v1/auth/approle/login', body, secrets: [secretId] }),
        `VAULT_ROLE_ID and ${file}`,
      );
    },
  };
}

function byKubernetes(site: Site, role: string, env: NodeJS.ProcessEnv, ask: Ask): VaultLogin {
  const file = env['VAULT_KUBERNETES_TOKEN_FILE'] || POD_TOKEN;
  return {
    renewal: `see that the role ${role} is bound to the service account of this pod`,
    token: async () => {
      const jwt = await secretIn(file);
      const body = { role, jwt: jwt.reveal() };
      return granted(
        site,
        await post(ask, env, { path: '/v1/auth/kubernetes/login', body, secrets: [jwt] }),
        `the role ${role} and ${file}`,
      );
    },
  };
}

function post(ask: Ask, env: NodeJS.ProcessEnv, request: Pick<Request, 'path' | 'body' | 'secrets'>): Promise<Answer> {
  return ask({ ...request, method: 'POST', headers: vaultHeaders(env) });
}

/** `X-Vault-Request` is asked for by proxies and agents that keep foreign pages out. */
export function vaultHeaders(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const namespace = env['VAULT_NAMESPACE'];
  return { 'x-vault-request': 'true', ...(namespace && { 'x-vault-namespace': namespace }) };
}

function granted(site: Site, answer: Answer, given: string): Secret {
  const { client_token: token } = (answer.body['auth'] ?? {}) as Record<string, unknown>;
  if (answer.status === 200 && typeof token === 'string' && token !== '') return new Secret(token);
  if (answer.status === 400 || answer.status === 403) {
    throw loginFailed(site, `does not take ${given}`, 'correct them; a secret ID may be over or used up', answer.words);
  }
  throw unknownAnswer(site, answer);
}

export function loginFailed(site: Site, what: string, fix: string, words = ''): MailauthError {
  return new MailauthError('store_login_failed', `${site.name} ${what}`, {
    who: 'you',
    fix: [{ text: fix }],
    ...(words !== '' && { server: words }),
  });
}

async function secretIn(file: string): Promise<Secret> {
  const text = (await readTextFile(file)).trim();
  if (text !== '') return new Secret(text);
  throw new MailauthError('bad_input', `${file} is empty`, { fix: [{ text: 'write the token into it' }] });
}
