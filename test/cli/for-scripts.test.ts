import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../src/flows/world.js';
import { Secret } from '../../src/words/secret.js';
import { mailauth } from './in-process.js';
import { type Office, openOffice } from './office.js';

/** What a script finds in the answers of `export`, `key` and `remove`, and after an edit of accounts.json. */

let office: Office;

beforeEach(async () => {
  office = await openOffice();
  await office.employ();
});
afterEach(() => office.close());

describe('export --json', () => {
  it('is one document that holds the text', async () => {
    const text = await office.mailauth(['export', 'outlook', '--format', 'isync']);
    const ran = await office.mailauth(['export', 'outlook', '--format', 'mbsync', '--json']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.document()).toEqual({
      schema: 'mailauth.export/1',
      account: 'outlook',
      format: 'isync',
      text: text.stdout,
    });
  });

  it('names the file where the text was written to one', async () => {
    const file = join(office.configDir, 'mbsyncrc');
    const ran = await office.mailauth(['export', 'outlook', '--format', 'isync', '--write', file, '--json']);
    expect(ran.document()).toEqual({ schema: 'mailauth.export/1', account: 'outlook', format: 'isync', file });
    expect(readFileSync(file, 'utf8')).toContain('PassCmd');
  });

  it.each([[['export', '--json']], [['export', '--format', 'list', '--json']]])(
    'lists the formats: %j',
    async (argv) => {
      const { formats, ...rest } = (await office.mailauth(argv)).document<{ formats: readonly object[] }>();
      expect(rest).toEqual({ schema: 'mailauth.formats/1' });
      expect(formats).toContainEqual({ name: 'msmtp', title: 'msmtp', needs: 'smtp', secret: false });
      expect(formats).toContainEqual(expect.objectContaining({ name: 'form', needs: 'smtp or imap', secret: true }));
    },
  );
});

it('what is exported finds the accounts where they are, whoever calls it', async () => {
  const env = { MAILAUTH_CONFIG_DIR: office.configDir };
  const moved = await office.mailauth(['export', 'outlook', '--format', 'msmtp'], { env });
  expect(moved.stdout).toMatch(/env .*MAILAUTH_CONFIG_DIR=.* mailauth token outlook/);
  expect((await office.mailauth(['export', 'outlook', '--format', 'msmtp'])).stdout).not.toContain('CONFIG_DIR');
});

it.each(['token', 'authorize'])('%s takes no other store than that of the account', async (command) => {
  const ran = await office.mailauth([command, 'outlook', '--store', 'keychain']);
  expect(ran).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/is kept in the file store, and --store keychain/),
  });
});

describe('export --write', () => {
  it('says how a file that is there is replaced', async () => {
    const file = join(office.configDir, 'msmtprc');
    writeFileSync(file, 'mine');
    const argv = ['export', 'outlook', '--format', 'msmtp', '--write', file];
    const refused = await office.mailauth(argv);
    expect(refused).toMatchObject({ code: 73, stderr: expect.stringMatching(/or add --yes\s+to replace it/) });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await office.mailauth([...argv, '--yes'])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('account outlook');
  });

  it('wants a name', async () => {
    const ran = await office.mailauth(['export', 'outlook', '--format', 'msmtp', '--write', '']);
    expect(ran).toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringContaining('--write needs the name of a file'),
    });
  });
});

describe('key', () => {
  it('is named for a shell, whatever its folder is called', async () => {
    const folder = join(office.configDir, "Zoë's files");
    mkdirSync(folder);
    const { code, stdout, stderr } = await office.mailauth(['key', join(folder, 'key')]);
    expect([code, stdout]).toEqual([0, `${join(folder, 'key')}\n`]);
    expect(stderr).toContain(`export MAILAUTH_KEY_FILE='${office.configDir}/Zoë'\\''s files/key'\n`);
  });

  it('wants a name', async () => {
    const ran = await office.mailauth(['key', '']);
    expect(ran).toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringContaining('key needs the name of the file'),
    });
  });
});

describe('accounts.json with a provider that there is not', () => {
  it.each([[['check']], [['export', 'outlook', '--format', 'msmtp']], [['remove', 'outlook', '--yes']]])(
    'is told as a fault of the file: %j',
    async (argv) => {
      const file = join(office.configDir, 'accounts.json');
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"provider": "outlook"', '"provider": "outlok"'));
      const ran = await office.mailauth(argv);
      expect(ran).toMatchObject({ code: 74, stdout: '' });
      expect(ran.stderr.replace(/\s+/g, ' ')).toContain('accounts.json says that the provider of outlook is "outlok"');
    },
  );
});

describe('remove', () => {
  it('ends with the code of what kept it from deleting', async () => {
    const ran = await office.mailauth(['remove', 'outlook', '--yes', '--no-revoke', '--json'], {
      env: {
        MAILAUTH_KEY_FILE: join(office.configDir, 'key'),
        MAILAUTH_PASSPHRASE_FILE: join(office.configDir, 'another'),
      },
    });
    expect(ran.document()).toMatchObject({ code: 'usage', left: [expect.stringContaining('not everything')] });
    expect(ran.code).toBe(64);
  });
});

describe('a secret in a variable', () => {
  const guide = (provider: string, secrets: World['secrets']) =>
    mailauth(['setup', provider, '--no-input'], { configDir: office.configDir, env: office.env, secrets });

  it('is looked at as one in a file is', async () => {
    const clientSecret = new Secret('11111111-2222-3333-4444-555555555555');
    expect(await guide('outlook', { clientSecret })).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('MAILAUTH_CLIENT_SECRET: '),
    });
    const refreshToken = new Secret('GOCSPX-0123456789abcdefghijklmnopqr');
    expect(await guide('gmail', { refreshToken })).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('MAILAUTH_REFRESH_TOKEN: '),
    });
  });
});

describe('a command that is proposed', () => {
  it.each([[['setup', '--no-input', '--json']]])('can be pasted as it stands: %j', async (argv) => {
    const { fix } = (await office.mailauth(argv)).document<{ fix: readonly { command: string }[] }>();
    expect(fix.map(({ command }) => command)).toEqual(['mailauth setup gmail']);
  });
});
