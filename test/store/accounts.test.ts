import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Account, Configuration } from '../../src/account/account.js';
import type { Client } from '../../src/account/client.js';
import { changeAccount, changeConfiguration, readConfiguration } from '../../src/store/accounts.js';
import { type Draft, deleteDraft, expiredDrafts, readDrafts, saveDraft } from '../../src/store/drafts.js';
import { testFolder } from './folder.js';
import { compiledSources, ended } from './processes.js';

const sources = compiledSources();

const CLIENT: Client = {
  id: 'c1',
  provider: 'gmail',
  clientId: '1.apps.googleusercontent.com',
  clientType: 'desktop',
  secretCredential: '0c5b6a0e-1111-4222-8333-444455556666',
  redirectUri: 'http://127.0.0.1/callback',
  appRedirectUris: [],
  appName: 'mailauth',
};

const ACCOUNT: Account = {
  name: 'gmail',
  address: 'ann@example.com',
  provider: 'gmail',
  description: '',
  client: 'c1',
  credential: '7d9f0c3e-1111-4222-8333-444455556666',
  store: { kind: 'keychain' },
  endpoints: {
    issuer: 'https://accounts.google.com',
    authorization: 'https://accounts.google.com/o/oauth2/v2/auth',
    token: 'https://oauth2.googleapis.com/token',
    issInResponse: true,
  },
  scopes: ['openid', 'https://mail.google.com/'],
  smtp: { host: 'smtp.gmail.com', port: 465, security: 'tls' },
  mailTimeout: 120,
  created: '2026-11-23T09:00:00.000Z',
};

const FULL: Configuration = { version: 1, clients: [CLIENT], accounts: [ACCOUNT] };

const DRAFT: Draft = {
  version: 1,
  id: 'd1',
  provider: 'outlook',
  savedAt: '2026-11-23T09:00:00.000Z',
  answers: { account: 'ann@example.com', scope: ['a', 'b'] },
  done: ['1.i', '2'],
  credentials: { 'client-secret': '7d9f0c3e-2222-4222-8333-444455556666' },
  store: { kind: 'file', key: 'key-file', keyPath: '/home/ann/key' },
};

function written(text: string): string {
  const folder = testFolder();
  writeFileSync(join(folder, 'accounts.json'), text, { mode: 0o600 });
  return folder;
}

