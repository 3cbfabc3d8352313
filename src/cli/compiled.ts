/**
 * What has been compiled of the program is kept for the next start: a fifth of the time of an explanation or a guide.
 * bin/mailauth.js loads the program through it. What lies there is run, so it lies in a folder of the user's own.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { loadKeptParts } from './kept-parts.js';

/** Replaced at build time by what was built (build.js). */
declare const BUILD: string;

interface Compiling {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Loads a file with what is kept in a folder. */
  load(file: string, folder: string): object;
}

const HERE: Compiling = {
  env: process.env,
  platform: process.platform,
  load: (file, folder) => loadKeptParts(file, { folder, build: BUILD }),
};

/** Loads `file`, a path from the root. Where there is no such folder, nothing is kept and nothing is said. */
export function loadKeeping(file: string, { env, platform, load }: Compiling = HERE): object {
  const folder = cacheFolder(env, platform);
  return folder !== undefined && isOwn(folder, platform) ? load(file, folder) : createRequire(file)(file);
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
