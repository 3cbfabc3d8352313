import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { entries, manifest, ROOT, rootEntry, runtime } from './lock-file.js';
import { isIn } from './node-range.js';
import { makeBom } from './sbom.js';

describe('the dependencies', () => {
  it('C01 are these eleven, and 75 packages at most with all that they bring', () => {
    expect(Object.keys(manifest.dependencies)).toEqual([
      '@inquirer/core',
      '@inquirer/prompts',
      'chalk',
      'commander',
      'fast-string-width',
      'imapflow',
      'keytar',
      'nodemailer',
      'open',
      'openid-client',
      'socks',
    ]);
    expect(runtime.length).toBeLessThanOrEqual(75);
    expect([manifest.optionalDependencies, manifest.peerDependencies, manifest.bundleDependencies]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('C01 are pinned to one version each, those for development too', () => {
    const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(wanted.filter(([, version]) => !/^(?:npm:@?[\w./-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('C01 stand in the lock file as they do in package.json', () => {
    const { dependencies, devDependencies, engines } = rootEntry;
    expect({ dependencies, devDependencies, engines }).toEqual({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
      engines: manifest.engines,
    });
  });

  it('C10 come from the registry alone, each with its hash', () => {
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.filter(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
    // Without an address npm asks the registry it is set to; any address would be a detour.
    const addresses = entries.flatMap(({ resolved }) => resolved ?? []);
    expect(addresses).toEqual([]);
    expect(entries.filter(({ link }) => link)).toEqual([]);
    const unlike = entries.filter(({ path, name }) => !path.endsWith(`node_modules/${name}`));
    expect(unlike.map(({ path, name }) => `${path} is ${name}`)).toEqual(['node_modules/keytar is @github/keytar']);
  });

  it('C02 of those that are installed only the keychain has a script, and nothing of ours runs at an installation', () => {
    expect(runtime.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)).toEqual([
      '@github/keytar',
    ]);
    const run = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
    expect(Object.keys(manifest.scripts).filter((name) => run.includes(name))).toEqual([]);
  });

  it('C12 accept every Node that is supported', () => {
    const nodes = ['20.19.0', '20.20.2', '22.13.0', '22.99.0', '24.0.0', '26.0.0'];
    expect(nodes.filter((node) => !isIn(node, manifest.engines.node))).toEqual([]);
    const refusals = runtime.flatMap(({ name, engines }) =>
      nodes.filter((node) => !isIn(node, engines?.node ?? '*')).map((node) => `${name} refuses ${node}`),
    );
    expect(refusals).toEqual([]);
  });

  it('C06 have licences that allow anybody anything', () => {
    const free = ['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', '(MIT OR EUPL-1.1+)'];
    expect(runtime.filter(({ license }) => !free.includes(license ?? ''))).toEqual([]);
  });

  it('C06 are all in the bill of materials, each with hash and licence, and all of them needed', () => {
    const bom = makeBom();
    expect(bom.components.map(({ name, version }) => `${name} ${version}`)).toEqual(
      runtime.map(({ name, version }) => `${name} ${version}`),
    );
    for (const { name, hashes, licenses } of bom.components) {
      expect([name, hashes?.[0]?.content.length, licenses.length]).toEqual([name, 128, 1]);
    }
    const reached = new Set(bom.dependencies.flatMap(({ dependsOn }) => dependsOn));
    const unreached = bom.components.filter((component) => !reached.has(component['bom-ref']));
    // A library of types that another one only hints at.
    expect(unreached.map(({ name }) => name)).toEqual(['@types/node']);
  });

  it('C06 npm run sbom prints that bill', () => {
    expect(manifest.scripts['sbom']).toBe('tsx test/package/sbom.ts');
    const printed = execFileSync(process.execPath, ['--import', 'tsx', 'test/package/sbom.ts'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(JSON.parse(printed)).toEqual(makeBom());
  });
});

it('C12 the one file that an old Node reads tells it so', () => {
  const told = (version: string) => {
    const script = `
      Object.defineProperty(process.versions, 'node', { value: '${version}' });
      process.argv = [process.argv[0], 'mailauth', '--version'];
      require('${ROOT}/bin/mailauth.js');`;
    return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: {} }).status;
  };
  const refused = ['18.20.8', '20.18.3', '21.7.3', '22.12.0', '23.11.1'];
  const runs = ['20.19.0', '22.13.0', '24.0.0', '25.1.0', '26.0.0'];
  expect(refused.map(told)).toEqual(refused.map(() => 64));
  expect(runs.map(told)).toEqual(runs.map(() => 0));
});

it.each(['Bun', 'Deno'])('%s, which passes itself off as Node, is refused by its name', (other) => {
  const script = `
    Object.defineProperty(process.versions, '${other.toLowerCase()}', { value: '1.3.0' });
    process.argv = [process.argv[0], 'mailauth', '--version'];
    require('${ROOT}/bin/mailauth.js');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: {} });
  expect([status, stdout]).toEqual([64, '']);
  expect(stderr).toMatch(new RegExp(`^mailauth: ${other} is not supported\n  do: run it with Node `));
});
