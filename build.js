/**
 * Builds what is published: node build.js [FOLDER], by default dist.
 *
 * CommonJS, because Node starts it sooner than ES modules.
 *
 * program.cjs, parts/: the whole program, cut for a quick start.
 * quick.cjs, parts/quick-*: help, and a stored token that is still good.
 * compiled.cjs: what Node has compiled of the program is kept for the next start.
 * licences.txt: of the libraries that are built in.
 */
import { build } from 'rolldown';
import { CHUNKS } from './packaging/chunks.js';
import { lateModules } from './packaging/late-modules.js';
import { licences } from './packaging/licence-texts.js';
import { patterns } from './packaging/patterns.js';

const folder = process.argv[2] ?? 'dist';
const usual = {
  platform: 'node',
  /** Installed beside the program. A check and the prompts need the others, and a file is loaded sooner than a library. */
  external: /^(?:commander|keytar|open)(?:\/|$)/,
  resolve: { symlinks: false },
  logLevel: 'warn',
};
const output = {
  dir: folder,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
};

await build({
  ...usual,
  plugins: [patterns, lateModules, licences],
  input: { program: 'src/cli/main.ts' },
  output: {
    ...output,
    chunkFileNames: 'parts/[name].cjs',
    codeSplitting: { groups: CHUNKS },
  },
});
await build({
  ...usual,
  plugins: [lateModules],
  input: { quick: 'src/cli/quick.ts', compiled: 'src/cli/compiled.ts' },
  output: {
    ...output,
    chunkFileNames: 'parts/quick-[name].cjs',
    codeSplitting: {
      groups: [{ name: 'file', test: /src\/(?:store\/file\/(?:file-store|key)|words\/protocol)\.ts$/ }],
    },
    // It reports no error, so that nobody looks for the names in it.
    minify: true,
  },
});
