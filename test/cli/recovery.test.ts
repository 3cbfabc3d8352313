/**
 * After any mistake the next run with a better value succeeds: for every question of both providers a wrong value, the
 * command that is printed, the right value. A refused value never takes the place of a proven one, and nothing is left.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Configuration } from '../../src/account/account.js';
import { entriesOf } from '../../src/account/record.js';
import { makeKeyFile } from '../../src/store/file/key.js';
import { makeAuthority } from '../servers/certificates.js';
import { type ImapServer, startImapServer } from '../servers/imap-server.js';
import { type SmtpServer, startSmtpServer } from '../servers/smtp-server.js';
import { type StrictProvider, startStrictProvider } from '../servers/strict-provider.js';
import { type Ended, mailauth } from './in-process.js';

const MAILBOX = 'reception@happypaws.example';
const TENANT = '99999999-2222-3333-4444-555555555555';
const CLIENTS = {
  gmail: {
    clientId: '123456789012-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com',
    secret: 'GOCSPX-0123456789abcdefghijklmnopqr',
    tenant: '',
  },
  outlook: { clientId: '11111111-2222-3333-4444-555555555555', secret: `aBc8Q~${'x'.repeat(34)}`, tenant: TENANT },
} as const;
type Name = keyof typeof CLIENTS;

/** A value that the provider, a server or the mailbox refuses, by flag. A secret is what its file holds. */
const WRONG: Readonly<Record<Name, Readonly<Record<string, string>>>> = {
  gmail: {
    '--client-id': '999999999999-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com',
    '--client-secret-file': 'GOCSPX-9999999999abcdefghijklmnopqr',
    '--refresh-token-file': '1//0no-such-token-abcdefghijklmnop',
    '--account': 'recpetion@happypaws.example',
    '--issuer': 'https://localhost:1',
    '--imap-port': '1',
  },
  outlook: {
    '--client-id': '77777777-2222-3333-4444-555555555555',
    '--tenant': '88888888-2222-3333-4444-555555555555',
    '--client-secret-file': `zZz8Q~${'y'.repeat(34)}`,
    '--refresh-token-file': 'M.C5_no-such-token-abcdefghijklmnop',
    '--account': 'recpetion@happypaws.example',
    '--issuer': 'https://localhost:1/{tenant}/v2.0',
    '--imap-port': '1',
  },
};

const authority = makeAuthority();
const folder = mkdtempSync(join(tmpdir(), 'mailauth-recovery-'));
const caFile = join(folder, 'ca.pem');
const providers = {} as Record<Name, StrictProvider>;
let smtp: SmtpServer;
let imap: ImapServer;

beforeAll(async () => {
  writeFileSync(caFile, authority.cert);
  providers.gmail = await startStrictProvider(authority, 'google', CLIENTS.gmail);
  providers.outlook = await startStrictProvider(authority, 'microsoft', CLIENTS.outlook);
  const verify = async (user: string, token: string) =>
    (await providers.gmail.verify(user, token)) || providers.outlook.verify(user, token);
  const leaf = authority.issue();
  smtp = await startSmtpServer({ leaf, security: 'starttls', verify });
  imap = await startImapServer({ leaf, security: 'tls', verify });
});
afterAll(async () => {
  await Promise.all([providers.gmail.stop(), providers.outlook.stop(), smtp.close(), imap.close()]);
  rmSync(folder, { recursive: true, force: true });
});

let homes = 0;

