/**
 * The KV secrets engine, version 2, of HashiCorp Vault and OpenBao (their HTTP API, "KV v2"). Each write names the
 * version that it replaces (`cas`), 0 for none. Vault holds the values readable, as it does for everybody: who may read
 * the path may use the mailbox. Earlier versions would keep tokens that were replaced, so one version is kept.
 */
import type { StoreChoice } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { Secret } from '../../words/secret.js';
import type { Opening } from '../store.js';
import { type Answer, type Ask, type Reach, type Request, type Site, unknownAnswer } from './answer.js';
import { type Engine, type Kept, LOST_RACE } from './engine.js';
import { damaged } from './entry.js';
import { loginFailed, type VaultLogin, vaultHeaders, vaultLogin } from './vault-login.js';

/** The name under which the entry stands in the secret. */
const FIELD = 'mailauth';
const NO_ENGINE = /no handler for route/;

type Host = Pick<Opening, 'env' | 'note'>;

export function openVault(choice: StoreChoice, opening: Host, reach: Reach): Engine {
  const url = new URL(choice.at ?? '');
  const site: Site = { url, name: `the Vault at ${url.host}`, caVariable: 'VAULT_CACERT' };
  const call = loggedIn(reach(site), site, opening);
  const [mount = '', ...folders] = url.pathname.split('/').filter((part) => part !== '');
  const pathOf = (kind: 'data' | 'metadata', id: string): string => `/v1/${[mount, kind, ...folders, id].join('/')}`;
  const write = (id: string, text: Secret, cas: number): Promise<Answer> =>
    call({ method: 'POST', path: pathOf('data', id), body: { data: { [FIELD]: text.reveal() }, options: { cas } } }, [
      text,
    ]);
  const read = async (id: string): Promise<Found> =>
    foundIn(site, await call({ method: 'GET', path: pathOf('data', id) }), id);
  /** Where the policy allows it: then every writer must name a version, and nothing that was replaced is kept. */
  const bound = async (id: string): Promise<void> => {
    const body = { max_versions: 1, cas_required: true };
    const answer = await call({ method: 'POST', path: pathOf('metadata', id), body });
    if (answer.status === 403)
      opening.note(`${site.name} keeps earlier versions of tokens: its policy lets this host not change metadata`);
    else if (answer.status >= 300) throw troubleIn(site, answer);
  };
  return {
    choice: { kind: 'vault', ...(choice.at && { at: choice.at }) },
    describe: () => site.name,
    get: async (id) => (await read(id)).kept,
    async put(id, text, replaces) {
      if (replaces === undefined) await bound(id);
      // An entry that was deleted softly still counts its versions.
      const version = replaces ?? (await deletedVersion(read, id));
      return version === undefined ? LOST_RACE : writtenIn(site, await write(id, text, Number(version)));
    },
    async delete(id) {
      const { kept } = await read(id);
      const answer = await call({ method: 'DELETE', path: pathOf('metadata', id) });
      if (answer.status >= 300 && answer.status !== 404) throw troubleIn(site, answer);
      return kept !== undefined;
    },
  };
}

interface Found {
  readonly kept: Kept | undefined;
  /** Of the entry, or of the one that was deleted; 0: there never was one. */
  readonly version: number;
}

/** The version over which a new entry is made; undefined where there is one. */
async function deletedVersion(read: (id: string) => Promise<Found>, id: string): Promise<string | undefined> {
  const { kept, version } = await read(id);
  return kept === undefined ? String(version) : undefined;
}

function foundIn(site: Site, answer: Answer, id: string): Found {
  const data = record(answer.body['data']);
  const version = record(data['metadata'])['version'];
  if (answer.status === 404) {
    if (NO_ENGINE.test(answer.words)) throw troubleIn(site, answer);
    return { kept: undefined, version: typeof version === 'number' ? version : 0 };
  }
  if (answer.status !== 200) throw troubleIn(site, answer);
  if (typeof version !== 'number') throw versionOne(site);
  const text = record(data['data'])[FIELD];
  if (typeof text !== 'string') throw damaged(`the entry ${id} in ${site.name}`, 'it is not what mailauth writes');
  return { kept: { text: new Secret(text), version: String(version) }, version };
}

