import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExportInput, exportFormat } from '../../../src/export/formats.js';
import {
  fetchmailString,
  iniValue,
  msmtpString,
  muttString,
  phpString,
  quoted,
  rawIniValue,
  shellCommand,
  stringLiteral,
} from '../../../src/export/quoting.js';
import { gmailExport } from '../../export/accounts.js';

/** The programs themselves read back what was quoted for them. */

const VALUES = [
  'reception@happypaws.example',
  'o"hara\'s "clinic"@example.com',
  'back\\slash\\\\twice\\@example.com',
  '100% %s %(home)s %%@example.com',
  '#hash ;semi #more@example.com',
  '$HOME $'.concat('{HOME} `id` $(id)@example.com'),
  '"whole thing in quotes"',
  '\\"\\x22\\n@example.com',
  'zoë.größe@пример.example',
  '~user/*?[a-z]!{a,b}&&||<>@example.com',
  '=eq=:colon:,comma,@example.com',
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-quoting-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (file: string, args: readonly string[], input = '') =>
  execFileSync(file, args, {
    input,
    encoding: 'utf8',
    env: { ...process.env, HOME: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
  });

const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

function postfixThroughMsmtp(input: ExportInput) {
  const [, script = '', master = '', main = ''] = exportFormat('postfix-msmtp')
    .render(input)
    .split(/^# [123]\. .*\n(?:# .*\n)*\n/m);
  return { script, master, main };
}

describe.each(VALUES)('%s', (value) => {
  test('sh', () => {
    expect(run('sh', ['-c', shellCommand(['printf', '%s\\0%s', value, '-'])])).toBe(`${value}\0-`);
  });

  test('git', () => {
    const path = file(
      'gitconfig',
      `[sendemail]\n\tsmtpUser = ${quoted(value)}\n[credential ${quoted(value)}]\n\thelper = x\n`,
    );
    expect(run('git', ['config', '-z', '-f', path, 'sendemail.smtpUser'])).toBe(`${value}\0`);
    expect(run('git', ['config', '-z', '-f', path, '--list'])).toContain(`credential.${value}.helper\nx\0`);
  });

  test('msmtp', () => {
    const path = file('msmtprc', `account a\nhost localhost\nauth on\nuser ${msmtpString(value)}\nfrom a@b\ntls off\n`);
    expect(run('msmtp', ['-C', path, '-a', 'a', '--pretend', 'x@example.com'])).toContain(`\nuser = ${value}\n`);
  });

  test('msmtp without a file, called by the script for Postfix', () => {
    const tokenCommand = ['echo', value];
    const { script } = postfixThroughMsmtp({ ...gmailExport({ account: { address: value } }), tokenCommand });
    const said = run('sh', ['-c', script.replace(/^msmtp /m, 'msmtp --pretend '), 'sh', 'x@example.com']);
    for (const line of [`user = ${value}`, `from = ${value}`, `passwordeval = ${shellCommand(tokenCommand)}`]) {
      expect(said).toContain(`\n${line}\n`);
    }
  });

  test.each(['mutt', 'neomutt'])('%s', (program) => {
    const path = file('muttrc', `set imap_user = ${muttString(value)}\n`);
    const shown = /^(?:set )?imap_user ?= ?"(.*)"$/.exec(run(program, ['-n', '-F', path, '-Q', 'imap_user']).trim());
    expect(shown?.[1]?.replace(/\\(["\\])/g, '$1')).toBe(value);
  });

  test("Python: a literal, and configparser's two ways", () => {
    const path = file('ini', `[a]\nraw = ${rawIniValue(value)}\n`);
    const interpolated = file('ini2', `[a]\nvalue = ${iniValue(value)}\n`);
    const script = [
      'import configparser, json',
      `r = configparser.RawConfigParser(); r.read(${stringLiteral(path)}, encoding="utf-8")`,
      `c = configparser.ConfigParser(); c.read(${stringLiteral(interpolated)}, encoding="utf-8")`,
      `print(json.dumps([${stringLiteral(value)}, r.get("a", "raw"), c.get("a", "value")]))`,
    ];
    expect(JSON.parse(run('python3', ['-c', script.join('\n')]))).toEqual([value, value, value]);
  });

  test('PHP', () => {
    expect(run('php', ['-n', '-r', `echo ${phpString(value)};`])).toBe(value);
  });

  test('JavaScript', () => {
    expect(run(process.execPath, ['-e', `process.stdout.write(${stringLiteral(value)})`])).toBe(value);
  });
});

// Its dump writes bytes beyond ASCII in a way that cannot be read back.
test.each(VALUES.filter((value) => /^[ -~]+$/.test(value)))('fetchmail: %s', (value) => {
  const settings = `poll localhost protocol imap username ${fetchmailString(value)} password "x"\n`;
  const shown = /"remote":"(.*)",$/m.exec(run('fetchmail', ['--fetchmailrc', '-', '--configdump'], settings));
  expect(shown?.[1]?.replace(/\\(["\\])/g, '$1')).toBe(value);
});

describe('whole files', () => {
  test('Himalaya: TOML with the keys of version 2', () => {
    const path = file('himalaya.toml', exportFormat('himalaya').render(gmailExport()));
    const script = `import json, tomllib; print(json.dumps(tomllib.load(open(${stringLiteral(path)}, "rb"))))`;
    expect(JSON.parse(run('python3', ['-c', script]))).toEqual({
      accounts: {
        gmail: {
          default: true,
          email: 'reception@happypaws.example',
          imap: {
            server: 'imaps://imap.gmail.com:993',
            sasl: {
              xoauth2: { username: 'reception@happypaws.example', token: { command: ['mailauth', 'token', 'gmail'] } },
            },
          },
          smtp: {
            server: 'smtp://smtp.gmail.com:587',
            starttls: true,
            sasl: {
              xoauth2: { username: 'reception@happypaws.example', token: { command: ['mailauth', 'token', 'gmail'] } },
            },
          },
        },
      },
    });
  });

  test('Postfix: main.cf and sasl_passwd, as postconf and postmap read them', () => {
    const text = exportFormat('postfix').render(gmailExport());
    const [, main = '', passwords = '', token = ''] = text.split(/^# [123]\. .*\n(?:#.*\n)*\n/m);
    file('main.cf', main);
    file('master.cf', '');
    const settings = run('postconf', ['-c', folder, '-n']).trim().split('\n').sort();
    expect(settings).toEqual([`config_directory = ${folder}`, ...main.trim().split('\n')].sort());
    const map = file('sasl_passwd', passwords);
    const env = { ...process.env, MAIL_CONFIG: folder };
    execFileSync('postmap', [`hash:${map}`], { env });
    expect(execFileSync('postmap', ['-q', '[smtp.gmail.com]:587', `hash:${map}`], { env, encoding: 'utf8' })).toBe(
      'reception@happypaws.example:/etc/tokens/gmail\n',
    );
    expect(Object.keys(JSON.parse(token))).toEqual([
      'access_token',
      'expiry',
      'refresh_token',
      'client_id',
      'client_secret',
      'token_endpoint',
    ]);
  });

  test('Postfix through msmtp: master.cf and main.cf, as postconf reads them, and a script that sh can read', () => {
    const { script, master, main } = postfixThroughMsmtp(
      gmailExport({
        account: { name: 'o"hara\'s $(id) $x', store: { kind: 'file', key: 'key-file', keyPath: "/o'k" } },
      }),
    );
    file('master.cf', master);
    file('main.cf', main);
    expect(run('postconf', ['-c', folder, '-M']).trim().split(/\s+/).join(' ')).toBe(
      'mailauth-o-hara-s-id-x-66d4a7 unix - n n - 2 pipe flags=q user=USER argv=/usr/local/lib/postfix-msmtp-o-hara-s-id-x-66d4a7 $recipient',
    );
    expect(run('postconf', ['-c', folder, '-h', 'default_transport'])).toBe('mailauth-o-hara-s-id-x-66d4a7:\n');
    run('sh', ['-n', file('postfix-msmtp.sh', script)]);
    const shown = script.replace(/^msmtp .*$/m, 'echo "$MAILAUTH_KEY_FILE"');
    expect(run('sh', ['-c', shown])).toBe("/o'k\n");
  });

  test('fetchmail: the settings, but for the word that 6.x does not know', () => {
    const script = exportFormat('fetchmail').render({ ...gmailExport(), tokenCommand: ['echo', 'the-token'] });
    const known = script
      .replaceAll('auth oauthbearer', 'auth any')
      .replace('--fetchmailrc -', '--fetchmailrc - --configdump');
    const dump = run('sh', ['-c', known]);
    for (const part of ['"pollname":"imap.gmail.com"', '"service":"993"', '"remote":"reception@happypaws.example"']) {
      expect(dump).toContain(part);
    }
    for (const part of ['"password":"the-token"', "'ssl':TRUE", "'sslcertck':TRUE", "'keep':TRUE"])
      expect(dump).toContain(part);
  });

  test.each(['fetchmail', 'curl', 'postfix-timer'])('%s: a script that sh can read', (id) => {
    const text = exportFormat(id).render(gmailExport());
    run('sh', ['-n', file(`${id}.sh`, text.slice(text.indexOf('#!/bin/sh')))]);
  });
});
