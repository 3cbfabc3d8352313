/**
 * `token ACCOUNT`, also as `--format xoauth2`, while the stored token is still good: what mail programs call every few minutes. This file and what it
 * imports are built into one (dist/quick.cjs), because loading twenty modules takes longer than reading the token. It
 * can only succeed: whatever is unusual or wrong is left, unreported, to the whole program.
 */
import { writeSync } from 'node:fs';
import type { Account, Configuration, StoreChoice } from '../account/account.js';
import { secondsLeft } from '../account/lifetime.js';
import { loginUser } from '../account/login-user.js';
import { xoauth2 } from '../mail/sasl.js';
import { decodeCredential } from '../store/credential.js';
import { ownLinkTarget, readPrivate } from '../store/files.js';
import { accountsPath, configDirectory } from '../store/places.js';
import type { SecretStore } from '../store/store.js';
import { isProtocol } from '../words/protocol.js';
import type { Secret } from '../words/secret.js';
import { renderHelp } from './command-table.js';
import { isOutputClosed } from './standard-streams.js';
import { readUsualLine } from './usual-line.js';
import { version } from './version.js';

/** The options that make no difference here, and those that are understood. */
const KNOWN = ['minTtl', 'quiet', 'input', 'color', 'format', 'for'];
const MIN_TTL = '120';
/** A pipe takes so many bytes in one piece or not at all (PIPE_BUF on Linux). */
const ONE_PIECE = 4096;
/** Milliseconds. A keychain that needs longer, or somebody to unlock it, is waited for by the whole program. */
const QUICK_MS = 1_000;

/** Whether that was all there was to do. */
export async function answerQuickly(argv: readonly string[]): Promise<boolean> {
  const told = argv.length === 1 ? ABOUT[argv[0] as string] : undefined;
  if (told !== undefined) process.stdout.write(told());
  return told !== undefined || printStoredToken(argv);
}

const ABOUT: Readonly<Record<string, () => string>> = {
  '--help': renderHelp,
  '-h': renderHelp,
  help: renderHelp,
  '--version': () => `${version()}\n`,
  '-V': () => `${version()}\n`,
};

async function printStoredToken(argv: readonly string[]): Promise<boolean> {
  // The default action opens the inspector to every local user.
  process.on('SIGUSR1', () => undefined);
  try {
    const text = await storedToken(argv);
    if (text === undefined || text.length > ONE_PIECE || isOutputClosed()) return false;
    return writeSync(1, text) === text.length;
  } catch {
    return false;
  }
}

async function storedToken(argv: readonly string[]): Promise<string | undefined> {
  const line = readUsualLine(argv);
  // Options of Node itself may expose the process, and the whole program refuses those.
  if (line === undefined || process.env['NODE_OPTIONS'] || process.execArgv.length > 0) return undefined;
  const { minTtl = MIN_TTL, format = 'token', for: server } = line.options;
  if (Object.keys(line.options).some((name) => !KNOWN.includes(name)) || !/^[1-9]\d{0,5}$/.test(String(minTtl))) {
    return undefined;
  }
  const directory = configDirectory(process.env, process.platform);
  const account = await accountMeant(line.args[0] as string, directory);
  const stored = account && (await storedIn(account.store, account.credential, directory));
  const credential = stored && decodeCredential(stored);
  if (!account || !credential?.accessToken) return undefined;
  if (secondsLeft(credential, new Date()) < Number(minTtl)) return undefined;
  return inForm(credential.accessToken, account, format, server);
}

/** Undefined for a form that needs more than the account. */
function inForm(token: Secret, account: Account, format: unknown, server: unknown): string | undefined {
  if (format === 'token' && server === undefined) return `${token.reveal()}\n`;
  if (format !== 'xoauth2') return undefined;
  if (server === undefined) return `${xoauth2(account.address, token).reveal()}\n`;
  return isProtocol(server) ? `${xoauth2(loginUser(account, server), token).reveal()}\n` : undefined;
}

/** Read as it stands: what does not fit throws, and the whole program checks it field by field. */
async function accountMeant(given: string, directory: string): Promise<Account | undefined> {
  const bytes = await readPrivate(ownLinkTarget(accountsPath(directory)), { note: warn });
  const { version, accounts } = JSON.parse(String(bytes)) as Configuration;
  if (version !== 1) return undefined;
  const named = accounts.filter(({ name }) => name === given);
  // Another spelling, or two that a provider takes for one mailbox, are for the whole program to judge.
  const alike = accounts.filter(({ address }) => lettersOf(address) === lettersOf(given));
  const [account, ...others] = named.length > 0 ? named : alike;
  const isMeant = account?.name === given || account?.address.toLowerCase() === given.toLowerCase();
  return isMeant && others.length === 0 ? account : undefined;
}

function lettersOf(address: string): string {
  return address.toLowerCase().replace(/@.*$/, '').replaceAll('.', '');
}

async function storedIn(choice: StoreChoice, id: string, directory: string): Promise<Secret | undefined> {
  const { env } = process;
  if (choice.kind === 'etcd' || choice.kind === 'vault') {
    const { storedValue } = await import('../store/shared/stored.js');
    return storedValue(choice, id, { env, note: warn, deadlineMs: QUICK_MS });
  }
  const store = await openHere(choice, directory);
  return (await store?.get(id))?.value;
}

async function openHere(choice: StoreChoice, directory: string): Promise<SecretStore | undefined> {
  const { env, platform } = process;
  if (choice.kind === 'keychain') {
    const { openKeychain } = await import('../store/keychain/keychain-store.js');
    return openKeychain({ platform, env, deadlineMs: QUICK_MS });
  }
  if (choice.kind !== 'file') return undefined;
  const [{ openFileStore }, { findKeySource, recordedKeySource }] = await Promise.all([
    import('../store/file/file-store.js'),
    import('../store/file/key.js'),
  ]);
  const key = findKeySource(env) ?? recordedKeySource(choice);
  // A passphrase is stretched for a tenth of a second, which is not to be spent twice.
  return key?.kind === 'key-file' ? openFileStore({ directory, key, note: warn }) : undefined;
}

function warn(text: string): void {
  writeSync(2, `WARN  ${text}\n`);
}
