import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ownField } from '../../src/account/record.js';
import { answersFrom } from '../../src/guide/stored-answers.js';
import { gmail } from '../../src/providers/gmail/provider.js';
import { outlook } from '../../src/providers/outlook/provider.js';
import { changeAccount, readConfiguration } from '../../src/store/accounts.js';
import { readDrafts } from '../../src/store/drafts.js';
import { testFolder } from './folder.js';

/** What version 0.1.0 wrote, as it left it on the disk. */

const FILES = fileURLToPath(new URL('version-0.1/', import.meta.url));

function folderOf(provider: 'gmail' | 'outlook'): string {
  const folder = testFolder();
  mkdirSync(join(folder, 'setups'), { mode: 0o700 });
  copyFileSync(join(FILES, `${provider}.json`), join(folder, 'accounts.json'));
  const setup = JSON.parse(readFileSync(join(FILES, `setup-${provider}.json`), 'utf8'));
  const draft = join(folder, 'setups', `${setup.id}.json`);
  copyFileSync(join(FILES, `setup-${provider}.json`), draft);
  // A clone gives its files the rights of its umask.
  for (const file of [draft, join(folder, 'accounts.json')]) chmodSync(file, 0o600);
  return folder;
}

test.each(['gmail', 'outlook'] as const)(
  'the accounts of %s are read, and every field is still there',
  async (provider) => {
    const folder = folderOf(provider);
    const before = JSON.parse(readFileSync(join(folder, 'accounts.json'), 'utf8'));
    expect(await readConfiguration(folder)).toEqual(before);
    await changeAccount(folder, before.accounts[0].credential, (account) => ({ ...account, description: 'changed' }));
    const after = JSON.parse(readFileSync(join(folder, 'accounts.json'), 'utf8'));
    expect(after).toEqual({
      ...before,
      accounts: [{ ...before.accounts[0], description: 'changed' }, ...before.accounts.slice(1)],
    });
  },
);

test('what only one provider knows is found in its own fields', async () => {
  const [google] = (await readConfiguration(folderOf('gmail'))).clients;
  const [microsoft] = (await readConfiguration(folderOf('outlook'))).clients;
  expect([ownField(google, 'project'), ownField(google, 'audience'), ownField(google, 'tenant')]).toEqual([
    'mail-7741',
    'internal',
    undefined,
  ]);
  expect(ownField(microsoft, 'tenant')).toBe('0b7e9d42-1c3f-4f6a-8a77-5d2e4c6b9f30');
});

test.each([
  ['gmail', gmail],
  ['outlook', outlook],
] as const)('the answers of a set-up of %s are found again', async (name, provider) => {
  const { accounts, clients } = await readConfiguration(folderOf(name));
  const [account, client] = [accounts[0], clients[0]];
  if (account === undefined || client === undefined) throw new Error('the file is empty');
  expect(client.secretCredential).toMatch(/^[0-9a-f-]{36}$/);
  expect(answersFrom(account, client, provider)).toMatchObject({
    account: 'user@example.com',
    issuer: account.endpoints.issuer,
    'client-id': client.clientId,
    'smtp-host': 'localhost',
    'smtp-port': String(account.smtp?.port),
    'imap-security': 'tls',
    ca: '/home/pat/ca.pem',
    ...(name === 'gmail' ? { project: 'mail-7741', audience: 'internal' } : { 'secret-expires': '2028-11-22' }),
  });
});

test.each(['gmail', 'outlook'] as const)('the unfinished set-up of %s is read', async (provider) => {
  const notes: string[] = [];
  const drafts = await readDrafts(folderOf(provider), { note: (text) => notes.push(text) });
  expect(notes).toEqual([]);
  expect(drafts).toMatchObject([{ provider, credentials: { 'client-secret-file': expect.any(String) } }]);
});
