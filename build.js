/**
 * Builds what is published: node build.js [FOLDER], by default dist.
 *
 * program.cjs, parts/: the program, cut so that a command reads its own parts alone: reading takes longer than running.
 * Only ES modules can be cut (esbuild); they then become CommonJS, which Node starts sooner.
 * quick.cjs: help, and a stored token that is still good, in one file.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';

const folder = process.argv[2] ?? 'dist';
const node = { platform: 'node', target: 'node20', logLevel: 'warning' };
/** What an ES module knows of its own place, for CommonJS. */
const place = {
  banner:
    "const{pathToFileURL}=require('node:url'),here=pathToFileURL(__filename).href,resolved=(name)=>pathToFileURL(require.resolve(name)).href;",
  define: { 'import.meta.url': 'here', 'import.meta.resolve': 'resolved' },
};

const { outputFiles } = await build({
  ...node,
  entryPoints: { program: 'src/cli/main.ts' },
  bundle: true,
  splitting: true,
  format: 'esm',
  preserveSymlinks: true,
  external: [
    '@inquirer/*',
    'commander',
    'imapflow',
    'keytar',
    'nodemailer',
    'open',
    'openid-client',
    'socks',
    'undici',
  ],
  outdir: folder,
  outExtension: { '.js': '.cjs' },
  chunkNames: 'parts/[name]-[hash]',
  write: false,
});
mkdirSync(join(folder, 'parts'), { recursive: true });
for (const { path, text } of outputFiles) {
  const { code } = await transform(text, {
    ...node,
    format: 'cjs',
    sourcefile: 'part.mjs',
    minifyWhitespace: true,
    supported: { 'dynamic-import': false },
    define: place.define,
    banner: text.includes('import.meta') ? place.banner : '',
  });
  writeFileSync(path, code);
}

await build({
  ...node,
  entryPoints: { quick: 'src/cli/quick.ts' },
  bundle: true,
  format: 'cjs',
  supported: { 'dynamic-import': false },
  external: ['keytar'],
  define: place.define,
  banner: { js: place.banner },
  outdir: folder,
  outExtension: { '.js': '.cjs' },
});
