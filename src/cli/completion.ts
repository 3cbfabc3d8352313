import { PROVIDER_NAMES } from '../providers/outline.js';
import { COMMANDS, GLOBAL_OPTIONS, type OptionSpec } from './command-table.js';
import { answerOptions } from './set-up-flags.js';
import { namesOf } from './usual-line.js';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
type CompletedShell = (typeof SHELLS)[number];

/** What may follow: words, the accounts that are set up, or files. */
interface Next {
  readonly words: readonly string[];
  readonly accounts: boolean;
  readonly files: boolean;
}

interface Option extends Next {
  /** `-q` and `--quiet`. */
  readonly names: readonly string[];
  readonly help: string;
  readonly takesValue: boolean;
}

interface Command extends Next {
  readonly name: string;
  readonly help: string;
  readonly options: readonly Option[];
}

/** The script that completes the command line of mailauth, from the same table that reads it. */
export function completionScript(shell: CompletedShell): string {
  const commands = COMMANDS.map((spec): Command => {
    const options = [...spec.options, ...answerOptions(spec), ...GLOBAL_OPTIONS].map(optionOf);
    return { name: spec.name, help: spec.help, options, ...nextOf(spec.args) };
  });
  return `${SCRIPTS[shell](commands).join('\n')}\n`;
}

function optionOf({ flags, help }: OptionSpec): Option {
  const [, value] = /<(.*)>/.exec(flags) ?? [];
  return { names: namesOf(flags), help, takesValue: value !== undefined, ...nextOf(value ?? '') };
}

/** `<smtp|imap>` names its values, `FILE`, `ACCOUNT` and `PROVIDER` what they are. */
function nextOf(args: string): Next {
  const parts = args.replace(/[[\]<>]|\.\.\./g, '').split('|');
  return {
    words: [
      ...parts.filter((part) => /^[a-z][a-z0-9-]*$/.test(part)),
      ...(parts.includes('PROVIDER') ? PROVIDER_NAMES : []),
    ],
    accounts: parts.includes('ACCOUNT'),
    files: parts.some((part) => /^FILE|^PEM$/.test(part)),
  };
}

const SCRIPTS: Readonly<Record<CompletedShell, (commands: readonly Command[]) => readonly string[]>> = {
  bash: (commands) => [
    '# mailauth completion bash > ~/.local/share/bash-completion/completions/mailauth',
    ...posixWords(commands),
    '_mailauth() {',
    `  local IFS=$' \\t\\n' current=\${COMP_WORDS[COMP_CWORD]}`,
    `  _mailauth_words "\${COMP_WORDS[COMP_CWORD-1]}" "\${COMP_WORDS[@]:1:COMP_CWORD-1}"`,
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '  if [ -n "$files" ]; then compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$current")); fi',
    '}',
    'complete -F _mailauth mailauth',
  ],
  zsh: (commands) => [
    '#compdef mailauth',
    `# mailauth completion zsh > "\${fpath[1]}/_mailauth"`,
    ...posixWords(commands),
    '_mailauth() {',
    '  setopt local_options sh_word_split',
    `  local -a before; before=(\${words[2,CURRENT-1]})`,
    `  local previous=\${words[CURRENT-1]} words files`,
    '  _mailauth_words "$previous" $before',
    '  [ -n "$words" ] && compadd -- $words',
    '  [ -n "$files" ] && _files',
    '  return 0',
    '}',
    'if [ "$funcstack[1]" = "_mailauth" ]; then _mailauth "$@"; else compdef _mailauth mailauth; fi',
  ],
  fish: (commands) => [
    '# mailauth completion fish > ~/.config/fish/completions/mailauth.fish',
    'complete -c mailauth -f',
    `function __mailauth_accounts; mailauth list --json 2>/dev/null | string match -ra '"name":"[^"]+"' | string replace -r '.*:"(.*)"' '$1'; end`,
    ...commands.flatMap((command) => [
      `complete -c mailauth -n __fish_use_subcommand -a ${command.name} -d ${single(command.help)}`,
      ...fishLines(`-n '__fish_seen_subcommand_from ${command.name}'`, command),
    ]),
  ],
  powershell: (commands) => [
    '# mailauth completion powershell >> $PROFILE',
    '$mailauthWords = @{',
    ...commands.flatMap((command) => [
      `  '${command.name}' = @(${[...command.words, ...namesIn(command)].map(single).join(', ')})`,
      ...command.options
        .filter(({ words }) => words.length > 0)
        .map(({ names, words }) => `  '${command.name} ${names.at(-1)}' = @(${words.map(single).join(', ')})`),
    ]),
    `  '' = @(${commands.map(({ name }) => single(name)).join(', ')})`,
    '}',
    'Register-ArgumentCompleter -Native -CommandName mailauth -ScriptBlock {',
    '  param($word, $line, $cursor)',
    '  $before = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })',
    `  $command = @($before | Where-Object { $_ -ne '' -and $mailauthWords.ContainsKey($_) })[0]`,
    '  $words = $mailauthWords["$command $($before[-1])"]',
    '  if (-not $words) { $words = $mailauthWords["$command"] }',
    '  $words | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }',
    '}',
  ],
};

/** Sets `words` and `files` to what may follow, for the shells that speak POSIX. The first argument is the word before. */
function posixWords(commands: readonly Command[]): readonly string[] {
  const accounts = `$(mailauth list --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d'"' -f4)`;
  const set = ({ words, accounts: takesAccounts, files }: Next, more: readonly string[] = []): string =>
    `words="${[...words, ...(takesAccounts ? [accounts] : []), ...more].join(' ')}"; files=${files ? 'yes' : ''}`;
  return [
    '_mailauth_words() {',
    '  local previous=$1 command= word; shift',
    `  for word; do case $word in ${commands.map(({ name }) => name).join('|')}) command=$word; break;; esac; done`,
    '  case "$command $previous" in',
    ...commands.flatMap((command) =>
      command.options
        .filter(({ takesValue }) => takesValue)
        .map(
          (option) =>
            `    ${option.names.map((name) => `"${command.name} ${name}"`).join('|')}) ${set(option)}; return;;`,
        ),
    ),
    '  esac',
    '  case "$command" in',
    ...commands.map((command) => `    ${command.name}) ${set(command, namesIn(command))};;`),
    `    *) words="${[...commands.map(({ name }) => name), 'help', '--help', '--version'].join(' ')}"; files=;;`,
    '  esac',
    '}',
  ];
}

function fishLines(condition: string, command: Command): readonly string[] {
  const values = ({ words, accounts, files }: Next): string =>
    [
      ...(words.length > 0 ? [`-a ${single(words.join(' '))}`] : []),
      ...(accounts ? ["-a '(__mailauth_accounts)'"] : []),
      ...(files ? ['-F'] : []),
    ].join(' ');
  const own = values(command);
  return [
    ...(own === '' ? [] : [`complete -c mailauth ${condition} ${own}`]),
    ...command.options.map((option) => {
      const names = option.names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
      const value = option.takesValue ? `-x ${values(option)}` : '';
      return `complete -c mailauth ${condition} ${names.join(' ')} ${value} -d ${single(option.help)}`.replace(
        / {2,}/g,
        ' ',
      );
    }),
  ];
}

function namesIn({ options }: Command): readonly string[] {
  return [...options.flatMap(({ names }) => names), '--help'];
}

function single(text: string): string {
  return `'${text.replaceAll("'", '')}'`;
}
