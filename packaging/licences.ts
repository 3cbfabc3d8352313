/** What the licences of the libraries and of Node ask for: their texts, beside every copy of the program. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runtime } from '../test/package/lock-file.js';
import { ROOT } from './packages.js';

/** `nodeFolder`: of a package that holds Node's binary. */
export function licences(nodeFolder: string): string {
  const libraries = runtime.map(({ name, version, license, path }) => ({
    title: `${name} ${version} (${license})`,
    text: textIn(join(ROOT, path)),
  }));
  const all = [
    { title: 'mailauth (MIT)', text: textIn(ROOT) },
    { title: 'Node.js, with the libraries in it', text: textIn(nodeFolder) },
    ...libraries,
  ];
  return all.map(({ title, text }) => `${'='.repeat(80)}\n${title}\n\n${text.trim()}\n`).join('\n');
}

/** Some packages bring the name of their licence alone. */
function textIn(folder: string): string {
  const name = existsSync(folder)
    ? readdirSync(folder).find((file) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(file))
    : undefined;
  return name === undefined
    ? 'The package has no text of its own; its licence is the one named above.'
    : readFileSync(join(folder, name), 'utf8');
}
