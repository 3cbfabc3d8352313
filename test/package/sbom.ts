/**
 * The bill of materials (CycloneDX 1.5) of an installation, from the lock file alone: the same bytes each time, and
 * complete also where a package is needed by the tests as well.
 */
import { pathToFileURL } from 'node:url';
import { type Entry, manifest, rootEntry, runtime } from './lock-file.js';

export interface Bom {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.5';
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

export interface Component {
  readonly type: 'application' | 'library';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
  readonly licenses: readonly ({ readonly license: { readonly id: string } } | { readonly expression: string })[];
}

export function makeBom(): Bom {
  const root = component({ name: 'mailauth-cli', version: manifest.version, license: 'MIT' }, 'application');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: root },
    components: runtime.map((entry) => component(entry, 'library')),
    dependencies: [
      { ref: root['bom-ref'], dependsOn: wanted('', rootEntry.dependencies) },
      ...runtime.map((entry) => ({
        ref: component(entry, 'library')['bom-ref'],
        dependsOn: wanted(entry.path, { ...entry.dependencies, ...entry.optionalDependencies }),
      })),
    ],
  };
}

function component(
  { name, version, license, integrity }: Pick<Entry, 'name' | 'version' | 'license' | 'integrity'>,
  type: Component['type'],
): Component {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const licence = license ?? 'NOASSERTION';
  return {
    type,
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(integrity && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    }),
    licenses: [licence.includes(' ') ? { expression: licence } : { license: { id: licence } }],
  };
}

/** A package finds what it needs in its own node_modules, else in the next one above. */
function wanted(from: string, dependencies: Readonly<Record<string, string>>): string[] {
  return Object.keys(dependencies)
    .flatMap((name) => nearest(from, name) ?? [])
    .map((entry) => component(entry, 'library')['bom-ref']);
}

function nearest(from: string, name: string): Entry | undefined {
  const place = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  const found = runtime.find(({ path }) => path === place);
  if (found !== undefined || from === '') return found;
  return nearest(from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(`${JSON.stringify(makeBom(), null, 2)}\n`);
}
