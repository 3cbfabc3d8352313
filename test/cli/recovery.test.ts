/**
 * After any mistake the next run with a better value succeeds: for every question of each provider a wrong value, the
 * command that is printed, the right value. A refused value never takes the place of a proven one, and nothing is left.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProvider } from '../../src/providers/directory.js';
import type { Ended } from './in-process.js';
import { browserOf, type Home, MAILBOX, type Name, openTown, type ProviderTown, WRONG } from './provider-town.js';

let town: ProviderTown;

beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

/** Every command that is printed. */
function commandsIn(ended: Ended): readonly string[] {
  const { fix = [] } = ended.document<{ fix?: readonly { command?: string }[] }>();
  return fix.flatMap(({ command }) => command ?? []);
}

/** The set-up command that is printed, without the program's name; the same command where none is. */
function printed(ended: Ended, name: Name): readonly string[] {
  const command = commandsIn(ended).find((one) => one.startsWith('mailauth setup '));
  return command === undefined ? ['setup', name] : command.split(' ').slice(1);
}

const LAST = { gmail: '9', outlook: '14', custom: '5' } as const;
const CASES = (['gmail', 'outlook', 'custom'] as const).flatMap((name) =>
  Object.entries(WRONG[name]).map(([flag, value]) => ({ name, flag, value })),
);

describe('a new set-up by script', () => {
  it.each(CASES)('$name: a wrong $flag, the printed command, the right one', async ({ name, flag, value }) => {
    const home = await town.openHome(name);
    const wrong = await home.set({ ...home.right, [flag]: value });
    expect(wrong.code, wrong.stderr).not.toBe(0);
    // No account is stored yet, and no command about one leads anywhere.
    if (!home.isStored()) expect(commandsIn(wrong).filter((one) => !/ (?:setup|guide|key) /.test(one))).toEqual([]);
    const ended = await home.run(printed(wrong, name), home.right);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.document()).toMatchObject({ ok: true });
    expect(home.read().accounts).toMatchObject([
      { address: MAILBOX, imap: { port: Number(home.right['--imap-port']) } },
    ]);
    expect(home.read().clients).toHaveLength(1);
    expect(home.left()).toEqual([]);
  });
});

