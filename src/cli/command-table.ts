import { STORE_SPELLINGS } from '../account/account.js';
import { GUIDE_SCRIPTS, PROVIDER_CHOICE, PROVIDER_NAMES } from '../providers/outline.js';
import { PROTOCOLS, protocols } from '../words/protocol.js';

/** The command table: names, arguments and options as data, so that help, parsing and docs/commands.md cannot disagree. */

export interface OptionSpec {
  /** As commander reads it: `-q, --quiet` or `--timeout <SECONDS>`. */
  readonly flags: string;
  readonly help: string;
  readonly repeatable?: boolean;
}

export interface CommandSpec {
  readonly name: string;
  /** As commander reads it: `[ACCOUNT...]`. */
  readonly args: string;
  readonly help: string;
  /** What has to be named, where a command cannot do without it. */
  readonly needs?: string;
  /** Lines that work as they stand, or nearly. */
  readonly examples: readonly string[];
  readonly options: readonly OptionSpec[];
  /** `setup` and `guide` take a flag for every question of the providers besides. */
  readonly takesAnswers?: boolean;
  /** What it prints is all there is of it: it has no use where standard output is closed. */
  readonly onlyPrints?: boolean;
  /** Its arguments are anybody's text: what begins with a dash and is no flag of every command belongs to it. */
  readonly takesText?: boolean;
}

/** Accounts have their provider's name until they are given another, so these stand for both in the examples. */
const [one, other] = PROVIDER_NAMES;

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--json', help: 'print one JSON document on stdout; implies --no-input' },
  { flags: '-q, --quiet', help: 'say nothing on stderr but warnings and errors' },
  { flags: '-v, --verbose', help: 'say more on stderr; never a secret' },
  { flags: '--no-input', help: 'never ask; everything comes from flags and variables' },
  { flags: '--no-color', help: 'no colour' },
  { flags: '--no-browser', help: 'print the address to open, and open nothing' },
  {
    flags: `--store <${Object.values(STORE_SPELLINGS).join('|')}>`,
    help: 'where secrets are kept (MAILAUTH_STORE)',
  },
  {
    flags: '--timeout <SECONDS>',
    help: 'how long to wait for the browser (300), or for one account to be checked (45)',
  },
];

/** The ways to sign in without a browser on this machine. */
const SIGN_IN_OPTIONS: readonly OptionSpec[] = [
  { flags: '--begin', help: 'print the address to open, and end; finish within ten minutes' },
  { flags: '--finish', help: 'take the address the browser ended on, from a prompt, a file or standard input' },
  { flags: '--callback-url-file <FILE|->', help: 'with --finish: where that address stands' },
  { flags: '--device', help: 'sign in with a code on another device, where the provider allows it' },
];

