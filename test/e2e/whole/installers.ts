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
  /** The words of the command; nothing that the package needs is known to a database that is new. */
  install(root: string, file: string): readonly string[];
  remove(root: string): readonly string[];
}

export const INSTALLERS: Readonly<Record<string, Installer>> = {
  dpkg: {
    make: debianPackage,
    prepare: (root) => {
      for (const name of ['info', 'updates']) mkdirSync(join(root, 'var/lib/dpkg', name), { recursive: true });
      writeFileSync(join(root, 'var/lib/dpkg/status'), '');
    },
    install: (root, file) => ['dpkg', `--root=${root}`, '--force-depends', '--install', file],
    remove: (root) => ['dpkg', `--root=${root}`, '--purge', 'mailauth'],
  },
  rpm: {
    make: rpmPackage,
    prepare: (root) => void execFileSync('rpm', ['--root', root, '--initdb'], { stdio: 'ignore' }),
    install: (root, file) => ['rpm', '--root', root, '--nodeps', '--install', file],
    remove: (root) => ['rpm', '--root', root, '--erase', 'mailauth'],
  },
};

/** Runs what an installer says. */
export function run([program = '', ...args]: readonly string[]): void {
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
