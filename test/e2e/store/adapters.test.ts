/** The adapters of docs/adapters/, with the real programs behind them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { STORES } from '../../../src/store/stores.js';
import { Secret } from '../../../src/words/secret.js';
import { openingWith } from '../../swarm/hosts.js';

const ADAPTERS = fileURLToPath(new URL('../../../docs/adapters/', import.meta.url));

/** A home with a key of GnuPG and a password store; its path is short, since the agent's socket is in it. */
function home(): NodeJS.ProcessEnv {
  const folder = mkdtempSync('/tmp/ma-pass-');
  const env = { PATH: process.env['PATH'], HOME: folder, GNUPGHOME: join(folder, '.gnupg') };
  const run = (program: string, ...args: string[]) => spawnSync(program, args, { env, encoding: 'utf8' });
  onTestFinished(() => {
    run('gpgconf', '--kill', 'gpg-agent');
    rmSync(folder, { recursive: true, force: true });
  });
  run('mkdir', '-m', '700', env.GNUPGHOME);
  const made = run('gpg', '--batch', '--passphrase', '', '--quick-gen-key', 'mailauth@localhost', 'default', 'default');
  expect(made.status, made.stderr).toBe(0);
  expect(run('pass', 'init', 'mailauth@localhost').status).toBe(0);
  return env;
}

describe.each(readdirSync(ADAPTERS))('%s', (name) => {
  it('keeps what it is given, for an app and for nobody else', async () => {
    const env = home();
    const store = await STORES.command.open({ kind: 'command', at: join(ADAPTERS, name) }, openingWith('/tmp', env));
    await store.prove(false);
    await expect(store.prove(true)).rejects.toMatchObject({ code: 'store_unfit' });
    expect(await store.get('one')).toBeUndefined();
    const text = `{"a":"\\"quoted\\"","b":"ä\\n${'x'.repeat(3000)}"}\n`;
    await store.put('one', new Secret(text));
    expect((await store.get('one'))?.value.reveal()).toBe(text);
    await store.put('one', new Secret('second'));
    expect((await store.get('one'))?.value.reveal()).toBe('second');
    expect([await store.delete('one'), await store.delete('one'), await store.get('one')]).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  it('is a script without a fault that shellcheck knows', () => {
    const { stdout, status } = spawnSync('shellcheck', [join(ADAPTERS, name)], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '']);
  });
});
