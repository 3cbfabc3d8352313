/** What the licences of the libraries and of Node ask for: their texts, beside every copy of the program. */
import { join } from 'node:path';
import { runtime } from '../test/package/lock-file.js';
import { licenceIn, titled } from './licence-texts.js';
import { ROOT } from './packages.js';

/** `nodeFolder`: of a package that holds Node's binary. */
export function licences(nodeFolder: string): string {
  const libraries = runtime.map(({ name, version, license, path }) =>
    titled(`${name} ${version} (${license})`, licenceIn(join(ROOT, path))),
  );
  return [
    titled('mailauth (MIT)', licenceIn(ROOT)),
    titled('Node.js, with the libraries in it', licenceIn(nodeFolder)),
    ...libraries,
  ].join('\n');
}
