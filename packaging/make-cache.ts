/**
 * Run by the Node of a target, in the folder of the parts: writes the code cache of each, with all that a few usual
 * commands have compiled by then.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { type PartFile, partsFrom } from '../src/cli/parts.js';
import type * as Program from './program.js';

const COMMANDS = [
  ['list'],
  [],
  ['explain', '535 5.7.139 Authentication unsuccessful, basic authentication is disabled'],
  ['guide', 'gmail'],
  ['check'],
  ['token', 'nobody'],
  ['--help'],
];

const read = (name: string): PartFile => ({ code: readFileSync(name, 'latin1'), options: { filename: name } });
const parts = partsFrom(read, createRequire(process.execPath) as (name: string) => object);
const program = parts.load('program.cjs') as typeof Program;
const scriptOf = ({ code, options }: PartFile): Script => new Script(code, options);

process.on('exit', () => {
  for (const name of readdirSync('.').filter((file) => file.endsWith('.cjs'))) {
    const script = parts.scripts.get(name) ?? scriptOf(read(name));
    writeFileSync(`${name}.cache`, script.createCachedData());
  }
});
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;
(async () => {
  for (const words of COMMANDS) await program.main(words);
  process.exitCode = 0;
})();
