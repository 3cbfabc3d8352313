import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Account } from '../../src/account/account.js';
import { openOutput } from '../../src/cli/output.js';
import { subjectOf } from '../../src/cli/subject.js';
import { scriptInterviewer } from '../../src/cli/terminal/script.js';
import { type Removed, removeAccount } from '../../src/flows/remove.js';
import { watchFlights } from '../../src/flows/token/in-flight.js';
import { changeConfiguration, readConfiguration } from '../../src/store/accounts.js';
import { openFileStore } from '../../src/store/file/file-store.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import type { SecretStore } from '../../src/store/store.js';
import { Secret } from '../../src/words/secret.js';
import { makeAuthority } from '../servers/certificates.js';
import { type ScriptedEndpoint, startScriptedEndpoint } from '../servers/scripted-token-endpoint.js';
import { fileStoreIn, type MailboxWish, makeMailbox } from '../swarm/mailbox.js';

const authority = makeAuthority();

interface Home {
  readonly configDir: string;
  readonly env: Record<string, string>;
  readonly store: SecretStore;
  readonly endpoint: ScriptedEndpoint;
  employ(wish?: MailboxWish): Promise<Account>;
  remove(name: string, wish?: 'revoke' | 'keep', signal?: AbortSignal): Promise<Removed>;
  /** The files of the encrypted store, its key left out. */
  files(): readonly string[];
  names(): Promise<readonly string[]>;
}

