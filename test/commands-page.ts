import { COMMANDS, GLOBAL_OPTIONS, type OptionSpec } from '../src/cli/command-table.js';
import { askableQuestions } from '../src/cli/set-up-flags.js';
import { type Code, EXIT_OF } from '../src/explain/codes.js';
import { CODE_MEANINGS } from '../src/explain/meanings.js';
import { envOf, flagOf } from '../src/guide/plan.js';
import type { Question } from '../src/guide/step.js';
import { providers } from '../src/providers/directory.js';

/** Variables that no question of the set-up has. */
export const VARIABLES: readonly (readonly [string, string])[] = [
  ['MAILAUTH_CONFIG_DIR', 'the folder of accounts.json, the unfinished set-ups and the encrypted file'],
  ['MAILAUTH_STORE', 'where secrets are kept, like `--store`'],
  ['MAILAUTH_KEY_FILE', 'the key file of the encrypted file (made by `mailauth key`)'],
  ['MAILAUTH_PASSPHRASE_FILE', 'a file that holds the passphrase of the encrypted file'],
  ['MAILAUTH_PASSPHRASE', 'that passphrase; read once and removed from the environment'],
  ['MAILAUTH_CLIENT_SECRET', 'the client secret; read once and removed from the environment'],
  ['MAILAUTH_REFRESH_TOKEN', 'a refresh token; read once and removed from the environment'],
  ['CREDENTIALS_DIRECTORY', 'set by systemd: `mailauth-key` or `mailauth-passphrase` in it unlock the encrypted file'],
  ['BROWSER', 'the program that opens addresses; the address is its one argument'],
  ['NO_COLOR, FORCE_COLOR, TERM=dumb', 'colour off, on, off'],
  [
    'HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY',
    'the proxy for requests to the provider (http, https, socks5 or socks4); mail servers are reached directly',
  ],
  ['NODE_EXTRA_CA_CERTS', 'certificate authorities that Node trusts in addition'],
];

/** docs/commands.md, from the command table, the questions and the codes themselves. */
export function renderCommandsPage(): string {
  return [
    '<!-- made by test/generate-docs.ts from src/cli/command-table.ts, src/guide/questions.ts and src/explain/codes.ts -->',
    '',
    '# Commands',
    '',
    'The result goes to stdout, everything else to stderr. With `--json`, stdout holds exactly one document.',
    '',
    ...COMMANDS.flatMap((command) => [
      `## mailauth ${command.name} ${command.args}`.trimEnd(),
      '',
      `${command.help.charAt(0).toUpperCase()}${command.help.slice(1)}.`,
      '',
      ...(command.options.length === 0 ? [] : [...optionTable(command.options), '']),
      '```',
      ...command.examples,
      '```',
      '',
      ...(command.takesAnswers === true ? ['It takes the flags of [the set-up](#flags-of-the-set-up) too.', ''] : []),
    ]),
    '## Options of every command',
    '',
    ...optionTable(GLOBAL_OPTIONS),
    '',
    '## Flags of the set-up',
    '',
    'Each is also a question of the wizard or changes a default of it. A flag wins over its variable, a variable over an',
    'unfinished set-up, that over the default.',
    '',
    '| flag | variable | meaning |',
    '|---|---|---|',
    ...askableQuestions().map((question) => {
      const flag =
        question.kind === 'confirm' ? flagOf(question) : `${flagOf(question)} ${question.placeholder ?? 'VALUE'}`;
      const env = envOf(question);
      return `| \`${cell(flag)}\` | ${env === undefined ? '' : `\`${env}\``} | ${cell(meaningOf(question))} |`;
    }),
    '',
    '## Variables',
    '',
    '| variable | meaning |',
    '|---|---|',
    ...VARIABLES.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    '## Exit codes',
    '',
    'Of several failures the first of 1, 73, 74, 78, 77, 69, 76, 75 that is present is the exit code. 0 means fine, warnings',
    'included unless `--strict`. 75 means: the same command can work later.',
    '',
    '| exit | code | meaning |',
    '|---|---|---|',
    ...(Object.keys(EXIT_OF) as Code[]).map(
      (code) => `| ${EXIT_OF[code]} | \`${code}\` | ${cell(CODE_MEANINGS[code].message)} |`,
    ),
    '',
    'Samples and fixes of each: [errors.md](errors.md).',
    '',
  ].join('\n');
}

const inWords = new Intl.ListFormat('en-GB');

/** A question that not all providers ask, or not in the same words, says whose it is. */
function meaningOf({ id }: Question): string {
  const titles = new Map<string, string[]>();
  for (const { title, questions } of providers) {
    const help = questions.find((question) => question.id === id)?.help;
    if (help !== undefined) titles.set(help, [...(titles.get(help) ?? []), title]);
  }
  return [...titles]
    .map(([help, names]) => (names.length === providers.length ? help : `${inWords.format(names)}: ${help}`))
    .join(' ');
}

function optionTable(options: readonly OptionSpec[]): string[] {
  return [
    '| option | meaning |',
    '|---|---|',
    ...options.map(({ flags, help }) => `| \`${cell(flags)}\` | ${cell(help)} |`),
  ];
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
