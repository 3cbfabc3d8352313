/**
 * What Node has compiled of the program is kept for the next start: a fifth of the time of an explanation or a guide.
 * bin/mailauth.js loads the program through it. What lies there is run, so it lies in a folder of the user's own.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { loadKeptParts } from './kept-parts.js';

/** `module.enableCompileCache`, absent from Node 20. It answers with what came of it, and throws nothing. */
type EnableCompileCache = (folder: string) => unknown;

/** Replaced at build time by what was built (build.js). */
declare const BUILD: string;

export interface Compiling {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly enable: EnableCompileCache | undefined;
  readonly build: string;
}

const HERE: Compiling = {
  env: process.env,
  platform: process.platform,
  get enable() {
    const nodeModule: object = process.getBuiltinModule('node:module');
    return (nodeModule as { readonly enableCompileCache?: EnableCompileCache }).enableCompileCache;
  },
  get build() {
    return BUILD;
  },
};

/** Loads `file`, a path from the root. Where there is no such folder, nothing is kept and nothing is said. */
export function loadKeeping(file: string, { env, platform, enable, build }: Compiling = HERE): object {
  const folder = cacheFolder(env, platform);
  const isKept = folder !== undefined && isOwn(folder, platform);
  if (isKept && enable === undefined) return loadKeptParts(file, { folder, build });
  if (isKept) enable?.(folder);
  return createRequire(file)(file);
}

/** XDG Base Directory Specification; Apple's File System Programming Guide; Windows' folder for what can be made anew. */
function cacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const below = (name: string, ...folders: readonly string[]): string | undefined => {
    const base = env[name] ?? '';
    return isAbsolute(base) ? join(base, ...folders) : undefined;
  };
  if (platform === 'win32') return below('LOCALAPPDATA', 'mailauth', 'cache');
  if (platform === 'darwin') return below('HOME', 'Library', 'Caches', 'mailauth');
  return below('XDG_CACHE_HOME', 'mailauth') ?? below('HOME', '.cache', 'mailauth');
}

/** Made if need be. Whoever else can write there, as after `sudo` with another's HOME, could have the program do anything. */
function isOwn(folder: string, platform: NodeJS.Platform): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    return (
      found.isDirectory() && (platform === 'win32' || (found.uid === process.geteuid?.() && (found.mode & 0o022) === 0))
    );
  } catch {
    return false;
  }
}
