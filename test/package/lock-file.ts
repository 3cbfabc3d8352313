/** package.json and package-lock.json as data. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly bundleDependencies?: readonly string[];
  readonly overrides?: object;
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
}

export interface Entry {
  /** Its place, such as `node_modules/undici`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly engines?: { readonly node?: string };
}

export const manifest = read('package.json') as Manifest;

const packages = (
  read('package-lock.json') as { packages: Record<string, Omit<Entry, 'path' | 'name'> & { name?: string }> }
).packages;

/** Every dependency, the root left out. */
export const entries: readonly Entry[] = Object.entries(packages)
  .filter(([path]) => path !== '')
  .map(([path, entry]) => ({ ...entry, path, name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 13) }));

/** What an installation without development brings. */
export const runtime: readonly Entry[] = entries.filter(({ dev }) => dev !== true);

export const rootEntry = packages[''] as unknown as Manifest;

function read(file: string): unknown {
  return JSON.parse(readFileSync(`${ROOT}/${file}`, 'utf8'));
}