describe('accounts.json', () => {
  test('that is missing holds no accounts, and reading makes nothing', async () => {
    const folder = join(testFolder(), 'mailauth');
    expect(await readConfiguration(folder)).toEqual({ version: 1, clients: [], accounts: [] });
    expect(existsSync(folder)).toBe(false);
  });

  test('S10 is written for its owner alone and read back as it was', async () => {
    const folder = join(testFolder(), 'mailauth');
    await changeConfiguration(folder, () => FULL);
    expect(await readConfiguration(folder)).toEqual(FULL);
    expect(statSync(join(folder, 'accounts.json')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual(['accounts.json']);
  });

  test('may begin with the mark that editors on Windows write', async () => {
    expect(await readConfiguration(written(`\uFEFF${JSON.stringify(FULL)}`))).toEqual(FULL);
  });

  test('is not written where nothing changes', async () => {
    const folder = testFolder();
    await changeConfiguration(folder, (configuration) => configuration);
    expect(existsSync(join(folder, 'accounts.json'))).toBe(false);
  });

  test('S11 a file open to others is closed, and that is told', async () => {
    const folder = written(JSON.stringify(FULL));
    chmodSync(join(folder, 'accounts.json'), 0o644);
    const notes: string[] = [];
    await readConfiguration(folder, { note: (text) => notes.push(text) });
    expect(notes).toHaveLength(1);
    expect(statSync(join(folder, 'accounts.json')).mode & 0o777).toBe(0o600);
  });

  test('keeps what a later version added', async () => {
    const later = { ...FULL, theme: 'dark', accounts: [{ ...ACCOUNT, colour: 'red' }] };
    const folder = written(JSON.stringify(later));
    await changeConfiguration(folder, (old) => ({ ...old, clients: [CLIENT, { ...CLIENT, id: 'c2' }] }));
    const kept = JSON.parse(readFileSync(join(folder, 'accounts.json'), 'utf8'));
    expect(kept).toMatchObject({ theme: 'dark', accounts: [{ colour: 'red' }], clients: [{}, { id: 'c2' }] });
  });

  const whole = JSON.stringify(FULL);
  const without = (key: keyof Account): Configuration => {
    const { [key]: _, ...rest } = ACCOUNT;
    return { ...FULL, accounts: [rest as Account] };
  };
  test.each<[string, string, string]>([
    ['empty', '', 'is not JSON'],
    ['cut off', whole.slice(0, -20), 'is not JSON'],
    ['full of NUL', '\0'.repeat(300), 'is not JSON'],
    ['a list', '[]', 'holds no object'],
    ['without a version', '{"clients":[],"accounts":[]}', 'version is missing'],
    ['without accounts', '{"version":1,"clients":[]}', 'accounts is not a list'],
    ['without a credential', JSON.stringify(without('credential')), 'accounts[0].credential is not an id'],
    [
      'with a path for a credential',
      whole.replace(ACCOUNT.credential, '../../etc/passwd'),
      'accounts[0].credential is not an id',
    ],
    ['with a wrong port', whole.replace('465', '70000'), 'accounts[0].smtp.port is not a port'],
    ['with a wrong security', whole.replace('"tls"', '"none"'), 'accounts[0].smtp.security is not starttls or tls'],
    ['with a wrong store', whole.replace('"keychain"', '"plain"'), 'accounts[0].store.kind is not keychain or file'],
    ['with an account twice', JSON.stringify({ ...FULL, accounts: [ACCOUNT, ACCOUNT] }), 'accounts[1].name is there'],
    ['without the client', JSON.stringify({ ...FULL, clients: [] }), 'accounts[0].client names no client'],
    ['of the next version', whole.replace('"version":1', '"version":2'), 'a newer version of mailauth'],
  ])('S15 S32 that is %s is told apart from "no accounts" and never written over', async (_, text, message) => {
    const folder = written(text);
    const expected = {
      code: 'store_damaged',
      message: expect.stringContaining(message),
      // Words alone: no command puts it right, least of all one that installs a package nobody has published.
      problem: expect.objectContaining({ fix: [{ text: expect.any(String) }] }),
    };
    await expect(readConfiguration(folder)).rejects.toMatchObject(expected);
    await expect(changeConfiguration(folder, () => FULL)).rejects.toMatchObject(expected);
    expect(readFileSync(join(folder, 'accounts.json'), 'utf8')).toBe(text);
  });

  test('S15 cut at any byte it is refused', async () => {
    const folder = testFolder();
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(join(folder, 'accounts.json'), whole.slice(0, length), { mode: 0o600 });
      await expect(readConfiguration(folder)).rejects.toMatchObject({ code: 'store_damaged' });
    }
  });

  test('what could not be read again is not written', async () => {
    const folder = testFolder();
    const wrong = changeConfiguration(folder, () => ({ ...FULL, clients: [] }));
    await expect(wrong).rejects.toThrow('names no client');
    expect(readdirSync(folder)).toEqual([]);
  });

  describe('that is a link, as a dotfile manager leaves it,', () => {
    const linked = () => {
      const [folder, elsewhere] = [testFolder(), testFolder()];
      const kept = join(elsewhere, 'mailauth-accounts.json');
      symlinkSync(kept, join(elsewhere, 'link'));
      symlinkSync(join(elsewhere, 'link'), join(folder, 'accounts.json'));
      return { folder, elsewhere, kept };
    };

    test('is read and written where it leads, and stays a link', async () => {
      const { folder, elsewhere, kept } = linked();
      writeFileSync(kept, JSON.stringify(FULL), { mode: 0o600 });
      expect(await readConfiguration(folder)).toEqual(FULL);
      const moved = { ...ACCOUNT, address: 'bob@example.com' };
      expect(await changeAccount(folder, ACCOUNT.credential, () => moved)).toEqual(moved);
      expect(JSON.parse(readFileSync(kept, 'utf8')).accounts).toEqual([moved]);
      expect(lstatSync(join(folder, 'accounts.json')).isSymbolicLink()).toBe(true);
      expect([readdirSync(folder), readdirSync(elsewhere).sort()]).toEqual([
        ['accounts.json'],
        ['link', 'mailauth-accounts.json'],
      ]);
    });

    test('and leads nowhere is not taken for "no accounts"', async () => {
      const { folder, kept } = linked();
      const expected = { code: 'store_damaged', message: expect.stringContaining(`${kept}, which is not there`) };
      await expect(readConfiguration(folder)).rejects.toMatchObject(expected);
      await expect(changeConfiguration(folder, () => FULL)).rejects.toMatchObject(expected);
      expect(existsSync(kept)).toBe(false);
    });

    test('and leads in a circle is refused', async () => {
      const { folder, kept, elsewhere } = linked();
      symlinkSync(join(elsewhere, 'link'), kept);
      await expect(readConfiguration(folder)).rejects.toMatchObject({ code: 'store_damaged' });
    });
  });

  test('with far more accounts than anybody has is read again after each change', async () => {
    const folder = testFolder();
    const many = Array.from({ length: 6_000 }, (_, index) => ({
      ...ACCOUNT,
      name: `m${index}`,
      credential: `credential-${index}`,
    }));
    await changeConfiguration(folder, () => ({ ...FULL, accounts: many }));
    expect(statSync(join(folder, 'accounts.json')).size).toBeGreaterThan(4 * 1024 * 1024);
    await changeAccount(folder, 'credential-5999', (account) => ({ ...account, lastCheck: '2026-11-23T09:00:00Z' }));
    expect((await readConfiguration(folder)).accounts).toHaveLength(6_000);
  });

  test('that would grow too large to be read is not written', async () => {
    const folder = written(JSON.stringify(FULL));
    const huge = changeConfiguration(folder, (old) => ({ ...old, note: 'x'.repeat(65 * 1024 * 1024) }));
    await expect(huge).rejects.toMatchObject({ code: 'cannot_write', message: expect.stringContaining('too large') });
    expect(await readConfiguration(folder)).toEqual(FULL);
  });

  test('an account is known by its credential, whatever it is called by now', async () => {
    const folder = written(JSON.stringify({ ...FULL, accounts: [{ ...ACCOUNT, credential: 'another-one' }] }));
    const check = (account: Account) => ({ ...account, lastCheck: '2026-11-23T09:00:00Z' });
    const text = readFileSync(join(folder, 'accounts.json'), 'utf8');
    expect(await changeAccount(folder, ACCOUNT.credential, check)).toBe(undefined);
    expect(readFileSync(join(folder, 'accounts.json'), 'utf8')).toBe(text);
    expect((await changeAccount(folder, 'another-one', check))?.lastCheck).toBe('2026-11-23T09:00:00Z');
  });

  test('changed by many processes at once it loses no change', async () => {
    const folder = join(testFolder(), 'mailauth');
    const worker = `
      import { changeConfiguration } from 'src/store/accounts.js';
      const [, , folder, name, client] = process.argv;
      for (const n of [1, 2, 3]) {
        await changeConfiguration(folder, (c) =>
          ({ ...c, clients: [...c.clients, { ...JSON.parse(client), id: name + '-' + n }] }));
      }`;
    const workers = Array.from({ length: 12 }, (_, index) =>
      ended(sources.start(worker, { args: [folder, `w${index}`, JSON.stringify(CLIENT)] })),
    );
    const ends = await Promise.all(workers);
    expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual(workers.map(() => [0, '']));
    const { clients } = await readConfiguration(folder);
    expect(new Set(clients.map(({ id }) => id)).size).toBe(36);
    expect(readdirSync(folder)).toEqual(['accounts.json']);
  }, 60_000);
});

describe('unfinished set-ups', () => {
  test('S10 are saved for their owner alone, newest first, and deleted', async () => {
    const folder = join(testFolder(), 'mailauth');
    expect(await readDrafts(folder)).toEqual([]);
    await saveDraft(folder, DRAFT);
    await saveDraft(folder, { ...DRAFT, id: 'd2', savedAt: '2026-11-24T09:00:00.000Z' });
    await saveDraft(folder, { ...DRAFT, done: ['3'] });
    const drafts = await readDrafts(folder);
    expect(drafts.map(({ id, done }) => [id, done])).toEqual([
      ['d2', ['1.i', '2']],
      ['d1', ['3']],
    ]);
    expect(drafts[1]).toEqual({ ...DRAFT, done: ['3'] });
    expect(statSync(join(folder, 'setups', 'd1.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'setups')).mode & 0o777).toBe(0o700);
    expect(await deleteDraft(folder, 'd1')).toBe(true);
    expect(await deleteDraft(folder, 'd1')).toBe(false);
    expect((await readDrafts(folder)).map(({ id }) => id)).toEqual(['d2']);
  });

  test('S15 one that is damaged is named and kept', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, 'setups'));
    const path = join(folder, 'setups', 'd1.json');
    writeFileSync(path, '{"version":1,"id":"d1"', { mode: 0o600 });
    await saveDraft(folder, { ...DRAFT, id: 'd2' });
    const notes: string[] = [];
    expect((await readDrafts(folder, { note: (text) => notes.push(text) })).map(({ id }) => id)).toEqual(['d2']);
    expect(notes).toEqual([expect.stringContaining(path)]);
    expect(readFileSync(path, 'utf8')).toBe('{"version":1,"id":"d1"');
  });

  test('an id that would leave the folder is a bug of ours', async () => {
    await expect(saveDraft(testFolder(), { ...DRAFT, id: '../accounts' })).rejects.toThrow('not the id of a set-up');
    await expect(deleteDraft(testFolder(), '../accounts')).rejects.toThrow('not the id of a set-up');
  });

  test('end after thirty days', () => {
    const now = new Date('2026-12-24T00:00:00Z');
    const old = { ...DRAFT, id: 'old', savedAt: '2026-11-23T23:59:59Z' };
    const young = { ...DRAFT, id: 'young', savedAt: '2026-11-24T00:00:01Z' };
    expect(expiredDrafts([young, old], now)).toEqual([old]);
  });
});
