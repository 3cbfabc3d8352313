/**
 * Packages of the registry that are tools of a build and no libraries of the program: Node's binaries, and what puts a
 * program into one. Each is fetched once, through npm, and taken only with its hash.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, '.tmp', 'packages');
/** A registry that has to get a large package itself may need more than one request. */
const PAUSES_SECONDS = [0, 15, 30, 45];

export interface Package {
  readonly name: string;
  readonly version: string;
  /** SHA-512 of the package, as the registry and lock files write it. */
  readonly integrity: string;
}

/** The folder with the package's files. */
export async function fetchPackage({ name, version, integrity }: Package): Promise<string> {
  const place = join(FOLDER, `${name}-${version}`);
  if (existsSync(place)) return place;
  const download = `${place}.download`;
  rmSync(download, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  const tarball = await packed(`${name}@${version}`, download);
  const hash = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (hash !== integrity) throw new Error(`${name}@${version} has the hash ${hash}, not ${integrity}`);
  execFileSync('tar', ['-xzf', tarball, '-C', download]);
  renameSync(join(download, 'package'), place);
  rmSync(download, { recursive: true });
  return place;
}

async function packed(wish: string, folder: string): Promise<string> {
  const options = ['--silent', '--prefer-offline', '--pack-destination', folder];
  let last: unknown;
  for (const seconds of PAUSES_SECONDS) {
    if (seconds > 0) console.error(`asking again for ${wish} in ${seconds} s`);
    await sleep(seconds * 1000);
    try {
      execFileSync('npm', ['pack', wish, ...options], { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 });
      const [name = ''] = readdirSync(folder);
      return join(folder, name);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