/** A home of its own, and the right value of every flag. */
async function openHome(name: Name) {
  const configDir = join(folder, `home-${++homes}`);
  mkdirSync(configDir, { mode: 0o700 });
  const key = join(configDir, 'key');
  await makeKeyFile(key);
  const { origin } = providers[name];
  const right: Record<string, string> = {
    '--account': MAILBOX,
    '--client-id': CLIENTS[name].clientId,
    ...(name === 'outlook' && { '--tenant': TENANT }),
    '--client-secret-file': CLIENTS[name].secret,
    '--refresh-token-file': providers[name].issue(MAILBOX),
    '--issuer': name === 'outlook' ? `${origin}/{tenant}/v2.0` : origin,
    '--ca': caFile,
    '--smtp-host': 'localhost',
    '--smtp-port': String(smtp.port),
    '--smtp-security': 'starttls',
    '--imap-host': 'localhost',
    '--imap-port': String(imap.port),
    '--imap-security': 'tls',
  };
  const run = (command: readonly string[], values: Readonly<Record<string, string>>): Promise<Ended> => {
    const flags = Object.entries(values).flatMap(([flag, value]) => [flag, fileFor(configDir, flag, value)]);
    const env = { MAILAUTH_KEY_FILE: key, MAILAUTH_STORE: 'file' };
    return mailauth([...command, '--json', ...flags], { configDir, env });
  };
  const read = (): Configuration => JSON.parse(readFileSync(join(configDir, 'accounts.json'), 'utf8'));
  return {
    right,
    run,
    set: (values: Readonly<Record<string, string>>) => run(['setup', name], values),
    read,
    /** Files of the store, and files of unfinished set-ups, that no record names. */
    left: () => {
      const files = filesIn(join(configDir, 'secrets')).filter((file) => file.endsWith('.enc'));
      const named = entriesOf(read());
      return [
        ...files.map((file) => file.replace('.enc', '')).filter((id) => !named.has(id)),
        ...filesIn(join(configDir, 'setups')),
      ];
    },
  };
}

function fileFor(configDir: string, flag: string, value: string): string {
  if (flag !== '--client-secret-file' && flag !== '--refresh-token-file') return value;
  const file = join(configDir, flag.slice(2));
  writeFileSync(file, value, { mode: 0o600 });
  return file;
}

function filesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The set-up command that is printed, without the program's name; the same command where none is. */
function printed(ended: Ended, name: Name): readonly string[] {
  const { fix = [] } = ended.document<{ fix?: readonly { command?: string }[] }>();
  const command = fix.map((one) => one.command).find((one) => one?.startsWith('mailauth setup '));
  return command === undefined ? ['setup', name] : command.split(' ').slice(1);
}

const CASES = (['gmail', 'outlook'] as const).flatMap((name) =>
  Object.entries(WRONG[name]).map(([flag, value]) => ({ name, flag, value })),
);

describe('a new set-up by script', () => {
  it.each(CASES)('$name: a wrong $flag, the printed command, the right one', async ({ name, flag, value }) => {
    const home = await openHome(name);
    const wrong = await home.set({ ...home.right, [flag]: value });
    expect(wrong.code, wrong.stderr).not.toBe(0);
    const ended = await home.run(printed(wrong, name), home.right);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.document()).toMatchObject({ ok: true });
    expect(home.read().accounts).toMatchObject([{ address: MAILBOX, imap: { port: imap.port } }]);
    expect(home.read().clients).toHaveLength(1);
    expect(home.left()).toEqual([]);
  });
});

