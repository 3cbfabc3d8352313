/** Where the key of the encrypted file comes from, and how a key file is made. */
import { accessSync, closeSync, constants, existsSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { StoreChoice } from '../../account/account.js';
import { MailauthError } from '../../explain/problem.js';
import { retrySyncOnWindows } from '../../system/retry-on-windows.js';
import { decodeText } from '../../system/text-file.js';
import { shownPath } from '../../words/sanitise.js';
import { Secret } from '../../words/secret.js';
import { setting, shellOf } from '../../words/shell.js';
import { ensureFolderAtHome, errnoOf, writeAtomically } from '../files.js';
import { fullPath } from '../places.js';
import { KEY_BYTES, SCRYPT } from './sealed.js';

export type KeySource =
  | { readonly kind: 'key-file'; readonly path: string }
  | { readonly kind: 'passphrase'; readonly passphrase: Secret; readonly path?: string };

/** A passphrase longer than this is a wrong file. */
const PASSPHRASE_LIMIT = 4096;

interface Candidate {
  /** What a person has set, for messages. */
  readonly name: string;
  open(): KeySource;
}

/**
 * The key that the environment names, in the contract's order, or undefined: then a person is asked.
 * `passphrase` is MAILAUTH_PASSPHRASE, where it has been taken out of `env` already.
 * Throws `usage` for two at once, `key_missing` or `bad_input` for a file that cannot be used.
 */
export function findKeySource(env: NodeJS.ProcessEnv, passphrase?: Secret): KeySource | undefined {
  const [found, second] = candidates(env, passphrase);
  if (found !== undefined && second !== undefined) {
    throw new MailauthError('usage', `${found.name} and ${second.name} both name a key for the encrypted file`, {
      fix: [{ text: 'keep the one the store was made with, and remove the other' }],
    });
  }
  return found?.open();
}

function candidates(env: NodeJS.ProcessEnv, given: Secret | undefined): Candidate[] {
  const found: Candidate[] = [];
  const { MAILAUTH_KEY_FILE: keyFile, MAILAUTH_PASSPHRASE_FILE: passphraseFile } = env;
  const keyCredential = systemdCredential(env, 'mailauth-key');
  const passphraseCredential = systemdCredential(env, 'mailauth-passphrase');
  const passphrase = given ?? (env['MAILAUTH_PASSPHRASE'] ? new Secret(env['MAILAUTH_PASSPHRASE']) : undefined);
  // What Node puts in place of bytes of a variable that are no text.
  if (passphrase?.reveal().includes('\uFFFD')) throw unusable('MAILAUTH_PASSPHRASE', NOT_TEXT, 'set it in UTF-8');
  const keyIn = (name: string, path: string): Candidate => ({
    name,
    open: () => ({ kind: 'key-file', path: fullPath(path, name) }),
  });
  const passphraseIn = (name: string, path: string): Candidate => ({
    name,
    open: () => passphraseSource(fullPath(path, name)),
  });
  if (keyFile) found.push(keyIn('MAILAUTH_KEY_FILE', keyFile));
  if (keyCredential) found.push(keyIn('$CREDENTIALS_DIRECTORY/mailauth-key', keyCredential));
  if (passphraseFile) found.push(passphraseIn('MAILAUTH_PASSPHRASE_FILE', passphraseFile));
  if (passphrase) found.push({ name: 'MAILAUTH_PASSPHRASE', open: () => ({ kind: 'passphrase', passphrase }) });
  if (passphraseCredential)
    found.push(passphraseIn('$CREDENTIALS_DIRECTORY/mailauth-passphrase', passphraseCredential));
  return found;
}

function passphraseSource(path: string): KeySource {
  return { kind: 'passphrase', passphrase: readPassphrase(path), path };
}

/**
 * The key where it was when the store was made: programs that call mailauth seldom pass its variables on. Undefined
 * where that was in nobody's file, or the file is gone.
 */
export function recordedKeySource({ key, keyPath }: StoreChoice): KeySource | undefined {
  if (keyPath === undefined || !isAbsolute(keyPath) || !existsSync(keyPath)) return undefined;
  return key === 'passphrase' ? passphraseSource(keyPath) : { kind: 'key-file', path: keyPath };
}

/** systemd.exec(5), LoadCredential=: a folder that only this service can read. */
function systemdCredential(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const folder = env['CREDENTIALS_DIRECTORY'];
  const path = folder ? join(folder, name) : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** Read as another letter, one passphrase would open what another one locked. */
const NOT_TEXT = 'it holds bytes that are no text';

/** The file's text without the line end that editors and `echo` put there. */
function readPassphrase(path: string): Secret {
  const text = decodeText(readKeyMaterial(path, PASSPHRASE_LIMIT, 'passphrase'))?.replace(/\r?\n$/, '');
  if (text === undefined) throw unusable(path, NOT_TEXT, 'save it as plain text in UTF-8');
  if (text === '') throw unusable(path, 'it is empty', 'write the passphrase into it');
  return new Secret(text);
}

/** The 32 bytes of a key file. Throws `key_missing` where it is not there, `bad_input` where it is no key. */
export function readKeyFile(path: string): Buffer {
  const bytes = readKeyMaterial(path, KEY_BYTES, 'key');
  if (bytes.length !== KEY_BYTES) {
    throw unusable(path, `a key has ${KEY_BYTES} bytes, and it has fewer`, 'name the file that `mailauth key` made');
  }
  if (bytes.every((byte) => byte === bytes[0])) {
    throw unusable(path, 'it holds the same byte over and over', 'make a new key with `mailauth key FILE`');
  }
  return bytes;
}

/** Unlike the store's own files, a key may be a link and may belong to root: that is how services are given theirs. */
function readKeyMaterial(path: string, limit: number, what: 'key' | 'passphrase'): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = retrySyncOnWindows(() => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw unusable(path, 'it is not a plain file', 'name a plain file');
    const me = process.geteuid?.();
    if (me !== undefined && status.uid !== me && status.uid !== 0) {
      throw unusable(path, `it belongs to user ${status.uid}`, 'use a file of your own');
    }
    if (me !== undefined && status.uid === me && (status.mode & 0o077) !== 0 && !isHandedOut(path, status)) {
      throw unusable(
        path,
        'other users can read it',
        'make it yours alone',
        isPlain(path) ? `chmod 600 ${path}` : undefined,
      );
    }
    if (status.size > limit)
      throw unusable(path, `it is too long for a ${what}`, `name the file that holds the ${what}`);
    const buffer = Buffer.alloc(limit);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, limit, 0));
  } catch (error) {
    if (error instanceof MailauthError) throw error;
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    const why = errno === 'ENOENT' ? 'it does not exist' : errno;
    throw new MailauthError('key_missing', `cannot read the ${what} file ${shownPath(path)}: ${why}`, {
      fix: [{ text: `put the ${what} file back, or correct its path` }],
      cause: error,
    });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * As Docker and Kubernetes hand a secret to a container that runs as root: for everybody to read, and not to be changed,
 * not even by root. Other users take such a file because root owns it.
 */
function isHandedOut(path: string, status: Stats): boolean {
  if (status.uid !== 0 || (status.mode & 0o022) !== 0) return false;
  if ((status.mode & 0o222) === 0) return true;
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EROFS';
  }
}

