/**
 * What the tests of this folder need from the system: a program on the PATH, or a file, and the Debian package that has
 * it. Asked once, before the first test: something that is missing fails the whole run, and one line says what to type.
 * Run by itself, it prints the packages that are missing.
 */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Need {
  /** A star stands for a folder of any name, such as the one named after the machine. */
  readonly file: string;
  readonly package: string;
}

const NEEDS: readonly Need[] = [
  // Mail servers, the keychain, the browser.
  { file: '/usr/lib/dovecot/imap', package: 'dovecot-imapd' },
  { file: '/usr/lib/dovecot/pop3', package: 'dovecot-pop3d' },
  { file: '/usr/lib/dovecot/submission', package: 'dovecot-submissiond' },
  { file: '/usr/lib/postfix/sbin/smtpd', package: 'postfix' },
  { file: 'gnome-keyring-daemon', package: 'gnome-keyring' },
  { file: 'dbus-daemon', package: 'dbus' },
  { file: 'gdbus', package: 'libglib2.0-bin' },
  { file: '/usr/lib/*/libsecret-1.so.0', package: 'libsecret-1-0' },
  { file: '/usr/bin/chromium', package: 'chromium' },
  // Mail programs, each configured by `mailauth export`.
  { file: 'msmtp', package: 'msmtp' },
  { file: 'mbsync', package: 'isync' },
  { file: '/usr/lib/*/sasl2/libkdexoauth2.so', package: 'libsasl2-modules-kdexoauth2' },
  { file: 'mutt', package: 'mutt' },
  { file: 'neomutt', package: 'neomutt' },
  { file: 'aerc', package: 'aerc' },
  { file: 'getmail', package: 'getmail6' },
  { file: 'fetchmail', package: 'fetchmail' },
  { file: 'swaks', package: 'swaks' },
  { file: 'offlineimap', package: 'offlineimap3' },
  { file: 'curl', package: 'curl' },
  { file: '/usr/lib/git-core/git-send-email', package: 'git-email' },
  { file: '/usr/share/perl5/Authen/SASL.pm', package: 'libauthen-sasl-perl' },
  { file: '/usr/share/perl5/Mail/Address.pm', package: 'libmailtools-perl' },
  { file: '/usr/share/perl5/Email/Valid.pm', package: 'libemail-valid-perl' },
  { file: '/usr/share/perl5/IO/Socket/SSL.pm', package: 'libio-socket-ssl-perl' },
  { file: 'php', package: 'php-cli' },
  { file: '/usr/share/php/libphp-phpmailer/autoload.php', package: 'libphp-phpmailer' },
  { file: 'python3', package: 'python3' },
  { file: 'systemd-socket-activate', package: 'systemd' },
  // Authorization servers of others.
  { file: '/usr/lib/python3/dist-packages/oauth2_provider/__init__.py', package: 'python3-django-oauth-toolkit' },
  { file: '/usr/share/perl5/Lemonldap/NG/Portal/Main.pm', package: 'liblemonldap-ng-portal-perl' },
  // Debian leaves it to the administrator to install these three beside it; its OpenID provider needs them.
  { file: '/usr/lib/*/perl5/5.36/Crypt/OpenSSL/Bignum.pm', package: 'libcrypt-openssl-bignum-perl' },
  { file: '/usr/share/perl5/String/Random.pm', package: 'libstring-random-perl' },
  { file: '/usr/share/perl5/IO/String.pm', package: 'libio-string-perl' },
  { file: 'glewlwyd', package: 'glewlwyd' },
  { file: 'sqlite3', package: 'sqlite3' },
  // Namespaces with a network of their own.
  { file: 'ip', package: 'iproute2' },
  // Stores that several hosts share, clocks that differ, and the programs that docs/fleet.md has adapters for.
  { file: 'etcd', package: 'etcd-server' },
  { file: '/usr/lib/*/faketime/libfaketime.so.1', package: 'libfaketime' },
  { file: 'pass', package: 'pass' },
  { file: 'docker-credential-pass', package: 'golang-docker-credential-helpers' },
  { file: 'systemd-creds', package: 'systemd' },
  { file: '/usr/lib/python3/dist-packages/yaml/__init__.py', package: 'python3-yaml' },
  // The program's own packages are built and installed.
  { file: 'rpmbuild', package: 'rpm' },
  // For the scripts that `guide` prints, and those of docs/adapters/.
  { file: 'shellcheck', package: 'shellcheck' },
];

/** The packages that are missing, each once. */
export function missingPackages(): readonly string[] {
  return [...new Set(NEEDS.filter(({ file }) => !isThere(file)).map((need) => need.package))];
}

/** Called by vitest before the tests. Ends it here: below an error it would print pages of its own. */
export function setup(): void {
  const missing = missingPackages();
  const lack =
    missing.length > 0
      ? `missing on this system: apt-get install -y --no-install-recommends ${missing.join(' ')}`
      : process.getuid?.() !== 0
        ? 'Postfix starts for root alone: run these tests as root'
        : undefined;
  if (lack === undefined) return;
  console.error(lack);
  process.exit(1);
}

function isThere(file: string): boolean {
  if (file.startsWith('/')) return matches(file);
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, file)));
}

function matches(file: string): boolean {
  const [before = '', after] = file.split('*');
  if (after === undefined) return existsSync(file);
  return existsSync(before) && readdirSync(before).some((name) => existsSync(before + name + after));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(missingPackages().join(' '));
