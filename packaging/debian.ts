/** A Debian package around a program in one file, with dpkg's own tool (deb(5), deb-control(5)). */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifest } from '../test/package/lock-file.js';
import { layOut, type PackageParts, SUMMARY } from './linux-package.js';

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' } as const;

/** The file's name in `out`. */
export function debianPackage(parts: PackageParts): string {
  const { version, description } = manifest;
  const architecture = ARCHITECTURES[parts.arch];
  layOut(parts.work, parts);
  const control = {
    Package: 'mailauth',
    Version: version,
    Architecture: architecture,
    Maintainer: parts.maintainer,
    // What Node's binary is linked to; the keychain's library is looked for when it is used.
    Depends: 'libc6 (>= 2.28), libstdc++6',
    Recommends: 'libsecret-1-0',
    Section: 'mail',
    Priority: 'optional',
    Description: `${SUMMARY}\n ${description}.`,
  };
  const lines = Object.entries(control).map(([name, value]) => `${name}: ${value}\n`);
  mkdirSync(join(parts.work, 'DEBIAN'));
  writeFileSync(join(parts.work, 'DEBIAN', 'control'), lines.join(''));
  const name = `mailauth_${version}_${architecture}.deb`;
  const args = ['--root-owner-group', '-Zzstd', '-z9', '--build', parts.work, join(parts.out, name)];
  execFileSync('dpkg-deb', args, { stdio: 'ignore' });
  return name;
}
