import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHUNKS } from '../../packaging/chunks.js';
import { lateModules } from '../../packaging/late-modules.js';
import { ROOT } from '../../packaging/packages.js';

let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-late-'));
  await build({
    input: { imap: join(ROOT, 'src/mail/imap.ts'), smtp: join(ROOT, 'src/mail/smtp.ts') },
    platform: 'node',
    plugins: [lateModules],
    resolve: { symlinks: false },
    logLevel: 'silent',
    output: {
      dir: folder,
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
      codeSplitting: { groups: CHUNKS },
    },
  });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a new process prints, in which `name.cjs` and so on are beside it. */
function printed(script: string): unknown {
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: folder, env: {}, encoding: 'utf8' }));
}

describe('a login', () => {
  it('loads none of what the libraries bring along', () => {
    const parts = readdirSync(folder).filter((name) => name.startsWith('library-'));
    expect(parts).toEqual(expect.arrayContaining(['library-iconv-lite.cjs', 'library-libmime.cjs']));
    const loaded = printed(`
      require('./imap.cjs'); require('./smtp.cjs');
      console.log(JSON.stringify(Object.keys(require.cache).filter((path) => path.includes('library-'))))`);
    expect(loaded).toEqual([]);
  });

  it('finds all of it where it is wanted after all', () => {
    const missing = printed(`
      const text = require('node:fs').readFileSync('imap.cjs', 'utf8');
      const wanted = [...text.matchAll(/\\brequire_library_(\\w+)\\.late\\.(\\w+)/g)];
      const isMissing = ([, part, name]) => require('./library-' + part.replaceAll('_', '-') + '.cjs')[name] === undefined;
      console.log(JSON.stringify({ wanted: wanted.length > 5, missing: wanted.filter(isMissing) }))`);
    expect(missing).toEqual({ wanted: true, missing: [] });
  });
});
