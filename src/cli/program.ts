import { Command, CommanderError, Option } from 'commander';
import { type Fix, MailauthError } from '../explain/problem.js';
import { didYouMean, nearest } from '../words/nearest.js';
import { COMMANDS, type CommandSpec, GLOBAL_OPTIONS, type OptionSpec, renderHelp } from './command-table.js';
import { answerOptions } from './set-up-flags.js';
import { meantCommand } from './synonyms.js';
import { type Invocation, namesOf } from './usual-line.js';

/** Reads the command line. Help and version print and give undefined; anything wrong is `usage`. */
export function parse(argv: readonly string[]): Invocation | undefined {
  let invocation: Invocation | undefined;
  const program = new Command('mailauth').exitOverride().configureOutput({ outputError: () => undefined });
  program.helpCommand(true).showHelpAfterError(false);
  program.helpInformation = renderHelp;
  for (const spec of COMMANDS) {
    const command = program
      .command(`${spec.name} ${spec.args}`.trim())
      .summary(spec.help)
      .description(sentence(spec.help))
      .helpOption('-h, --help', 'show this help')
      .addHelpText('after', helpAfter(spec));
    for (const option of optionsOf(spec)) addOption(command, option);
    command.action(() => {
      invocation = { command: spec.name, args: command.args, options: command.optsWithGlobals() };
    });
  }
  for (const option of GLOBAL_OPTIONS) addOption(program, option);
  program.action(() => {
    if (program.args.length > 0) throw unknownCommand(program.args[0] as string, argv);
    invocation = { command: undefined, args: [], options: program.opts() };
  });
  program.allowExcessArguments(true);
  const [first, second] = argv;
  if (first === 'help' && second !== undefined && specOf(second) === undefined) throw unknownCommand(second, argv);
  try {
    program.parse(withTextApart(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw misread(error, specOf(first));
  }
  return invocation;
}

/** Puts what is text behind `--`, where a command takes the words of other programs: `-ERR` is a reply and no flag. */
function withTextApart(argv: readonly string[]): string[] {
  const at = argv.findIndex((word) => !word.startsWith('-'));
  if (specOf(argv[at])?.takesText !== true) return [...argv];
  const flags: string[] = [];
  const text: string[] = [];
  const words = argv.slice(at + 1);
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);
  for (let index = 0; index < before.length; index++) {
    const word = before[index] as string;
    const option = GLOBAL_OPTIONS.find((one) => one.flags.split(/, | /).includes(word));
    if (option === undefined && word !== '-h' && word !== '--help') text.push(word);
    else flags.push(word);
    if (option?.flags.includes('<') === true && index + 1 < before.length) flags.push(before[++index] as string);
  }
  return [...argv.slice(0, at + 1), ...flags, '--', ...text, ...(end < 0 ? [] : words.slice(end + 1))];
}

/** Flags that do not exist, and where such a secret is taken instead. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/^--client-?secret$/i, '--client-secret-file FILE'],
  [/^--refresh-?token$/i, '--refresh-token-file FILE'],
  [/^--pass(?:phrase|word)$/i, 'MAILAUTH_PASSPHRASE_FILE=FILE'],
];

/** What follows an unknown flag is not repeated: it may be a secret. */
function misread({ code, message }: CommanderError, spec: CommandSpec | undefined): MailauthError {
  const help = seeHelp(spec);
  if (code === 'commander.missingArgument' && spec?.needs !== undefined) return unnamed(spec, spec.needs);
  if (code !== 'commander.unknownOption')
    return new MailauthError('usage', message.replace(/^error: /, ''), { fix: [help] });
  const [, flag = '', valued] = /unknown option '([^'=\s]*)(=)?/.exec(message) ?? [];
  if (valued !== undefined && optionsOf(spec).some(({ flags }) => flags.endsWith(flag)))
    return new MailauthError('usage', `option '${flag}' takes no value`, { fix: [help] });
  const instead = SECRETS.find(([shape]) => shape.test(flag))?.[1];
  const meant = nearest(
    flag,
    optionsOf(spec).flatMap(({ flags }) => namesOf(flags)),
  );
  const fix =
    instead === undefined
      ? meant === undefined
        ? help
        : { ...help, text: `did you mean ${meant}? See what there is` }
      : { text: `other programs can see a command line: write it into a file, and say ${instead}` };
  return new MailauthError('usage', `unknown option '${flag}'`, { fix: [fix] });
}

function seeHelp(spec: CommandSpec | undefined): Fix {
  return { text: 'see what there is', command: spec ? `mailauth ${spec.name} --help` : 'mailauth --help' };
}

function unnamed({ name, examples }: CommandSpec, needs: string): MailauthError {
  const [command] = examples;
  return new MailauthError('usage', `${name} needs ${needs}`, {
    fix: [{ text: 'name it, for example', ...(command && { command }) }],
  });
}

function optionsOf(spec: CommandSpec | undefined): readonly OptionSpec[] {
  return [...(spec === undefined ? [] : [...spec.options, ...answerOptions(spec)]), ...GLOBAL_OPTIONS];
}

function specOf(name: string | undefined): CommandSpec | undefined {
  return COMMANDS.find((spec) => spec.name === name);
}

/** The same line with the command that was meant is proposed, unless it holds what a shell would read otherwise. */
function unknownCommand(name: string, argv: readonly string[]): MailauthError {
  const meant = meantCommand(name);
  if (name.toLowerCase() === 'status') {
    return new MailauthError('usage', 'there is no command "status"; mailauth alone shows how things stand', {
      fix: [{ text: 'say only', command: 'mailauth' }],
    });
  }
  if (meant === undefined)
    return new MailauthError('usage', `there is no command "${name}"`, { fix: [seeHelp(undefined)] });
  const line = argv.map((word) => (word === name ? meant : word));
  const isPlain = line.every((word) => /^[\w@%+=:,./-]+$/.test(word));
  return new MailauthError('usage', `there is no command "${name}"${didYouMean(meant)}`, {
    fix: [{ text: 'then say', command: `mailauth ${isPlain ? line.join(' ') : `${meant} --help`}` }],
  });
}

function addOption(command: Command, { flags, help, repeatable }: OptionSpec): void {
  const option = new Option(flags, help);
  if (option.required) {
    option.argParser<string | readonly string[] | undefined>((value, all) => {
      refuseFlag(value, command, flags);
      return repeatable === true ? [...(Array.isArray(all) ? all : []), value] : value;
    });
  }
  command.addOption(option);
}

/** An empty variable of a script leaves a flag without its value, and the next flag is taken for it. */
function refuseFlag(value: string, command: Command, flags: string): void {
  if (!command.options.some(({ long, short }) => value === long || value === short)) return;
  throw new MailauthError('usage', `option '${flags}' argument missing`, { fix: [seeHelp(specOf(command.name()))] });
}

function helpAfter({ examples, takesAnswers }: CommandSpec): string {
  return [
    ...(takesAnswers === true
      ? [
          '',
          'Flags of the set-up can be variables too: MAILAUTH_CLIENT_ID is --client-id. docs/commands.md explains each.',
        ]
      : []),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
