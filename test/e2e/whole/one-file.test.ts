/** The program in one file, as somebody without Node has it: the life of an account in a real keychain. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeExecutable } from '../../../packaging/executable.js';
import { targetOf } from '../../../packaging/targets.js';
import { keychainLocks } from '../../../src/store/places.js';
import { manifest } from '../../package/lock-file.js';
import { writeBrowser } from '../../servers/browser-program.js';
import { type Keyring, startKeyring } from '../../servers/keyring.js';
import { ALL_OK, type Computer, documentOf, openComputer, verdicts } from './computer.js';
import { filesBelow, INSTALLERS } from './installers.js';
import { type MailProvider, makePlace, openGmail, register } from './providers.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;
let gmail: MailProvider;
let keyring: Keyring;
let computer: Computer;
let setup: readonly string[];
let executable: string;
let browser: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-one-file-'));
  const downloads = join(folder, 'downloads');
  mkdirSync(downloads);
  executable = (await makeExecutable(targetOf('linux-x64'), downloads)).path;
  // Whatever lies beside a download is none of its business.
  mkdirSync(join(downloads, 'node_modules', 'commander'), { recursive: true });
  for (const path of ['xdg-open', 'node_modules/commander/index.js']) {
    writeFileSync(join(downloads, path), `#!/bin/sh\n: > '${join(folder, 'mark')}'\n`, { mode: 0o755 });
  }
  const place = makePlace(folder);
  gmail = await openGmail(place);
  const registration = await register(gmail, folder);
  keyring = await startKeyring('unlocked');
  browser = writeBrowser(folder, { ca: place.authority.cert, record: join(folder, 'visit') });
  computer = openComputer({ ...keyring.env, BROWSER: browser }, [executable]);
  setup = ['setup', 'gmail', '--account', gmail.address, ...registration.flags, ...gmail.flags];
}, 300_000);

afterAll(async () => {
  await gmail?.stop();
  await keyring?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

test('an account is set up, checked, used and removed, and the keychain is empty again', async () => {
  const made = await computer.mailauth(setup);
  expect(made.code, made.stderr).toBe(0);
  expect((await keyring.accounts('mailauth')).length).toBeGreaterThan(0);
  const checked = documentOf(await computer.mailauth(['check', '--json']));
  expect(checked.accounts.map(({ checks }) => verdicts(checks))).toEqual([ALL_OK]);
  const [stored, renewed] = [
    await computer.mailauth(['token', 'gmail'], { showsSecrets: true }),
    await computer.mailauth(['token', 'gmail', '--force-refresh'], { showsSecrets: true }),
  ];
  expect([stored.code, renewed.code]).toEqual([0, 0]);
  expect(renewed.stdout).not.toBe(stored.stdout);
  const exported = await computer.mailauth(['export', 'gmail', '--format', 'python']);
  expect(exported.stdout).toContain(join(folder, 'downloads', 'mailauth-linux-x64'));
});

test('the keychain library is the user’s alone, and another one in its place is not loaded', async () => {
  const native = join(dirname(keychainLocks()), 'native');
  expect(statSync(native).mode & 0o777).toBe(0o700);
  const whole = readFileSync(join(ROOT, 'node_modules', 'keytar', 'prebuilds', 'linux-x64', 'keytar.node'));
  const library = readdirSync(native, { encoding: 'utf8' })
    .map((name) => join(native, name))
    .find((path) => readFileSync(path).equals(whole));
  if (library === undefined) throw new Error(`no library in ${native}`);
  writeFileSync(library, 'not a library');
  expect((await computer.mailauth(['token', 'gmail'], { showsSecrets: true })).code).toBe(0);
  expect(readFileSync(library).equals(whole)).toBe(true);
});

test('an encrypted file is made and opened too, with a key file and with a passphrase', async () => {
  const key = join(folder, 'a key');
  expect((await computer.mailauth(['key', key])).code).toBe(0);
  for (const [name, env] of Object.entries({
    'key-file': { MAILAUTH_KEY_FILE: key },
    passphrase: { MAILAUTH_PASSPHRASE: 'correct horse battery' },
  })) {
    const settings = { env: { ...env, MAILAUTH_CONFIG_DIR: join(folder, `accounts with ${name}`) } };
    const made = await computer.mailauth([...setup, '--store', 'file'], settings);
    expect(made.code, made.stderr).toBe(0);
    expect((await computer.mailauth(['remove', 'gmail', '--yes'], settings)).code).toBe(0);
  }
});

test.each(Object.entries(INSTALLERS))(
  '%s installs its package, and takes all of it away',
  async (name, installer) => {
    const [root, home, out] = ['root', 'home', 'out'].map((part) => join(folder, name, part)) as [
      string,
      string,
      string,
    ];
    for (const one of [root, home, out]) mkdirSync(one, { recursive: true });
    installer.prepare(root);
    const file = installer.make({
      ...{ executable, arch: 'x64', maintainer: 'Jane Doe <jane@happypaws.example>', licences: 'the licences' },
      ...{ work: join(folder, name, 'work'), out },
    });
    installer.install(root, join(out, file));
    expect(filesBelow(root, 'usr')).toEqual([
      'bin/mailauth',
      'share/doc/mailauth/copyright',
      'share/man/man1/mailauth.1.gz',
    ]);
    const key = join(home, 'key');
    const installed = openComputer({ HOME: home, PATH: '/usr/bin:/bin', BROWSER: browser, MAILAUTH_KEY_FILE: key }, [
      join(root, 'usr/bin/mailauth'),
    ]);
    expect((await installed.mailauth(['--version'])).stdout).toBe(`${manifest.version}\n`);
    expect((await installed.mailauth(['key', key])).code).toBe(0);
    const made = await installed.mailauth([...setup, '--store', 'file']);
    expect(made.code, made.stderr).toBe(0);
    const checked = documentOf(await installed.mailauth(['check', '--json']));
    expect(checked.accounts.map(({ checks }) => verdicts(checks))).toEqual([ALL_OK]);
    expect((await installed.mailauth(['remove', 'gmail', '--yes'])).code).toBe(0);
    installer.remove(root);
    expect(filesBelow(root, 'usr')).toEqual([]);
    expect(installed.leaks(gmail.authorization.secrets)).toBe('');
  },
  180_000,
);

test('it is removed without a trace, and nothing from beside the file was run', async () => {
  const removed = await computer.mailauth(['remove', 'gmail', '--yes']);
  expect(removed.code, removed.stderr).toBe(0);
  expect(await keyring.accounts('mailauth')).toEqual([]);
  expect(readdirSync(folder)).not.toContain('mark');
  expect(computer.leaks(gmail.authorization.secrets)).toBe('');
});
