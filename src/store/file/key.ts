/** Where the key of the encrypted file comes from, and how a key file is made. */
import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MailauthError } from '../../explain/problem.js';
import { sanitise } from '../../words/sanitise.js';
import { Secret } from '../../words/secret.js';
import { errnoOf } from '../files.js';
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
  const keyIn = (name: string, path: string): Candidate => ({
    name,
    open: () => ({ kind: 'key-file', path: resolve(path) }),
  });
  const passphraseIn = (name: string, path: string): Candidate => ({
    name,
    open: () => ({ kind: 'passphrase', passphrase: readPassphrase(path), path: resolve(path) }),
  });
  if (keyFile) found.push(keyIn('MAILAUTH_KEY_FILE', keyFile));
  if (keyCredential) found.push(keyIn('$CREDENTIALS_DIRECTORY/mailauth-key', keyCredential));
  if (passphraseFile) found.push(passphraseIn('MAILAUTH_PASSPHRASE_FILE', passphraseFile));
  if (passphrase) found.push({ name: 'MAILAUTH_PASSPHRASE', open: () => ({ kind: 'passphrase', passphrase }) });
  if (passphraseCredential)
    found.push(passphraseIn('$CREDENTIALS_DIRECTORY/mailauth-passphrase', passphraseCredential));
  return found;
}

/** systemd.exec(5), LoadCredential=: a folder that only this service can read. */
function systemdCredential(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const folder = env['CREDENTIALS_DIRECTORY'];
  const path = folder ? join(folder, name) : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** The file's text without the line end that editors and `echo` put there. */
function readPassphrase(path: string): Secret {
  const text = readKeyMaterial(path, PASSPHRASE_LIMIT, 'passphrase')
    .toString('utf8')
    .replace(/\r?\n$/, '');
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
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw unusable(path, 'it is not a plain file', 'name a plain file');
    const me = process.geteuid?.();
    if (me !== undefined && status.uid !== me && status.uid !== 0) {
      throw unusable(path, `it belongs to user ${status.uid}`, 'use a file of your own');
    }
    if (me !== undefined && status.uid === me && (status.mode & 0o077) !== 0) {
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
    throw new MailauthError('key_missing', `cannot read the ${what} file ${sanitise(path, 1000)}: ${why}`, {
      fix: [{ text: `put the ${what} file back, or correct its path` }],
      cause: error,
    });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unusable(path: string, why: string, fix: string, command?: string): MailauthError {
  return new MailauthError('bad_input', `${sanitise(path, 1000)} is not used as a key: ${why}`, {
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

/** `key_missing`: what the encrypted file needs, where that was when the file was made, and what was given `instead`. */
export function keyMissing(
  recorded: { readonly kind: KeySource['kind']; readonly path?: string | undefined },
  instead: string,
): MailauthError {
  const { what, variable, text } = NEEDS[recorded.kind];
  const path = recorded.path ?? '';
  const at = path === '' ? '' : `, which was at ${sanitise(path, 1000)} when the store was made`;
  return new MailauthError('key_missing', `the encrypted file is locked with ${what}${at}; ${instead}`, {
    fix: [{ text, command: `${variable}=${isPlain(path) ? path : 'FILE'}` }],
  });
}

/** Whether a shell would read the path as one word and nothing else. */
function isPlain(path: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(path);
}

/** Makes a key file of 32 random bytes, 0600. Throws `cannot_write` for a file that is already there. */
export async function makeKeyFile(path: string): Promise<void> {
  const [{ randomBytes }, { writeAtomically }] = await Promise.all([import('node:crypto'), import('../files.js')]);
  await writeAtomically(path, randomBytes(KEY_BYTES), { exclusive: true });
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