async function openHome(): Promise<Home> {
  const configDir = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-remove-')));
  onTestFinished(() => rmSync(configDir, { recursive: true, force: true }));
  const endpoint = await startScriptedEndpoint(authority);
  onTestFinished(() => endpoint.stop());
  const store = await fileStoreIn(configDir);
  const ca = join(configDir, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const env: Record<string, string> = { MAILAUTH_KEY_FILE: join(configDir, 'key') };
  const nowhere = { isTTY: false, write: () => true } as unknown as NodeJS.WriteStream;
  const output = openOutput({ stdout: nowhere, stderr: nowhere }, env, {
    json: false,
    quiet: false,
    verbose: false,
    noColor: true,
  });
  return {
    configDir,
    env,
    store,
    endpoint,
    async employ(wish = {}) {
      const endpoints = {
        issuer: endpoint.origin,
        authorization: `${endpoint.origin}/authorize`,
        token: `${endpoint.origin}/token`,
        revocation: `${endpoint.origin}/revoke`,
        issInResponse: false,
      };
      const { account } = await makeMailbox(configDir, store, {
        clientSecret: 'the-client-secret',
        ca,
        ...wish,
        account: { endpoints, ...wish.account },
      });
      return account;
    },
    remove: async (name, wish, signal = new AbortController().signal) =>
      removeAccount(
        {
          env,
          platform: process.platform,
          now: () => new Date(),
          configDir,
          signal,
          inFlight: watchFlights(signal),
          interviewer: scriptInterviewer(output),
          secrets: {},
          stores: new Map(),
          openBrowser: false,
        },
        subjectOf(await readConfiguration(configDir), name),
        wish,
      ),
    files: () => readdirSync(join(configDir, 'secrets')).filter((name) => name !== 'data-key'),
    names: async () => (await readConfiguration(configDir)).accounts.map(({ name }) => name),
  };
}

test('T22 S31 the sign-in is ended at the provider, and no copy is left here', async () => {
  const home = await openHome();
  await home.employ();
  home.endpoint.answer('/revoke', { body: {} });
  expect(await home.remove('outlook')).toEqual({ revocation: 'revoked', left: [] });
  expect(home.endpoint.received.at(-1)?.form.get('token')).toBe('the-first-refresh-token');
  expect([home.files(), await home.names()]).toEqual([[], []]);
});

test.each([
  ['is out of order', { status: 503, body: 'down' }],
  ['cuts the line', { body: 'x'.repeat(100), cutAfter: 10 }],
  ['refuses the client', { status: 401, body: { error: 'invalid_client' } }],
])('T22 a provider that %s keeps nobody from removing', async (_, answer) => {
  const home = await openHome();
  await home.employ();
  home.endpoint.answer('/revoke', answer);
  expect(await home.remove('outlook')).toEqual({ revocation: 'failed', left: [] });
  expect([home.files(), await home.names()]).toEqual([[], []]);
});

test('T22 nor does a damaged sign-in, one that is gone, or a moved file of the authority', async () => {
  const home = await openHome();
  const { credential } = await home.employ({ name: 'damaged' });
  writeFileSync(join(home.configDir, 'secrets', `${credential}.enc`), 'damage');
  await home.store.delete((await home.employ({ name: 'gone' })).credential);
  await home.employ({ name: 'moved', ca: join(home.configDir, 'nowhere.pem') });
  for (const name of ['damaged', 'gone', 'moved']) {
    expect(await home.remove(name)).toEqual({ revocation: 'failed', left: [] });
  }
  expect([home.files(), await home.names()]).toEqual([[], []]);
});

test('T22 nor does one that never answers, for longer than ten seconds', async () => {
  const home = await openHome();
  await home.employ();
  home.endpoint.answer('/revoke', { never: true });
  const inTime = AbortSignal.timeout.bind(AbortSignal);
  const timeout = vi
    .spyOn(AbortSignal, 'timeout')
    .mockImplementation((milliseconds) => inTime(milliseconds === 10_000 ? 200 : milliseconds));
  onTestFinished(() => timeout.mockRestore());
  expect(await home.remove('outlook')).toEqual({ revocation: 'failed', left: [] });
  expect(timeout).toHaveBeenCalledWith(10_000);
  expect([home.files(), await home.names()]).toEqual([[], []]);
});

test('T22 what an unfinished refresh has noted goes too', async () => {
  const home = await openHome();
  const { credential } = await home.employ();
  writeFileSync(join(home.configDir, 'secrets', `${credential}.json`), '{}', { mode: 0o600 });
  expect(await home.remove('outlook', 'keep')).toEqual({ revocation: 'declined', left: [] });
  expect(home.files()).toEqual([]);
});

test('S31 a client that another account uses stays, with its secret; the last one takes it along', async () => {
  const home = await openHome();
  const first = await home.employ({ name: 'first' });
  const second = await home.employ({
    name: 'second',
    address: 'bob@happypaws.example',
    account: { client: first.client },
  });
  home.endpoint.answer('/revoke', { body: {} });
  expect(await home.remove('first')).toEqual({ revocation: 'revoked', left: [] });
  expect(await home.names()).toEqual(['second']);
  const { clients } = await readConfiguration(home.configDir);
  const kept = clients.find(({ id }) => id === second.client)?.secretCredential ?? '';
  expect((await home.store.get(kept))?.value.reveal()).toBe('the-client-secret');
  await home.remove('second', 'keep');
  expect(await home.store.get(kept)).toBeUndefined();
});

test('T22 a store that does not open is told, and the account stays', async () => {
  const home = await openHome();
  await home.employ();
  const path = join(home.configDir, 'second');
  writeFileSync(path, '', { mode: 0o600 });
  home.env['MAILAUTH_PASSPHRASE_FILE'] = path;
  const { revocation, left, code } = await home.remove('outlook', 'keep');
  expect(left).toEqual([expect.stringMatching(/^not everything could be deleted: .* both name a key /)]);
  expect([revocation, code]).toEqual(['declined', 'usage']);
  expect(await home.names()).toEqual(['outlook']);
});

test('a lost key keeps no account: it goes without the key, and a new one is set up with another', async () => {
  const home = await openHome();
  const { credential } = await home.employ();
  const key = join(home.configDir, 'key');
  rmSync(key);
  await makeKeyFile(key);
  await expect(openFileStore({ directory: home.configDir, key: { kind: 'key-file', path: key } })).rejects.toThrow(
    'is not the one',
  );
  const leftover = join(home.configDir, 'secrets', `.${credential}.enc.1-killed.tmp`);
  writeFileSync(leftover, 'the newest refresh token, encrypted', { mode: 0o600 });
  expect(await home.remove('outlook', 'keep')).toEqual({ revocation: 'declined', left: [] });
  expect(home.files()).toEqual([]);
  const again = await openFileStore({ directory: home.configDir, key: { kind: 'key-file', path: key } });
  await again.put('ann', new Secret('anew'));
  expect((await again.get('ann'))?.value.reveal()).toBe('anew');
});

test('N11 a signal ends it with its own reason', async () => {
  const home = await openHome();
  await home.employ();
  const stop = new AbortController();
  home.endpoint.answer('/revoke', () => {
    stop.abort(new Error('interrupted'));
    return { never: true };
  });
  await expect(home.remove('outlook', undefined, stop.signal)).rejects.toThrow('interrupted');
  expect(await home.names()).toEqual(['outlook']);
});

describe('a sign-in that others use', () => {
  /** Two accounts of one person with one client, told apart by the case of the address alone. */
  async function openShared(): Promise<Home> {
    const home = await openHome();
    home.endpoint.answer('/revoke', { body: {} });
    const { client } = await home.employ({ name: 'work', address: 'ann@happypaws.example' });
    const account = { client, authUser: 'Ann@happypaws.example' };
    await home.employ({ name: 'desk', address: 'desk@happypaws.example', clientSecret: '', account });
    return home;
  }

  const told = ({ endpoint }: Home) => endpoint.received.map(({ form }) => form.get('token'));

  test('is left alone at the provider until its last account goes', async () => {
    const home = await openShared();
    expect(await home.remove('desk')).toEqual({ revocation: 'shared', left: [] });
    expect([await home.names(), told(home)]).toEqual([['work'], []]);
    expect(await home.remove('work')).toEqual({ revocation: 'revoked', left: [] });
    expect([home.files(), told(home)]).toEqual([[], ['the-first-refresh-token']]);
  });

  test('ends at the provider where that was asked for', async () => {
    const home = await openShared();
    expect(await home.remove('desk', 'revoke')).toEqual({ revocation: 'revoked', left: [] });
    expect(told(home)).toEqual(['the-first-refresh-token']);
  });

  test('is left alone where another program signs in with the same registration', async () => {
    const home = await openHome();
    await home.employ();
    await changeConfiguration(home.configDir, (configuration) => ({
      ...configuration,
      clients: configuration.clients.map((client) => ({ ...client, appRedirectUris: ['https://app.example/oauth'] })),
    }));
    expect(await home.remove('outlook')).toEqual({ revocation: 'shared', left: [] });
    expect(told(home)).toEqual([]);
  });
});
