/**
 * What runs first in the program in one file. Two storeys: help and a stored token that is still good are here, where
 * they start soonest; all else is an asset, with V8's code cache beside it where one could be made for that system.
 */
import { Script } from 'node:vm';
import { answerQuickly } from '../src/cli/quick.js';
import { OPEN_ADDRESS } from '../src/system/browser.js';
import { asset } from './asset.js';
import type * as Program from './program.js';

const QUICK = ['token', 'help', '--help', '-h', '--version', '-V'];

async function main(argv: readonly string[]): Promise<void> {
  const [first = ''] = argv;
  if (QUICK.includes(first) && (await answerQuickly(argv))) return;
  const program = loadProgram();
  if (first === OPEN_ADDRESS) return program.openAddress(String(argv[1]));
  return program.main(argv);
}

function loadProgram(): typeof Program {
  // ASCII alone, as esbuild writes it: no decoding.
  const source = asset('program.cjs').toString('latin1');
  const cache = asset('program.cache');
  const script = new Script(source, { filename: 'mailauth', ...(cache.length > 0 && { cachedData: cache }) });
  const module = { exports: {} };
  script.runInThisContext()(module, module.exports, builtIn);
  return module.exports as typeof Program;
}

/** All that it may ask for: nothing is loaded from beside the file, which may lie among downloads. */
function builtIn(name: string): object {
  const found = process.getBuiltinModule(name);
  if (found === undefined)
    throw Object.assign(new Error(`${name} is not in this program`), { code: 'MODULE_NOT_FOUND' });
  return found;
}

void main(process.argv.slice(2));
