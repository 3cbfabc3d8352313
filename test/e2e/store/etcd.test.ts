/** Hosts that share an account in a real etcd: of all their programs one refreshes, whatever is killed or stopped. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StoreChoice } from '../../../src/account/account.js';
import { makeKeyFile } from '../../../src/store/file/key.js';
import type { SecretStore } from '../../../src/store/store.js';
import { STORES } from '../../../src/store/stores.js';
import { Secret } from '../../../src/words/secret.js';
import { makeAuthority } from '../../servers/certificates.js';
import { type Etcd, startEtcd, startWithoutQuorum } from '../../servers/etcd.js';
import { startGate } from '../../servers/gate.js';
import { type Host, openHosts, openingWith } from '../../swarm/hosts.js';
import type { Ended } from '../../swarm/scene.js';
import { type KillPoints, survivesKills } from '../../swarm/store-kills.js';

/** A clock that is ahead of the other host's, by less than a minute: no lease ends by it that has not ended. */
const AHEAD: NodeJS.ProcessEnv = {
  LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  FAKETIME: '+50s',
  DONT_FAKE_MONOTONIC: '1',
};
/** Later: every lease of now is over. */
const LATER: NodeJS.ProcessEnv = { ...AHEAD, FAKETIME: '+4m' };

async function keyFile(): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-etcd-key-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await makeKeyFile(join(folder, 'key'));
  return join(folder, 'key');
}

function pemFile(pem: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-etcd-ca-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ca.pem'), pem);
  return join(folder, 'ca.pem');
}

async function storeIn(etcd: Etcd, env: NodeJS.ProcessEnv = {}): Promise<SecretStore> {
  const whole = { ETCD_CACERT: etcd.ca, MAILAUTH_KEY_FILE: await keyFile(), ...env };
  return STORES.etcd.open({ kind: 'etcd', at: `${etcd.url}/team` }, openingWith(tmpdir(), whole));
}

async function scene(latency: number) {
  const etcd = await startEtcd();
  const choice: StoreChoice = { kind: 'etcd', at: `${etcd.url}/team` };
  const env = { ETCD_CACERT: etcd.ca, MAILAUTH_KEY_FILE: await keyFile() };
  return { etcd, ...(await openHosts(choice, env, { latency })) };
}

/** At most so many at a time on each host; the others follow at once. */
const TOGETHER = 20;

