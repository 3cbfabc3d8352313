/**
 * etcd, by the JSON gateway of its third version (etcd.io/docs, "gRPC gateway"). A transaction compares the revision of
 * the key and writes in one step; reads are linearizable, so no answer is older than the last write. etcd sees values
 * only as ciphertext: they are sealed under the key file, which every host that shares the store has a copy of.
 */
import { createHash } from 'node:crypto';
import type { StoreChoice } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { readTextFile } from '../../system/text-file.js';
import { Secret } from '../../words/secret.js';
import { findKeySource, readKeyFile, recordedKeySource } from '../file/key.js';
import { parseCredential, sealCredential, unseal } from '../file/sealed.js';
import type { Opening } from '../store.js';
import { type Answer, type Ask, type Reach, type Site, unknownAnswer } from './answer.js';
import { type Engine, type Kept, LOST_RACE } from './engine.js';
import { damaged } from './entry.js';

type Host = Pick<Opening, 'env' | 'passphrase'>;

/** Throws `key_missing` or `bad_input`: there is no key file to seal with. */
export function openEtcd(choice: StoreChoice, opening: Host, reach: Reach): Engine {
  const url = new URL(choice.at ?? '');
  const site: Site = {
    ...{ url, name: `etcd at ${url.host}`, caVariable: 'ETCD_CACERT' },
    certificate: certificateIn(opening.env),
  };
  const seal = sealWith(choice, opening, site);
  const call = loggedIn(reach(site), site, opening);
  const base = `${url.pathname.replace(/\/+$/, '').slice(1) || 'mailauth'}/`;
  const keyOf = (id: string): string => Buffer.from(`${base}${id}`).toString('base64');
  return {
    choice: { kind: 'etcd', ...(choice.at && { at: choice.at }), key: 'key-file', keyPath: seal.path },
    describe: () => site.name,
    async get(id): Promise<Kept | undefined> {
      const body = await call('/v3/kv/range', { key: keyOf(id) });
      const [found] = (body['kvs'] ?? []) as readonly Record<string, unknown>[];
      if (found === undefined) return undefined;
      return { text: seal.open(id, String(found['value'] ?? '')), version: String(found['mod_revision']) };
    },
    async put(id, text, replaces) {
      const key = keyOf(id);
      const compare =
        replaces === undefined ? { target: 'CREATE', create_revision: '0' } : { target: 'MOD', mod_revision: replaces };
      const body = await call('/v3/kv/txn', {
        compare: [{ key, result: 'EQUAL', ...compare }],
        success: [{ requestPut: { key, value: seal.close(id, text) } }],
      });
      if (body['succeeded'] !== true) return LOST_RACE;
      return String((body['header'] as Record<string, unknown> | undefined)?.['revision']);
    },
    async delete(id) {
      const body = await call('/v3/kv/deleterange', { key: keyOf(id) });
      return Number(body['deleted'] ?? 0) > 0;
    },
  };
}

function certificateIn(env: NodeJS.ProcessEnv): Site['certificate'] {
  const { ETCD_CERT: certFile, ETCD_KEY: keyFile } = env;
  if (!certFile && !keyFile) return undefined;
  if (certFile && keyFile) return { certFile, keyFile };
  throw new MailauthError('usage', 'ETCD_CERT and ETCD_KEY belong together, and one of them is not set');
}

interface Seal {
  readonly path: string;
  close(id: string, text: Secret): string;
  open(id: string, sealed: string): Secret;
}

function sealWith(choice: StoreChoice, { env, passphrase }: Host, site: Site): Seal {
  const source = findKeySource(env, passphrase) ?? recordedKeySource(choice);
  if (source?.kind !== 'key-file') {
    const code = source === undefined ? 'key_missing' : 'bad_input';
    throw new MailauthError(code, `what is kept in ${site.name} is sealed with a key file, and none was given`, {
      fix: [
        {
          text: 'make a key file on one host, copy it to the others by a safe way, and name it in MAILAUTH_KEY_FILE',
          command: 'mailauth key ~/.config/mailauth.key',
        },
      ],
    });
  }
  const key = readKeyFile(source.path);
  const keyId = createHash('sha256').update('mailauth etcd key').update(key).digest().subarray(0, 16);
  return {
    path: source.path,
    close: (id, text) =>
      sealCredential({ keyId, generation: 0n, id }, key, Buffer.from(text.reveal())).toString('base64'),
    open(id, sealed) {
      const where = `the entry ${id} in ${site.name}`;
      const parsed = parseCredential(Buffer.from(sealed, 'base64'), where);
      if (parsed.header.id !== id) throw damaged(where, 'it belongs to another credential');
      const text = unseal(parsed, key);
      if (text !== undefined) return new Secret(text.toString('utf8'));
      if (parsed.header.keyId.equals(keyId)) throw damaged(where, 'its content is not what was written');
      throw new MailauthError('passphrase_wrong', `the key in ${source.path} is not the one ${where} was sealed with`, {
        fix: [{ text: 'name the key file of the host that set the account up, in MAILAUTH_KEY_FILE' }],
      });
    },
  };
}

