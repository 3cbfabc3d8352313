/** What is wrong with a keychain, from the words of the libraries below it. Loaded only once something is wrong. */

import { existsSync, readFileSync } from 'node:fs';
import type { Code } from '../../explain/codes.js';
import { withoutSecrets } from '../../explain/evidence.js';
import { type Fix, MailauthError } from '../../explain/problem.js';
import { whyNotLoaded } from './keytar.js';

interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
}

interface Trouble {
  readonly words: RegExp;
  readonly code: Code;
  readonly message: string;
  readonly fix: (here: Surroundings) => Fix;
}

const USE_FILE: Fix = {
  text: 'or keep the secrets in an encrypted file instead: set the account up again with --store file',
};

/** The first whose words match. The samples in the tests are the real words of each case. */
const TROUBLES: readonly Trouble[] = [
  {
    words: /locked collection|IsLocked|is locked|prompt was dismissed|interaction is not allowed|-25308/i,
    code: 'keychain_locked',
    message: 'the keychain is locked',
    fix: ({ platform }) =>
      platform === 'darwin'
        ? { text: 'unlock it, then run the same command again', command: 'security unlock-keychain' }
        : { text: 'unlock it by signing in to the desktop, then run the same command again' },
  },
  {
    words: /autolaunch|DBUS_SESSION_BUS_ADDRESS|Could not connect|Error connecting|Connection refused|session bus/i,
    code: 'keychain_unavailable',
    message: 'there is no D-Bus session here, and the keychain is reached through one',
    fix: ({ env }) => busFix(env),
  },
  {
    words: /was not provided by any \.service files|ServiceUnknown|NameHasNoOwner|StartServiceByName|Spawn\./i,
    code: 'keychain_unavailable',
    message: 'no keychain runs in this session (nothing answers for org.freedesktop.secrets)',
    fix: () => ({ text: 'install and start gnome-keyring, KWallet or KeePassXC, then run the same command again' }),
  },
  {
    words: /Object does not exist at path|no such (object|collection|secret collection)|aliases\/default/i,
    code: 'keychain_unavailable',
    message: 'the keychain runs but holds no keyring to store in yet',
    fix: () => ({ text: 'make a default keyring, for example with the program "Passwords and Keys" (seahorse)' }),
  },
  {
    words: /Timeout was reached|NoReply|Did not receive a reply/i,
    code: 'keychain_unavailable',
    message: 'the keychain did not answer',
    fix: () => ({ text: 'sign out and in again to restart it, then run the same command again' }),
  },
];

/**
 * Windows answers in the system's language, nearly always because the session has no credentials of a desktop (error
 * 1312): OpenSSH with a key, a task that does not store the password, some services.
 */
const ON_WINDOWS: readonly Fix[] = [
  { text: 'sign in at the desktop, or let the scheduled task store the password of its user, then run it again' },
  { text: 'or keep the secrets in an encrypted file with a key file: set the account up again with --store file' },
];

/** The error of a keytar call, as the sentence it deserves. */
export function explainKeychain(error: unknown, here: Surroundings): MailauthError {
  const text = wordsOf(error);
  if (here.platform === 'win32') {
    const message = 'the Windows Credential Manager cannot be used in this session';
    return new MailauthError('keychain_unavailable', message, { fix: ON_WINDOWS, server: text });
  }
  const trouble = TROUBLES.find(({ words }) => words.test(text));
  return new MailauthError(trouble?.code ?? 'keychain_unavailable', trouble?.message ?? 'the keychain cannot be used', {
    fix: [trouble?.fix(here) ?? { text: 'look at what the keychain says, then run the same command again' }, USE_FILE],
    server: withoutSecrets({ where: 'store', stage: 'response', text }).text,
  });
}

export function doesNotAnswer(deadlineMs: number): MailauthError {
  const seconds = Math.max(1, Math.round(deadlineMs / 1000));
  const message = `the keychain did not answer within ${seconds} second${seconds === 1 ? '' : 's'}`;
  return new MailauthError('keychain_unavailable', message, {
    fix: [
      { text: 'see whether it asks for a password in another window, or restart it by signing in again' },
      USE_FILE,
    ],
  });
}

/** The library cannot be loaded; on Linux usually for want of another one. */
export function cannotLoad(error: unknown, platform: NodeJS.Platform): MailauthError {
  const text = wordsOf(whyNotLoaded() ?? error);
  const isMissingLibrary = platform === 'linux' && /lib(secret|glib|gio|gobject)/.test(text);
  const message = isMissingLibrary
    ? 'the keychain needs the library libsecret, which is not installed'
    : 'the keychain module does not load on this system';
  return new MailauthError('keychain_unavailable', message, {
    fix: [isMissingLibrary ? installLibsecret() : { text: 'install mailauth again on this machine' }, USE_FILE],
    server: text,
  });
}

/** By the ID and ID_LIKE of os-release(5). */
const PACKAGES: readonly { readonly systems: RegExp; readonly command: string }[] = [
  { systems: /debian|ubuntu/, command: 'apt install libsecret-1-0' },
  { systems: /suse/, command: 'zypper install libsecret-1-0' },
  { systems: /fedora|rhel|centos/, command: 'dnf install libsecret' },
  { systems: /arch/, command: 'pacman -S libsecret' },
];

function installLibsecret(): Fix {
  const systems = osRelease();
  const known = PACKAGES.find((candidate) => candidate.systems.test(systems));
  return known === undefined
    ? { text: 'install the package libsecret (on Debian libsecret-1-0), then run the same command again' }
    : { text: 'install it, then run the same command again', command: known.command };
}

function osRelease(): string {
  try {
    return [...readFileSync('/etc/os-release', 'utf8').matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].map(([, id]) => id).join(' ');
  } catch {
    return '';
  }
}

/** cron and ssh leave the variable out; the session it names may well be running. */
function busFix(env: NodeJS.ProcessEnv): Fix {
  if (env['DBUS_SESSION_BUS_ADDRESS'] !== undefined) {
    return { text: 'DBUS_SESSION_BUS_ADDRESS names a session that does not answer: run mailauth inside a running one' };
  }
  const socket = `/run/user/${process.getuid?.()}/bus`;
  if (existsSync(socket)) {
    return {
      text: 'this user has a session: name it in the environment (in cron: a line of its own at the top)',
      command: `DBUS_SESSION_BUS_ADDRESS=unix:path=${socket}`,
    };
  }
  return {
    text: 'DBUS_SESSION_BUS_ADDRESS is not set: run mailauth inside the desktop session that has the keychain, or name that session in it',
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
