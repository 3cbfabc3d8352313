import { Command, CommanderError, Option } from 'commander';
import { type Fix, MailauthError } from '../explain/problem.js';
import { flagOf } from '../guide/plan.js';
import type { Provider } from '../guide/provider.js';
import type { Question } from '../guide/step.js';
import { providers } from '../providers/directory.js';
import { COMMANDS, type CommandSpec, GLOBAL_OPTIONS, type OptionSpec, renderHelp } from './command-table.js';

export interface Invocation {
  /** Undefined: no command was named. */
  readonly command: string | undefined;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

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
    if (program.args.length > 0) throw unknownCommand(program.args[0] as string);
    invocation = { command: undefined, args: [], options: program.opts() };
  });
  program.allowExcessArguments(true);
  const [first, second] = argv;
  if (first === 'help' && second !== undefined && specOf(second) === undefined) throw unknownCommand(second);
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
  const fix =
    instead === undefined
      ? help
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

function unknownCommand(name: string): MailauthError {
  return new MailauthError('usage', `there is no command "${name}"`, {
    fix: [seeHelp(undefined)],
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

/** A flag for every question, whichever provider asks it. */
function answerOptions(spec: CommandSpec): readonly OptionSpec[] {
  if (spec.takesAnswers !== true) return [];
  return askableQuestions().map((question) => {
    const askers = providers.filter((provider) => isAskedBy(provider, question));
    return {
      flags:
        question.kind === 'confirm' ? flagOf(question) : `${flagOf(question)} <${question.placeholder ?? 'VALUE'}>`,
      help:
        askers.length === providers.length
          ? question.label
          : `${question.label} (${askers.map(({ id }) => id).join(', ')})`,
      ...(question.repeatable === true && { repeatable: true }),
    };
  });
}

/** Every question that has a flag, once; where providers word it differently, as the first of them does. */
export function askableQuestions(): readonly Question[] {
  const byId = new Map<string, Question>();
  for (const provider of providers) {
    for (const question of provider.questions) {
      if (question.wizardOnly !== true && !byId.has(question.id)) byId.set(question.id, question);
    }
  }
  return [...byId.values()];
}

function isAskedBy({ questions }: Provider, { id }: Question): boolean {
  return questions.some((question) => question.id === id && question.wizardOnly !== true);
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
