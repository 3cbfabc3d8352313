import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFileStore } from '../../src/store/file/file-store.js';
import { Secret } from '../../src/words/secret.js';
import { run } from '../servers/terminal.js';
import { makeMailbox } from '../swarm/mailbox.js';
import { compiledProgram } from './program.js';

/** A person at a terminal, and the encrypted file with its passphrase. */

const PASSPHRASE = 'correct horse battery staple';
const QUESTION = 'Passphrase of the encrypted file';
const program = compiledProgram();
const configDir = mkdtempSync(join(tmpdir(), 'mailauth-passphrase-'));
afterAll(() => rmSync(configDir, { recursive: true, force: true }));

beforeAll(async () => {
  const key = { kind: 'passphrase', passphrase: new Secret(PASSPHRASE) } as const;
  const store = await openFileStore({ directory: configDir, key });
  for (const name of ['one', 'two', 'three']) await makeMailbox(configDir, store, { name });
});

test('the passphrase is asked for once, however many accounts are checked', async () => {
  const file = join(program.folder(), 'bin', 'mailauth.js');
  const env = { PATH: process.env['PATH'], HOME: configDir, MAILAUTH_CONFIG_DIR: configDir };
  const terminal = run(process.execPath, [file, 'check'], { env });
  await terminal.expect(QUESTION);
  // Whoever types takes a while, and no server is waited for meanwhile.
  await sleep(1_500);
  expect(terminal.text()).not.toContain('waiting');
  terminal.send(`${PASSPHRASE}\r`);
  // Nothing listens at the token endpoint: to try again later.
  expect((await terminal.exited()).code).toBe(75);
  expect(terminal.text().match(/OK {4}store/g)).toHaveLength(3);
  expect(terminal.text().split(QUESTION)).toHaveLength(2);
});