async function crowd(hosts: readonly Host[], each: number): Promise<readonly Ended[]> {
  const [one, other] = hosts as [Host, Host];
  const ended: Ended[] = [];
  let [left, lanes] = [each * 2, 0];
  const lane = async (): Promise<void> => {
    for (const mine = lanes++; left-- > 0; ) {
      ended.push(await (mine % 2 === 0 ? one.run(['token', 'outlook']) : other.run(['token', 'outlook'], AHEAD)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(each, TOGETHER) * 2 }, lane));
  return ended;
}

describe('etcd', () => {
  it('is used over TLS, sees no value, and refuses a write over another version', async () => {
    const etcd = await startEtcd();
    const store = await storeIn(etcd);
    await store.prove(true);
    expect(await store.get('one')).toBeUndefined();
    await store.put('one', new Secret('the-first-secret'));
    const first = await store.get('one');
    await store.put('one', new Secret('second'), first?.version);
    await expect(store.put('one', new Secret('third'), first?.version)).rejects.toMatchObject({ code: 'store_busy' });
    const { body } = await etcd.call('/v3/kv/range', { key: 'AA==', range_end: 'AA==' });
    const kept = [...body.matchAll(/"value":"([^"]*)"/g)].map(([, value = '']) =>
      Buffer.from(value, 'base64').toString('latin1'),
    );
    expect(kept.length).toBe(1);
    expect(kept.join()).not.toMatch(/second|value/);
    // Another host with another key.
    const stranger = await storeIn(etcd);
    await expect(stranger.get('one')).rejects.toMatchObject({ code: 'passphrase_wrong' });
    expect([await store.delete('one'), await store.delete('one')]).toEqual([true, false]);
  });

  it('has a code for each trouble', async () => {
    const etcd = await startEtcd();
    const other = pemFile(makeAuthority('another').cert);
    await expect((await storeIn(etcd, { ETCD_CACERT: other })).get('one')).rejects.toMatchObject({
      code: 'tls_untrusted',
    });
    const password = join(tmpdir(), `mailauth-password-${process.pid}`);
    writeFileSync(password, 'right\n');
    onTestFinished(() => rmSync(password, { force: true }));
    const user = { ETCD_USERNAME: 'reader', ETCD_PASSWORD_FILE: password };
    const everything = {
      key: Buffer.from('team/').toString('base64'),
      range_end: Buffer.from('team0').toString('base64'),
    };
    for (const [path, body] of [
      ['/v3/auth/user/add', { name: 'root', password: 'root' }],
      ['/v3/auth/role/add', { name: 'root' }],
      ['/v3/auth/user/grant', { user: 'root', role: 'root' }],
      ['/v3/auth/user/add', { name: 'reader', password: 'right' }],
      ['/v3/auth/role/add', { name: 'reading' }],
      ['/v3/auth/role/grant', { name: 'reading', perm: { permType: 'READ', ...everything } }],
      ['/v3/auth/user/grant', { user: 'reader', role: 'reading' }],
      ['/v3/auth/enable', {}],
    ] as const) {
      expect(await etcd.call(path, body), path).toMatchObject({ status: 200 });
    }
    await expect((await storeIn(etcd)).get('one')).rejects.toMatchObject({ code: 'store_login_failed' });
    const reading = await storeIn(etcd, user);
    expect(await reading.get('one')).toBeUndefined();
    await expect(reading.put('one', new Secret('x'))).rejects.toMatchObject({ code: 'store_denied' });
    writeFileSync(password, 'wrong\n');
    await expect((await storeIn(etcd, user)).get('one')).rejects.toMatchObject({ code: 'store_login_failed' });
    await etcd.stop();
    await expect(reading.get('one')).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('says that the database is full, and is read all the same', async () => {
    const store = await storeIn(await startEtcd({ quota: 1 }));
    await expect(store.put('one', new Secret('x'))).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('database is full'),
      problem: { who: 'admin', server: expect.stringContaining('database space exceeded') },
    });
    expect(await store.get('one')).toBeUndefined();
  });

  it('says that its members have no quorum', async () => {
    const store = await storeIn(await startWithoutQuorum());
    await expect(store.get('one')).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('no quorum'),
    });
  });

  it('takes a certificate of the host', async () => {
    const etcd = await startEtcd({ clientCertificates: true });
    await (await storeIn(etcd, etcd.clientCertificate)).prove(true);
    await expect((await storeIn(etcd)).prove(true)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:tls_|store_unavailable)/),
    });
  });

  it('has one refresh for 200 callers on two hosts with two clocks', async () => {
    const { hosts, endpoint } = await scene(500);
    const ended = await crowd(hosts, 100);
    expect(ended.filter(({ code }) => code !== 0)).toEqual([]);
    expect(new Set(ended.map(({ stdout }) => stdout))).toEqual(new Set(['access-1-2\n']));
    expect([endpoint.refreshes(), endpoint.wrong]).toEqual([1, []]);
  }, 300_000);

  it('may be stopped and started while an answer waits to be stored', async () => {
    const { hosts, endpoint, etcd } = await scene(3_000);
    const running = crowd(hosts, 3);
    await until(() => endpoint.asked() > 0);
    await etcd.stop();
    await sleep(4_000);
    await etcd.start();
    await running;
    expect([endpoint.refreshes(), endpoint.wrong]).toEqual([1, []]);
    for (const host of hosts)
      expect(await host.run(['token', 'outlook'])).toMatchObject({ code: 0, stdout: 'access-1-2\n' });
    expect([endpoint.refreshes(), endpoint.wrong]).toEqual([1, []]);
  }, 120_000);

  it('lets a host be killed at every request, and another one go on or tell of the lost answer', async () => {
    const etcd = await startEtcd();
    const env = { ETCD_CACERT: etcd.ca, MAILAUTH_KEY_FILE: await keyFile() };
    const lane = async (points: KillPoints): Promise<void> => {
      const gate = await startGate({ origin: etcd.url, ca: readFileSync(etcd.ca, 'utf8') });
      const gated = { ...env, ETCD_CACERT: pemFile(gate.authority.cert) };
      const hosts = await openHosts({ kind: 'etcd', at: `${gate.origin}/team` }, gated);
      await survivesKills({ ...hosts, gate, later: LATER }, points);
    };
    await Promise.all([lane('reads'), lane('writes')]);
  }, 120_000);
});

async function until(holds: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 600 && !holds(); attempt += 1) await sleep(50);
  expect(holds()).toBe(true);
}
