/**
 * Where things are. `MAILAUTH_CONFIG_DIR` moves the configuration and the encrypted file; the locks of a keychain stay
 * with the user, because the keychain does: two shells with different settings must still meet at the same lock.
 */
import { realpathSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join, posix, resolve, win32 } from 'node:path';
import { MailauthError } from '../explain/problem.js';

/** Absolute path of the folder of accounts.json. Throws `usage` where the environment names no place to put it. */
export function configDirectory(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const path = platform === 'win32' ? win32 : posix;
  const isFull = platform === 'win32' ? isFullOnWindows : posix.isAbsolute;
  const moved = env['MAILAUTH_CONFIG_DIR'];
  if (moved) return path.normalize(absolute(moved, 'MAILAUTH_CONFIG_DIR', isFull));
  if (platform === 'win32') return path.join(required(env, 'APPDATA', isFull), 'mailauth');
  // A relative XDG_CONFIG_HOME is to be ignored (XDG Base Directory Specification).
  const xdg = env['XDG_CONFIG_HOME'];
  if (platform !== 'darwin' && xdg && isFull(xdg)) return path.join(xdg, 'mailauth');
  const home = required(env, 'HOME', isFull);
  return platform === 'darwin'
    ? path.join(home, 'Library', 'Application Support', 'mailauth')
    : path.join(home, '.config', 'mailauth');
}

/** With a drive or a server: `\mailauth` alone would move with the current drive. */
function isFullOnWindows(path: string): boolean {
  return /^(?:[a-z]:[\\/]|[\\/]{2})/i.test(path);
}

function required(env: NodeJS.ProcessEnv, name: string, isAbsolute: (path: string) => boolean): string {
  const value = env[name];
  if (value) return absolute(value, name, isAbsolute);
  throw new MailauthError('usage', `${name} is not set, so there is no place to keep the accounts`, {
    fix: [{ text: `set ${name} to your home folder, or MAILAUTH_CONFIG_DIR to the folder that holds accounts.json` }],
  });
}

function absolute(value: string, name: string, isAbsolute: (path: string) => boolean): string {
  if (isAbsolute(value) && !value.includes('\0')) return value;
  throw new MailauthError('usage', `${name} is not an absolute path`, {
    fix: [{ text: `set ${name} to a full path${isAbsolute === isFullOnWindows ? ', with its drive' : ''}` }],
  });
}

/** The configuration, without secrets. */
export function accountsPath(configDir: string): string {
  return join(configDir, 'accounts.json');
}

/** Unfinished set-ups, without secrets, one file each. */
export function setupsDirectory(configDir: string): string {
  return join(configDir, 'setups');
}

/** Locks of credentials that a store outside this machine keeps. */
export function locksDirectory(configDir: string): string {
  return join(configDir, 'locks');
}

/** The encrypted file: one file a credential, and the wrapped data key beside them. */
export function secretsDirectory(configDir: string): string {
  return join(configDir, 'secrets');
}

/**
 * A keychain belongs to a user, so its locks are found through the user's entry in the system and not through HOME or
 * XDG_CONFIG_HOME. A user without a home folder there (a container with an arbitrary uid) falls back to HOME.
 */
export function keychainLocks(): string {
  const home = homeOfUser() ?? required(process.env, 'HOME', isAbsolute);
  switch (process.platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'mailauth', 'locks');
    case 'win32':
      return join(home, 'AppData', 'Local', 'mailauth', 'locks');
    default:
      return join(home, '.local', 'state', 'mailauth', 'locks');
  }
}

function homeOfUser(): string | undefined {
  try {
    const home = realpathSync(userInfo().homedir);
    return home !== '/' && statSync(home).isDirectory() ? home : undefined;
  } catch {
    return undefined;
  }
}

/** Throws `usage` for a relative path in a folder that has been deleted; `name` is what holds the path. */
export function fullPath(path: string, name: string): string {
  try {
    return resolve(path);
  } catch (cause) {
    throw new MailauthError('usage', `${name} is a relative path, and the present folder no longer exists`, {
      fix: [{ text: 'give the full path, or change to a folder that exists' }],
      cause,
    });
  }
}
