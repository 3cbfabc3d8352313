/**
 * `npm run executables [TARGET...]`: the program in one file for people without Node, in executables/. Without a name, for
 * every system of targets.ts, with checksums, bill of materials, licences, Debian packages and the texts that package
 * managers read.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bom, type Component, makeBom } from '../test/package/sbom.js';
import { debianPackage } from './debian.js';
import { makeExecutable, sha256Of } from './executable.js';
import { licences } from './licences.js';
import { manifests, type Summed } from './manifests.js';
import { fetchPackage, ROOT } from './packages.js';
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
async function addPapers(programs: readonly Summed[]): Promise<void> {
  // Not every package of Node's binary has the text.
  const texts = licences(await fetchPackage(targetOf('linux-x64').node));
  const linux = TARGETS.filter(({ platform }) => platform === 'linux');
  const packages = linux.flatMap((target) => debian(target, texts) ?? []);
  if (packages.length === 0) console.log('no Debian package: there is no dpkg-deb here');
  put('SHA256SUMS', [...programs, ...packages].map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(''));
  put('mailauth.cdx.json', `${JSON.stringify(withNode(makeBom()), null, 2)}\n`);
  put('LICENSES.txt', texts);
  for (const [name, text] of Object.entries(manifests(programs))) put(name, text);
}

function debian({ id, file, arch }: Target, texts: string): Summed | undefined {
  const work = join(ROOT, '.tmp', 'executables', `${id}.deb`);
  const name = debianPackage({ executable: join(OUT, file), arch, licences: texts, work, out: OUT });
  return name === undefined ? undefined : { file: name, sha256: sha256Of(join(OUT, name)) };
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

const wanted = process.argv.slice(2);
const isWhole = wanted.length === 0;
if (isWhole) rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const programs: Summed[] = [];
for (const target of isWhole ? TARGETS : wanted.map(targetOf)) programs.push(await make(target));
if (isWhole) await addPapers(programs);
