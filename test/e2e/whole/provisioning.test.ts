/** Mailboxes as a provisioning tool sets them up: whole lists, again and again, each run saying whether it changed anything. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Home, openTown, type ProviderTown, type Values } from '../../cli/provider-town.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/mailauth.js', import.meta.url));
const MANY = 200;

let town: ProviderTown;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

interface Document {
  readonly ok: boolean;
  readonly changed?: boolean;
  readonly accounts?: readonly { readonly address: string; readonly ok: boolean; readonly changed: boolean }[];
}

/** The program as a task of the tool runs it: no terminal, one document. */
async function task(home: Home, command: readonly string[], values: Values): Promise<Document> {
  const flags = Object.entries(values).flatMap(([flag, value]) => {
    if (flag !== '--client-secret-file' && flag !== '--refresh-token-file') return [flag, value];
    const file = join(home.configDir, flag.slice(2));
    writeFileSync(file, value, { mode: 0o600 });
    return [flag, file];
  });
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: home.configDir,
    MAILAUTH_CONFIG_DIR: home.configDir,
    MAILAUTH_KEY_FILE: join(home.configDir, 'key'),
    MAILAUTH_STORE: 'file',
  };
  const child = spawn(process.execPath, [PROGRAM, ...command, '--json', ...flags], { env, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdin.end();
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code, `${stdout} ${stderr}`).toBe(0);
  return JSON.parse(stdout);
}

test('two hundred mailboxes in one command, a second run that changes nothing, and a new secret for all', {
  timeout: 240_000,
}, async () => {
  const provider = town.providers.gmail;
  const home = await town.openHome('gmail');
  const { '--account': _, '--refresh-token-file': __, ...shared } = home.right;
  const addresses = Array.from({ length: MANY }, (_, index) => `room-${index}@happypaws.example`);
  const list = join(town.folder, 'rooms.csv');
  const lines = addresses.map((address, index) => {
    const file = join(town.folder, `room-${index}`);
    writeFileSync(file, provider.issue(address), { mode: 0o600 });
    return `${address},room-${index},${file}`;
  });
  writeFileSync(list, lines.join('\n'));

  const command = ['setup', 'gmail', '--accounts-file', list];
  const first = await task(home, command, shared);
  expect(first.accounts?.filter(({ ok, changed }) => ok && changed)).toHaveLength(MANY);
  expect(
    home
      .read()
      .accounts.map(({ address }) => address)
      .sort(),
  ).toEqual([...addresses].sort());
  expect(home.read().clients).toHaveLength(1);
  expect([home.left(), home.lost()]).toEqual([[], []]);

  const asked = provider.ledger.length;
  const second = await task(home, command, shared);
  expect(second.accounts?.filter(({ ok, changed }) => ok && !changed)).toHaveLength(MANY);
  expect(provider.ledger).toHaveLength(asked);

  provider.secret = 'GOCSPX-abcdefghijklmnopqr9876543210';
  const secret = { '--client-secret-file': provider.secret };
  expect(await task(home, ['setup', 'room-7'], secret)).toMatchObject({ ok: true, changed: true });
  expect(await task(home, ['setup', 'room-7'], secret)).toMatchObject({ ok: true, changed: false });
  expect(await task(home, ['check', 'room-0', 'room-7', 'room-199'], {})).toMatchObject({ ok: true });
  expect([home.left(), home.lost()]).toEqual([[], []]);
});

test('a play with one task a mailbox converges, and tells what it changed', { timeout: 120_000 }, async () => {
  const plays = (['gmail', 'outlook'] as const).map(async (name) => {
    const home = await town.openHome(name);
    const play = (more: Values = {}) => task(home, ['setup', name, '--yes'], { ...home.right, ...more });
    expect(await play()).toMatchObject({ ok: true, changed: true });
    const asked = town.providers[name].ledger.length;
    expect(await play()).toMatchObject({ ok: true, changed: false });
    expect(town.providers[name].ledger).toHaveLength(asked);
    expect(await play({ '--description': 'Front desk' })).toMatchObject({ ok: true, changed: true });
    expect(await play({ '--description': 'Front desk' })).toMatchObject({ ok: true, changed: false });
    expect(home.left()).toEqual([]);
  });
  await Promise.all(plays);
});