type Call = (path: string, body: object) => Promise<Readonly<Record<string, unknown>>>;

/** Calls with the token of a user, where ETCD_USERNAME names one; a token that is over is replaced once. */
function loggedIn(ask: Ask, site: Site, { env }: Host): Call {
  const { ETCD_USERNAME: name, ETCD_PASSWORD_FILE: passwordFile } = env;
  let token: Promise<Secret | undefined> | undefined;
  const once = async (path: string, body: object): Promise<Answer> => {
    token ??= name ? authenticate(site, ask, name, passwordFile) : Promise.resolve(undefined);
    const held = await token;
    const headers = held && { authorization: held.reveal() };
    return ask({ method: 'POST', path, body, secrets: [held], ...(headers && { headers }) });
  };
  return async (path, body) => {
    let answer = await once(path, body);
    if (name && /invalid auth token|revision of auth store is old/.test(answer.words)) {
      token = undefined;
      answer = await once(path, body);
    }
    if (answer.status === 200) return answer.body;
    throw troubleIn(site, answer);
  };
}

async function authenticate(site: Site, ask: Ask, name: string, file = ''): Promise<Secret | undefined> {
  if (file === '')
    throw new MailauthError('usage', 'ETCD_USERNAME needs ETCD_PASSWORD_FILE, the file with its password');
  const password = new Secret((await readTextFile(file)).replace(/\r?\n$/, ''));
  const body = { name, password: password.reveal() };
  const answer = await ask({ method: 'POST', path: '/v3/auth/authenticate', body, secrets: [password] });
  const token = answer.body['token'];
  if (answer.status === 200 && typeof token === 'string') return new Secret(token);
  if (/authentication is not enabled/.test(answer.words)) return undefined;
  throw troubleIn(site, answer);
}

/** etcd's words (api/v3rpc/rpctypes/error.go), and what they come to. */
const TROUBLES: readonly (readonly [
  RegExp,
  'store_login_failed' | 'store_denied' | 'store_unavailable',
  string,
  string,
])[] = [
  [
    /authentication failed/,
    'store_login_failed',
    'does not take the user name and the password',
    'correct ETCD_USERNAME and the file in ETCD_PASSWORD_FILE',
  ],
  [
    /user name is empty|invalid auth token|revision of auth store is old/,
    'store_login_failed',
    'wants a user, and none is logged in',
    'set ETCD_USERNAME and ETCD_PASSWORD_FILE, or ETCD_CERT and ETCD_KEY',
  ],
  [
    /permission denied/,
    'store_denied',
    'does not allow this to the user of this host',
    'ask whoever runs it for the right to read and write below the prefix; a host that may only read needs another one that keeps the token fresh',
  ],
  [
    /no leader|request timed out|leader changed|raft: stopped/,
    'store_unavailable',
    'has no quorum: too few of its members can reach each other',
    'see that more than half of its members run, then run it again',
  ],
  [
    /database space exceeded/,
    'store_unavailable',
    'takes no more writes: its database is full',
    'compact and defragment it, then disarm its alarm (etcdctl alarm disarm)',
  ],
];

function troubleIn(site: Site, answer: Answer): MailauthError {
  const known = TROUBLES.find(([words]) => words.test(answer.words));
  if (known !== undefined) {
    const [, code, what, fix] = known;
    return new MailauthError(code, `${site.name} ${what}`, {
      who: 'admin',
      fix: [{ text: fix }],
      server: answer.words,
    });
  }
  if (answer.status === 404) {
    return new MailauthError('store_unfit', `${site.name} has no JSON gateway of the third version`, {
      who: 'admin',
      fix: [
        {
          text: 'use etcd 3.4 or newer, with its gateway on (--enable-grpc-gateway), and the client port in the address',
        },
      ],
    });
  }
  return unknownAnswer(site, answer);
}