function unusable(path: string, why: string, fix: string, command?: string): MailauthError {
  return new MailauthError('bad_input', `${shownPath(path)} is not used as a key: ${why}`, {
    fix: [command === undefined ? { text: fix } : { text: fix, command }],
  });
}

const NEEDS = {
  'key-file': { what: 'a key file', variable: 'MAILAUTH_KEY_FILE', text: 'name the key file' },
  passphrase: {
    what: 'a passphrase',
    variable: 'MAILAUTH_PASSPHRASE_FILE',
    text: 'name a file that holds the passphrase',
  },
} as const;

/** Nothing brings back what was locked with it, but the way on is short. */
export const LOST_KEY =
  'if it is lost for good, remove the accounts that are kept there (`mailauth remove ACCOUNT --yes`) and set them up anew';

/** `key_missing`: what the encrypted file needs, where that was when the file was made, and what was given `instead`. */
export function keyMissing(
  recorded: { readonly kind: KeySource['kind']; readonly path?: string | undefined },
  instead: string,
): MailauthError {
  const { what, variable, text } = NEEDS[recorded.kind];
  const path = recorded.path ?? '';
  const at = path === '' ? '' : `, which was at ${shownPath(path)} when the store was made`;
  return new MailauthError('key_missing', `the encrypted file is locked with ${what}${at}; ${instead}`, {
    fix: [{ text: `${text}; ${LOST_KEY}`, command: assignment(variable, path) }],
  });
}

/** As a service takes it too; the shells of Windows have words of their own. */
function assignment(variable: string, path: string): string {
  const shell = shellOf(process.env, process.platform);
  if (shell !== 'posix') return setting(shell, variable, path || 'FILE');
  return `${variable}=${isPlain(path) ? path : 'FILE'}`;
}

/** Whether a shell would read the path as one word and nothing else. */
function isPlain(path: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(path);
}

/**
 * Makes a key file of 32 random bytes that its owner alone can read, and its folder where that is missing in the user's
 * home; gives the folder that was made. Throws `cannot_write` for a file that is already there.
 */
export async function makeKeyFile(path: string): Promise<{ readonly folder?: string }> {
  const { randomBytes } = await import('node:crypto');
  const folder = await ensureFolderAtHome(dirname(path));
  await writeAtomically(path, randomBytes(KEY_BYTES), { exclusive: true, alone: true });
  return folder === undefined ? {} : { folder };
}

/** The key that wraps the data key: the key file's bytes as they are, or the passphrase stretched by scrypt. */
export async function wrappingKey(source: KeySource, salt: Buffer): Promise<Buffer> {
  if (source.kind === 'key-file') return readKeyFile(source.path);
  const { scrypt } = await import('node:crypto');
  const N = 2 ** SCRYPT.log2N;
  // Node refuses more than 32 MiB unless told; scrypt needs 128 * N * r bytes and some for each of p.
  const cost = { N, r: SCRYPT.r, p: SCRYPT.p, maxmem: 2 * 128 * N * SCRYPT.r };
  return new Promise((settle, reject) => {
    scrypt(source.passphrase.reveal().normalize('NFC'), salt, KEY_BYTES, cost, (error, key) =>
      error ? reject(error) : settle(key),
    );
  });
}
