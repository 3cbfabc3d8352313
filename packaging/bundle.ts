/** Both storeys of the program in one file, as CommonJS in ASCII (entry.ts). */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'rolldown';
import { CHUNKS } from './chunks.js';
import { lateModules } from './late-modules.js';
import { ROOT } from './packages.js';
import { patterns } from './patterns.js';

/** What is asked for at its moment in the package of npm is held here from the start, and keytar comes as an asset. */
const HELD: Plugin = {
  name: 'held',
  resolveId: (source, importer = '') =>
    source.endsWith('/keytar.js') && /[\\/]keychain[\\/]/.test(importer)
      ? join(ROOT, 'packaging', 'keytar.ts')
      : undefined,
  load: (path) =>
    /[\\/]src[\\/](?:render[\\/](?:style|wrap)|cli[\\/]version)\.ts$/.test(path)
      ? { code: readFileSync(path, 'utf8').replace('createRequire(import.meta.url)', 'require'), moduleType: 'ts' }
      : undefined,
};

/**
 * `import process from 'node:process'` becomes the global of that name. As a module it would be copied name by name, and
 * the look at its title ends Node on Windows where the console has none.
 */
const PROCESS: Plugin = {
  name: 'process',
  resolveId: (source, _importer, { kind }) =>
    source === 'node:process' && kind === 'import-statement' ? '\0process' : undefined,
  load: (id) => (id === '\0process' ? 'export default process;' : undefined),
};

export interface Bundle {
  /** What runs first. */
  readonly entry: string;
  /** What makes the code caches. */
  readonly makeCache: string;
  /** The rest by file name, each a function of `module`, `exports` and `require` (parts.ts). */
  readonly parts: Readonly<Record<string, string>>;
}

/** `keytarHash`: a part of the name of the library's file. */
export async function bundle(keytarHash: string): Promise<Bundle> {
  const [entry] = await built('entry.ts', keytarHash);
  const [makeCache] = await built('make-cache.ts', keytarHash);
  const parts = await built('program.ts', keytarHash, CHUNKS);
  if (entry === undefined || makeCache === undefined) throw new Error('nothing was built');
  return {
    entry: entry.code,
    makeCache: makeCache.code,
    parts: Object.fromEntries(parts.map(({ name, code }) => [name, `(function(module,exports,require){${code}\n})`])),
  };
}

async function built(
  source: string,
  keytarHash: string,
  groups?: typeof CHUNKS,
): Promise<readonly { readonly name: string; readonly code: string }[]> {
  const { output } = await build({
    input: join(ROOT, 'packaging', source),
    platform: 'node',
    plugins: [HELD, PROCESS, patterns, lateModules],
    resolve: { symlinks: false },
    // A library that looks for programs beside itself finds no place of its own.
    transform: { define: { 'import.meta.url': '""', KEYTAR_HASH: JSON.stringify(keytarHash) } },
    write: false,
    logLevel: 'warn',
    output: {
      format: 'cjs',
      // A part is a script of node:vm, in which nothing can be imported.
      dynamicImportInCjs: false,
      codeSplitting: groups === undefined ? false : { groups },
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      comments: false,
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    },
  });
  return output.map((part) => {
    if (part.type !== 'chunk') throw new Error(`${part.fileName} has no place in the program`);
    return { name: basename(part.fileName), code: inAscii(part.code) };
  });
}

/** Read without decoding. An escape means the same in a string, in a pattern and in a name. */
function inAscii(code: string): string {
  return code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
