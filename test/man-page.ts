import { COMMANDS, GLOBAL_OPTIONS, type OptionSpec } from '../src/cli/command-table.js';
import { answerOptions } from '../src/cli/set-up-flags.js';
import { VARIABLES } from './commands-page.js';

/** man/mailauth.1, in the man(7) macros, from the same table that reads the command line. */
export function renderManPage(): string {
  const setup = COMMANDS.find(({ takesAnswers }) => takesAnswers === true);
  return [
    '.\\" made by test/generate-docs.ts from src/cli/command-table.ts: change it there',
    '.TH MAILAUTH 1 "" "mailauth" "User Commands"',
    '.SH NAME',
    'mailauth \\- set up OAuth 2.0 for a mailbox, prove SMTP and IMAP, hand out tokens',
    '.SH SYNOPSIS',
    '.B mailauth',
    '.RI [ command ]',
    '.RI [ arguments ]',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    roff(
      'mailauth walks through every numbered step of registering a mailbox for OAuth 2.0, signs in, keeps the secrets in the keychain, proves that SMTP and IMAP work, and gives mail programs a valid access token. Without a command it shows how things stand, and the one next command.',
    ),
    '.SH COMMANDS',
    ...COMMANDS.flatMap((command) => [
      `.SS "mailauth ${roff(`${command.name} ${command.args}`.trim())}"`,
      roff(`${command.help.charAt(0).toUpperCase()}${command.help.slice(1)}.`),
      ...command.options.flatMap(option),
      '.PP',
      'For example:',
      '.PP',
      '.nf',
      ...command.examples.map((example) => `    ${roff(example)}`),
      '.fi',
    ]),
    '.SH OPTIONS OF EVERY COMMAND',
    ...GLOBAL_OPTIONS.flatMap(option),
    '.SH OPTIONS OF THE SET-UP',
    'Each is also a question of the wizard. A flag wins over its variable: MAILAUTH_CLIENT_ID is \\-\\-client\\-id.',
    ...(setup === undefined ? [] : answerOptions(setup).flatMap(option)),
    '.SH ENVIRONMENT',
    ...VARIABLES.flatMap(([name, text]) => ['.TP', `.B ${roff(name)}`, roff(text.replaceAll('`', ''))]),
    '.SH EXIT STATUS',
    '0 fine, 1 a fault of mailauth, 64 to 67 the command or its input, 69 refused by the provider or an administrator, 73 and 74 the store, 75 try again later, 76 the protocol, 77 a person must sign in, 78 the registration is wrong, 130 and 143 interrupted. docs/errors.md lists every cause.',
    '.SH SEE ALSO',
    'mailauth guide, mailauth explain, and the folder docs of the package.',
    '',
  ].join('\n');
}

function option({ flags, help }: OptionSpec): readonly string[] {
  return ['.TP', `.B ${roff(flags)}`, roff(help)];
}

/** A backslash, a hyphen and a control character at the start of a line mean something to roff. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}
