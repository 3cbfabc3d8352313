import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/account/account.js';
import type { Client } from '../../src/account/client.js';
import { COMMANDS, GLOBAL_OPTIONS } from '../../src/cli/command-table.js';
import { askableQuestions } from '../../src/cli/set-up-flags.js';
import { MailauthError } from '../../src/explain/problem.js';
import { exportFormats } from '../../src/export/formats.js';
import { guard } from '../../src/guide/guard.js';
import { flagOf } from '../../src/guide/plan.js';
import { oauthbearer, xoauth2 } from '../../src/mail/sasl.js';
import { providers } from '../../src/providers/directory.js';
import { parseConfiguration } from '../../src/store/configuration.js';
import { Secret } from '../../src/words/secret.js';
import { gmailExport, outlookExport } from '../export/accounts.js';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

describe('the command line', () => {
  const TELLING = /secret|token|pass(?:word|phrase)|verifier|\bcode\b|callback/i;

  it('X11 X01 has no argument and no flag whose value is a secret', () => {
    const flags = [
      ...GLOBAL_OPTIONS.map(({ flags }) => flags),
      ...COMMANDS.flatMap(({ options }) => options.map(({ flags }) => flags)),
      ...askableQuestions().map((question) =>
        question.kind === 'confirm' ? flagOf(question) : `${flagOf(question)} <${question.placeholder ?? 'VALUE'}>`,
      ),
    ];
    const withValue = flags.filter((flag) => flag.includes('<') && TELLING.test(flag.replace(/<.*>/, '')));
    expect([...new Set(withValue)].sort()).toEqual([
      '--callback-url-file <FILE|->',
      '--client-secret-file <FILE|->',
      '--federated-token-file <FILE>',
      '--refresh-token-file <FILE|->',
      '--secret-expires <YYYY-MM-DD>',
    ]);
    expect(COMMANDS.map(({ name, args }) => `${name} ${args}`.trim())).toEqual([
      'setup [PROVIDER|ACCOUNT|ADDRESS]',
      'authorize <ACCOUNT>',
      'check [ACCOUNT...]',
      'token <ACCOUNT>',
      'list',
      'remove <ACCOUNT>',
      'export [ACCOUNT]',
      'import <FILE|->',
      'guide <PROVIDER>',
      'explain [CODE|TEXT|-...]',
      'key <FILE>',
      'serve [ACCOUNT...]',
      'password <ACCOUNT>',
      'discover <ADDRESS>',
      'doctor',
      'completion <bash|zsh|fish|powershell>',
    ]);
  });

  it('X11 never advises a command with a secret in it', () => {
    const texts = sources().flatMap(({ file, text }) =>
      [...text.matchAll(/(?:command: |`)[`']?(mailauth [^`'\n]*)/g)].map(([, command = '']) => `${file}: ${command}`),
    );
    expect(texts.length).toBeGreaterThan(20);
    expect(texts.filter((text) => /\{(?:client-secret|code|token|state)\}|reveal\(/.test(text))).toEqual([]);
  });
});

