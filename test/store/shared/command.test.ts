import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { SecretStore } from '../../../src/store/store.js';
import { readStoreChoice, STORES } from '../../../src/store/stores.js';
import { Secret } from '../../../src/words/secret.js';
import { openingWith } from '../../swarm/hosts.js';

const PROGRAM = fileURLToPath(new URL('../../servers/command-store.mjs', import.meta.url));

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailauth-command-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

function open(env: NodeJS.ProcessEnv = {}, at = PROGRAM): Promise<SecretStore> {
  return STORES.command.open(
    { kind: 'command', at },
    openingWith(folder, { PATH: process.env['PATH'], FOLDER: folder, ...env }),
  );
}

function script(text: string): string {
  const path = join(folder, 'helper');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o700);
  return path;
}

describe('a store behind a program', () => {
  it('is named by its full path', () => {
    expect(readStoreChoice('command:/usr/lib/helper:2', '--store')).toEqual({
      kind: 'command',
      at: '/usr/lib/helper:2',
    });
    expect(readStoreChoice('command:helper', '--store')).toEqual({
      kind: 'command',
      at: join(process.cwd(), 'helper'),
    });
    for (const word of ['command', 'command:', 'file:x', 'nowhere', 'keychain:']) {
      expect(() => readStoreChoice(word, '--store'), word).toThrow(expect.objectContaining({ code: 'usage' }));
    }
  });

  it('keeps what it is given, and refuses a write over another version', async () => {
    const store = await open();
    await store.prove(true);
    expect(await store.get('one')).toBeUndefined();
    await store.put('one', new Secret('ä first value\n'));
    const first = await store.get('one');
    expect(first?.value.reveal()).toBe('ä first value\n');
    await store.put('one', new Secret('second'), first?.version);
    await expect(store.put('one', new Secret('third'), first?.version)).rejects.toMatchObject({ code: 'store_busy' });
    await store.put('one', new Secret('fourth'));
    expect((await store.get('one'))?.value.reveal()).toBe('fourth');
    expect([await store.delete('one'), await store.delete('one'), await store.get('one')]).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  it('is refused for a sign-in that rotates where it compares no versions, and taken for an app', async () => {
    const store = await open({ UNVERSIONED: '1' });
    await store.prove(false);
    await expect(store.prove(true)).rejects.toMatchObject({
      code: 'store_unfit',
      message: expect.stringContaining('does not refuse a write over a newer value'),
    });
    await store.put('one', new Secret('value'));
    const version = (await store.get('one'))?.version ?? '';
    const errand = { spends: new Secret('t'), now: new Date(), waitMs: 1000, signal: new AbortController().signal };
    await expect(store.lease?.('one', version, errand)).rejects.toMatchObject({ code: 'store_unfit' });
    // An access token is still only written over the one that was read.
    const room = await store.reserve('one', { version, length: 10 });
    await store.put('one', new Secret('another'));
    await expect(room.put(new Secret('late'))).rejects.toMatchObject({ code: 'store_busy' });
  });

  it('tells trouble in the program’s words, without what was to be stored', async () => {
    const store = await open({ TROUBLE: 'gpg: no agent' });
    const failing = store.put('one', new Secret('{"v":1,"refreshToken":"the-refresh-token"}'));
    const error: Error = await failing.then(
      () => Promise.reject(),
      (thrown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('put ended with 1: "gpg: no agent'),
    });
    expect(error.message).not.toMatch(/the-refresh-token/);
  });

  it.each([
    ['no such program', '', 'there is no such program'],
    ['no JSON', 'echo hello', 'it printed no JSON object'],
    ['no value', `echo '{"version":"1"}'`, 'its get printed no value'],
    ['a version that is none', `echo '{"version":"1 2","value":"x"}'`, 'a short text without blanks'],
    ['what mailauth did not write', `echo '{"version":"1","value":"x"}'`, 'it is not what mailauth writes'],
    [
      'an entry of a newer version',
      `echo '{"version":"1","value":"{\\"v\\":2}"}'`,
      'a newer version of mailauth wrote it',
    ],
    ['a death', 'kill -9 $$', 'by a signal'],
    ['too much', 'yes', 'by a signal'],
  ])('refuses %s', async (_, text, words) => {
    const store = await open({}, text === '' ? join(folder, 'none') : script(text));
    await expect(store.get('one')).rejects.toMatchObject({ message: expect.stringContaining(words) });
  });

  it('says which program the system refuses to start, and why', async () => {
    const store = await open({ PADDING: 'x'.repeat(4 * 1024 * 1024) });
    await expect(store.get('one')).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/command-store\.mjs, which reaches the store, cannot be started: \w+$/),
    });
  });

  it('hands secrets over standard input alone', async () => {
    const path = script(`cat > "${folder}/input"; echo "$@" > "${folder}/args"; echo '{"version":"1"}'`);
    await (await open({}, path)).reserve('one', { version: '', length: 1 }).catch(() => undefined);
    const store = await open({}, path);
    await store.put('one', new Secret('the-secret')).catch(() => undefined);
    expect(readFileSync(join(folder, 'args'), 'utf8')).toMatch(/^(?:get|put) one\n$/);
    expect(readFileSync(join(folder, 'args'), 'utf8')).not.toContain('the-secret');
  });
});
