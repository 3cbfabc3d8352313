import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileStore } from '../../src/store/file/file-store.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import { openKeychain } from '../../src/store/keychain/keychain-store.js';
import type { SecretStore } from '../../src/store/store.js';
import { STORES } from '../../src/store/stores.js';
import { Secret } from '../../src/words/secret.js';
import type { Etcd } from '../servers/etcd.js';
import { openingWith } from '../swarm/hosts.js';
import { fileStoreIn, makeMailbox } from '../swarm/mailbox.js';
import type { Ports } from './servers.js';

const parent = mkdtempSync(join(tmpdir(), 'mailauth-bench-homes-'));
let count = 0;

export function removeHomes(): void {
  rmSync(parent, { recursive: true, force: true });
}

/** A new one, deleted with all others. */
export function folder(): string {
  count += 1;
  const path = join(parent, String(count));
  mkdirSync(path, { mode: 0o700 });
  return path;
}

function environment(configDir: string, key: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', HOME: configDir, MAILAUTH_CONFIG_DIR: configDir, ...key };
}

/** A token as long as Microsoft's, good for an hour. */
async function withToken(configDir: string, store: SecretStore): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const credential = {
    refreshToken: new Secret(`1.A${'r'.repeat(1_200)}`),
    accessToken: new Secret(`EwB${'a'.repeat(1_800)}`),
    accessTokenIssued: now,
    accessTokenExpires: now + 3600,
  };
  await makeMailbox(configDir, store, { credential });
}

export async function homeWithKeyFile(): Promise<NodeJS.ProcessEnv> {
  const configDir = folder();
  await withToken(configDir, await fileStoreIn(configDir));
  return environment(configDir, { MAILAUTH_KEY_FILE: join(configDir, 'key') });
}

export async function homeWithPassphrase(): Promise<NodeJS.ProcessEnv> {
  const configDir = folder();
  const path = join(configDir, 'passphrase');
  writeFileSync(path, 'correct horse battery staple\n', { mode: 0o600 });
  const passphrase = new Secret('correct horse battery staple');
  await withToken(
    configDir,
    await openFileStore({ directory: configDir, key: { kind: 'passphrase', passphrase, path } }),
  );
  return environment(configDir, { MAILAUTH_PASSPHRASE_FILE: path });
}

/** In an etcd of this run's own, over TLS. */
export async function homeWithEtcd({ url, ca }: Pick<Etcd, 'url' | 'ca'>): Promise<NodeJS.ProcessEnv> {
  const configDir = folder();
  const key = { MAILAUTH_KEY_FILE: join(configDir, 'key'), ETCD_CACERT: ca };
  await makeKeyFile(key.MAILAUTH_KEY_FILE);
  const env = environment(configDir, key);
  await withToken(configDir, await STORES.etcd.open({ kind: 'etcd', at: `${url}/team` }, openingWith(configDir, env)));
  return env;
}

/** In the session of a keyring of this run's own. */
export async function homeWithKeychain(session: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const configDir = folder();
  // The library asks the environment of this process for the way to the keyring.
  Object.assign(process.env, session);
  await withToken(configDir, await openKeychain({ platform: process.platform, env: process.env }));
  return { ...environment(configDir, {}), ...session };
}

/** Accounts to check, all of them at the same servers. */
export async function homeToCheck(accounts: number, ports: Ports, ca: string): Promise<NodeJS.ProcessEnv> {
  const configDir = folder();
  const store = await fileStoreIn(configDir);
  for (let number = 1; number <= accounts; number += 1) {
    await makeMailbox(configDir, store, {
      name: `box-${number}`,
      address: `box-${number}@happypaws.example`,
      tokenEndpoint: `https://localhost:${ports.token}/token`,
      ca,
      account: {
        smtp: { host: 'localhost', port: ports.smtp, security: 'starttls' },
        imap: { host: 'localhost', port: ports.imap, security: 'tls' },
      },
    });
  }
  return environment(configDir, { MAILAUTH_KEY_FILE: join(configDir, 'key') });
}
