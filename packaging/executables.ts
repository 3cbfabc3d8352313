/**
 * `npm run executables [TARGET...]`: the program in one file for people without Node, by default for every system that
 * targets.ts names, with checksums, the bill of materials and the texts that package managers read. All in executables/.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Bom, type Component, makeBom } from '../test/package/sbom.js';
import { WINE, wineEnvironment } from '../test/windows/windows.js';
import { startWineServer, stopWineServer } from '../test/windows/wine-server.js';
import { bundle } from './bundle.js';
import { debianPackage } from './debian.js';
import { licences } from './licences.js';
import { manifests } from './manifests.js';
import { fetchPackage, ROOT } from './packages.js';
import { TARGETS, type Target, targetOf } from './targets.js';

const OUT = join(ROOT, 'executables');
const WORK = join(ROOT, '.tmp', 'executables');

/** Puts a blob into a copy of Node's binary. */
const POSTJECT = {
  name: 'postject',
  version: '1.0.0-alpha.6',
  integrity: 'sha512-b9Eb8h2eVqNE8edvKdwqkrY6O7kAwmI8kcnBv1NScolYJbo59XUF0noFq+lxbC1yN20bmC0WBEbDC5H/7ASb0A==',
};
/** The mark in Node's binary that says whether there is a blob (Node's documentation of single executable applications). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

type Inject = (
  file: string,
  resource: string,
  data: Buffer,
  options: { readonly sentinelFuse: string; readonly machoSegmentName?: string },
) => Promise<void>;

/** How a target's own Node is run here; undefined where it cannot be. */
function runner({ platform, arch }: Target): ((binary: string, args: readonly string[]) => void) | undefined {
  const settings = { cwd: WORK, stdio: 'ignore', timeout: 120_000 } as const;
  const quiet = { PATH: process.env['PATH'], HOME: join(WORK, 'home'), NO_COLOR: '1' };
  if (platform === process.platform && arch === process.arch) {
    return (binary, args) => void execFileSync(binary, args, { ...settings, env: quiet });
  }
  if (platform !== 'win32' || !existsSync(WINE)) return undefined;
  return (binary, args) =>
    void execFileSync(WINE, [binary, ...args], { ...settings, env: { ...wineEnvironment(), NO_COLOR: '1' } });
}

async function make(target: Target, inject: Inject): Promise<void> {
  const began = performance.now();
  const binary = join(await fetchPackage(target.node), target.binary);
  const keytar = join(ROOT, 'node_modules', 'keytar', 'prebuilds', `${target.platform}-${target.arch}`, 'keytar.node');
  const { entry, program } = await bundle(sha256(keytar).slice(0, 16));
  const here = (name: string): string => `${target.id}.${name}`;
  const file = (name: string): string => join(WORK, here(name));
  writeFileSync(file('entry.cjs'), entry);
  writeFileSync(file('program.cjs'), program);
  copyFileSync(join(import.meta.dirname, 'make-cache.cjs'), join(WORK, 'make-cache.cjs'));
  copyFileSync(keytar, file('keytar.node'));
  const run = runner(target);
  writeFileSync(file('cache'), '');
  run?.(binary, ['make-cache.cjs', here('program.cjs'), here('cache')]);
  writeFileSync(
    file('json'),
    JSON.stringify({
      main: here('entry.cjs'),
      output: here('blob'),
      disableExperimentalSEAWarning: true,
      // It is for the system that it was made on.
      useCodeCache: run !== undefined,
      assets: {
        'program.cjs': here('program.cjs'),
        'program.cache': here('cache'),
        'keytar.node': here('keytar.node'),
      },
    }),
  );
  await writeBlob(target, binary, here('json'));
  const made = join(OUT, target.file);
  copyFileSync(binary, made);
  chmodSync(made, 0o755);
  const segment = target.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {};
  await inject(made, 'NODE_SEA_BLOB', readFileSync(file('blob')), { sentinelFuse: FUSE, ...segment });
  const seconds = Math.round((performance.now() - began) / 1000);
  const notes = [run === undefined && 'without a code cache', target.platform === 'darwin' && 'unsigned'];
  console.log([`${target.file}: ${megabytes(made)} MB`, ...notes.filter(Boolean), `${seconds} s`].join(', '));
}

/** By the target's own Node, which alone can make a code cache, or by the one of this machine without. */
async function writeBlob(target: Target, binary: string, settings: string): Promise<void> {
  const args = ['--experimental-sea-config', settings];
  const run = runner(target);
  if (run !== undefined) return run(binary, args);
  const own = TARGETS.find(({ platform, arch }) => platform === process.platform && arch === process.arch);
  if (own === undefined) throw new Error(`no Node is known for ${process.platform}-${process.arch}`);
  const node = join(await fetchPackage(own.node), own.binary);
  execFileSync(node, args, { cwd: WORK, stdio: 'ignore' });
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function megabytes(path: string): number {
  return Math.round(statSync(path).size / 1e6);
}

/** The bill of materials of a program that is its own Node. */
function withNode(bom: Bom): Bom {
  const versions = [...new Set(targets.map(({ node }) => node.version))];
  const nodes = versions.map((version): Component => {
    const purl = `pkg:generic/node@${version}`;
    return {
      type: 'application',
      'bom-ref': purl,
      name: 'node',
      version,
      purl,
      licenses: [{ license: { id: 'MIT' } }],
    };
  });
  return { ...bom, components: [...bom.components, ...nodes] };
}

const wanted = process.argv.slice(2);
const targets = wanted.length === 0 ? TARGETS : wanted.map(targetOf);
for (const folder of [OUT, WORK]) rmSync(folder, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
mkdirSync(join(WORK, 'home'), { recursive: true });
const { inject } = createRequire(import.meta.url)(join(await fetchPackage(POSTJECT), 'dist', 'api.js')) as {
  inject: Inject;
};
const made: string[] = [];
for (const target of targets) {
  const server = target.platform === 'win32' && runner(target) !== undefined ? await startWineServer() : undefined;
  await make(target, inject).finally(() => server && stopWineServer(server));
  made.push(target.file);
  if (target.platform !== 'linux') continue;
  const work = join(WORK, `${target.id}.deb`);
  const name = debianPackage({ executable: join(OUT, target.file), arch: target.arch, work, out: OUT });
  if (name !== undefined) made.push(name);
}
const sums = made.map((file) => ({ file, sha256: sha256(join(OUT, file)) }));
writeFileSync(join(OUT, 'SHA256SUMS'), sums.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(''));
writeFileSync(join(OUT, 'mailauth.cdx.json'), `${JSON.stringify(withNode(makeBom()), null, 2)}\n`);
// Not every package of Node's binary has the text.
writeFileSync(join(OUT, 'LICENSES.txt'), licences(await fetchPackage(targetOf('linux-x64').node)));
for (const [name, text] of Object.entries(manifests(sums))) {
  mkdirSync(join(OUT, name, '..'), { recursive: true });
  writeFileSync(join(OUT, name), text);
}
