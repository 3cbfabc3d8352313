import { hostname } from 'node:os';
import type { StoreChoice } from '../../account/account.js';
import { homeOf } from '../lock.js';
import { locksDirectory } from '../places.js';
import type { Opening, SecretStore } from '../store.js';
import type { Reach } from './answer.js';
import type { Engine } from './engine.js';
import { SYSTEM_CLOCK, sharedStore } from './shared-store.js';

export async function openCommandStore({ at = '' }: StoreChoice, opening: Opening): Promise<SecretStore> {
  const { openCommand } = await import('./command.js');
  return storeOver(openCommand(at, opening), opening);
}

export async function openVaultStore(choice: StoreChoice, opening: Opening): Promise<SecretStore> {
  const { openVault } = await import('./vault.js');
  return storeOver(openVault(choice, opening, await network(opening)), opening);
}

export async function openEtcdStore(choice: StoreChoice, opening: Opening): Promise<SecretStore> {
  const { openEtcd } = await import('./etcd.js');
  return storeOver(openEtcd(choice, opening, await network(opening)), opening);
}

async function network(opening: Opening): Promise<Reach> {
  const { openSite } = await import('./web.js');
  return (site) => openSite(site, opening);
}

function storeOver(engine: Engine, { configDir }: Opening): SecretStore {
  let home: string | undefined;
  return sharedStore(engine, {
    // Asked under the lock of an account, whose folder is there then.
    get home() {
      home ??= homeOf(locksDirectory(configDir));
      return home;
    },
    host: hostname(),
    clock: SYSTEM_CLOCK,
  });
}