describe('the clipboard', () => {
  it('X10 is written only when a person at the wizard presses c', () => {
    const users = sources().filter(({ text }) => /copyToClipboard|\]52;/.test(text));
    expect(users.map(({ file }) => file).sort()).toEqual(['cli/terminal/terminal.ts', 'system/clipboard.ts']);
    const terminal = users.find(({ file }) => file === 'cli/terminal/terminal.ts')?.text ?? '';
    expect(terminal.match(/copyToClipboard\(/g)).toHaveLength(1);
    // Asked for by the key c at a question, and at the address of the sign-in: nowhere else.
    const copies = sources().flatMap(({ file, text }) =>
      [...text.matchAll(/case 'copy':\s+await (?:view\.copyValue|terminal\.copy)\(/g)].map(() => file),
    );
    expect(copies.sort()).toEqual(['cli/terminal/asking.ts', 'cli/terminal/redirect.ts']);
    const callers = sources().filter(({ text }) => /\.(?:copyValue|copy)\(/.test(text));
    expect(callers.map(({ file }) => file).sort()).toEqual([
      'cli/terminal/asking.ts',
      'cli/terminal/redirect.ts',
      'cli/terminal/step-view.ts',
    ]);
  });

  it('X10 is offered no secret: no value of a step holds one', () => {
    const values = providers.flatMap(({ steps }) =>
      steps.flatMap(({ values = [], instructions }) => [...values, ...instructions.flatMap((one) => one.values ?? [])]),
    );
    expect(values.length).toBeGreaterThan(10);
    const secret = /\{(?!secret-expires|secret-name)[\w-]*(?:secret|token|passphrase)[\w-]*\}/;
    expect(values.filter((value) => secret.test(JSON.stringify(value)))).toEqual([]);
  });
});

/** What ends a line or a field in one of the protocols and formats that values go into. */
const CONTROLS = ['\r', '\n', '\r\n', '\0', '\x01', '\x1b', '\x85', '\u2028'];
const withControl = fc
  .tuple(fc.string({ maxLength: 12 }), fc.constantFrom(...CONTROLS), fc.string({ maxLength: 12 }))
  .map((parts) => parts.join(''));

describe('a value with a control character', () => {
  it('X14 never comes through the questions', () => {
    const questions = providers.flatMap((provider) => provider.questions);
    fc.assert(
      fc.property(
        fc.constantFrom(...questions),
        fc.oneof(withControl, fc.string({ unit: 'binary' })),
        (question, pasted) => {
          const result = guard(question, pasted, {});
          const values = result.ok ? [result.guarded.value, ...Object.values(result.guarded.learnt)] : [];
          return values.every((value) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('X14 never comes from accounts.json', () => {
    const { account, client } = gmailExport();
    const written = (changes: Partial<Account>, more: Partial<Client> = {}) =>
      JSON.stringify({ version: 1, accounts: [{ ...account, ...changes }], clients: [{ ...client, ...more }] });
    expect(parseConfiguration(written({}), 'accounts.json').accounts).toHaveLength(1);
    for (const control of CONTROLS) {
      const evil = `ev${control}il`;
      const files = [
        ...[{ address: evil }, { name: evil }, { description: evil }, { scopes: [evil] }].map((change) =>
          written(change),
        ),
        ...[{ clientId: evil }, { appName: evil }, { tenant: evil }].map((change) => written({}, change)),
      ];
      for (const file of files)
        expect(() => parseConfiguration(file, 'accounts.json')).toThrow(/accounts.json is damaged/);
    }
  });

  it('X14 never becomes part of a SASL string', () => {
    fc.assert(
      fc.property(withControl, (value) => {
        // A separator of lines in Unicode is none in SMTP, IMAP and SASL.
        const name = value.replaceAll('\u2028', '\r');
        expect(() => xoauth2(name, new Secret('token'))).toThrow(MailauthError);
        expect(() => oauthbearer(name, new Secret('token'), { host: 'mail.example', port: 993 })).toThrow(
          MailauthError,
        );
        expect(() => xoauth2('ann@example.com', new Secret(`a${name}`))).toThrow(MailauthError);
      }),
    );
  });

  const fields: [string, (value: string) => Parameters<typeof gmailExport>[0]][] = [
    ['the address', (address) => ({ account: { address } })],
    ['the name', (name) => ({ account: { name } })],
    ['the description', (description) => ({ account: { description } })],
    ['a user name', (user) => ({ account: { smtp: { host: 'smtp.example', port: 587, security: 'starttls', user } } })],
    ['a host', (host) => ({ account: { imap: { host, port: 993, security: 'tls' } } })],
    ['the client ID', (clientId) => ({ client: { clientId } })],
    ['the name of the app', (appName) => ({ client: { appName } })],
    ['the tenant', (tenant) => ({ client: { tenant } })],
  ];
  it.each(fields)('X14 in %s starts no line and no setting of its own in any exported file', (_, change) => {
    for (const make of [gmailExport, outlookExport]) {
      for (const format of exportFormats) {
        for (const control of CONTROLS) {
          const harmless = attempt(() => format.render(make(change('evil'))));
          const shown = attempt(() => format.render(make(change(`ev${control}il`))));
          if (shown === undefined) continue;
          expect([format.id, shown.split('\n').length]).toEqual([format.id, harmless?.split('\n').length]);
          expect(shown.replaceAll('\n', '')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]/);
        }
      }
    }
  });
});

/** What is refused is refused by name; undefined then. */
function attempt(render: () => string): string | undefined {
  try {
    return render();
  } catch (error) {
    if (error instanceof MailauthError) return undefined;
    throw error;
  }
}

function sources(): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));
}
