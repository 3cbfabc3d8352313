import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { changeConfiguration } from '../../src/store/accounts.js';
import { SMTP_DIALOGUE, secured } from '../mail/dialogues.js';
import { check } from './check-report.js';
import { ADDRESS, cachedFor, GOOD, type Office, type OfficeOptions, openOffice } from './office.js';

let office: Office;

const others: Office[] = [];

afterEach(async () => {
  await Promise.all([office, ...others.splice(0)].map((one) => one.close()));
});

const DELEGATE = 'pat@happypaws.example';
const SERVER = '[AM0PR01CA0001.eurprd01.prod.exchangelabs.com 2026-11-23T09:14:07.000Z 08DE2A]';

async function open(options: OfficeOptions = {}): Promise<void> {
  office = await openOffice(options);
}

/** A server that plays its script once for each login, since each is a connection of its own. */
async function smtpSaying(reply: string) {
  const script = await office.script(`${secured(SMTP_DIALOGUE, 'tls')}\n${SMTP_DIALOGUE.auth}\nS: ${reply}`);
  return { host: 'localhost', port: script.port, security: 'tls' } as const;
}

describe('the quirks of Exchange', () => {
  it('M18 tells a login that is accepted from a mailbox that opens, with the two commands for its administrator', async () => {
    await open({ imap: { examineReply: 'BAD User is authenticated but not connected.' } });
    await office.employ();
    office.answer({ body: GOOD });
    const { states, line, code } = await check(office);
    expect(states).toMatchObject({ signin: 'ok', smtp: 'ok', imap: 'fail mailbox_mismatch' });
    expect(code).toBe(77);
    expect(line('imap')).toMatchObject({
      who: 'admin',
      retryable: false,
      server: 'BAD User is authenticated but not connected.',
      fix: [
        { command: `Set-CASMailbox -Identity ${ADDRESS} -ImapEnabled $true` },
        { command: `Add-MailboxPermission -Identity ${ADDRESS} -User <auth-user> -AccessRights FullAccess` },
      ],
    });
  });

  it.each([
    ['Tenant', 'the whole organisation', 'Set-TransportConfig -SmtpClientAuthenticationDisabled $false'],
    ['Mailbox', 'this mailbox', undefined],
  ])('M18 tells SMTP AUTH that is off for the %s, with the exact command', async (where, words, wider) => {
    await open();
    const reply = `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the ${where}. Visit https://aka.ms/smtp_auth_disabled for more information. ${SERVER}`;
    await office.employ({ account: { smtp: await smtpSaying(reply) } });
    office.answer({ body: GOOD });
    const { states, line, code } = await check(office);
    expect(states).toMatchObject({ smtp: 'fail smtp_auth_disabled', imap: 'ok' });
    expect(code).toBe(69);
    const { message, fix = [], server } = line('smtp') ?? {};
    expect(message).toContain(words);
    expect(fix[0]?.command).toBe(`Set-CASMailbox -Identity ${ADDRESS} -SmtpClientAuthenticationDisabled $false`);
    expect(fix.map(({ command }) => command).includes(wider)).toBe(true);
    expect(fix.some(({ command }) => command?.startsWith('Set-TransportConfig'))).toBe(wider !== undefined);
    expect(server).toContain(`disabled for the ${where}`);
  });

  it('M19 explains the token of somebody else, on each side', async () => {
    await open({ verify: async () => false });
    await office.employ();
    office.answer({ body: GOOD });
    const { states, line, code } = await check(office);
    expect(states).toMatchObject({ signin: 'ok', smtp: 'fail token_refused', imap: 'fail token_refused' });
    expect(code).toBe(77);
    for (const id of ['smtp', 'imap'] as const) {
      expect(line(id)?.message).toMatch(/another mailbox/);
      expect(line(id)?.fix?.[0]?.text).toContain(ADDRESS);
      expect(line(id)?.server).toMatch(/\w/);
    }
  });
});

