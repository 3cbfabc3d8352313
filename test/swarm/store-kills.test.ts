import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeAuthority } from '../servers/certificates.js';
import { startGate } from '../servers/gate.js';
import { startVault } from '../servers/vault.js';
import { type Host, openHosts } from './hosts.js';
import { survivesKills } from './store-kills.js';

const LATER = { NODE_OPTIONS: `--import=${new URL('clock-ahead.mjs', import.meta.url).href}` };

async function scene() {
  const vault = await startVault();
  const gate = await startGate({ origin: vault.origin, ca: vault.authority.cert });
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-vault-kills-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, gate.authority.cert);
  const env = { VAULT_CACERT: ca, VAULT_TOKEN: 'the-token' };
  const hosts = await openHosts({ kind: 'vault', at: `${gate.origin}/secret/team` }, env);
  return { ...hosts, gate, vault, env };
}

it('a host may be killed before and after each write to a Vault, and another one goes on', {
  timeout: 120_000,
}, async () => {
  const { vault, ...store } = await scene();
  await survivesKills({ ...store, later: LATER }, 'writes');
  expect(JSON.stringify([...vault.secrets.values()])).not.toMatch(/lease/);
});

it('a token that is good is asked for once, and nothing is sent to a server of another authority', async () => {
  const { hosts, gate, env } = await scene();
  const [host] = hosts as [Host];
  expect((await host.run(['token', 'outlook'])).code).toBe(0);
  gate.arm(0, 'before', async () => undefined);
  expect(await host.run(['token', 'outlook'])).toEqual({ code: 0, signal: null, stdout: 'access-1-2\n', stderr: '' });
  expect(gate.passed).toEqual([expect.stringMatching(/^GET \/v1\/secret\/data\/team\//)]);
  gate.arm(0, 'before', async () => undefined);
  writeFileSync(env.VAULT_CACERT, makeAuthority().cert);
  expect(await host.run(['token', 'outlook'])).toMatchObject({
    code: 76,
    stdout: '',
    stderr: expect.stringContaining('VAULT_CACERT'),
  });
  expect(gate.passed).toEqual([]);
});
