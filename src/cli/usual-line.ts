import { COMMANDS, type CommandName, type CommandSpec, GLOBAL_OPTIONS, type OptionSpec } from './command-table.js';

/** A command line that was understood. */
export interface Invocation {
  /** Undefined: no command was named. */
  readonly command: CommandName | undefined;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Reads a usual command line by the table alone, since the parser takes longer to load than most commands to run.
 * Undefined for everything else: mistakes, help, rare spellings, the flags of a set-up. The parser then reads it, and
 * says what is wrong with it.
 */
export function readUsualLine(argv: readonly string[]): Invocation | undefined {
  const [first] = argv;
  const command = first === undefined || first.startsWith('-') ? undefined : first;
  const spec = COMMANDS.find(({ name }) => name === command);
  if (command !== undefined && spec === undefined) return undefined;
  const words = command === undefined ? [...argv] : argv.slice(1);
  const table = [...(spec?.options ?? []), ...GLOBAL_OPTIONS];
  const options: Record<string, unknown> = {};
  const args: string[] = [];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('-')) args.push(word);
    else if (!takeOption(table, word, words, options)) return undefined;
  }
  return takesSoMany(spec, args.length) ? { command: spec?.name, args, options } : undefined;
}

/** Whether the option is in the table, and was given as it stands there. */
function takeOption(
  table: readonly OptionSpec[],
  word: string,
  rest: string[],
  options: Record<string, unknown>,
): boolean {
  const spec = table.find(({ flags }) => namesOf(flags).includes(word));
  if (spec === undefined) return false;
  const [long = ''] = namesOf(spec.flags).slice(-1);
  const isOff = long.startsWith('--no-');
  const name = (isOff ? long.slice(5) : long.slice(2)).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (!spec.flags.includes('<')) {
    options[name] = !isOff;
    return true;
  }
  const value = rest.shift();
  if (value === undefined || value.startsWith('-')) return false;
  options[name] = spec.repeatable === true ? [...((options[name] as string[]) ?? []), value] : value;
  return true;
}

/** `-q, --quiet`, or the flag before its `<VALUE>`. */
export function namesOf(flags: string): string[] {
  return flags.replace(/ <.*/, '').split(', ');
}

function takesSoMany(spec: CommandSpec | undefined, count: number): boolean {
  const args = spec?.args ?? '';
  const least = args.startsWith('<') ? 1 : 0;
  const most = args === '' ? 0 : args.includes('...') ? Number.POSITIVE_INFINITY : 1;
  return count >= least && count <= most;
}
