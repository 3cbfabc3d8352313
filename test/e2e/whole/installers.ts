/** The tools that install the Debian and the RPM package of the program in one file. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianPackage } from '../../../packaging/debian.js';
import type { PackageParts } from '../../../packaging/linux-package.js';
import { rpmPackage } from '../../../packaging/rpm.js';

/** A package manager with a database of its own below a folder, which becomes the root of its system. */
export interface Installer {
  make(parts: PackageParts): string;
  prepare(root: string): void;
  /** Whatever it needs: a database that is new knows of nothing. */
  install(root: string, file: string): void;
  remove(root: string): void;
}

export const INSTALLERS: Readonly<Record<string, Installer>> = {
  dpkg: {
    make: debianPackage,
    prepare: (root) => {
      for (const name of ['info', 'updates']) mkdirSync(join(root, 'var/lib/dpkg', name), { recursive: true });
      writeFileSync(join(root, 'var/lib/dpkg/status'), '');
    },
    install: (root, file) => run('dpkg', `--root=${root}`, '--force-depends', '--install', file),
    remove: (root) => run('dpkg', `--root=${root}`, '--purge', 'mailauth'),
  },
  rpm: {
    make: rpmPackage,
    prepare: (root) => run('rpm', '--root', root, '--initdb'),
    install: (root, file) => run('rpm', '--root', root, '--nodeps', '--install', file),
    remove: (root) => run('rpm', '--root', root, '--erase', 'mailauth'),
  },
};

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Names of all files below `part` of a root. */
export function filesBelow(root: string, part: string): readonly string[] {
  if (!existsSync(join(root, part))) return [];
  const entries = readdirSync(join(root, part), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, part).length + 1))
    .sort();
}
