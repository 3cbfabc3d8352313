/**
 * `token ACCOUNT` while the stored token is still good: what mail programs call every few minutes. This file and what it
 * imports are built into one (dist/token.cjs), because loading twenty modules takes longer than reading the token. It
 * can only succeed: whatever is unusual or wrong is left, unreported, to the whole program.
 */
import { writeSync } from 'node:fs';
import type { Configuration, StoreChoice } from '../../account/account.js';
import { secondsLeft } from '../../account/lifetime.js';
import { decodeCredential } from '../../store/credential.js';
import { ownLinkTarget, readPrivate } from '../../store/files.js';
import { accountsPath, configDirectory } from '../../store/places.js';
import type { SecretStore } from '../../store/store.js';
import { readTokenLine } from './line.js';

/** The options that make no difference here. */
const PLAIN = ['minTtl', 'quiet', 'input', 'color'];
const MIN_TTL = '120';
/** A pipe takes so many bytes in one piece or not at all (PIPE_BUF on Linux). */
const ONE_PIECE = 4096;
/** Milliseconds. A keychain that needs longer, or somebody to unlock it, is waited for by the whole program. */
const QUICK_MS = 1_000;

/** Whether the token has been printed. */
export async function printStoredToken(argv: readonly string[]): Promise<boolean> {
  // The default action opens the inspector to every local user.
  process.on('SIGUSR1', () => undefined);
  try {
    const text = await storedToken(argv);
    return text !== undefined && text.length <= ONE_PIECE && writeSync(1, text) === text.length;
  } catch {
    return false;
  }
}

async function storedToken(argv: readonly string[]): Promise<string | undefined> {
  const line = readTokenLine(argv);
  // Options of Node itself may expose the process, and the whole program refuses those.
  if (line === undefined || process.env['NODE_OPTIONS'] || process.execArgv.length > 0) return undefined;
  const { minTtl = MIN_TTL } = line.options;
  if (Object.keys(line.options).some((name) => !PLAIN.includes(name)) || !/^[1-9]\d{0,5}$/.test(String(minTtl))) {
    return undefined;
  }
  const directory = configDirectory(process.env, process.platform);
  const account = await accountNamed(line.args[0] as string, directory);
  const store = account && (await openStore(account.store, directory));
  const stored = await store?.get(account?.credential ?? '');
  const credential = stored && decodeCredential(stored.value);
  if (credential === undefined || secondsLeft(credential, new Date()) < Number(minTtl)) return undefined;
  return `${credential.accessToken?.reveal()}\n`;
}

/** Read as it stands: what does not fit throws, and the whole program checks it field by field. */
async function accountNamed(name: string, directory: string) {
  const bytes = await readPrivate(ownLinkTarget(accountsPath(directory)), { note: warn });
  const { version, accounts } = JSON.parse(String(bytes)) as Configuration;
  const [account, ...others] = accounts.filter((candidate) => candidate.name === name);
  return version === 1 && others.length === 0 ? account : undefined;
}

async function openStore(choice: StoreChoice, directory: string): Promise<SecretStore | undefined> {
  const { env, platform } = process;
  if (choice.kind === 'keychain') {
    const { openKeychain } = await import('../../store/keychain/keychain-store.js');
    return openKeychain({ platform, env, deadlineMs: QUICK_MS });
  }
  const [{ openFileStore }, { findKeySource, recordedKeySource }] = await Promise.all([
    import('../../store/file/file-store.js'),
    import('../../store/file/key.js'),
  ]);
  const key = findKeySource(env) ?? recordedKeySource(choice);
  // A passphrase is stretched for a tenth of a second, which is not to be spent twice.
  return key?.kind === 'key-file' ? openFileStore({ directory, key, note: warn }) : undefined;
}

function warn(text: string): void {
  writeSync(2, `WARN  ${text}\n`);
}