const TABLE = [
  {
    name: 'setup',
    args: '[PROVIDER|ACCOUNT|ADDRESS]',
    help: 'walk through every numbered step, sign in, store, and prove the mailbox',
    examples: [
      `mailauth setup ${one}`,
      'mailauth setup reception@example.com',
      `mailauth setup ${other} --from-step 7`,
      `mailauth setup ${other} --account ADDRESS --tenant ID --client-id ID --client-secret-file FILE`,
    ],
    takesAnswers: true,
    options: [
      { flags: '--from-step <N>', help: 'begin at this step, for example to renew only the client secret' },
      { flags: '--restart', help: 'forget the unfinished set-up and begin anew' },
      { flags: '--yes', help: 'sign in again, without asking, where a change of an account needs it' },
      ...SIGN_IN_OPTIONS,
      { flags: '--accounts-file <FILE|->', help: 'set up many: ADDRESS[,NAME[,REFRESH_TOKEN_FILE]] a line' },
    ],
  },
  {
    name: 'authorize',
    args: '<ACCOUNT>',
    help: 'sign in again with the stored client',
    needs: 'the name or the address of an account',
    examples: [`mailauth authorize ${one}`, `mailauth authorize ${other} --device`],
    options: SIGN_IN_OPTIONS,
  },
  {
    name: 'check',
    args: '[ACCOUNT...]',
    help: 'prove that sign-in, SMTP and IMAP work; reads only, sends nothing',
    examples: ['mailauth check', `mailauth check ${other} --json`],
    options: [
      { flags: `--only <${protocols.join('|')}>`, help: 'check one protocol', repeatable: true },
      { flags: '--format <text|json|prometheus|nagios>', help: 'how the result is printed; nagios ends with 0 to 3' },
      { flags: '--warn-days <N>', help: 'warn this many days before a client secret expires (60)' },
      { flags: '--strict', help: 'end a warning with its own exit code' },
      { flags: '--send-test <ADDRESS>', help: 'send one small message to this address' },
    ],
  },
  {
    name: 'token',
    args: '<ACCOUNT>',
    help: 'print a valid access token and a newline',
    needs: 'the name or the address of an account',
    onlyPrints: true,
    examples: [`mailauth token ${one}`, `mailauth token ${one} --format xoauth2 --for imap`],
    options: [
      { flags: '--min-ttl <SECONDS>', help: 'how long the token should still live (120)' },
      { flags: '--force-refresh', help: 'ask for a new token even if the old one is still valid' },
      { flags: '--format <token|xoauth2|oauthbearer|json>', help: 'the token, the SASL string, or a JSON document' },
      {
        flags: `--for <${protocols.join('|')}>`,
        help: 'the server a SASL string is for: its user name, and what oauthbearer names',
      },
    ],
  },
  {
    name: 'list',
    args: '',
    help: 'show the accounts that are set up',
    onlyPrints: true,
    examples: ['mailauth list'],
    options: [],
  },
  {
    name: 'remove',
    args: '<ACCOUNT>',
    help: 'delete an account and every copy of its secrets',
    needs: 'the name or the address of an account',
    examples: [`mailauth remove ${one}`],
    options: [
      { flags: '--yes', help: 'do not ask' },
      { flags: '--revoke', help: 'end the sign-in at the provider even where others share it' },
      { flags: '--no-revoke', help: 'leave the sign-in at the provider alone' },
    ],
  },
  {
    name: 'export',
    args: '[ACCOUNT]',
    help: 'print the configuration for another program',
    onlyPrints: true,
    examples: [`mailauth export ${one} --format msmtp`, 'mailauth export --format list'],
    options: [
      { flags: '--format <NAME>', help: 'the program; "list" names them all' },
      { flags: '--for <imap|pop>', help: 'how the program is to collect mail, where it can do both (imap)' },
      { flags: '--show-secret', help: 'put the secrets into the output' },
      { flags: '--write <FILE>', help: 'write to a file that only you can read; never overwrites unasked' },
      { flags: '--yes', help: 'overwrite the file, and show secrets without asking' },
    ],
  },
  {
    name: 'import',
    args: '<FILE|->',
    help: 'add an account that another machine has set up; its secrets are in a store that both reach',
    needs: 'the file that `mailauth export ACCOUNT --format account` printed, or - for standard input',
    examples: ['mailauth import account.json', 'mailauth import -'],
    options: [],
  },
  {
    name: 'guide',
    args: '<PROVIDER>',
    help: 'print the numbered guide with your values filled in',
    needs: `a provider: ${PROVIDER_CHOICE}`,
    onlyPrints: true,
    examples: [`mailauth guide ${one}`, `mailauth guide ${other} --format md`],
    takesAnswers: true,
    options: [
      {
        flags: `--format <${['text', 'md', 'json', ...GUIDE_SCRIPTS].join('|')}>`,
        help: 'how to print it (text); or as a script to run, where the provider has one',
      },
    ],
  },
  {
    name: 'explain',
    args: '[CODE|TEXT|-...]',
    help: 'explain an error code, an error message or a log of any mail program',
    takesText: true,
    onlyPrints: true,
    examples: [
      'mailauth explain smtp_auth_disabled',
      'mailauth explain "535 5.7.139 Authentication unsuccessful"',
      'mailauth explain < mail.log',
    ],
    options: [],
  },
  {
    name: 'key',
    args: '<FILE>',
    help: 'make a key file for the encrypted file',
    needs: 'the name of the file to make',
    examples: ['mailauth key ~/.config/mailauth.key'],
    options: [],
  },
  {
    name: 'serve',
    args: '[ACCOUNT...]',
    help: 'let programs that know only a user name and a password use a mailbox, on this computer',
    examples: ['mailauth serve', `mailauth serve ${one} --smtp 2525 --imap off --pop off`],
    options: [
      ...protocols.map((protocol) => ({
        flags: `--${protocol} <[HOST:]PORT|off>`,
        help: `where ${PROTOCOLS[protocol].title} is answered (127.0.0.1:${PROTOCOLS[protocol].servePort})`,
      })),
      {
        flags: '--socket <DIR>',
        help: `answer at unix sockets in this folder: ${protocols.map((protocol) => `${protocol}.sock`).join(', ')}`,
      },
      { flags: '--tls-cert <FILE>', help: 'certificate (PEM), needed where other computers can reach the server' },
      { flags: '--tls-key <FILE>', help: 'its private key (PEM)' },
      { flags: '--max-connections <N>', help: 'how many connections may be open (200)' },
    ],
  },
  {
    name: 'password',
    args: '<ACCOUNT>',
    help: 'make a password for one program or device that uses the mailbox through serve',
    needs: 'the name or the address of an account',
    examples: [`mailauth password ${one} --label scanner`, `mailauth password ${one} --list`],
    options: [
      { flags: '--label <NAME>', help: 'what the password is for (device)' },
      { flags: '--list', help: 'show the labels of the passwords there are' },
      { flags: '--delete <NAME>', help: 'delete the password of this label; what it has opened is closed' },
    ],
  },
  {
    name: 'discover',
    args: '<ADDRESS>',
    help: 'ask what a mail domain says of itself: provider, servers, issuer, registration',
    needs: 'an e-mail address',
    examples: ['mailauth discover reception@example.com'],
    options: [],
  },
  {
    name: 'doctor',
    args: '',
    help: 'gather what a report of a fault needs, without addresses and secrets',
    onlyPrints: true,
    examples: ['mailauth doctor', 'mailauth doctor --json'],
    options: [],
  },
  {
    name: 'completion',
    args: '<bash|zsh|fish|powershell>',
    help: 'print the script that completes mailauth in your shell',
    needs: 'the name of a shell: bash, zsh, fish or powershell',
    onlyPrints: true,
    examples: ['mailauth completion bash'],
    options: [],
  },
] as const satisfies readonly CommandSpec[];

/** Each has its file in commands/, which main.ts loads. */
export type CommandName = (typeof TABLE)[number]['name'];

export const COMMANDS: readonly (CommandSpec & { readonly name: CommandName })[] = TABLE;

/** `mailauth --help`, made here so that it loads neither the parser nor any command. */
export function renderHelp(): string {
  const rows = (entries: readonly (readonly [string, string])[]): string[] => {
    const width = Math.max(...entries.map(([left]) => left.length));
    return entries.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  };
  return [
    'mailauth sets up OAuth2 for a mailbox, step by step, and proves that SMTP and IMAP work.',
    '',
    'Begin with:',
    `  mailauth setup ${one}`,
    `  mailauth setup ${other}`,
    '',
    'Commands:',
    ...rows(COMMANDS.map(({ name, args, help }) => [`${name} ${args}`.trim(), help] as const)),
    '',
    'Options of every command:',
    ...rows([
      ...GLOBAL_OPTIONS.map(({ flags, help }) => [flags, help] as const),
      ['-h, --help', 'show help, also for a command: mailauth setup --help'],
      ['-V, --version', 'show the version'],
    ]),
    '',
  ].join('\n');
}
