import type { Invocation } from '../program.js';

/** The options of `token` as the table of commands has them, by the names the parser gives them. */
const VALUES = new Map([
  ['--min-ttl', 'minTtl'],
  ['--format', 'format'],
  ['--for', 'for'],
]);
const SWITCHES = new Map<string, readonly [name: string, value: boolean]>([
  ['--force-refresh', ['forceRefresh', true]],
  ['--json', ['json', true]],
  ['--quiet', ['quiet', true]],
  ['-q', ['quiet', true]],
  ['--verbose', ['verbose', true]],
  ['-v', ['verbose', true]],
  ['--no-input', ['input', false]],
  ['--no-color', ['color', false]],
]);

/**
 * Reads a usual `token ACCOUNT` line without the parser, which takes longer to load than a token to read. Undefined
 * for everything else: mistakes, help, rare spellings. The parser then reads it, and says what is wrong with it.
 */
export function readTokenLine(argv: readonly string[]): Invocation | undefined {
  const [command, ...words] = argv;
  const args: string[] = [];
  const options: Record<string, unknown> = {};
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const taking = VALUES.get(word);
    const turned = SWITCHES.get(word);
    if (taking !== undefined) {
      const value = words.shift();
      if (value === undefined || value.startsWith('-')) return undefined;
      options[taking] = value;
    } else if (turned !== undefined) {
      options[turned[0]] = turned[1];
    } else if (word.startsWith('-')) {
      return undefined;
    } else {
      args.push(word);
    }
  }
  return command === 'token' && args.length === 1 ? { command, args, options } : undefined;
}
