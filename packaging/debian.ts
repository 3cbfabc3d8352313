/** A Debian package around a program in one file, with dpkg's own tool (deb(5), deb-control(5)). */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { manifest } from '../test/package/lock-file.js';
import { ROOT } from './packages.js';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface DebianParts {
  readonly executable: string;
  readonly arch: string;
  /** The text of every licence. */
  readonly licences: string;
  /** An empty folder to build in. */
  readonly work: string;
  readonly out: string;
}

/** The file's name in `out`; undefined where this system has no dpkg-deb. */
export function debianPackage({ executable, arch, licences, work, out }: DebianParts): string | undefined {
  if (!hasTool()) return undefined;
  const put = (path: string): string => {
    const place = join(work, path);
    mkdirSync(join(place, '..'), { recursive: true });
    return place;
  };
  rmSync(work, { recursive: true, force: true });
  copyFileSync(executable, put('usr/bin/mailauth'));
  chmodSync(join(work, 'usr/bin/mailauth'), 0o755);
  const manual = readFileSync(join(ROOT, 'man', 'mailauth.1'));
  writeFileSync(put('usr/share/man/man1/mailauth.1.gz'), gzipSync(manual, { level: 9 }));
  writeFileSync(put('usr/share/doc/mailauth/copyright'), licences);
  const { version, description } = manifest;
  const architecture = ARCHITECTURES[arch];
  const control = {
    Package: 'mailauth',
    Version: version,
    Architecture: architecture,
    Maintainer: 'mailauth <maintainers@mailauth.invalid>',
    // What Node's binary is linked to; the keychain's library is looked for when it is used.
    Depends: 'libc6 (>= 2.28), libstdc++6',
    Recommends: 'libsecret-1-0',
    Section: 'mail',
    Priority: 'optional',
    Description: description,
  };
  const lines = Object.entries(control).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(put('DEBIAN/control'), lines.join(''));
  const name = `mailauth_${version}_${architecture}.deb`;
  const args = ['--root-owner-group', '-Zxz', '-z1', '--build', work, join(out, name)];
  execFileSync('dpkg-deb', args, { stdio: 'ignore' });
  return name;
}

function hasTool(): boolean {
  try {
    execFileSync('dpkg-deb', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
