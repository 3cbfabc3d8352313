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
import { createHash } from 'node:crypto';
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
  // To require is quicker, and a part that is loaded from what was kept of it can import nothing (src/cli/kept-parts.ts).
  dynamicImportInCjs: false,
  entryFileNames: '[name].cjs',
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
};

const program = await build({
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
  transform: { define: { BUILD: JSON.stringify(identityOf(program.output)) } },
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

/** Another one for each content of the program. */
function identityOf(files) {
  const hash = createHash('sha256');
  for (const { fileName, code } of files) hash.update(`${fileName}\0${code}\0`);
  return hash.digest('hex').slice(0, 16);
}