it('three scripts that set up one address at once make one account of it', async () => {
  const home = await town.openHome('gmail');
  const ended = await Promise.all([1, 2, 3].map(() => home.set(home.right)));
  expect(ended.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  expect(ended.map((one) => one.document<{ changed?: boolean }>().changed === true).filter(Boolean)).toHaveLength(1);
  expect(home.read()).toMatchObject({ accounts: [{ address: MAILBOX, name: 'gmail' }], clients: [{}] });
  expect(home.read().accounts).toHaveLength(1);
  expect([home.left(), home.lost()]).toEqual([[], []]);
});

describe('a change of an account', () => {
  const CHANGES = CASES.filter(({ flag }) => flag !== '--account' && flag !== '--issuer');
  it.each(CHANGES)('$name: a wrong $flag leaves it as it was', async ({ name, flag, value }) => {
    const home = await town.openHome(name);
    expect((await home.set(home.right)).code).toBe(0);
    const before = home.read();
    const wrong = await home.set({ ...home.right, [flag]: value, '--description': 'Front desk' });
    expect(wrong.code, wrong.stderr).not.toBe(0);
    expect(home.read()).toEqual(before);
    expect(home.left()).toEqual([]);
    // Nor does it later: what was refused is not lying in wait.
    const again = await home.run(['setup', name, '--from-step', LAST[name]], {});
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
    const home = await town.openHome('gmail');
    expect((await home.set(home.right)).code).toBe(0);
    const brought = { ...home.right, '--refresh-token-file': town.providers.gmail.issue(MAILBOX) };
    const wrong = await home.set({ ...brought, '--imap-port': '1' });
    expect(wrong.code, wrong.stderr).not.toBe(0);
    const ended = await home.set(brought);
    expect(ended.code, ended.stderr).toBe(0);
    expect(home.left()).toEqual([]);
  });

  it('a new secret serves every account of the client, in one command', async () => {
    const home = await town.openHome('gmail');
    const provider = town.providers.gmail;
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
    const home = await town.openHome('outlook');
    expect((await home.set(home.right)).code).toBe(0);
    const { '--refresh-token-file': _, ...rest } = home.right;
    const ended = await home.set({ ...rest, '--client-id': '77777777-2222-3333-4444-555555555555' });
    expect(ended.document()).toMatchObject({ code: 'signin_required', exitCode: 77 });
    expect(home.left()).toEqual([]);
  });

  it('the date of the secret is corrected alone, and asks no server', async () => {
    const home = await town.openHome('outlook');
    expect((await home.set(home.right)).code).toBe(0);
    const asked = town.providers.outlook.ledger.length;
    // The first account has the name of the provider, which a script means where it forgot the mailbox.
    const forgotten = await home.run(['setup', 'outlook'], { '--secret-expires': '2028-10-31' });
    expect(forgotten.document()).toMatchObject({ code: 'missing_input' });
    expect(printed(forgotten, 'outlook')).toEqual(['setup', MAILBOX]);
    const ended = await home.run(printed(forgotten, 'outlook'), { '--secret-expires': '2028-10-31' });
    expect(ended.document()).toMatchObject({ changed: true, account: { secretExpires: '2028-10-31' } });
    expect(town.providers.outlook.ledger).toHaveLength(asked);
  });

  it('another store than the one it is kept in is refused by name', async () => {
    const home = await town.openHome('gmail');
    expect((await home.set(home.right)).code).toBe(0);
    const ended = await home.run(['setup', MAILBOX], { '--store': 'keychain', '--description': 'Front desk' });
    expect(ended.document()).toMatchObject({ code: 'usage', message: expect.stringContaining('--store keychain') });
    expect(home.read().accounts[0]?.description).not.toBe('Front desk');
  });

  it('a value that cannot go with the account is refused by name', async () => {
    const home = await town.openHome('gmail');
    expect((await home.set(home.right)).code).toBe(0);
    const ended = await home.run(['setup', MAILBOX], { '--account': 'somebody@else.example' });
    expect(ended.document()).toMatchObject({ code: 'usage', message: expect.stringContaining('--account') });
  });
});

describe('what happens while somebody signs in', () => {
  const anew = { '--scope': 'openid email https://mail.google.com/ profile' };

  it('the account is removed: it does not come back, and nothing is left', async () => {
    const home = await town.openHome('gmail');
    expect((await home.set(home.right)).code).toBe(0);
    const answers = browserOf(town.providers.gmail, async () => {
      const removed = await home.run(['remove', MAILBOX, '--yes', '--no-revoke'], {});
      expect(removed.code, removed.stderr).toBe(0);
    });
    const ended = await home.run(['setup', MAILBOX, '--yes'], anew, { answers });
    expect(ended.document()).toMatchObject({ code: 'no_such_account' });
    expect(home.read().accounts).toEqual([]);
    expect(home.left()).toEqual([]);
  });

  it('a check of the account is not undone by it', async () => {
    const home = await town.openHome('gmail');
    expect((await home.set(home.right)).code).toBe(0);
    const answers = browserOf(town.providers.gmail, async () => {
      expect((await home.run(['check', MAILBOX], {})).code).toBe(0);
    });
    const ended = await home.run(['setup', MAILBOX, '--yes'], anew, { answers });
    expect(ended.document(), ended.stderr).toMatchObject({ ok: true, changed: true });
    expect((await home.run(['check', MAILBOX], {})).code).toBe(0);
    expect([home.left(), home.lost()]).toEqual([[], []]);
  });
});

it('what a later version keeps in the records is still there after a change', async () => {
  const home = await town.openHome('gmail');
  expect((await home.set(home.right)).code).toBe(0);
  const later = { accounts: { tomorrow: { deep: [1] } }, clients: { rotates: 'yes' } };
  const { accounts, clients, ...rest } = home.read();
  const [account, client] = [
    { ...accounts[0], ...later.accounts },
    { ...clients[0], ...later.clients },
  ];
  const file = join(home.configDir, 'accounts.json');
  writeFileSync(file, JSON.stringify({ ...rest, accounts: [account], clients: [client] }));
  const ended = await home.set({ ...home.right, '--description': 'Front desk' });
  expect(ended.document(), ended.stderr).toMatchObject({ ok: true, changed: true });
  expect(home.read()).toMatchObject({
    accounts: [{ ...later.accounts, description: 'Front desk' }],
    clients: [later.clients],
  });
});

describe('--from-step by script, for an account', () => {
  const STEPS = (['gmail', 'outlook', 'custom'] as const).flatMap((name) =>
    (findProvider(name)?.steps ?? []).map(({ number }) => ({ name, number })),
  );
  const homes = {} as Record<Name, Home>;
  beforeAll(async () => {
    for (const name of ['gmail', 'outlook', 'custom'] as const) {
      homes[name] = await town.openHome(name);
      expect((await homes[name].set(homes[name].right)).code).toBe(0);
    }
  });

  it.each(STEPS)('$name $number: what is not answered stays, and nobody signs in', async ({ name, number }) => {
    const home = homes[name];
    const before = home.read();
    const ended = await home.run(['setup', name, '--from-step', number, '--yes'], {});
    expect(ended.document(), ended.stderr).toMatchObject({ ok: true, changed: false });
    expect(ended.stderr).not.toContain('/authorize');
    expect(home.read().clients).toEqual(before.clients);
    expect(home.left()).toEqual([]);
  });

  const RENEWING = STEPS.filter(({ name, number }) => number === '1' || number === findProvider(name)?.secretStep);
  it.each(RENEWING)('$name $number: a new secret alone is proven and kept', async ({ name, number }) => {
    const home = homes[name];
    const provider = town.providers[name];
    const renewed = provider.secret.replace(/.{4}$/, `s${number.padStart(3, '0')}`);
    provider.secret = renewed;
    const ended = await home.run(['setup', name, '--from-step', number], { '--client-secret-file': renewed });
    expect(ended.document(), ended.stderr).toMatchObject({ ok: true, changed: true });
    expect(home.left()).toEqual([]);
    expect(home.lost()).toEqual([]);
  });

  it('the sign-in is not repeated for a script, and a wrong secret changes nothing', async () => {
    const home = homes.gmail;
    const before = home.read();
    const ended = await home.run(['setup', 'gmail', '--from-step', '8', '--yes'], {
      '--client-secret-file': WRONG.gmail['--client-secret-file'] ?? '',
    });
    expect(ended.document()).toMatchObject({ code: 'client_secret_wrong' });
    expect(home.read()).toEqual(before);
    expect(home.left()).toEqual([]);
  });
});

describe('many mailboxes', () => {
  it('are set up from a list, a few at once; a second run does what is not done', async () => {
    const home = await town.openHome('gmail');
    const { '--account': _, '--refresh-token-file': __, ...shared } = home.right;
    const list = join(town.folder, 'list.csv');
    const lines = Array.from({ length: 12 }, (_, index) => {
      const address = `room-${index}@happypaws.example`;
      const file = join(town.folder, `token-${index}`);
      writeFileSync(file, index === 3 ? 'refresh-wrong-abcdefghijklmnop' : town.providers.gmail.issue(address));
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
    writeFileSync(join(town.folder, 'token-3'), town.providers.gmail.issue('room-3@happypaws.example'));
    const asked = town.providers.gmail.ledger.length;
    const second = await home.set({ ...shared, '--accounts-file': list });
    expect(second.document()).toMatchObject({ ok: true });
    expect(home.read().accounts).toHaveLength(12);
    // The one that was not done: its sign-in and its check.
    expect(town.providers.gmail.ledger.slice(asked).filter(([grant]) => grant === 'refresh_token')).toHaveLength(2);
    expect(home.left()).toEqual([]);
  }, 60_000);
});

describe('what is given now wins over what was given before', () => {
  const BEFORE = { '--client-secret-file': WRONG.gmail['--client-secret-file'] ?? '' };
  it.each([
    ['--app-redirect-uri', { '--app-redirect-uri': 'https://vpms.example/oauth' }, { '--client-type': 'desktop' }],
    ['--client-type', { '--client-type': 'desktop' }, { '--app-redirect-uri': 'https://vpms.example/oauth' }],
  ])('also where both cannot stand: %s', async (_, before, now) => {
    const home = await town.openHome('gmail');
    expect((await home.set({ ...home.right, ...before, ...BEFORE })).code).toBe(78);
    const ended = await home.set({ ...home.right, ...now });
    expect(ended.code, ended.stderr).toBe(0);
    const [client] = home.read().clients;
    expect(client?.clientType).toBe('--client-type' in now ? 'desktop' : 'web');
    expect([home.left(), home.lost()]).toEqual([[], []]);
  });

  it('a protocol that is left out, and one that was', async () => {
    const home = await town.openHome('gmail');
    const { '--smtp-host': _, '--smtp-port': __, '--smtp-security': ___, ...receiving } = home.right;
    const flags = Object.entries(receiving).length;
    expect(flags).toBeGreaterThan(5);
    expect((await home.set({ ...home.right, ...BEFORE })).code).toBe(78);
    const without = await home.run(['setup', 'gmail', '--no-smtp'], receiving);
    expect(without.code, without.stderr).toBe(0);
    expect(home.read().accounts[0]?.smtp).toBeUndefined();
    const other = await town.openHome('gmail');
    expect((await other.run(['setup', 'gmail', '--no-smtp'], { ...receiving, ...BEFORE })).code).toBe(78);
    const all = await other.set(other.right);
    expect(all.code, all.stderr).toBe(0);
    expect(other.read().accounts[0]?.smtp).toMatchObject({ host: 'localhost' });
  });

  it('a protocol of an account that was left out comes back with its server', async () => {
    const home = await town.openHome('outlook');
    expect((await home.set(home.right)).code).toBe(0);
    expect((await home.run(['setup', MAILBOX, '--no-smtp'], {})).document()).toMatchObject({ changed: true });
    expect(home.read().accounts[0]?.smtp).toBeUndefined();
    // Nobody has signed in for POP; for SMTP somebody has.
    const pop = await home.run(['setup', MAILBOX, '--pop'], {});
    expect(pop.document()).toMatchObject({ code: 'signin_required' });
    const smtp = Object.fromEntries(Object.entries(home.right).filter(([flag]) => flag.startsWith('--smtp-')));
    const back = await home.run(['setup', MAILBOX], smtp);
    expect(back.document(), back.stderr).toMatchObject({ ok: true, changed: true, account: { smtp: {} } });
    expect(home.read().accounts[0]?.smtp).toMatchObject({ host: 'localhost' });
  });

  it('what the account has is not given up for a flag that cannot go with it', async () => {
    const home = await town.openHome('gmail');
    expect((await home.set({ ...home.right, '--app-redirect-uri': 'https://vpms.example/oauth' })).code).toBe(0);
    const before = home.read();
    const ended = await home.run(['setup', MAILBOX, '--yes'], { '--client-type': 'desktop' });
    expect(ended.document()).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/--app-redirect-uri.*gmail/),
    });
    expect(home.read()).toEqual(before);
  });
});
