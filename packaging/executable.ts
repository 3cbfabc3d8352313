/** The program in one file, for one system: Node's binary with a blob in it (single executable applications). */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makePrefix } from '../test/windows/prefix.js';
import { WINE, wineEnvironment } from '../test/windows/windows.js';
import { startWineServer, stopWineServer } from '../test/windows/wine-server.js';
import { bundle } from './bundle.js';
import { fetchPackage, ROOT } from './packages.js';
import { TARGETS, type Target } from './targets.js';

/** Puts a blob into a copy of Node's binary. */
const POSTJECT = {
  name: 'postject',
  version: '1.0.0-alpha.6',
  integrity: 'sha512-b9Eb8h2eVqNE8edvKdwqkrY6O7kAwmI8kcnBv1NScolYJbo59XUF0noFq+lxbC1yN20bmC0WBEbDC5H/7ASb0A==',
};
/** The mark in Node's binary that says whether there is a blob (Node's documentation of single executable applications). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface Made {
  readonly path: string;
  readonly sha256: string;
  /** Whether V8's code cache is in it, which only the target's own Node can make. */
  readonly hasCache: boolean;
}

/** Fetches what making it needs, so that it can be made where there is no network. */
export async function fetchTools({ node }: Target): Promise<void> {
  await fetchPackage(node);
  await fetchPackage(POSTJECT);
}

/** Makes it in `out`. */
export async function makeExecutable(target: Target, out: string): Promise<Made> {
  const work = join(ROOT, '.tmp', 'executables', target.id);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  if (isUnderWine(target)) await makePrefix();
  const isOwnServer = isUnderWine(target) && (await startWineServer());
  try {
    const hasCache = await makeBlob(target, work);
    const unfinished = join(work, 'program');
    copyFileSync(await binaryOf(target), unfinished);
    chmodSync(unfinished, 0o755);
    await inject(unfinished, join(work, 'blob'), target);
    const path = join(out, target.file);
    renameSync(unfinished, path);
    return { path, sha256: sha256Of(path), hasCache };
  } finally {
    await stopWineServer(isOwnServer);
  }
}

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

async function makeBlob(target: Target, work: string): Promise<boolean> {
  const keytar = join(ROOT, 'node_modules', 'keytar', 'prebuilds', `${target.platform}-${target.arch}`, 'keytar.node');
  const { entry, makeCache, parts } = await bundle(sha256Of(keytar).slice(0, 16));
  const names = Object.keys(parts);
  const folder = join(work, 'parts');
  mkdirSync(folder);
  for (const name of names) {
    writeFileSync(join(folder, name), parts[name] ?? '');
    writeFileSync(join(folder, `${name}.cache`), '');
  }
  writeFileSync(join(work, 'entry.cjs'), entry);
  writeFileSync(join(work, 'make-cache.cjs'), makeCache);
  copyFileSync(keytar, join(work, 'keytar.node'));
  const hasCache = isOwn(target) || isUnderWine(target);
  if (hasCache) await runNode(target, ['../make-cache.cjs'], folder);
  const assets = names.flatMap((name) => [name, `${name}.cache`]).map((name) => [name, `parts/${name}`]);
  const settings = {
    main: 'entry.cjs',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    useCodeCache: hasCache,
    assets: { ...Object.fromEntries(assets), 'keytar.node': 'keytar.node' },
  };
  writeFileSync(join(work, 'settings.json'), JSON.stringify(settings));
  await runNode(target, ['--experimental-sea-config', 'settings.json'], work);
  return hasCache;
}

function isOwn({ platform, arch }: Target): boolean {
  return platform === process.platform && arch === process.arch;
}

function isUnderWine({ platform }: Target): boolean {
  return platform === 'win32' && process.platform === 'linux' && existsSync(WINE);
}

async function binaryOf({ node, binary }: Target): Promise<string> {
  return join(await fetchPackage(node), binary);
}

/** The target's own Node, under wine where it is one of Windows; this machine's where the target's cannot run here. */
async function runNode(target: Target, args: readonly string[], work: string): Promise<void> {
  const settings = { cwd: work, stdio: 'ignore', timeout: 300_000 } as const;
  if (isUnderWine(target)) {
    execFileSync(WINE, [await binaryOf(target), ...args], {
      ...settings,
      env: { ...wineEnvironment(), NO_COLOR: '1' },
    });
    return;
  }
  const own = TARGETS.find(isOwn);
  if (own === undefined) throw new Error(`no Node is known for ${process.platform}-${process.arch}`);
  const env = { PATH: process.env['PATH'], HOME: work, NO_COLOR: '1' };
  execFileSync(await binaryOf(own), args, { ...settings, env });
}

/** By a process of its own, for the tool talks of sections and signatures that concern nobody. */
const INJECT = `
const [, library, program, blob, options] = process.argv;
const { inject } = require(library);
inject(program, 'NODE_SEA_BLOB', require('node:fs').readFileSync(blob), JSON.parse(options));
`;

async function inject(program: string, blob: string, { platform }: Target): Promise<void> {
  const library = join(await fetchPackage(POSTJECT), 'dist', 'api.js');
  const segment = platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {};
  const options = JSON.stringify({ sentinelFuse: FUSE, ...segment });
  execFileSync(process.execPath, ['--eval', INJECT, library, program, blob, options], { stdio: 'pipe' });
}
