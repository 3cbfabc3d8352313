/** accounts.json. It holds no secret. */
import type { Configuration } from '../account/account.js';
import { parseConfiguration, VERSION } from './configuration.js';
import { ensurePrivateDirectory, type Note, readPrivate, sweepTemporaries, writeAtomically } from './files.js';
import { accountsPath } from './places.js';

/** A change of accounts.json takes milliseconds; a longer wait means that something is wrong. */
const LOCK_WAIT_MS = 10_000;

const EMPTY: Configuration = { version: VERSION, clients: [], accounts: [] };

/** Throws `store_damaged` for a file that is not one of ours or of a newer version; a missing file holds no accounts. */
export async function readConfiguration(
  configDir: string,
  options: { readonly note?: Note } = {},
): Promise<Configuration> {
  const path = accountsPath(configDir);
  const bytes = await readPrivate(path, options);
  return bytes === undefined ? EMPTY : parseConfiguration(bytes.toString('utf8'), path);
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
  const path = accountsPath(configDir);
  await ensurePrivateDirectory(configDir);
  const lock = { waitMs: LOCK_WAIT_MS, ...(options.signal && { signal: options.signal }) };
  return withLock(`${path}.lock`, lock, async (held) => {
    await sweepTemporaries(configDir);
    const before = await readConfiguration(configDir);
    const after = await change(before);
    if (after === before) return before;
    const text = `${JSON.stringify(after, undefined, 2)}\n`;
    // What could not be read again must not be written.
    const written = parseConfiguration(text, path);
    await held.assertHeld();
    await writeAtomically(path, text);
    return written;
  });
}
