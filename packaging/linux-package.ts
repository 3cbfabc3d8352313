/** What a Debian and an RPM package have in common: who answers for it, and the files it puts on a system. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from './packages.js';

/** One line of less than eighty characters, as package managers list it (Debian Policy 3.4.1). */
export const SUMMARY = 'OAuth2 for mailboxes, set up step by step';

export interface PackageParts {
  readonly executable: string;
  readonly arch: 'x64' | 'arm64';
  readonly maintainer: string;
  /** The text of every licence. */
  readonly licences: string;
  /** A folder to build in; what is there is removed. */
  readonly work: string;
  readonly out: string;
}

/** Lays the files out below `root`, as they will lie on a system. */
export function layOut(root: string, { executable, licences }: PackageParts): void {
  rmSync(root, { recursive: true, force: true });
  const placeOf = (path: string): string => {
    const place = join(root, path);
    mkdirSync(join(place, '..'), { recursive: true });
    return place;
  };
  copyFileSync(executable, placeOf('usr/bin/mailauth'));
  chmodSync(join(root, 'usr/bin/mailauth'), 0o755);
  const manual = readFileSync(join(ROOT, 'man', 'mailauth.1'));
  writeFileSync(placeOf('usr/share/man/man1/mailauth.1.gz'), gzipSync(manual, { level: 9 }));
  writeFileSync(placeOf('usr/share/doc/mailauth/copyright'), licences);
}
