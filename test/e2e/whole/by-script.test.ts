/** The whole program as a script runs it: real mail servers, a real authorization server, a real keychain. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeBrowser } from '../../servers/browser-program.js';
import { type Keyring, startKeyring } from '../../servers/keyring.js';
import type { Visit } from '../../servers/scripted-browser.js';
import {
  ALL_OK,
  accountsFile,
  type Computer,
  documentOf,
  openComputer,
  PROGRAM,
  recorded,
  verdicts,
} from './computer.js';
import { type MailProvider, makePlace, openGmail, openOutlook, type Place, register } from './providers.js';
import { type Sighting, startWitness, type Witness } from './witness.js';

let folder: string;
let place: Place;
let keyring: Keyring;
let computer: Computer;
let witness: Witness;
const providers: Partial<Record<'gmail' | 'outlook', MailProvider>> = {};
/** Dumps of what each browser was started with. */
const browsers: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailauth-whole-'));
  place = makePlace(folder);
  keyring = await startKeyring('unlocked');
  computer = openComputer(keyring.env);
  providers.gmail = await openGmail(place);
  providers.outlook = await openOutlook(place);
  witness = await startWitness();
});

afterAll(async () => {
  await witness?.stop();
  for (const provider of Object.values(providers)) await provider.stop();
  await keyring?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function the(id: 'gmail' | 'outlook'): MailProvider {
  const provider = providers[id];
  if (provider === undefined) throw new Error(`${id} was not opened`);
  return provider;
}

/** A browser that signs in, after noting everything it was started with. */
function browserFor(id: string): { readonly program: string; readonly record: string } {
  const record = join(folder, `${id}-visit.json`);
  const browser = writeBrowser(folder, { ca: place.authority.cert, record });
  const program = join(folder, `${id}-browser`);
  const dump = join(folder, `${id}-browser-started-with`);
  browsers.push(dump);
  const words = `{ tr '\\0' '\\n' </proc/$$/cmdline; tr '\\0' '\\n' </proc/$$/environ; } >'${dump}'`;
  writeFileSync(program, `#!/bin/sh\n${words}\nexec '${browser}' "$1"\n`, { mode: 0o755 });
  return { program, record };
}

/** What an IMAP server says to this user with this token (XOAUTH2), spoken by hand. */
function logInByHand(port: number, user: string, token: string): Promise<string> {
  const sasl = Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString('base64');
  const socket = connect({ host: 'localhost', port, ca: place.authority.cert, servername: 'localhost' });
  return new Promise((resolve, reject) => {
    let heard = '';
    socket.setEncoding('utf8');
    socket.setTimeout(10_000, () => socket.destroy(new Error(`only heard ${heard}`)));
    socket.once('error', reject);
    socket.once('secureConnect', () => socket.write(`a AUTHENTICATE XOAUTH2 ${sasl}\r\n`));
    socket.on('data', (text: string) => {
      heard += text;
      // A refused login waits for an empty line after its challenge.
      if (/^\+ \S+\r\n$/m.test(text)) socket.write('\r\n');
      const answer = /^a (.*)\r\n/m.exec(heard)?.[1];
      if (answer === undefined) return;
      socket.destroy();
      resolve(answer);
    });
  });
}

describe.each(['gmail', 'outlook'] as const)('%s', (id) => {
  test('setup ends with the sign-in stored and both logins proven', async () => {
    const provider = the(id);
    const { flags, env } = await register(provider, folder);
    const { program, record } = browserFor(id);
    const args = ['setup', id, '--json', '--verbose', '--account', provider.address, ...flags, ...provider.flags];
    const ran = await computer.mailauth(args, { env: { ...env, BROWSER: program } });
    const report = documentOf(ran);
    expect(report, ran.stderr).toMatchObject({ schema: 'mailauth.setup/1', ok: true });
    expect(verdicts(report.checks)).toEqual(ALL_OK);
    expect(ran.code).toBe(0);
    const visit = await recorded<Visit>(record);
    expect(visit).toMatchObject({ status: 200, address: expect.stringMatching(/\/done-[\w-]+$/) });
    expect(visit.text).toContain(`Signed in as ${provider.address}`);
  });

  test('the mail servers themselves have seen one login each, and it was accepted', async () => {
    const { dovecot, postfix, address } = the(id);
    const log = await dovecot.log();
    expect(log).toContain(`imap-login: Info: Login: user=<${address}>, method=XOAUTH2`);
    expect(log).not.toContain('auth failed');
    if (id === 'gmail') expect(await postfix.log()).toMatch(/disconnect from .* auth=1 /);
    else expect(log).toContain(`submission-login: Info: Login: user=<${address}>, method=XOAUTH2`);
  });

  test('the token it prints opens the mailbox for another program', async () => {
    const { dovecot, address } = the(id);
    const { code, stdout, stderr } = await computer.mailauth(['token', id], { showsSecrets: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\S+\n$/);
    expect(await logInByHand(dovecot.imaps, address, stdout.trim())).toMatch(/^OK .*Logged in/);
    expect(await logInByHand(dovecot.imaps, address, 'another-token')).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
  });
});

test('six programs at once get a token from the keychain, and the rotated sign-in survives', async () => {
  const args = ['token', 'outlook', '--force-refresh'];
  const ran = await Promise.all(Array.from({ length: 6 }, () => computer.mailauth(args, { showsSecrets: true })));
  expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(ran.map(() => [0, '']));
  const { authorization, address } = the('outlook');
  const valid = await Promise.all(ran.map(({ stdout }) => authorization.verify(address, stdout.trim())));
  expect(valid).toEqual(ran.map(() => true));
  const refreshes = authorization.ledger.filter(({ grantType }) => grantType === 'refresh_token');
  expect(refreshes.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  const spent = refreshes.map(({ refreshTokenHash }) => refreshTokenHash);
  expect(new Set(spent).size).toBe(spent.length);
});

test('a second process checks both, as a person and as a script', async () => {
  const script = await computer.mailauth(['check', '--json']);
  const report = documentOf(script);
  expect(report).toMatchObject({ schema: 'mailauth.check/1', ok: true, exitCode: 0 });
  expect(report.accounts.map(({ name, checks }) => [name, ...verdicts(checks)])).toEqual([
    ['gmail', ...ALL_OK],
    ['outlook', ...ALL_OK],
  ]);
  const person = await computer.mailauth(['check', '--verbose']);
  expect([script.code, person.code]).toEqual([0, 0]);
  expect(person.stdout).toContain('2 accounts: 2 working');
});

test('list names both, their store, and no secret', async () => {
  const { code, stdout } = await computer.mailauth(['list', '--json']);
  expect(code).toBe(0);
  const shown = (id: 'gmail' | 'outlook') =>
    expect.objectContaining({ name: id, address: the(id).address, provider: id, store: 'keychain' });
  expect(JSON.parse(stdout)).toMatchObject({ accounts: [shown('gmail'), shown('outlook')] });
});

test('the keychain holds a client secret and a sign-in for each, under ids that name the mailbox and tell nothing else', async () => {
  const names = await keyring.accounts('mailauth');
  expect(names).toHaveLength(4);
  const configuration = accountsFile(computer);
  for (const name of names) {
    expect(name).toMatch(/^reception(?:-happypaws)?-at-[a-z-]+-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}$/);
    expect(configuration).toContain(name);
  }
});

describe('after everything has run', () => {
  let seen: readonly Sighting[];
  let secrets: ReadonlySet<string>;

  test('S31 removing leaves nothing in the keychain and no account', async () => {
    const removed = [
      await computer.mailauth(['remove', 'gmail', '--yes']),
      await computer.mailauth(['remove', 'outlook', '--yes']),
    ];
    expect(removed.map(({ code }) => code)).toEqual([0, 0]);
    expect(the('gmail').authorization.revocations).toHaveLength(1);
    expect(await keyring.accounts('mailauth')).toEqual([]);
    const { code, stdout } = await computer.mailauth(['list', '--json']);
    expect({ code, document: JSON.parse(stdout) }).toMatchObject({ code: 0, document: { accounts: [] } });
    expect(await computer.mailauth(['check'])).toMatchObject({ code: 67 });
    seen = await witness.stop();
    secrets = new Set(Object.values(providers).flatMap(({ authorization }) => [...authorization.secrets]));
  });

  test('X01 X02 X04 X12 no secret was in an output, a file, a command line or the environment of a child', () => {
    expect(secrets.size).toBeGreaterThan(20);
    expect(computer.leaks(secrets, seen)).toBe('');
  });

  test('X01 the witness saw the program and its browsers, so it would have seen a secret', () => {
    const commands = seen.map(({ argv }) => argv.join(' '));
    const expected = ['setup gmail', 'setup outlook', 'check --json', 'token gmail', 'remove outlook'];
    const sights = [
      ...expected.map((command) => `${PROGRAM} ${command}`),
      `browser.json ${the('outlook').authorization.origin}`,
    ];
    expect(sights.filter((sight) => !commands.some((command) => command.includes(sight)))).toEqual([]);
    const given = seen.filter(({ environment }) => environment.includes('MAILAUTH_CLIENT_SECRET='));
    expect(given.length).toBeGreaterThan(0);
  });

  test('X02 a browser is started with an address and without our variables', () => {
    expect(browsers).toHaveLength(2);
    for (const dump of browsers) {
      const [, , url = '', ...environment] = readFileSync(dump, 'utf8').trim().split('\n');
      expect(url).toMatch(/^https:\/\/localhost:\d+\/.*code_challenge=/);
      const names = environment.map((line) => line.split('=')[0] ?? '');
      expect(names).toContain('HOME');
      expect(names.filter((name) => name.startsWith('MAILAUTH_'))).toEqual([]);
    }
  });
});
