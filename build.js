/**
 * Builds what is published: node build.js [FOLDER], by default dist.
 *
 * A file costs a third of a millisecond at each start, and 100 kB three. So what every command begins with is one file,
 * what explanations know of the providers and what set-ups do are two more, and the rest is cut so that a command reads its own parts alone. CommonJS,
 * because Node starts it sooner than ES modules.
 *
 * program.cjs, parts/: the whole program.
 * quick.cjs, parts/quick-*: help, and a stored token that is still good.
 */
import { build } from 'rolldown';
import { lateModules } from './packaging/late-modules.js';
import { patterns } from './packaging/patterns.js';

const folder = process.argv[2] ?? 'dist';
const usual = {
  platform: 'node',
  /** Installed beside the program, which loads them late. What every screen needs is built in. */
  external: /^(?:@inquirer|commander|imapflow|keytar|nodemailer|open|openid-client|socks|undici)(?:\/|$)/,
  resolve: { symlinks: false },
  logLevel: 'warn',
};
const output = {
  dir: folder,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
};

const START = /src\/cli\/(?:context|usual-line|commands\/(?:list|status))\.ts$|src\/explain\/explain\.ts$/;
const WORDS = /src\/providers\/words\.ts$/;
const PROVIDERS = /src\/(?:providers\/directory|guide\/plan)\.ts$/;

await build({
  ...usual,
  plugins: [patterns, lateModules],
  input: { program: 'src/cli/main.ts' },
  output: {
    ...output,
    chunkFileNames: 'parts/[name].cjs',
    codeSplitting: {
      groups: [
        { name: 'start', test: START, priority: 3 },
        { name: 'words', test: WORDS, priority: 2 },
        { name: 'providers', test: PROVIDERS, priority: 1 },
      ],
    },
  },
});
await build({
  ...usual,
  plugins: [lateModules],
  input: { quick: 'src/cli/quick.ts' },
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