describe('M19 a shared mailbox', () => {
  /** Logins in order; each server lets in one name. */
  async function share(accepted: { readonly smtp: string; readonly imap: string }): Promise<string[]> {
    const tried: string[] = [];
    const verify = (protocol: 'smtp' | 'imap') => async (user: string, token: string) => {
      tried.push(`${protocol} ${user}`);
      return token.startsWith('good') && user === accepted[protocol];
    };
    const other = await openOffice({ verify: verify('imap') });
    others.push(other);
    await open({ verify: verify('smtp') });
    const imap = { host: 'localhost', port: other.imap.port, security: 'tls' } as const;
    await office.employ({ account: { authUser: DELEGATE, imap } });
    return tried;
  }

  it('is opened by its own name over IMAP and by its delegate’s over SMTP, and that is kept', async () => {
    const tried = await share({ smtp: DELEGATE, imap: ADDRESS });
    office.answer({ body: GOOD });
    const { states, line } = await check(office);
    expect(states).toMatchObject({ smtp: 'ok', imap: 'ok' });
    expect(tried.sort()).toEqual([`imap ${ADDRESS}`, `smtp ${DELEGATE}`]);
    expect(line('smtp')).toMatchObject({ user: DELEGATE });
    expect(line('imap')).not.toHaveProperty('user');
    expect((await office.account()).smtp).toMatchObject({ user: DELEGATE });
  });

  it('the other form of the name is tried once, and what worked is tried first from then on', async () => {
    const tried = await share({ smtp: ADDRESS, imap: DELEGATE });
    office.answer({ body: GOOD });
    expect((await check(office)).states).toMatchObject({ smtp: 'ok', imap: 'ok' });
    expect(tried.filter((login) => login.startsWith('smtp'))).toEqual([`smtp ${DELEGATE}`, `smtp ${ADDRESS}`]);
    expect(tried.filter((login) => login.startsWith('imap'))).toEqual([`imap ${ADDRESS}`, `imap ${DELEGATE}`]);
    expect(await office.account()).toMatchObject({ imap: { user: DELEGATE }, smtp: { user: ADDRESS } });
    tried.length = 0;
    office.answer({ body: GOOD });
    const again = await check(office);
    expect(again.line('imap')).toMatchObject({ status: 'ok', user: DELEGATE });
    expect(again.line('smtp')).not.toHaveProperty('user');
    expect(tried.sort()).toEqual([`imap ${DELEGATE}`, `smtp ${ADDRESS}`]);
  });

  it('what worked is not written over a server that the account has got meanwhile', async () => {
    await share({ smtp: DELEGATE, imap: ADDRESS });
    const moved = { host: 'mail.example.com', port: 465, security: 'tls' };
    const file = join(office.configDir, 'accounts.json');
    office.endpoint.answer('/token', () => {
      const stored = JSON.parse(readFileSync(file, 'utf8'));
      stored.accounts[0].smtp = moved;
      writeFileSync(file, JSON.stringify(stored));
      return { body: GOOD };
    });
    expect((await check(office)).states).toMatchObject({ smtp: 'ok', imap: 'ok' });
    expect((await office.account()).smtp).toEqual(moved);
  });

  it('nobody may open is told with the delegate in the command', async () => {
    await open({ imap: { examineReply: 'BAD User is authenticated but not connected.' } });
    await office.employ({ account: { authUser: DELEGATE } });
    office.answer({ body: GOOD });
    expect((await check(office, ['--only', 'imap'])).line('imap')?.fix?.[1]?.command).toBe(
      `Add-MailboxPermission -Identity ${ADDRESS} -User ${DELEGATE} -AccessRights FullAccess`,
    );
    expect(office.imap.commands.filter((command) => command.startsWith('AUTHENTICATE'))).toHaveLength(2);
  });

  it('a name that is nobody’s but the account’s is tried once', async () => {
    await open({ verify: async () => false });
    await office.employ();
    office.answer({ body: GOOD });
    await check(office, ['--only', 'imap']);
    expect(office.imap.commands.filter((command) => command.startsWith('AUTHENTICATE'))).toHaveLength(1);
  });
});

describe('the flags of a check', () => {
  it('M23 logs in and looks, and changes nothing', async () => {
    await open();
    await office.employ();
    office.answer({ body: GOOD });
    await check(office);
    expect(office.smtp.mails).toEqual([]);
    expect(office.smtp.commands.map((command) => command.split(' ')[0])).toEqual([
      'EHLO',
      'STARTTLS',
      'EHLO',
      'AUTH',
      'QUIT',
    ]);
    expect(office.imap.commands.filter((command) => /^(?:SELECT|STORE|APPEND|CREATE|EXPUNGE)/.test(command))).toEqual(
      [],
    );
  });

  it.each(['smtp', 'imap'] as const)('--only %s leaves the other server alone', async (protocol) => {
    await open();
    await office.employ();
    office.answer({ body: GOOD });
    const { states } = await check(office, ['--only', protocol]);
    expect(Object.keys(states)).toEqual(['store', 'client', 'signin', protocol]);
    expect(office[protocol === 'smtp' ? 'imap' : 'smtp'].commands).toEqual([]);
  });

  it('an account without a protocol has no line for it', async () => {
    await open();
    const account = await office.employ();
    await changeConfiguration(office.configDir, (before) => {
      const { imap: _, ...withoutImap } = account;
      return { ...before, accounts: [withoutImap] };
    });
    office.answer({ body: GOOD });
    expect(Object.keys((await check(office)).states)).toEqual(['store', 'client', 'signin', 'smtp']);
  });

  it('--send-test sends exactly one message', async () => {
    await open();
    await office.employ();
    office.answer({ body: GOOD });
    const { line, code } = await check(office, ['--send-test', 'grace@example.org']);
    expect(code).toBe(0);
    expect(office.smtp.mails).toEqual([
      { from: ADDRESS, to: ['grace@example.org'], text: expect.stringContaining('mailauth test message') },
    ]);
    expect(line('smtp')).toMatchObject({
      status: 'ok',
      message: 'logged in, and one message was sent to grace@example.org',
    });
    office.answer({ body: GOOD });
    expect((await office.mailauth(['check', '--send-test', 'grace@example.org'])).stdout).toContain(
      'one message was sent to grace@example.org',
    );
    expect(office.smtp.mails).toHaveLength(2);
  });

  it('--send-test that is refused is told, and not tried in another form', async () => {
    await open();
    const login = `${secured(SMTP_DIALOGUE, 'tls')}\n${SMTP_DIALOGUE.auth}`;
    const script = await office.script(`${login}\nS: 235 2.7.0 Accepted\nC: QUIT\nS: 221 bye`);
    await office.employ({
      account: { authUser: DELEGATE, smtp: { host: 'localhost', port: script.port, security: 'tls' } },
    });
    office.answer({ body: GOOD });
    const { states } = await check(office, ['--send-test', 'grace@example.org', '--only', 'smtp']);
    // The proof was one connection; the message would have been the second and last.
    expect(states['smtp']).toMatch(/^fail/);
    expect(script.connections()).toBe(2);
  });
});