describe('a change of an account', () => {
  const CHANGES = CASES.filter(({ flag }) => flag !== '--account' && flag !== '--issuer');
  it.each(CHANGES)('$name: a wrong $flag leaves it as it was', async ({ name, flag, value }) => {
    const home = await openHome(name);
    expect((await home.set(home.right)).code).toBe(0);
    const before = home.read();
    const wrong = await home.set({ ...home.right, [flag]: value, '--description': 'Front desk' });
    expect(wrong.code, wrong.stderr).not.toBe(0);
    expect(home.read()).toEqual(before);
    expect(home.left()).toEqual([]);
    // Nor does it later: what was refused is not lying in wait.
    const again = await home.run(['setup', name, '--from-step', name === 'gmail' ? '9' : '14'], {});
    expect(again.code, again.stderr).toBe(0);
    const good = await home.set({ ...home.right, '--description': 'Front desk' });
    expect(good.document()).toMatchObject({ ok: true, changed: true, account: { description: 'Front desk' } });
    expect((await home.set({ ...home.right, '--description': 'Front desk' })).document()).toMatchObject({
      ok: true,
      changed: false,
    });
    expect(home.left()).toEqual([]);
  });

  it('a refresh token that was spent for a refused change is of use when it is given again', async () => {
    const home = await openHome('gmail');
    expect((await home.set(home.right)).code).toBe(0);
    const brought = { ...home.right, '--refresh-token-file': providers.gmail.issue(MAILBOX) };
    const wrong = await home.set({ ...brought, '--imap-port': '1' });
    expect(wrong.code, wrong.stderr).not.toBe(0);
    const ended = await home.set(brought);
    expect(ended.code, ended.stderr).toBe(0);
    expect(home.left()).toEqual([]);
  });

  it('a new secret serves every account of the client, in one command', async () => {
    const home = await openHome('gmail');
    const provider = providers.gmail;
    const other = 'surgery@happypaws.example';
    expect((await home.set(home.right)).code).toBe(0);
    const second = { ...home.right, '--account': other, '--refresh-token-file': provider.issue(other) };
    expect((await home.set(second)).code).toBe(0);
    expect(home.read().clients).toHaveLength(1);
    const was = provider.secret;
    provider.secret = 'GOCSPX-abcdefghijklmnopqr0123456789';
    try {
      const ended = await home.run(['setup', MAILBOX], { '--client-secret-file': provider.secret });
      expect(ended.document()).toMatchObject({ ok: true, changed: true });
      for (const address of [MAILBOX, other]) {
        const checked = await home.run(['check', address], {});
        expect(checked.code, checked.stderr).toBe(0);
      }
      expect(home.left()).toEqual([]);
    } finally {
      provider.secret = was;
    }
  });

  it('what needs a sign-in is an error to a script that does not agree to one', async () => {
    const home = await openHome('outlook');
    expect((await home.set(home.right)).code).toBe(0);
    const { '--refresh-token-file': _, ...rest } = home.right;
    const ended = await home.set({ ...rest, '--client-id': '77777777-2222-3333-4444-555555555555' });
    expect(ended.document()).toMatchObject({ code: 'signin_required', exitCode: 77 });
    expect(home.left()).toEqual([]);
  });

  it('the date of the secret is corrected alone, and asks no server', async () => {
    const home = await openHome('outlook');
    expect((await home.set(home.right)).code).toBe(0);
    const asked = providers.outlook.ledger.length;
    const ended = await home.run(['setup', MAILBOX], { '--secret-expires': '2028-10-31' });
    expect(ended.document()).toMatchObject({ changed: true, account: { secretExpires: '2028-10-31' } });
    expect(providers.outlook.ledger).toHaveLength(asked);
  });

  it('a value that cannot go with the account is refused by name', async () => {
    const home = await openHome('gmail');
    expect((await home.set(home.right)).code).toBe(0);
    const ended = await home.run(['setup', MAILBOX], { '--account': 'somebody@else.example' });
    expect(ended.document()).toMatchObject({ code: 'usage', message: expect.stringContaining('--account') });
  });
});

describe('many mailboxes', () => {
  it('are set up from a list, a few at once; a second run does what is not done', async () => {
    const home = await openHome('gmail');
    const { '--account': _, '--refresh-token-file': __, ...shared } = home.right;
    const list = join(folder, 'list.csv');
    const lines = Array.from({ length: 12 }, (_, index) => {
      const address = `room-${index}@happypaws.example`;
      const file = join(folder, `token-${index}`);
      writeFileSync(file, index === 3 ? 'refresh-wrong-abcdefghijklmnop' : providers.gmail.issue(address));
      return `${address},room-${index},${file}`;
    });
    writeFileSync(list, ['# the rooms', ...lines, ''].join('\n'));
    const first = await home.set({ ...shared, '--accounts-file': list });
    const document = first.document<{ ok: boolean; accounts: readonly { ok: boolean; code?: string }[] }>();
    expect(first.code).toBe(77);
    expect(document).toMatchObject({ schema: 'mailauth.setups/1', ok: false });
    expect(document.accounts.filter(({ ok }) => !ok)).toEqual([expect.objectContaining({ code: 'signin_expired' })]);
    expect(home.read().accounts).toHaveLength(11);
    expect(home.read().clients).toHaveLength(1);
    writeFileSync(join(folder, 'token-3'), providers.gmail.issue('room-3@happypaws.example'));
    const asked = providers.gmail.ledger.length;
    const second = await home.set({ ...shared, '--accounts-file': list });
    expect(second.document()).toMatchObject({ ok: true });
    expect(home.read().accounts).toHaveLength(12);
    // The one that was not done: its sign-in and its check.
    expect(providers.gmail.ledger.slice(asked).filter(([grant]) => grant === 'refresh_token')).toHaveLength(2);
    expect(home.left()).toEqual([]);
  }, 60_000);
});
