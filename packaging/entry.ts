/**
 * What runs first in the program in one file. Two storeys: help and a stored token that is still good are here, where
 * they start soonest; all else is in parts, with V8's code cache beside each where one could be made for that system.
 */
import { type PartFile, partsFrom } from '../src/cli/parts.js';
import { answerQuickly } from '../src/cli/quick.js';
import { OPEN_ADDRESS } from '../src/system/browser.js';
import { asset } from './asset.js';
import type * as Program from './program.js';

const QUICK = ['token', 'help', '--help', '-h', '--version', '-V'];

async function main(argv: readonly string[]): Promise<void> {
  const [first = ''] = argv;
  if (QUICK.includes(first) && (await answerQuickly(argv))) return;
  const program = partsFrom(partAt, builtIn).load('program.cjs') as typeof Program;
  if (first === OPEN_ADDRESS) return program.openAddress(String(argv[1]));
  await program.main(argv);
  if (argv.length === 0 && process.stdin.isTTY && (await program.isDoubleClicked())) await program.keepWindow();
}

/** Its text is ASCII, which is read without decoding. The code cache is empty where none could be made. */
function partAt(name: string): PartFile {
  const cachedData = asset(`${name}.cache`);
  return {
    code: asset(name).toString('latin1'),
    options: { filename: name, ...(cachedData.length > 0 && { cachedData }) },
  };
}

/** Nothing is loaded from beside the file, which may lie among downloads. */
function builtIn(name: string): object {
  const found = process.getBuiltinModule(name);
  if (found !== undefined) return found;
  throw Object.assign(new Error(`${name} is not in this program`), { code: 'MODULE_NOT_FOUND' });
}

void main(process.argv.slice(2));
