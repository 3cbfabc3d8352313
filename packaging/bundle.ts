/** Both storeys of the program in one file, as CommonJS in ASCII (entry.ts). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';
import { ROOT } from './packages.js';

/** What is asked for at its moment in the package of npm is held here from the start, and keytar comes as an asset. */
const HELD: Plugin = {
  name: 'held',
  setup(plugins) {
    plugins.onResolve({ filter: /\/keytar\.js$/ }, ({ resolveDir }) =>
      resolveDir.endsWith('keychain') ? { path: join(ROOT, 'packaging', 'keytar.ts') } : undefined,
    );
    plugins.onLoad({ filter: /[\\/]src[\\/](?:render[\\/]style|cli[\\/]version)\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace('createRequire(import.meta.url)', 'require'),
      loader: 'ts',
    }));
  },
};

function options(keytarHash: string): BuildOptions {
  return {
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    charset: 'ascii',
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    plugins: [HELD],
    supported: { 'dynamic-import': false },
    // A library that looks for programs beside itself finds no place of its own.
    define: { 'import.meta.url': '""', 'import.meta.resolve': 'undefined', KEYTAR_HASH: JSON.stringify(keytarHash) },
  };
}

export interface Bundle {
  readonly entry: string;
  /** A function of `module` and `require`. */
  readonly program: string;
}

export async function bundle(keytarHash: string): Promise<Bundle> {
  const usual = options(keytarHash);
  const [entry, program] = await Promise.all([
    build({ ...usual, entryPoints: ['packaging/entry.ts'] }),
    build({
      ...usual,
      entryPoints: ['packaging/program.ts'],
      banner: { js: '(function(module,require){' },
      footer: { js: '})' },
    }),
  ]);
  return { entry: textOf(entry), program: textOf(program) };
}

function textOf({ outputFiles = [] }: BuildResult): string {
  const [only] = outputFiles;
  if (only === undefined) throw new Error('esbuild gave nothing');
  return only.text;
}
