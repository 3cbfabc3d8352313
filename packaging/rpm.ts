/** An RPM package around a program in one file, with RPM's own tool (rpmbuild(8)). */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifest } from '../test/package/lock-file.js';
import { layOut, type PackageParts, SUMMARY } from './linux-package.js';

const ARCHITECTURES = { x64: 'x86_64', arm64: 'aarch64' } as const;

/** The file's name in `out`. */
export function rpmPackage(parts: PackageParts): string {
  const architecture = ARCHITECTURES[parts.arch];
  const tree = join(parts.work, 'tree');
  layOut(tree, parts);
  const spec = join(parts.work, 'mailauth.spec');
  writeFileSync(spec, specification(tree, parts.maintainer));
  const name = `mailauth-${manifest.version}-1.${architecture}.rpm`;
  const folders = { _topdir: join(parts.work, 'top'), _rpmdir: parts.out, _rpmfilename: name };
  const defined = Object.entries(folders).flatMap(([macro, value]) => ['--define', `${macro} ${value}`]);
  execFileSync('rpmbuild', ['-bb', '--quiet', '--target', `${architecture}-linux`, ...defined, spec], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return name;
}

function specification(tree: string, maintainer: string): string {
  const { version, description } = manifest;
  return `# The program carries a blob that stripping would cut off, and its checksum is to stay as it is.
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _binary_payload w9.zstdio
Name: mailauth
Version: ${version}
Release: 1
Summary: ${SUMMARY}
License: MIT
Packager: ${maintainer}
AutoReqProv: no
Requires: glibc >= 2.28, libstdc++
Recommends: libsecret
%description
${description}.
%install
cp -a '${tree}/.' '%{buildroot}/'
%files
%defattr(-,root,root,-)
/usr/bin/mailauth
/usr/share/man/man1/mailauth.1.gz
/usr/share/doc/mailauth
`;
}
