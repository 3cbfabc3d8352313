/** What the licences of the libraries ask for: their texts, beside every copy of the program. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;

/**
 * For rolldown: writes `licences.txt`, of all that is built into the program.
 *
 * @type {import('rolldown').Plugin}
 */
export const licences = {
  name: 'licences',
  generateBundle(_options, bundle) {
    const folders = new Map();
    for (const id of Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds)) {
      const [folder, name] = PACKAGE.exec(id) ?? [];
      if (folder !== undefined) folders.set(name, folder);
    }
    const texts = [...folders].sort().map(([name, folder]) => titled(name, licenceIn(folder)));
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join('\n') });
  },
};

export function titled(title, text) {
  return `${'='.repeat(80)}\n${title}\n\n${text.trim()}\n`;
}

/** Some packages bring the name of their licence alone. */
export function licenceIn(folder) {
  const name = existsSync(folder)
    ? readdirSync(folder).find((file) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(file))
    : undefined;
  return name === undefined
    ? 'The package has no text of its own; its licence is the one that it names.'
    : readFileSync(join(folder, name), 'utf8');
}
