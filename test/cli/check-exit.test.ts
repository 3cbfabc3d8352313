import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Code, EXIT_OF, exitOf } from '../../src/explain/codes.js';
import { MailauthError } from '../../src/explain/problem.js';
import { changeConfiguration } from '../../src/store/accounts.js';
import { Secret } from '../../src/words/secret.js';
import { check } from './check-report.js';
import { ADDRESS, cachedFor, GOOD, type Office, openOffice } from './office.js';

let office: Office;

beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.close());

describe('which exit code speaks', () => {
  /** The contract: the first present of these. */
  const ORDER = [1, 73, 74, 78, 77, 69, 76, 75];
  const codes = Object.keys(EXIT_OF) as Code[];

  it('is the first of the contract’s order, whatever else has failed and in whatever order it came', () => {
    for (const one of codes) {
      for (const other of codes) {
        const exits = [EXIT_OF[one], EXIT_OF[other]] as readonly number[];
        const first = ORDER.find((exit) => exits.includes(exit));
        if (first !== undefined) expect(exitOf([one, other]), `${one} and ${other}`).toBe(first);
      }
    }
    expect(exitOf([])).toBe(0);
  });

  it('is chosen among all lines and all accounts', async () => {
    await office.employ();
    await office.employ({ provider: 'gmail', account: { address: 'b@gmail.com' } });
    const answers = [
      { status: 503, body: 'down' },
      { status: 400, body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' } },
    ];
    for (const answer of answers) office.answer(answer);
    const { report, code } = await check(office);
    expect(report.accounts.map(({ ok }) => ok)).toEqual([false, false]);
    expect(report.ok).toBe(false);
    expect(code).toBe(77);
  });

  it('is that of the failing account where another one works', async () => {
    await office.employ();
    await office.employ({
      provider: 'gmail',
      account: { address: 'b@gmail.com', smtp: { host: 'localhost', port: 9, security: 'tls' } },
    });
    office.answer({ body: GOOD });
    office.answer({ body: GOOD });
    const { report, code } = await check(office);
    expect(report.accounts.map(({ ok }) => ok)).toEqual([true, false]);
    expect(code).toBe(75);
  });
});

describe('a check that cannot begin', () => {
  const said = async (argv: readonly string[]) => {
    const ended = await office.mailauth(['check', '--json', ...argv]);
    return { exit: ended.code, ...ended.document<{ code: string; message: string; fix: { command?: string }[] }>() };
  };

  it('has no account', async () => {
    const { code: exit, ...rest } = await office
      .mailauth(['check'])
      .then(({ code, stderr, stdout }) => ({ code, stderr, stdout }));
    expect(exit).toBe(67);
    expect(rest.stdout).toBe('');
    expect(rest.stderr).toContain('mailauth setup');
    expect(await said([])).toMatchObject({ schema: 'mailauth.error/1', code: 'no_such_account' });
  });

  it('is asked about an account that is not there, and names those that are', async () => {
    await office.employ();
    const error = await said(['nobody@example.com']);
    expect(error).toMatchObject({ code: 'no_such_account', exitCode: 67 });
    expect(error.fix[0]).toMatchObject({ text: 'choose one of: outlook' });
    expect((await office.mailauth(['check', 'outlook', 'gmail'])).code).toBe(67);
  });

  it('is asked about an address that two accounts have, and names both', async () => {
    for (const name of ['first', 'second']) await office.employ({ mail: false, account: { name } });
    const error = await said([ADDRESS.toUpperCase()]);
    expect(error).toMatchObject({ code: 'usage', exitCode: 64 });
    expect(error.message).toBe(`${ADDRESS.toUpperCase()} is set up more than once, as first and second`);
    office.answer({ body: GOOD });
    expect((await office.mailauth(['check', 'first'])).code).toBe(0);
  });

  it.each([
    [['--only', 'pigeon'], /--only takes smtp or imap or pop/],
    [['--only', 'pop'], /is set up without POP/],
    [['--warn-days', '1.5'], /--warn-days/],
    [['--warn-days', 'soon'], /--warn-days/],
    [['--nonsense'], /nonsense/],
    [['--only', 'imap', '--send-test', 'a@example.org'], /--send-test.*--only imap/],
  ])('is asked for what makes no sense: %j', async (argv, words) => {
    await office.employ();
    const error = await said(argv);
    expect(error).toMatchObject({ code: 'usage', exitCode: 64 });
    expect(error.message).toMatch(words);
  });

  it.each(['nobody', 'a@b@c', 'a@example.org, b@example.org', 'a@example.org\r\nRCPT TO:<e@x>', 'a\u0007@example.org'])(
    'is to send a message to %j',
    async (address) => {
      await office.employ();
      expect(await said(['--send-test', address])).toMatchObject({ code: 'bad_input', exitCode: 65 });
      expect(office.smtp.commands).toEqual([]);
    },
  );

  it('is to send from an account without SMTP', async () => {
    const account = await office.employ();
    await changeConfiguration(office.configDir, (before) => {
      const { smtp: _, ...receiving } = account;
      return { ...before, accounts: [receiving] };
    });
    expect(await said(['--send-test', 'a@example.org'])).toMatchObject({ code: 'usage', exitCode: 64 });
  });
});

describe('what keeps a check from the token endpoint is a line of it', () => {
  it('a store without its key', async () => {
    await office.employ();
    const key = office.env['MAILAUTH_KEY_FILE'] ?? '';
    renameSync(key, `${key}.elsewhere`);
    const { states, code, line } = await check(office, [], { env: {} });
    expect(states).toEqual({ store: 'fail key_missing', client: 'skip', signin: 'skip', smtp: 'skip', imap: 'skip' });
    expect(line('store')).toMatchObject({
      store: 'file',
      who: 'you',
      fix: [expect.objectContaining({ text: expect.any(String) })],
    });
    expect(code).toBe(74);
  });

  it('a credential that was damaged', async () => {
    const account = await office.employ();
    await office.store.put(account.credential, new Secret('no credential at all'));
    const { states, code } = await check(office);
    expect(states).toMatchObject({ store: 'fail store_damaged', signin: 'skip', imap: 'skip' });
    expect(code).toBe(74);
  });

  it('a sign-in that is not there any more', async () => {
    const account = await office.employ();
    await office.store.delete(account.credential);
    const { states, code, line } = await check(office);
    expect(states).toEqual({ store: 'ok', client: 'skip', signin: 'fail signin_required', smtp: 'skip', imap: 'skip' });
    expect(line('signin')?.fix?.[0]?.command).toBe('mailauth authorize outlook');
    expect(code).toBe(77);
  });

  it('a client secret that is not there any more, while the old token still proves the servers', async () => {
    const account = await office.employ({ credential: cachedFor(600) });
    const { clients } = await office.configuration();
    await office.store.delete(clients.find(({ id }) => id === account.client)?.secretCredential ?? '');
    const { states } = await check(office);
    expect(states).toEqual({ store: 'ok', client: 'fail client_secret_wrong', signin: 'skip', smtp: 'ok', imap: 'ok' });
  });

  it('a certificate file that has gone', async () => {
    await office.employ({ account: { ca: join(office.configDir, 'gone.pem') }, credential: cachedFor(600) });
    const { states, code, line } = await check(office);
    expect(states).toEqual({ store: 'ok', client: 'skip', signin: 'fail file_not_found', smtp: 'skip', imap: 'skip' });
    expect(line('imap')?.message).toBe('the certificate file cannot be used');
    expect(code).toBe(66);
  });

  it('a proxy whose address is none', async () => {
    await office.employ();
    const env = { ...office.env, HTTPS_PROXY: 'ftp://proxy.example' };
    const { states, code } = await check(office, [], { env });
    expect(states).toMatchObject({ store: 'ok', client: 'skip', signin: 'fail bad_input' });
    expect(code).toBe(65);
  });

  it('and somebody who stops the program is none of that', async () => {
    const imap = await office.script('!tls\n!stall');
    await office.employ({ account: { imap: { host: 'localhost', port: imap.port, security: 'tls' } } });
    office.answer({ body: GOOD });
    const stop = new AbortController();
    void imap.stalled.then(() => stop.abort(new MailauthError('interrupted', 'stopped')));
    const ended = await office.mailauth(['check'], { signal: stop.signal });
    expect(ended.code).toBe(130);
    expect(ended.stdout).toBe('');
  });
});

describe('what a check learnt', () => {
  it('is kept: when the account was last proven', async () => {
    await office.employ();
    office.answer({ body: GOOD });
    const now = new Date();
    await check(office, [], { now: () => now });
    expect((await office.account()).lastCheck).toBe(now.toISOString());
  });

  it('is a courtesy: where it cannot be kept, the result is the same', async () => {
    await office.employ();
    const file = join(office.configDir, 'accounts.json');
    const before = readFileSync(file);
    office.endpoint.answer('/token', () => {
      writeFileSync(file, '{');
      return { body: GOOD };
    });
    const { report, code, stderr } = await check(office);
    expect(report.ok).toBe(true);
    expect(code).toBe(0);
    expect(stderr).toMatch(/WARN.*what this check learnt could not be kept/);
    writeFileSync(file, before);
  });
});
