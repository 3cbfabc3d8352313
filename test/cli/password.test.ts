import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStoreIn, makeMailbox } from '../swarm/mailbox.js';
import { type Ended, mailauth } from './in-process.js';

let configDir: string;
beforeEach(async () => {
  configDir = mkdtempSync(join(tmpdir(), 'mailauth-password-'));
  await makeMailbox(configDir, await fileStoreIn(configDir));
});
afterEach(() => rmSync(configDir, { recursive: true, force: true }));

const password = (...args: string[]): Promise<Ended> => mailauth(['password', ...args], { configDir });
const labels = async () =>
  (await password('outlook', '--list', '--json'))
    .document<{ passwords: { label: string }[] }>()
    .passwords.map(({ label }) => label);

describe('mailauth password', () => {
  it('D10 shows a password once, and keeps nothing it could be told from', async () => {
    const { code, stdout, stderr } = await password('ann@happypaws.example', '--label', 'the scanner');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(?:[0-9a-z]{4}-){7}[0-9a-z]{4}\n$/);
    expect(stderr).toContain('127.0.0.1, SMTP port 1587, IMAP port 1143; no encryption');
    expect(stderr).toMatch(/do: start it now.*\n {6}mailauth serve\n$/);
    expect(stderr).not.toContain(stdout.trim());
    const kept = readFileSync(join(configDir, 'accounts.json'), 'utf8');
    expect(kept).toContain('"the scanner"');
    expect(kept).not.toContain(stdout.trim());
    expect(kept).not.toContain(stdout.trim().replaceAll('-', ''));
    const listed = await password('outlook', '--list');
    expect(listed.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d.* {2}the scanner\n$/);
  });

  it('gives a script one document', async () => {
    const made = (await password('outlook', '--json')).document<Record<string, string>>();
    expect(made).toMatchObject({
      schema: 'mailauth.password/1',
      account: 'outlook',
      user: 'ann@happypaws.example',
      label: 'device',
    });
    expect(made['password']).toMatch(/^[0-9a-z-]{39}$/);
  });

  it('names what has no name, keeps names apart, and deletes one', async () => {
    for (const label of [[], [], ['--label', 'scanner']]) expect((await password('outlook', ...label)).code).toBe(0);
    expect(await labels()).toEqual(['device', 'device-2', 'scanner']);
    const taken = await password('outlook', '--label', 'scanner');
    expect([taken.code, taken.stdout]).toEqual([64, '']);
    expect(taken.stderr).toContain('mailauth password outlook --delete scanner');
    await password('outlook', '--label', 'two words');
    expect((await password('outlook', '--label', 'two words')).stderr).toContain("--delete 'two words'");
    for (const label of ['device', 'two words']) expect((await password('outlook', '--delete', label)).code).toBe(0);
    expect(await labels()).toEqual(['device-2', 'scanner']);
    for (const label of ['device-2', 'scanner']) await password('outlook', '--delete', label);
    expect((await password('outlook', '--list')).stderr).toContain('outlook has no password');
    expect(readFileSync(join(configDir, 'accounts.json'), 'utf8')).not.toContain('passwords');
  });

  it.each([
    [['outlook', '--delete', 'nothing'], 64, 'has no password called "nothing"'],
    [['outlook', '--list', '--delete', 'x'], 64, 'exclude each other'],
    [['outlook', '--label', 'two\nlines'], 65, 'one line'],
    [['outlook', '--label', ''], 65, 'one line'],
    [['outlook', '--label', 'x'.repeat(65)], 65, '64 characters'],
    [['nobody'], 67, 'no account is called'],
  ] as const)('refuses %j', async (args, code, words) => {
    const ended = await password(...args);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr).toContain(words);
  });
});
