import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a test needs from the system: a program on the PATH or a file, and the Debian package that has it. */
export interface Need {
  readonly file: string;
  readonly package: string;
}

export const NEEDS = {
  msmtp: { file: 'msmtp', package: 'msmtp' },
  mbsync: { file: 'mbsync', package: 'isync' },
  sasl: { file: '/usr/lib/x86_64-linux-gnu/sasl2/libkdexoauth2.so', package: 'libsasl2-modules-kdexoauth2' },
  mutt: { file: 'mutt', package: 'mutt' },
  neomutt: { file: 'neomutt', package: 'neomutt' },
  aerc: { file: 'aerc', package: 'aerc' },
  getmail: { file: 'getmail', package: 'getmail6' },
  fetchmail: { file: 'fetchmail', package: 'fetchmail' },
  offlineimap: { file: 'offlineimap', package: 'offlineimap3' },
  curl: { file: 'curl', package: 'curl' },
  git: { file: '/usr/lib/git-core/git-send-email', package: 'git-email' },
  authenSasl: { file: '/usr/share/perl5/Authen/SASL.pm', package: 'libauthen-sasl-perl' },
  mailAddress: { file: '/usr/share/perl5/Mail/Address.pm', package: 'libmailtools-perl' },
  emailValid: { file: '/usr/share/perl5/Email/Valid.pm', package: 'libemail-valid-perl' },
  perlTls: { file: '/usr/share/perl5/IO/Socket/SSL.pm', package: 'libio-socket-ssl-perl' },
  postfix: { file: 'postconf', package: 'postfix' },
  php: { file: 'php', package: 'php-cli' },
  phpmailer: { file: '/usr/share/php/libphp-phpmailer/autoload.php', package: 'libphp-phpmailer' },
  python: { file: 'python3', package: 'python3' },
} as const satisfies Record<string, Need>;

/** Fails with the one line to type when something is missing. */
export function requireInstalled(...needs: readonly Need[]): void {
  const missing = needs.filter(({ file }) => !isThere(file)).map((need) => need.package);
  if (missing.length > 0) {
    throw new Error(`missing: apt-get install -y --no-install-recommends ${[...new Set(missing)].join(' ')}`);
  }
}

function isThere(file: string): boolean {
  if (file.startsWith('/')) return existsSync(file);
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, file), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