function writtenIn(site: Site, answer: Answer): string | typeof LOST_RACE {
  if (answer.status === 400 && /check-and-set parameter did not match/.test(answer.words)) return LOST_RACE;
  if (answer.status >= 300) throw troubleIn(site, answer);
  const { version } = record(answer.body['data']);
  if (typeof version !== 'number') throw versionOne(site);
  return String(version);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

type Call = (request: Omit<Request, 'headers' | 'secrets'>, secrets?: readonly Secret[]) => Promise<Answer>;

/** With the token of this host; one that is refused is asked for anew, once, where there is a way to. */
function loggedIn(ask: Ask, site: Site, { env }: Host): Call {
  const login = vaultLogin(site, env, ask);
  let token: Promise<Secret> | undefined;
  const send = async (request: Parameters<Call>[0], secrets: readonly Secret[] = []): Promise<Answer> => {
    token ??= login.token();
    const held = await token;
    const headers = { ...vaultHeaders(env), 'x-vault-token': held.reveal() };
    return ask({ ...request, headers, secrets: [held, ...secrets] });
  };
  return async (request, secrets) => {
    const answer = await send(request, secrets);
    if (answer.status !== 403) return answer;
    const before = await token;
    token = login.token();
    const again = (await token).reveal() === before?.reveal() ? answer : await send(request, secrets);
    if (again.status === 403) await assertKnown(site, send, login);
    return again;
  };
}

/** The same 403 says that the token is over and that the policy forbids: only a question about the token tells them apart. */
async function assertKnown(site: Site, send: Call, { renewal }: VaultLogin): Promise<void> {
  const answer = await send({ method: 'GET', path: '/v1/auth/token/lookup-self' });
  if (answer.status === 403)
    throw loginFailed(site, 'does not take the token of this host: it is over or unknown', renewal, answer.words);
}

function troubleIn(site: Site, answer: Answer): MailauthError {
  const { status, words } = answer;
  if (status === 404 && NO_ENGINE.test(words)) return noEngine(site, answer);
  const trouble = (
    code: 'store_denied' | 'store_sealed' | 'store_unavailable',
    what: string,
    fix: string,
  ): MailauthError =>
    new MailauthError(code, `${site.name} ${what}`, {
      who: 'admin',
      fix: [{ text: fix }],
      ...(words !== '' && { server: words }),
    });
  if (status === 403) {
    return trouble(
      'store_denied',
      'does not allow this to the token of this host',
      'ask for a policy with create, read, update and delete on the path; a host that may only read needs another one that keeps the token fresh',
    );
  }
  if (status === 503 && /sealed/.test(words))
    return trouble('store_sealed', 'is sealed', 'ask whoever runs it to unseal it');
  if ([307, 412, 429, 472, 473, 501, 503].includes(status)) {
    return trouble(
      'store_unavailable',
      'is not the active server, or is not ready',
      'name the address of the active one, or wait until it is ready, then run it again',
    );
  }
  return unknownAnswer(site, answer);
}

function versionOne(site: Site): MailauthError {
  return new MailauthError(
    'store_unfit',
    `${site.name} keeps no versions at this path: the engine there is KV version 1`,
    {
      who: 'admin',
      fix: [{ text: 'use a path of a KV engine of version 2 (vault secrets enable -path=mail kv-v2)' }],
    },
  );
}

function noEngine(site: Site, { words }: Answer): MailauthError {
  return new MailauthError('store_unfit', `${site.name} has no secrets engine at the first part of the path`, {
    who: 'admin',
    fix: [{ text: 'correct the path, or mount one there (vault secrets enable -path=mail kv-v2)' }],
    server: words,
  });
}