describe('M10 a check ends in time', () => {
  it('with every server stalled, each in its own place', async () => {
    await open();
    const smtp = await office.script(`${secured(SMTP_DIALOGUE, 'tls')}\n!stall`);
    const imap = await office.script('!tls\n!stall');
    await office.employ({
      account: {
        smtp: { host: 'localhost', port: smtp.port, security: 'tls' },
        imap: { host: 'localhost', port: imap.port, security: 'tls' },
      },
    });
    office.answer({ body: GOOD });
    const started = performance.now();
    const { states, line, code } = await check(office, ['--timeout', '2']);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(states).toMatchObject({ signin: 'ok', smtp: 'fail server_unavailable', imap: 'fail connect_timeout' });
    expect(line('smtp')?.detail).toMatch(/no end of the conversation within/);
    expect(code).toBe(75);
  });

  it('with a token endpoint that never answers, and leaves the servers their time', async () => {
    await open();
    await office.employ({ credential: cachedFor(600) });
    office.answer({ never: true });
    const started = performance.now();
    const { states, line } = await check(office, ['--timeout', '5']);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(states).toEqual({ store: 'ok', client: 'skip', signin: 'fail server_unavailable', smtp: 'ok', imap: 'ok' });
    expect(line('signin')).toMatchObject({ retryable: true, message: expect.stringContaining('localhost:') });
    expect(line('signin')).not.toHaveProperty('server');
  });

  it('T13 measured by what goes by, and not by a clock that is set meanwhile', async () => {
    await open();
    await office.employ();
    const { now } = Date;
    onTestFinished(() => {
      Date.now = now;
    });
    office.endpoint.answer('/token', () => {
      Date.now = () => now() + 3_600_000;
      return { body: GOOD };
    });
    const { states } = await check(office);
    expect(states).toMatchObject({ smtp: 'ok', imap: 'ok' });
  });

  it('with the smaller of the account’s own patience and what is left', async () => {
    await open();
    const imap = await office.script('!tls\n!stall');
    await office.employ({ account: { mailTimeout: 1, imap: { host: 'localhost', port: imap.port, security: 'tls' } } });
    office.answer({ body: GOOD });
    const { line } = await check(office, ['--only', 'imap']);
    expect(line('imap')?.detail).toMatch(/^no end of the conversation within 1 seconds$/);
  });
});

describe('two accounts', () => {
  it('are checked at the same time', async () => {
    const arrived = new Set<string>();
    // Each login waits until both are there: one after the other they would wait for ever.
    const verify = async (user: string) => {
      arrived.add(user);
      for (let waited = 0; arrived.size < 2 && waited < 5_000; waited += 10) await sleep(10);
      return arrived.size === 2;
    };
    await open({ verify });
    await office.employ();
    await office.employ({ provider: 'gmail', account: { address: DELEGATE } });
    office.answer({ body: GOOD });
    office.answer({ body: GOOD });
    const { report, code } = await check(office, ['--only', 'imap']);
    expect(report.accounts.map(({ name, ok }) => [name, ok])).toEqual([
      ['outlook', true],
      ['gmail', true],
    ]);
    expect(code).toBe(0);
  });

  it('named twice are one, by name or by address, in the order that was asked for', async () => {
    await open();
    await office.employ();
    await office.employ({ provider: 'gmail', account: { address: DELEGATE } });
    office.answer({ body: GOOD });
    office.answer({ body: GOOD });
    const { report } = await check(office, [DELEGATE, 'outlook', 'gmail', ADDRESS.toUpperCase()]);
    expect(report.accounts.map(({ name }) => name)).toEqual(['gmail', 'outlook']);
  });
});
