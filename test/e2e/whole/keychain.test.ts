/** The whole program with a keychain in each state it can be in. Whatever the state: no other store, and nothing lost. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeKeyFile } from '../../../src/store/file/key.js';
import { answerPrompts } from '../../rehearsal/autopilot.js';
import { writeBrowser } from '../../servers/browser-program.js';
import { type Keyring, type Session, startKeyring } from '../../servers/keyring.js';
import { KEY } from '../../servers/terminal.js';
import { ALL_OK, type Computer, documentOf, openComputer, type Ran, verdicts } from './computer.js';
import { type MailProvider, makePlace, openGmail, type Registration, register } from './providers.js';

let folder: string;
let gmail: MailProvider;
let registration: Registration;
let browser: string;
let setup: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-whole-'));
  const place = makePlace(folder);
  gmail = await openGmail(place);
  registration = await register(gmail, folder);
  browser = writeBrowser(folder, { ca: place.authority.cert, record: join(folder, 'visit') });
  setup = ['setup', 'gmail', '--account', gmail.address, ...registration.flags, ...gmail.flags];
  await makeKeyFile(join(folder, 'key'));
});

afterAll(async () => {
  await gmail?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function computerIn(session: Session): Promise<{ readonly computer: Computer; readonly keyring: Keyring }> {
  const keyring = await startKeyring(session);
  onTestFinished(() => keyring.close());
  return { keyring, computer: openComputer({ ...keyring.env, BROWSER: browser }) };
}

async function computerWithAccount(): Promise<{ readonly computer: Computer; readonly keyring: Keyring }> {
  const opened = await computerIn('unlocked');
  const ran = await opened.computer.mailauth(setup);
  expect(ran.code, ran.stderr).toBe(0);
  return opened;
}

async function expectWorking(computer: Computer): Promise<void> {
  const ran = await computer.mailauth(['check', '--json']);
  expect(documentOf(ran).accounts.map(({ checks }) => verdicts(checks))).toEqual([ALL_OK]);
}

/** Nothing was put anywhere else than into the keychain. */
function expectNoOtherStore(computer: Computer): void {
  const config = join(computer.home, '.config', 'mailauth');
  const names = existsSync(config) ? readdirSync(config, { recursive: true, encoding: 'utf8' }) : [];
  expect(names.filter((name) => /secrets|\.enc|key/.test(name))).toEqual([]);
  expect(computer.leaks(gmail.authorization.secrets)).toBe('');
}

const SKIPPED = ['client skip', 'signin skip', 'smtp skip', 'imap skip'];

describe('S24 locked', () => {
  test('S24 every command says so at once, loses nothing, and works again once it is unlocked', async () => {
    const { computer, keyring } = await computerWithAccount();
    const before = await keyring.accounts('mailauth');
    await keyring.lock();
    const check = await computer.mailauth(['check', '--json']);
    expect(documentOf(check).accounts.map(({ checks }) => verdicts(checks))).toEqual([
      ['store fail keychain_locked', ...SKIPPED],
    ]);
    const ended = {
      check,
      token: await computer.mailauth(['token', 'gmail']),
      force: await computer.mailauth(['token', 'gmail', '--force-refresh']),
      authorize: await computer.mailauth(['authorize', 'gmail']),
      remove: await computer.mailauth(['remove', 'gmail', '--yes']),
      setup: await computer.mailauth([...setup, '--yes']),
    };
    for (const [command, ran] of Object.entries(ended)) {
      expect([command, ran.code, ran.signal]).toEqual([command, 74, null]);
      expect(ran.stdout + ran.stderr).toContain('the keychain is locked');
      expect(ran.ms).toBeLessThan(10_000);
    }
    expect(ended.token.stdout).toBe('');
    expect(await keyring.accounts('mailauth')).toEqual(before);
    expectNoOtherStore(computer);
    await keyring.unlock();
    await expectWorking(computer);
    expect(await keyring.accounts('mailauth')).toEqual(before);
  });

  test('S24 at a terminal the wizard waits at its second step, and goes on when it is unlocked', async () => {
    const { computer, keyring } = await computerIn('unlocked');
    await keyring.lock();
    const terminal = computer.terminal(setup);
    await answerPrompts(terminal, [
      { prompt: /Enter when done:/, type: '' },
      { prompt: /\[(?:Y\/n|y\/N)\]/, type: '' },
      {
        prompt: /Number 1 to \d+:/,
        about: /the keychain is locked/,
        type: async () => {
          await keyring.unlock();
          return '1';
        },
      },
      { prompt: /Number 1 to 3:/, about: /Who will use this mailbox/, type: '2' },
      { prompt: /Number 1 to \d+:/, type: '' },
      { prompt: /Press Enter to open it:/, type: '' },
    ]);
    expect((await terminal.exited()).code).toBe(0);
    expect(terminal.text()).toContain('OK  secrets will be kept in the keyring (Secret Service)');
    await expectWorking(computer);
    expectNoOtherStore(computer);
  });
});

