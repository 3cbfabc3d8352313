/** accounts.json. It holds no secret. */
import { dirname } from 'node:path';
import type { Account, Configuration } from '../account/account.js';
import { parseConfiguration, VERSION } from './configuration.js';
import {
  ensurePrivateDirectory,
  type Note,
  ownLinkTarget,
  readPrivate,
  sweepTemporaries,
  writeAtomically,
} from './files.js';
import { accountsPath } from './places.js';

/**
 * A change of accounts.json takes milliseconds. Longer than the lease of a lock: whoever died with it must not cost
 * another process the sign-in that it has just made.
 */
const LOCK_WAIT_MS = 75_000;

const EMPTY: Configuration = { version: VERSION, clients: [], accounts: [] };

/** Throws `store_damaged` for a file that is not one of ours or of a newer version; a missing file holds no accounts. */
export async function readConfiguration(
  configDir: string,
  options: { readonly note?: Note } = {},
): Promise<Configuration> {
  const path = ownLinkTarget(accountsPath(configDir));
  const bytes = await readPrivate(path, options);
  return bytes === undefined ? EMPTY : parsed(bytes.toString('utf8'), path);
}

/** What was read or written last. A list of mailboxes reads the same file many times for each of them. */
let last: { readonly text: string; readonly path: string; readonly configuration: Configuration } | undefined;

function parsed(text: string, path: string): Configuration {
  if (last?.text !== text || last.path !== path) last = { text, path, configuration: parseConfiguration(text, path) };
  return last.configuration;
}

/**
 * Reads, changes and writes accounts.json under its own lock, and returns what is now there. The change sees what other
 * processes have written meanwhile; returning its argument writes nothing. A damaged file is never replaced.
 */
export async function changeConfiguration(
  configDir: string,
  change: (configuration: Configuration) => Configuration | Promise<Configuration>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Configuration> {
  const { withLock } = await import('./lock.js');
  await ensurePrivateDirectory(configDir);
  const lock = { waitMs: LOCK_WAIT_MS, ...(options.signal && { signal: options.signal }) };
  return withLock(`${accountsPath(configDir)}.lock`, lock, async (held) => {
    const path = ownLinkTarget(accountsPath(configDir));
    await sweepTemporaries(dirname(path));
    const before = await readConfiguration(configDir);
    const after = await change(before);
    if (after === before) return before;
    const text = `${JSON.stringify(after, undefined, 2)}\n`;
    // What could not be read again must not be written.
    const written = parsed(text, path);
    await held.assertHeld();
    await writeAtomically(path, text);
    return written;
  });
}

/**
 * Changes accounts, each by the id of its credential, which is what an account is: its name may belong to another one by
 * now. Each change gets the account as it stands; one that is gone stays gone. All in one writing.
 */
export function changeAccounts(
  configDir: string,
  changes: ReadonlyMap<string, (account: Account) => Account>,
): Promise<Configuration> {
  return changeConfiguration(configDir, (configuration) => {
    const accounts = configuration.accounts.map((one) => changes.get(one.credential)?.(one) ?? one);
    const isChanged = accounts.some((account, index) => account !== configuration.accounts[index]);
    return isChanged ? { ...configuration, accounts } : configuration;
  });
}

/** Changes one account, and returns it as it is now; undefined where it has been removed. */
export async function changeAccount(
  configDir: string,
  credential: string,
  change: (account: Account) => Account,
): Promise<Account | undefined> {
  const { accounts } = await changeAccounts(configDir, new Map([[credential, change]]));
  return accounts.find((account) => account.credential === credential);
}
