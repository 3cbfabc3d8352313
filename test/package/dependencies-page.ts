import { runtime } from './lock-file.js';

/** docs/dependencies.md: everything that an installation brings, from the lock file. */
export function renderDependenciesPage(): string {
  return [
    '<!-- made by test/generate-docs.ts from package-lock.json -->',
    '',
    '# What is installed with mailauth',
    '',
    `${runtime.length} packages, in the versions that were tested. The direct dependencies are pinned to them; npm may take newer`,
    'patches of what those bring. `npm run sbom` prints the same as a bill of materials (CycloneDX), with the hash of each.',
    '',
    '| package | version | licence |',
    '|---|---|---|',
    ...runtime.map(({ name, version, license }) => `| ${name} | ${version} | ${license ?? ''} |`),
    '',
  ].join('\n');
}
