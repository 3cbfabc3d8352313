/** Every command at an account whose secrets two hosts keep in one Vault: a home each, and nothing else in common. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Secret } from '../../src/words/secret.js';
import { makeAuthority } from '../servers/certificates.js';
import { startImapServer } from '../servers/imap-server.js';
import { startSmtpServer } from '../servers/smtp-server.js';
import { READ_ONLY, startVault } from '../servers/vault.js';
import { testFolder } from '../store/folder.js';
import { openHosts } from '../swarm/hosts.js';
import { OVER } from '../swarm/mailbox.js';
import { mailauth } from './in-process.js';

const LIVE = 3600;

async function scene() {
  const vault = await startVault();
  const folder = testFolder();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const env = { VAULT_CACERT: file('vault.pem', vault.authority.cert), VAULT_TOKEN: 'the-token', HOME: folder };
  vault.tokens.set('reader', READ_ONLY);
  const authority = makeAuthority();
  const verify = async (_: string, token: string): Promise<boolean> => /^access-\d+-\d+$/.test(token);
  const smtp = await startSmtpServer({ leaf: authority.issue(), security: 'starttls', verify });
  const imap = await startImapServer({ leaf: authority.issue(), security: 'tls', verify, messages: 3 });
  onTestFinished(async () => {
    await Promise.all([smtp.close(), imap.close()]);
  });
  const store = { kind: 'vault', at: `${vault.origin}/secret/team` } as const;
  const hosts = await openHosts(store, env, {
    authority,
    account: {
      smtp: { host: 'localhost', port: smtp.port, security: 'starttls' },
      imap: { host: 'localhost', port: imap.port, security: 'tls' },
    },
  });
  const [one = '', other = ''] = hosts.hosts.map((host) => join(host.folder, 'config'));
  const at = (configDir: string, more: NodeJS.ProcessEnv = {}) => {
    const circumstances = { configDir, env: { ...env, ...more } };
    return (...argv: readonly string[]) => mailauth(argv, circumstances);
  };
  const elsewhere = join(folder, 'third');
  mkdirSync(elsewhere, { mode: 0o700 });
  return { ...hosts, vault, file, at, writer: at(one), reader: at(other, { VAULT_TOKEN: 'reader' }), elsewhere };
}

const told = (ended: { readonly code: number; readonly stdout: string; readonly stderr: string }) =>
  [ended.code, ended.stdout, ended.stderr] as const;

it('gives a host that may only read the tokens that another one keeps fresh, and says when nobody does', async () => {
  const { writer, reader, mailbox, endpoint } = await scene();
  expect(told(await reader('token', 'outlook'))).toEqual([74, '', expect.stringContaining('does not allow this')]);
  expect(told(await writer('token', 'outlook'))).toEqual([0, 'access-1-2\n', '']);
  expect(told(await reader('token', 'outlook'))).toEqual([0, 'access-1-2\n', '']);
  // A wish for a newer one is none that a stored token meets.
  expect((await reader('token', 'outlook', '--force-refresh')).code).toBe(74);
  const longer = await reader('token', 'outlook', '--min-ttl', String(2 * LIVE));
  expect(told(longer)).toEqual([0, 'access-1-2\n', expect.stringContaining('the stored token still works')]);
  const checked = await reader('check', 'outlook', '--json');
  expect([checked.code, checked.document()]).toMatchObject([
    0,
    {
      ok: true,
      accounts: [
        {
          checks: [
            { id: 'store', status: 'warn', code: 'store_denied', message: expect.stringContaining('may only read') },
            { id: 'client', status: 'skip' },
            { id: 'signin', status: 'skip' },
            { id: 'smtp', status: 'ok' },
            { id: 'imap', status: 'ok', messages: 3 },
          ],
        },
      ],
    },
  ]);
  expect((await reader('check', 'outlook', '--strict')).code).toBe(74);
  const credential = await mailbox.credential();
  await mailbox.save({ ...credential, ...OVER, accessToken: new Secret('over') });
  const over = await reader('check', 'outlook', '--json');
  expect([over.code, over.document<{ ok: boolean }>().ok]).toEqual([74, false]);
  expect([endpoint.refreshes(), endpoint.wrong]).toEqual([1, []]);
});

it('is checked, listed, examined, exported and imported like any other account', async () => {
  const { writer, at, vault, elsewhere, file, mailbox } = await scene();
  const checked = await writer('check', 'outlook', '--json');
  expect([checked.code, checked.document()]).toMatchObject([
    0,
    {
      ok: true,
      accounts: [
        { checks: [{ id: 'store', status: 'ok', store: `vault:${vault.origin}/secret/team` }, {}, {}, {}, {}] },
      ],
    },
  ]);
  expect((await writer('list', '--json')).document()).toMatchObject({
    accounts: [{ name: 'outlook', store: `vault:${vault.origin}/secret/team` }],
  });
  expect((await writer('list')).stdout).toContain('vault:');
  const doctor = await writer('doctor', '--json');
  expect(doctor.document()).toMatchObject({
    configuration: { accounts: [{ store: 'vault' }] },
    reachability: expect.arrayContaining([
      expect.objectContaining({ port: Number(new URL(vault.origin).port), ok: true, trouble: null }),
    ]),
  });
  expect(doctor.stdout).not.toMatch(/the-token|secret\/team/);
  const record = await writer('export', 'outlook', '--format', 'account');
  expect(record.stdout).not.toMatch(/the-client-secret|access-|refresh-\d|the-token/);
  const third = at(elsewhere);
  const imported = await third('import', file('record.json', record.stdout));
  expect(told(imported)).toEqual([
    0,
    '',
    expect.stringContaining(`its secrets are in vault:${vault.origin}/secret/team`),
  ]);
  expect(told(await third('token', 'outlook'))).toEqual([0, 'access-1-2\n', '']);
  expect((await third('export', 'outlook', '--format', 'account')).stdout).toBe(record.stdout);
  expect((await third('import', file('record.json', record.stdout), '--json')).document()).toMatchObject({
    changed: false,
  });
  expect((await mailbox.credential()).accessToken?.reveal()).toBe('access-1-2');
});

it('is removed once for all hosts, and each other host says so', async () => {
  const { writer, reader, at, vault, hosts } = await scene();
  expect(told(await reader('remove', 'outlook', '--yes'))).toEqual([
    74,
    '',
    expect.stringContaining('not everything could be deleted'),
  ]);
  expect(vault.secrets.size).toBe(2);
  expect((await reader('list', '--json')).document()).toMatchObject({ accounts: [{ name: 'outlook' }] });
  expect((await writer('remove', 'outlook', '--yes')).code).toBe(0);
  expect([...vault.secrets.keys()]).toEqual([]);
  const other = at(join(hosts[1]?.folder ?? '', 'config'));
  expect(told(await other('token', 'outlook'))).toEqual([77, '', expect.stringContaining('authorize outlook')]);
  // The record that is left here goes too.
  expect((await other('remove', 'outlook', '--yes')).code).toBe(0);
  expect((await other('list', '--json')).document()).toMatchObject({ accounts: [] });
});

it.each([
  ['is sealed', 'store_sealed', 'unseal', (scene: Scene) => (scene.vault.sealed = true)],
  ['stands by', 'store_unavailable', 'active', (scene: Scene) => (scene.vault.standby = true)],
  ['no longer knows the token', 'store_login_failed', 'VAULT_TOKEN', (scene: Scene) => scene.vault.tokens.clear()],
  [
    'has a certificate of somebody else',
    'tls_untrusted',
    'VAULT_CACERT',
    (scene: Scene) => scene.file('vault.pem', makeAuthority('x').cert),
  ],
])('says what to do at token and check where the store %s', async (_, code, word, spoil) => {
  const all = await scene();
  spoil(all);
  const token = await all.writer('token', 'outlook', '--json');
  expect(token.document()).toMatchObject({ code });
  expect(token.stderr).toContain(word);
  const checked = await all.writer('check', 'outlook', '--json');
  expect(checked.code).toBe(token.code);
  expect(checked.document()).toMatchObject({
    accounts: [{ checks: [{ id: 'store', status: 'fail', code }, { status: 'skip' }, { status: 'skip' }, {}, {}] }],
  });
  expect(all.endpoint.asked()).toBe(0);
});

type Scene = Awaited<ReturnType<typeof scene>>;
