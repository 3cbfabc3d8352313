/** Against a strict server of our own: no real Vault can be installed from Debian or npm. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { SecretStore } from '../../../src/store/store.js';
import { readStoreChoice, STORES } from '../../../src/store/stores.js';
import { Secret } from '../../../src/words/secret.js';
import { makeAuthority } from '../../servers/certificates.js';
import { READ_ONLY, ROLE, startVault, type Vault } from '../../servers/vault.js';
import { openingWith } from '../../swarm/hosts.js';

let folder: string;
let vault: Vault;
const notes: string[] = [];

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-vault-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  vault = await startVault({ secret: 2, old: 1 });
  notes.length = 0;
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

async function open(env: NodeJS.ProcessEnv = {}, path = '/secret/mail'): Promise<SecretStore> {
  const choice = readStoreChoice(`vault:${vault.origin}${path}`, '--store');
  const opening = openingWith(folder, {
    ...{ HOME: folder, VAULT_CACERT: file('ca.pem', vault.authority.cert), VAULT_TOKEN: 'the-token' },
    ...env,
  });
  return STORES.vault.open(choice, { ...opening, note: (text) => void notes.push(text) });
}

const value = (text: string): Secret => new Secret(text);

describe('a store in Vault', () => {
  it('keeps one version of what it is given, and refuses a write over another one', async () => {
    const store = await open();
    await store.prove(true);
    expect([...vault.secrets.keys()]).toEqual([]);
    await store.put('one', value('first'));
    const first = await store.get('one');
    await store.put('one', value('second'), first?.version);
    await expect(store.put('one', value('third'), first?.version)).rejects.toMatchObject({ code: 'store_busy' });
    await store.put('one', value('fourth'));
    expect((await store.get('one'))?.value.reveal()).toBe('fourth');
    expect(vault.secrets.get('secret/mail/one')).toMatchObject({ maxVersions: 1, casRequired: true, version: 3 });
    expect([await store.delete('one'), await store.delete('one'), await store.get('one')]).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  it('makes an entry anew where somebody has deleted one softly', async () => {
    const store = await open();
    await store.put('one', value('first'));
    const secret = vault.secrets.get('secret/mail/one');
    if (secret) secret.data = undefined;
    expect(await store.get('one')).toBeUndefined();
    await store.put('one', value('second'));
    expect((await store.get('one'))?.value.reveal()).toBe('second');
  });

  it('says where earlier versions are kept because the policy allows nothing else', async () => {
    vault.metadataAllowed = false;
    const store = await open();
    await store.put('one', value('first'));
    expect(notes).toEqual([expect.stringContaining('keeps earlier versions of tokens')]);
    await expect(store.delete('one')).rejects.toMatchObject({ code: 'store_denied' });
  });

  it('is entered in each way that a host can show who it is', async () => {
    const without = { VAULT_TOKEN: '' };
    const ways: readonly NodeJS.ProcessEnv[] = [
      { VAULT_TOKEN_FILE: file('token', 'the-token\n') },
      { VAULT_ROLE_ID: ROLE.roleId, VAULT_SECRET_ID_FILE: file('secret-id', `${ROLE.secretId}\n`) },
      { VAULT_ROLE: ROLE.role, VAULT_KUBERNETES_TOKEN_FILE: file('jwt', ROLE.jwt) },
    ];
    for (const way of ways) await (await open({ ...without, ...way })).prove(true);
    file('.vault-token', 'the-token');
    await (await open(without)).prove(true);
  });

  it('asks once more for the token of a role that is over', async () => {
    const store = await open({
      VAULT_TOKEN: '',
      VAULT_ROLE_ID: ROLE.roleId,
      VAULT_SECRET_ID_FILE: file('s', ROLE.secretId),
    });
    await store.put('one', value('first'));
    vault.tokens.clear();
    expect((await store.get('one'))?.value.reveal()).toBe('first');
  });

  it.each([
    ['is sealed', 'store_sealed', (one: Vault) => (one.sealed = true)],
    ['stands by', 'store_unavailable', (one: Vault) => (one.standby = true)],
    ['no longer knows the token', 'store_login_failed', (one: Vault) => one.tokens.clear()],
  ])('has a code where the server %s', async (_, code, change) => {
    const store = await open();
    await store.put('one', value('first'));
    change(vault);
    await expect(store.get('one')).rejects.toMatchObject({ code });
    await expect(store.put('one', value('x'))).rejects.toMatchObject({ code });
  });

  it('tells a host that may only read, and still lets it read', async () => {
    const store = await open();
    await store.put('one', value('first'));
    vault.tokens.set('the-token', READ_ONLY);
    const { version = '' } = (await store.get('one')) ?? {};
    await expect(store.put('one', value('second'), version)).rejects.toMatchObject({ code: 'store_denied' });
    const errand = { spends: value('t'), now: new Date(), waitMs: 0, signal: new AbortController().signal };
    await expect(store.lease?.('one', version, errand)).rejects.toMatchObject({ code: 'store_denied' });
  });

  it.each([
    ['an engine of version 1', '/old/mail', {}, 'store_unfit'],
    ['no engine', '/nothing/mail', {}, 'store_unfit'],
    ['no token', '/secret/mail', { VAULT_TOKEN: '' }, 'store_login_failed'],
    [
      'a wrong secret ID',
      '/secret',
      { VAULT_TOKEN: '', VAULT_ROLE_ID: 'x', VAULT_SECRET_ID_FILE: 'empty' },
      'bad_input',
    ],
  ])('is refused with %s', async (_, path, env, code) => {
    const empty = 'VAULT_SECRET_ID_FILE' in env ? { VAULT_SECRET_ID_FILE: file(env.VAULT_SECRET_ID_FILE, '') } : {};
    const store = await open({ ...env, ...empty }, path);
    await expect(store.prove(true)).rejects.toMatchObject({ code });
  });

  it('is refused with a certificate of another authority', async () => {
    const store = await open({ VAULT_CACERT: file('other.pem', makeAuthority('another').cert) });
    await expect(store.get('one')).rejects.toMatchObject({
      code: 'tls_untrusted',
      problem: { fix: [{ text: 'name the certificate of its authority in VAULT_CACERT' }] },
    });
  });

  it('finds its own write again whose answer was lost', async () => {
    const store = await open();
    await store.put('one', value('{"v":1}'));
    const { version = '' } = (await store.get('one')) ?? {};
    const errand = { spends: value('t'), now: new Date(), waitMs: 0, signal: new AbortController().signal };
    vault.loseAnswer = true;
    const lease = await store.lease?.('one', version, errand);
    vault.loseAnswer = true;
    await lease?.put(value('the successor'));
    expect((await store.get('one'))?.value.reveal()).toBe('the successor');
    expect(JSON.stringify(vault.secrets.get('secret/mail/one')?.data)).not.toMatch(/lease|spent/);
  });

  it.each([
    'vault:http://localhost:8200/secret',
    'vault:https://localhost:8200',
    'vault:https://a:b@localhost/secret',
    'etcd:https://localhost/..%2f',
    'vault',
  ])('is not named by %s', (word) => {
    expect(() => readStoreChoice(word, '--store')).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
