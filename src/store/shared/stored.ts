/** What is stored under an id in a store of the network, for the quick way to a stored token: nothing else is loaded. */
import { statSync } from 'node:fs';
import type { StoreChoice } from '../../account/account.js';
import { Secret } from '../../words/secret.js';
import type { Opening } from '../store.js';
import type { Reach } from './answer.js';
import type { Engine } from './engine.js';
import { decodeEntry } from './entry.js';
import { openOnce } from './one-answer.js';

/** Undefined where the whole program has to look. */
export async function storedValue(
  choice: StoreChoice,
  id: string,
  { deadlineMs, ...host }: Pick<Opening, 'env' | 'note'> & { readonly deadlineMs: number },
): Promise<Secret | undefined> {
  if (FILES.some((name) => host.env[name] && !isPlain(host.env[name]))) return undefined;
  const engine = await open(choice, host, (site) => openOnce(site, host.env, deadlineMs));
  const kept = await engine?.get(id);
  return kept && new Secret(decodeEntry(kept.text, id).value);
}

/** What they name is read again by the whole program, which a pipe would let nobody do. */
const FILES = ['ETCD_CACERT', 'ETCD_CERT', 'ETCD_KEY', 'VAULT_CACERT', 'VAULT_TOKEN_FILE'];

function isPlain(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Logging in takes as long as loading the network, and may use up what can be used once. */
async function open(
  choice: StoreChoice,
  host: Pick<Opening, 'env' | 'note'>,
  reach: Reach,
): Promise<Engine | undefined> {
  const {
    ETCD_USERNAME: user,
    VAULT_ROLE_ID: roleId,
    VAULT_ROLE: role,
    VAULT_TOKEN: token,
    VAULT_TOKEN_FILE: file,
  } = host.env;
  if (choice.kind === 'etcd' && !user) return (await import('./etcd.js')).openEtcd(choice, host, reach);
  const logsIn = !token && !file && (roleId || role);
  if (choice.kind === 'vault' && !logsIn) return (await import('./vault.js')).openVault(choice, host, reach);
  return undefined;
}
