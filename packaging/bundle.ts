/** Both storeys of the program in one file, as CommonJS in ASCII (entry.ts). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'rolldown';
import { ROOT } from './packages.js';

/** What is asked for at its moment in the package of npm is held here from the start, and keytar comes as an asset. */
const HELD: Plugin = {
  name: 'held',
  resolveId: (source, importer = '') =>
    source.endsWith('/keytar.js') && /[\\/]keychain[\\/]/.test(importer)
      ? join(ROOT, 'packaging', 'keytar.ts')
      : undefined,
  load: (path) =>
    /[\\/]src[\\/](?:render[\\/]style|cli[\\/]version)\.ts$/.test(path)
      ? { code: readFileSync(path, 'utf8').replace('createRequire(import.meta.url)', 'require'), moduleType: 'ts' }
      : undefined,
};

export interface Bundle {
  readonly entry: string;
  /** A function of `module` and `require`. */
  readonly program: string;
}

/** `keytarHash`: a part of the name of the library's file. */
export async function bundle(keytarHash: string): Promise<Bundle> {
  const [entry, program] = [await inOne('entry.ts', keytarHash), await inOne('program.ts', keytarHash)];
  return { entry, program: `(function(module,exports,require){${program}\n})` };
}

async function inOne(name: string, keytarHash: string): Promise<string> {
  const { output } = await build({
    input: join(ROOT, 'packaging', name),
    platform: 'node',
    plugins: [HELD],
    resolve: { symlinks: false },
    // A library that looks for programs beside itself finds no place of its own.
    transform: { define: { 'import.meta.url': '""', KEYTAR_HASH: JSON.stringify(keytarHash) } },
    write: false,
    logLevel: 'warn',
    output: {
      format: 'cjs',
      codeSplitting: false,
      comments: false,
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    },
  });
  const [only, ...more] = output;
  if (only?.type !== 'chunk' || more.length > 0) throw new Error(`${name} did not become one file`);
  return inAscii(only.code);
}

/** Read without decoding. An escape means the same in a string, in a pattern and in a name. */
function inAscii(code: string): string {
  return code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
