/**
 * In place of src/store/keychain/keytar.ts, in the program in one file: the library comes out of the file itself. The
 * system loads libraries from disk alone, so it is written into the user's own private folder, and what is there is
 * loaded only if it is the same to the byte.
 */

import { dirname, join } from 'node:path';
import { ensurePrivateDirectory, readPrivate, writeAtomically } from '../src/store/files.js';
import type { Keytar } from '../src/store/keychain/keytar.js';
import { keychainLocks } from '../src/store/places.js';
import { asset } from './asset.js';

declare const KEYTAR_HASH: string;

export async function loadKeytar(): Promise<Keytar> {
  const folder = join(dirname(keychainLocks()), 'native');
  // Its hash in its name: two versions of the program side by side do not take turns in writing it.
  const path = join(folder, `keytar-${KEYTAR_HASH}.node`);
  const library = asset('keytar.node');
  const found = await readPrivate(path).catch(() => undefined);
  if (found === undefined || !library.equals(found)) {
    await ensurePrivateDirectory(folder);
    await writeAtomically(path, library);
  }
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as Keytar;
}

/** The loader has said it already. */
export function whyNotLoaded(): undefined {
  return undefined;
}