describe('S23 absent', () => {
  test.each<[Session, string]>([
    ['none', 'no keychain runs in this session'],
    ['no bus', 'there is no D-Bus session here'],
    ['empty', 'holds no keyring to store in yet'],
  ])(
    'S23 %s: a script is refused before anything secret exists, and the encrypted file is only named',
    async (session, sentence) => {
      const { computer } = await computerIn(session);
      const requests = gmail.authorization.ledger.length;
      // A key file in the environment is no consent.
      const ran = await computer.mailauth([...setup, '--json'], { env: { MAILAUTH_KEY_FILE: join(folder, 'key') } });
      expect(documentOf(ran)).toMatchObject({ schema: 'mailauth.error/1', code: 'keychain_unavailable' });
      expect(ran.stdout).toContain(sentence);
      expect(ran.stdout).toContain('--store file');
      expect(ran.code).toBe(74);
      expect(gmail.authorization.ledger).toHaveLength(requests);
      expectNoOtherStore(computer);
      expect(documentOf(await computer.mailauth(['list', '--json'])).accounts).toEqual([]);
    },
  );

  test('S23 at a terminal the wizard offers the encrypted file, asks for its passphrase, and takes nothing by itself', async () => {
    const { computer } = await computerIn('none');
    const passphrase = 'correct horse battery staple';
    const terminal = computer.terminal(setup);
    await answerPrompts(terminal, [
      { prompt: /Enter when done:/, type: '' },
      { prompt: /\[(?:Y\/n|y\/N)\]/, type: '' },
      { prompt: /Number 1 to 2:/, about: /Where shall the secrets be kept\?/, type: '2' },
      { prompt: /Passphrase of the encrypted file \(hidden\):/, type: passphrase },
      { prompt: /The same passphrase once more \(hidden\):/, type: passphrase },
      { prompt: /Number 1 to 3:/, about: /Who will use this mailbox/, type: '2' },
      { prompt: /Number 1 to \d+:/, type: '' },
      { prompt: /Press Enter to open it:/, type: '' },
    ]);
    expect((await terminal.exited()).code).toBe(0);
    expect(terminal.text()).toContain('no keychain runs in this session');
    expect(terminal.text()).not.toContain(passphrase);
    const script = await computer.mailauth(['check', '--json']);
    expect(documentOf(script).accounts.map(({ checks }) => verdicts(checks))).toEqual([
      ['store fail key_missing', ...SKIPPED],
    ]);
    const given = await computer.mailauth(['check', '--json'], { env: { MAILAUTH_PASSPHRASE: passphrase } });
    expect(documentOf(given).accounts.map(({ checks }) => verdicts(checks))).toEqual([ALL_OK]);
    expect(computer.leaks(new Set([...gmail.authorization.secrets, passphrase]))).toBe('');
  });

  test('S23 leaving at that offer leaves nothing behind but the place', async () => {
    const { computer } = await computerIn('none');
    const terminal = computer.terminal(setup);
    await answerPrompts(terminal, [
      { prompt: /Enter when done:/, type: '' },
      { prompt: /\[(?:Y\/n|y\/N)\]/, type: '' },
      { prompt: /Number 1 to 2:/, about: /Where shall the secrets be kept\?/, type: KEY.ctrlC },
      { prompt: /Number 1 to 3:/, about: /Who will use this mailbox/, type: '2' },
      { prompt: /Number 1 to \d+:/, type: '' },
    ]);
    expect((await terminal.exited()).code).toBe(130);
    expect(terminal.text()).toMatch(/saved at step 2/);
    expectNoOtherStore(computer);
  });
});

