import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readPortable, writePortable } from '../../src/account/portable.js';
import { importAccount } from '../../src/flows/import-account.js';
import type { World } from '../../src/flows/world.js';
import { readConfiguration } from '../../src/store/accounts.js';
import { fileStoreIn, makeMailbox } from '../swarm/mailbox.js';

async function folder(): Promise<string> {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-import-')));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return join(made, 'config');
}

async function exported() {
  const configDir = await folder();
  const begun = { credential: 'x', redirectUri: 'http://localhost:1/', expires: '2026-11-26T00:00:00.000Z' };
  const passwords = [{ label: 'printer', hash: 'h', created: '2026-11-26T00:00:00.000Z' }];
  const { account, client } = await makeMailbox(configDir, await fileStoreIn(configDir), {
    account: {
      store: { kind: 'etcd', at: 'https://etcd.example:2379/team' },
      begun,
      passwords,
      lastCheck: '2026-11-26T00:00:00.000Z',
    },
  });
  return { configDir, account, client, text: writePortable({ account, client }) };
}

const worldIn = (configDir: string): World => ({ configDir }) as World;

describe('an account on its way to another machine', () => {
  it('is the same there, and the same again changes nothing', async () => {
    const { account, client, text } = await exported();
    expect(text).not.toMatch(/begun|passwords|lastCheck|the-client-secret|refresh-token/);
    const there = worldIn(await folder());
    const record = readPortable(text, 'account.json');
    expect(await importAccount(there, record)).toMatchObject({ changed: true, account: { name: account.name } });
    expect(await importAccount(there, record)).toMatchObject({ changed: false });
    const { accounts, clients } = await readConfiguration(there.configDir);
    expect([accounts[0]?.store, accounts[0]?.credential, clients]).toEqual([
      account.store,
      account.credential,
      [client],
    ]);
  });

  it('brings a record up to date, and leaves what the machine noted by itself', async () => {
    const { configDir, account, client, text } = await exported();
    const record = readPortable(text, 'account.json');
    const newer = { client, account: { ...record.account, description: 'newer', name: 'another' } };
    const { changed, account: now } = await importAccount(worldIn(configDir), newer);
    expect([changed, now.description, now.name, now.passwords]).toEqual([
      true,
      'newer',
      account.name,
      account.passwords,
    ]);
  });

  it('takes another name where its own is taken, and no place that is taken', async () => {
    const { text } = await exported();
    const record = readPortable(text, 'account.json');
    const there = await folder();
    await makeMailbox(there, await fileStoreIn(there), { address: 'bob@happypaws.example' });
    expect((await importAccount(worldIn(there), record)).account.name).toBe('outlook-2');
    const taken = await folder();
    await makeMailbox(taken, await fileStoreIn(taken));
    await expect(importAccount(worldIn(taken), record)).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('set up here already'),
    });
  });

  it('is refused where it is anything else', async () => {
    const { text } = await exported();
    const document = JSON.parse(text);
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      ['', /not JSON/],
      [{}, /its version is missing/],
      [{ ...document, version: 2 }, /newer version/],
      [{ ...document, schema: 'other' }, /is not what/],
      [{ ...document, client: { ...document.client, id: 'other' } }, /names another client/],
      [{ ...document, account: { ...document.account, credential: '../x' } }, /credential is not an id/],
      [{ ...document, account: { ...document.account, name: 'a\nb' } }, /name is not one line/],
      [{ ...document, account: { ...document.account, store: { kind: 'cloud' } } }, /store/],
      [
        {
          ...document,
          account: { ...document.account, endpoints: { ...document.account.endpoints, token: 'http://x/' } },
        },
        /no https address/,
      ],
    ];
    for (const [value, words] of wrong) {
      const given = typeof value === 'string' ? value : JSON.stringify(value);
      expect(() => readPortable(given, 'account.json'), given).toThrow(
        expect.objectContaining({ code: 'bad_input', message: expect.stringMatching(words) }),
      );
    }
    const unknown = {
      ...document,
      account: { ...document.account, provider: 'zed' },
      client: { ...document.client, provider: 'zed' },
    };
    const record = readPortable(JSON.stringify(unknown), 'account.json');
    await expect(importAccount(worldIn(await folder()), record)).rejects.toMatchObject({ code: 'bad_input' });
  });
});
