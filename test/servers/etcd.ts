/** A real etcd of Debian (etcd-server 3.4) with TLS, in a folder of its own; it can be stopped and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { makeAuthority } from './certificates.js';

export interface Etcd {
  readonly url: string;
  /** The files that a client names. */
  readonly ca: string;
  readonly clientCertificate: { readonly ETCD_CERT: string; readonly ETCD_KEY: string };
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it, and deletes what it kept. */
  remove(): Promise<void>;
  /** Everything that its database holds, as bytes. */
  call(path: string, body: object, headers?: Record<string, string>): Promise<{ status: number; body: string }>;
}

export interface EtcdOptions {
  readonly clientCertificates?: boolean;
  /** Bytes that its database may grow to (--quota-backend-bytes). */
  readonly quota?: number;
  /** The ports of all members for each other, and which of them this one is; default: it is alone. */
  readonly cluster?: { readonly peerPorts: readonly number[]; readonly member: number };
}

/** Ended, and its folder deleted, with the test. */
export async function startEtcd(options: EtcdOptions = {}): Promise<Etcd> {
  const etcd = await makeEtcd(options);
  onTestFinished(() => etcd.remove());
  await etcd.start();
  return etcd;
}

/** Two members, of which one is stopped: the other has nobody to agree with. */
export async function startWithoutQuorum(): Promise<Etcd> {
  const peerPorts = [await freePort(), await freePort()];
  const [one, other] = [
    await makeEtcd({ cluster: { peerPorts, member: 0 } }),
    await makeEtcd({ cluster: { peerPorts, member: 1 } }),
  ];
  onTestFinished(async () => {
    await Promise.all([one.remove(), other.remove()]);
  });
  await Promise.all([one.start(), other.start()]);
  await other.stop();
  return one;
}

/** Not started yet. */
export async function makeEtcd(options: EtcdOptions = {}): Promise<Etcd> {
  const folder = mkdtempSync(join(tmpdir(), 'mailauth-etcd-'));
  const authority = makeAuthority();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const ca = file('ca.pem', authority.cert);
  const [server, client] = [
    authority.issue({ isClient: true }),
    authority.issue({ commonName: 'host-1', isClient: true }),
  ];
  const port = await freePort();
  const { peerPorts, member } = options.cluster ?? { peerPorts: [await freePort()], member: 0 };
  const url = `https://localhost:${port}`;
  const peers = peerPorts.map((one) => `http://127.0.0.1:${one}`);
  const peer = peers[member] ?? '';
  const args = [
    ...[
      '--name',
      `m${member}`,
      '--data-dir',
      join(folder, 'data'),
      '--listen-client-urls',
      `https://127.0.0.1:${port}`,
    ],
    ...['--advertise-client-urls', url, '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', peers.map((one, index) => `m${index}=${one}`).join(','), '--log-level', 'error'],
    ...['--cert-file', file('server.pem', server.cert), '--key-file', file('server.key', server.key)],
    ...(options.clientCertificates ? ['--trusted-ca-file', ca, '--client-cert-auth'] : []),
    ...(options.quota === undefined ? [] : ['--quota-backend-bytes', String(options.quota)]),
  ];
  const clientCertificate = { ETCD_CERT: file('client.pem', client.cert), ETCD_KEY: file('client.key', client.key) };
  let child: ChildProcess | undefined;
  const call: Etcd['call'] = (path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const asking = request(
        `${url}${path}`,
        { method: 'POST', ca: authority.cert, ...client, headers },
        async (response) => {
          let text = '';
          for await (const chunk of response) text += chunk;
          resolve({ status: response.statusCode ?? 0, body: text });
        },
      );
      asking.on('error', reject).end(JSON.stringify(body));
    });
  const etcd: Etcd = {
    ...{ url, ca, clientCertificate, call },
    async start() {
      child = spawn('etcd', args, {
        stdio: 'ignore',
        env: { PATH: process.env['PATH'], ETCD_UNSUPPORTED_ARCH: 'arm64' },
      });
      for (let attempt = 0; attempt < 200; attempt += 1) {
        const answer = await call('/v3/kv/range', { key: 'AA==' }).catch(() => undefined);
        if (answer?.status === 200) return;
        await sleep(100);
      }
      throw new Error('etcd did not start');
    },
    async stop() {
      if (child === undefined || child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
      child = undefined;
    },
    async remove() {
      await etcd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return etcd;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