describe('S25 frozen', () => {
  test('S25 each command says so within seconds and ends with 74, and nothing is lost', async () => {
    const { computer, keyring } = await computerWithAccount();
    const before = await keyring.accounts('mailauth');
    keyring.freeze();
    const commands: readonly (readonly string[])[] = [
      ['check'],
      ['check', '--json'],
      ['token', 'gmail'],
      ['authorize', 'gmail'],
      ['remove', 'gmail', '--yes'],
      [...setup, '--yes'],
    ];
    const ended = await Promise.all(commands.map((args) => computer.mailauth(args)));
    expect(ended.map(({ code, signal }) => [code, signal])).toEqual(commands.map(() => [74, null]));
    for (const { stdout, stderr, ms } of ended) {
      expect(stdout + stderr).toMatch(/the keychain did not answer within 3\s+seconds/);
      expect(ms).toBeLessThan(15_000);
    }
    expect(documentOf(ended[1] as Ran).accounts.map(({ checks }) => verdicts(checks))).toEqual([
      ['store fail keychain_unavailable', ...SKIPPED],
    ]);
    // What needs no secret still answers.
    expect(await computer.mailauth(['list'])).toMatchObject({ code: 0 });
    keyring.thaw();
    expect(await keyring.accounts('mailauth')).toEqual(before);
    await expectWorking(computer);
    expectNoOtherStore(computer);
  });
});

describe('N15 a bare environment', () => {
  const bare = (computer: Computer, env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ran> =>
    computer.mailauth(args, {
      env: { ...Object.fromEntries(Object.keys(computer.env).map((name) => [name, undefined])), ...env },
    });

  test('S30 N15 a cron job without the session is told the variable, and takes no other store', async () => {
    const { computer } = await computerWithAccount();
    const { home } = computer;
    const key = join(folder, 'key');
    for (const env of [{ HOME: home }, { HOME: home, LANG: 'C', MAILAUTH_KEY_FILE: key, MAILAUTH_STORE: 'file' }]) {
      const check = await bare(computer, env, ['check', '--json']);
      expect(documentOf(check).accounts.map(({ checks }) => verdicts(checks))).toEqual([
        ['store fail keychain_unavailable', ...SKIPPED],
      ]);
      const token = await bare(computer, env, ['token', 'gmail']);
      expect([check.code, token.code, token.stdout]).toEqual([74, 74, '']);
      for (const said of [check.stdout, token.stderr]) expect(said).toContain('DBUS_SESSION_BUS_ADDRESS');
    }
    expectNoOtherStore(computer);
  });

  test('S30 N15 with that one variable, and a home, the same job works', async () => {
    const { computer } = await computerWithAccount();
    const env = { HOME: computer.home, DBUS_SESSION_BUS_ADDRESS: computer.env['DBUS_SESSION_BUS_ADDRESS'] ?? '' };
    const check = await bare(computer, env, ['check', '--json']);
    expect(documentOf(check).accounts.map(({ checks }) => verdicts(checks))).toEqual([ALL_OK]);
  });

  test('N15 without a home the program says which variable is missing', async () => {
    const { computer } = await computerIn('no bus');
    const ran = await bare(computer, {}, ['check']);
    expect(ran).toMatchObject({ code: 64, stdout: '', stderr: expect.stringContaining('HOME is not set') });
  });
});
