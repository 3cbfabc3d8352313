import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { providers } from '../src/providers/directory.js';

/**
 * The lists of providers that are read before any record is loaded, made from the directory: what `--help`, a token and a
 * list of accounts need, and what explanations know. They are written before the pages, which read them.
 */
export const providerLists = [
  { file: 'src/providers/outline.ts', render: renderOutline },
  { file: 'src/providers/words.ts', render: renderWords },
];

const MADE = '// Made by npm run docs from directory.ts: name a provider there.';

/** `src/providers/outline.ts`: names, and the fields that one provider's accounts have. */
function renderOutline(): string {
  const ids = providers.map(({ id }) => id);
  const scripts = new Set(providers.flatMap(({ scripts = {} }) => Object.keys(scripts)));
  const own = ids.filter((id) => hasFile(id, 'own-fields'));
  return formatted(
    'src/providers/outline.ts',
    `${MADE}
${own.map((id) => `import { ownFields as ${variable(id)}Fields } from './${id}/own-fields.js';`).join('\n')}

/** The ids of the directory, in its order. */
export const PROVIDER_NAMES = [${ids.map((id) => `'${id}'`).join(', ')}] as const;

/** All of them in words. */
export const PROVIDER_CHOICE = '${ids.slice(0, -1).join(', ')} or ${ids.at(-1)}';

/** Further formats of \`guide\`. */
export const GUIDE_SCRIPTS = [${[...scripts].map((name) => `'${name}'`).join(', ')}] as const;

/** Of every provider: a script finds the same keys in every account. */
export const OWN_FIELDS = [${own.map((id) => `...${variable(id)}Fields`).join(', ')}];
`,
  );
}

/** `src/providers/words.ts`: whose words are known in a paste. */
function renderWords(): string {
  const ids = providers.map(({ id }) => id).filter((id) => hasFile(id, 'words'));
  const imports = ids.map((id) => `import { ${variable(id)}Words } from './${id}/words.js';`).toSorted();
  return formatted(
    'src/providers/words.ts',
    `${MADE}
import type { ProviderWords } from '../explain/context.js';
import { elsewhere } from './elsewhere.js';
${imports.join('\n')}

/** Whose words \`explain\` knows in a paste. It needs nothing of how mailboxes are set up there. */
export const pasteProviders: readonly ProviderWords[] = [${ids.map((id) => `${variable(id)}Words`).join(', ')}, ...elsewhere];
`,
  );
}

function hasFile(id: string, name: string): boolean {
  return existsSync(new URL(`../src/providers/${id}/${name}.ts`, import.meta.url));
}

/** `mail-ru` is `mailRu` in its files. */
function variable(id: string): string {
  return id.replace(/-./g, ([, letter = '']) => letter.toUpperCase());
}

function formatted(file: string, text: string): string {
  const biome = fileURLToPath(new URL('../node_modules/.bin/biome', import.meta.url));
  return execFileSync(biome, ['format', `--stdin-file-path=${file}`], { input: text, encoding: 'utf8' });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { file, render } of providerLists) await writeFile(new URL(`../${file}`, import.meta.url), render());
}
