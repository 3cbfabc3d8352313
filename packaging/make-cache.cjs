/**
 * Run by the Node of a target: node make-cache.cjs PROGRAM CACHE. Writes V8's code cache of the upper storey, with all
 * that a few usual commands have compiled by then.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const [source, cache] = process.argv.slice(2);
const script = new Script(readFileSync(source, 'latin1'), { filename: 'mailauth' });
const module_ = { exports: {} };
script.runInThisContext()(module_, module_.exports, require);
process.on('exit', () => writeFileSync(cache, script.createCachedData()));
process.stdout.write = () => true;
process.stderr.write = () => true;

const COMMANDS = [
  ['list'],
  [],
  ['explain', '535 5.7.139 Authentication unsuccessful'],
  ['guide', 'gmail'],
  ['check'],
  ['token', 'a'],
];
(async () => {
  for (const words of COMMANDS) await module_.exports.main(words);
  process.exitCode = 0;
})();
