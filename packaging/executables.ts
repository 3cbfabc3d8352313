/**
 * `npm run executables [TARGET...]`: the program in one file for people without Node, in executables/. Without a name, for
 * every system of targets.ts, with checksums, bill of materials and licences; and, for who offers them (offer.ts), with
 * Debian and RPM packages and the texts that package managers read.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bom, type Component, makeBom } from '../test/package/sbom.js';
import { debianPackage } from './debian.js';
import { makeExecutable, sha256Of } from './executable.js';
import { licences } from './licences.js';
import { manifests, type Summed } from './manifests.js';
import { notMade, type Offer, readOffer } from './offer.js';
import { fetchPackage, ROOT } from './packages.js';
import { rpmPackage } from './rpm.js';
import { TARGETS, type Target, targetOf } from './targets.js';

const OUT = join(ROOT, 'executables');

async function make(target: Target): Promise<Summed> {
  const began = performance.now();
  const { path, sha256, hasCache } = await makeExecutable(target, OUT);
  const notes = [
    `${Math.round(statSync(path).size / 1e6)} MB`,
    ...(hasCache ? [] : ['without a code cache, which only its own system can make']),
    ...(target.platform === 'darwin' ? ['unsigned: see docs/macos.md'] : []),
    `${Math.round((performance.now() - began) / 1000)} s`,
  ];
  console.log(`${target.file}: ${notes.join(', ')}`);
  return { file: target.file, sha256 };
}

/** What is offered beside the programs. */
async function addPapers(programs: readonly Summed[], offer: Offer): Promise<void> {
  // Not every package of Node's binary has the text.
  const texts = licences(await fetchPackage(targetOf('linux-x64').node));
  const packages = offer.maintainer === undefined ? [] : linuxPackages(texts, offer.maintainer);
  put('SHA256SUMS', [...programs, ...packages].map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(''));
  put('mailauth.cdx.json', `${JSON.stringify(withNode(makeBom()), null, 2)}\n`);
  put('LICENSES.txt', texts);
  if (offer.downloads !== undefined)
    for (const [name, text] of Object.entries(manifests(programs, offer.downloads))) put(name, text);
  for (const line of notMade(offer)) console.log(line);
}

const FORMATS = [
  { tool: 'dpkg-deb', what: 'Debian', make: debianPackage },
  { tool: 'rpmbuild', what: 'RPM', make: rpmPackage },
] as const;

function linuxPackages(texts: string, maintainer: string): readonly Summed[] {
  const targets = TARGETS.filter(({ platform }) => platform === 'linux');
  return FORMATS.flatMap(({ tool, what, make }) => {
    if (!isInstalled(tool)) {
      console.log(`no ${what} packages: there is no ${tool} here`);
      return [];
    }
    return targets.map(({ id, file, arch }) => {
      const work = join(ROOT, '.tmp', 'executables', `${id}.${tool}`);
      const name = make({ executable: join(OUT, file), arch, maintainer, licences: texts, work, out: OUT });
      console.log(name);
      return { file: name, sha256: sha256Of(join(OUT, name)) };
    });
  });
}

function isInstalled(tool: string): boolean {
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The bill of materials of a program that is its own Node. */
function withNode(bom: Bom): Bom {
  const nodes = [...new Set(TARGETS.map(({ node }) => node.version))].map((version): Component => {
    const purl = `pkg:generic/node@${version}`;
    const licenses = [{ license: { id: 'MIT' } }];
    return { type: 'application', 'bom-ref': purl, name: 'node', version, purl, licenses };
  });
  return { ...bom, components: [...bom.components, ...nodes] };
}

function put(name: string, text: string): void {
  mkdirSync(join(OUT, name, '..'), { recursive: true });
  writeFileSync(join(OUT, name), text);
}

const offer = readOffer(process.env);
const wanted = process.argv.slice(2);
const isWhole = wanted.length === 0;
if (isWhole) rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const programs: Summed[] = [];
for (const target of isWhole ? TARGETS : wanted.map(targetOf)) programs.push(await make(target));
if (isWhole) await addPapers(programs, offer);
