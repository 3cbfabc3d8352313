import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { COMMANDS, GLOBAL_OPTIONS } from '../../src/cli/command-table.js';
import { parse } from '../../src/cli/program.js';
import { namesOf } from '../../src/cli/usual-line.js';
import { MailauthError } from '../../src/explain/problem.js';
import { protocols } from '../../src/words/protocol.js';

/** What a mistake on the command line is answered with, and what help shows. */

function mistake(argv: readonly string[]): { message: string; command: string | undefined } {
  try {
    parse(argv);
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
    expect(error).toMatchObject({ code: 'usage', exit: 64 });
    return { message: error.message, command: error.problem.fix[0]?.command };
  }
  throw new Error(`${argv.join(' ')} was understood`);
}

describe('a mistake names the next action', () => {
  it.each<[string[], string, string]>([
    [['chekc'], 'there is no command "chekc". Did you mean "check"?', 'mailauth check'],
    [['login'], 'there is no command "login". Did you mean "authorize"?', 'mailauth authorize'],
    [['authorise', 'gmail'], 'there is no command "authorise". Did you mean "authorize"?', 'mailauth authorize gmail'],
    [['rm', 'gmail'], 'there is no command "rm". Did you mean "remove"?', 'mailauth remove gmail'],
    [['status'], 'there is no command "status"; mailauth alone shows how things stand', 'mailauth'],
    [['help', 'chekc'], 'there is no command "chekc". Did you mean "check"?', 'mailauth help check'],
    [['token'], 'token needs the name or the address of an account', 'mailauth token gmail'],
    [['remove'], 'remove needs the name or the address of an account', 'mailauth remove gmail'],
    [
      ['guide'],
      'guide needs a provider: gmail, outlook, fastmail, yandex, mail-ru, seznam or custom',
      'mailauth guide gmail',
    ],
    [['key'], 'key needs the name of the file to make', 'mailauth key ~/.config/mailauth.key'],
    [['token', 'a', 'b'], "too many arguments for 'token'. Expected 1 argument but got 2.", 'mailauth token --help'],
    [['check', '--only'], "option '--only <smtp|imap|pop>' argument missing", 'mailauth check --help'],
    [['check', '--onyl', 'smtp'], "unknown option '--onyl'", 'mailauth check --help'],
    [['check', '--strict=yes'], "option '--strict' takes no value", 'mailauth check --help'],
    [
      ['setup', 'gmail', '--account', '--client-id', 'an-id'],
      "option '--account <ADDRESS>' argument missing",
      'mailauth setup --help',
    ],
    [['check', '--only', '--json'], "option '--only <smtp|imap|pop>' argument missing", 'mailauth check --help'],
    [['export', 'gmail', '--write', '-q'], "option '--write <FILE>' argument missing", 'mailauth export --help'],
  ])('%j', (argv, message, command) => {
    expect(mistake(argv)).toEqual({ message, command });
  });

  it('every command that cannot do without an argument says what it needs', () => {
    for (const { name, args } of COMMANDS.filter((command) => command.args.startsWith('<'))) {
      expect(mistake([name]).message, args).toMatch(new RegExp(`^${name} needs `));
    }
  });
});

describe('a value', () => {
  it.each([
    [['setup', 'gmail', '--description', '--- desk ---'], 'description', '--- desk ---'],
    [['setup', 'gmail', '--client-secret-file', '-'], 'clientSecretFile', '-'],
    [['guide', 'gmail', '--description=-x'], 'description', '-x'],
    [['check', '--only', 'smtp', '--only=imap'], 'only', ['smtp', 'imap']],
    [['list', '--store', 'file', '--store', 'keychain'], 'store', 'keychain'],
  ])('is taken as it stands: %j', (argv, name, value) => {
    expect(parse(argv)?.options[name]).toEqual(value);
  });
});

describe('help', () => {
  function help(name: string): string {
    let shown = '';
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      shown += text;
      return true;
    });
    onTestFinished(() => write.mockRestore());
    expect(parse([name, '--help'])).toBeUndefined();
    return shown;
  }

  it.each(COMMANDS.map(({ name }) => name))('of %s ends with examples that are understood', (name) => {
    const examples = help(name).split('\nExamples:\n')[1]?.trimEnd().split('\n') ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const words = example.trim().match(/"[^"]*"|\S+/g) ?? [];
      expect(parse(words.slice(1))?.command, example).toBe(name);
    }
  });

  it('of setup says which provider a flag is for, where not all ask', () => {
    const text = help('setup');
    expect(text).toMatch(/--tenant <ID> +Directory \(tenant\) ID \(outlook\)/);
    expect(text).toMatch(/--account <ADDRESS> +Mailbox to connect\n/);
  });
});

describe('an option', () => {
  const CLI = new URL('../../src/cli/', import.meta.url);
  const texts = readdirSync(CLI, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(file.replaceAll('\\', '/'), CLI), 'utf8'))
    .join('\n');

  it.each([...COMMANDS, { name: 'every command', options: GLOBAL_OPTIONS }])('of $name is read', ({ options }) => {
    const names = options.map(({ flags }) => {
      const [long = ''] = namesOf(flags).slice(-1);
      return long.replace(/^--(?:no-)?/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    });
    const isRead = (name: string) =>
      new RegExp(`options\\['${name}'\\]|given\\('${name}'|\\['${name}', '--`).test(texts);
    // `serve` reads the flags of its protocols by their names.
    expect(names.filter((name) => !(protocols as readonly string[]).includes(name) && !isRead(name))).toEqual([]);
  });
});
