import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { mailauth } from '../cli/in-process.js';
import { scanText, describe as told } from '../servers/canary.js';
import { makeMailbox } from '../swarm/mailbox.js';
import {
  ADDRESS,
  authPlain,
  buildHouse,
  type House,
  type HouseWish,
  PROGRAM,
  program,
  programOver,
  type Served,
} from './house.js';

let house: House;
afterEach(() => house?.close());

async function served(wish: HouseWish = {}, ...flags: readonly string[]): Promise<Served> {
  house = await buildHouse(wish);
  return house.serve(...flags);
}

const imapLogin = () => `a LOGIN ${ADDRESS} ${house.password}`;

/** One login over IMAP, and its goodbye. */
async function looksIn(at: Served): Promise<string> {
  const one = program(at.ports['imap'] as number);
  one.send(imapLogin());
  await one.hears(/^a (?:OK|NO)/m);
  one.send('b EXAMINE INBOX', 'c LOGOUT');
  await one.closed;
  return one.heard();
}

describe('a program with a password', () => {
  it('sends a mail, and reads one, with one refresh for both', async () => {
    const at = await served();
    const smtp = program(at.ports['smtp'] as number);
    smtp.send('EHLO scanner', authPlain('outlook', house.password));
    await smtp.hears(/^235 /m);
    smtp.send('MAIL FROM:<ann@happypaws.example>', 'RCPT TO:<pat@happypaws.example>', 'DATA');
    await smtp.hears(/^354 /m);
    smtp.send('Subject: scan', '', 'a page', '.', 'QUIT');
    await smtp.closed;
    expect(house.smtp.mails).toEqual([
      { from: ADDRESS, to: ['pat@happypaws.example'], text: 'Subject: scan\r\n\r\na page\r\n' },
    ]);
    expect(await looksIn(at)).toContain('* 7 EXISTS');
    expect(house.endpoint.refreshes()).toBe(1);
    await vi.waitFor(() => expect(at.records()).toHaveLength(2));
    expect(at.records()[0]).toMatchObject({
      protocol: 'smtp',
      account: 'outlook',
      peer: '127.0.0.1',
      label: 'scanner',
      outcome: 'ok',
    });
    const secrets = {
      password: house.password,
      ...Object.fromEntries(house.presented.map((token, n) => [`${n}`, token])),
    };
    expect(told(scanText('log', at.log(), secrets))).toBe('');
    expect(at.log()).not.toMatch(/scan\b|a page|pat@/);
  });

  it('D07 shares one refresh with everybody who comes at once', async () => {
    const at = await served();
    const all = await Promise.all(Array.from({ length: 12 }, () => looksIn(at)));
    expect(all.filter((text) => text.includes('* 7 EXISTS'))).toHaveLength(12);
    expect(house.endpoint.refreshes()).toBe(1);
    expect(house.endpoint.wrong).toEqual([]);
  });

  it('D08 is told nothing of a token that was refused once: it is renewed', async () => {
    const at = await served({ hasToken: true, takes: (token) => token === 'access-1-2' });
    expect(await looksIn(at)).toContain('* 7 EXISTS');
    expect(house.presented).toEqual(['access-1-1', 'access-1-2']);
    expect(house.endpoint.refreshes()).toBe(1);
  });

  it('D08 is told of a refusal that stays, and the token endpoint is not asked again and again', async () => {
    const at = await served({ hasToken: true, takes: () => false });
    for (let count = 0; count < 3; count += 1)
      expect(await looksIn(at)).toMatch(/^a NO \[CONTACTADMIN\] token_refused: /m);
    expect(house.endpoint.refreshes()).toBe(1);
    expect(at.records().map(({ outcome }) => outcome)).toContain('token_refused');
    // Whoever reads the log is told the reason as well, once.
    expect(
      at.log().match(/"event":"warning","text":"outlook, IMAP: token_refused: [^"]*mailauth authorize outlook"/g),
    ).toHaveLength(1);
  });

  it('D03 keeps its mail while there is no token', async () => {
    const at = await served();
    await house.endpoint.stop();
    const smtp = program(at.ports['smtp'] as number);
    smtp.send('EHLO scanner', authPlain(ADDRESS, house.password));
    await smtp.hears(/^454 4\.7\.0 (?:connect_refused|connect_timeout): [\x20-\x7e]+\r$/m);
    smtp.socket.destroy();
  }, 100_000);

  it('asks the provider what it offers, and offers that to the first program and after each login', async () => {
    const at = await served();
    const first = program(at.ports['smtp'] as number);
    first.send('EHLO scanner');
    expect(await first.hears(/^250 /m)).toMatch(/^250-8BITMIME\r$/m);
    expect(house.presented).toEqual([]);
    first.send(authPlain(ADDRESS, house.password));
    await first.hears(/^235 /m);
    const next = program(at.ports['smtp'] as number);
    next.send('EHLO scanner');
    expect(await next.hears(/^250 /m)).toMatch(/^250-8BITMIME\r$/m);
    expect(next.heard()).not.toMatch(/STARTTLS|XOAUTH2/);
    for (const one of [first, next]) one.socket.destroy();
  });
});

it('D03 a protocol that the account is set up without is named, and the command that adds it', async () => {
  const at = await served();
  const pop = program(at.ports['pop'] as number);
  pop.send(`USER ${ADDRESS}`, `PASS ${house.password}`, 'QUIT');
  await pop.closed;
  expect(pop.heard()).toContain(
    '-ERR [SYS/PERM] not_set_up: outlook is set up without POP; add it: mailauth setup outlook --pop\r\n',
  );
  await vi.waitFor(() => expect(at.records()[0]).toMatchObject({ protocol: 'pop', outcome: 'not_set_up' }), 10_000);
});

describe('passwords', () => {
  it('D09 that are wrong wait a second, and ten close the door to the address', async () => {
    const at = await served();
    const began = performance.now();
    const guesses = Array.from({ length: 10 }, async () => {
      const one = program(at.ports['imap'] as number);
      one.send(`a LOGIN ${ADDRESS} a-guess`);
      await one.hears(/^a NO \[AUTHENTICATIONFAILED\]/m);
      one.socket.destroy();
    });
    await Promise.all(guesses);
    expect(performance.now() - began).toBeGreaterThan(950);
    const late = program(at.ports['imap'] as number);
    late.send(imapLogin());
    await late.hears(/^a NO \[UNAVAILABLE\] closed_door/m);
    late.socket.destroy();
    expect(house.presented).toEqual([]);
    // The log tells a wrong password from a wrong user name.
    await vi.waitFor(() => expect(at.records()).toHaveLength(11), { timeout: 10_000 });
    const tried = at.records().map(({ outcome, account }) => [outcome, account]);
    expect(tried).toContainEqual(['wrong_password', 'outlook']);
    expect(tried).toContainEqual(['closed_door', undefined]);
  });

  it('D10 count at once when they are made, and open nothing once they are deleted', async () => {
    const at = await served();
    const made = (await house.command('password', ADDRESS, '--label', 'two words', '--json')).document<{
      password: string;
    }>();
    const one = program(at.ports['imap'] as number);
    one.send(`a LOGIN outlook ${made.password.replaceAll('-', '').toUpperCase()}`);
    await one.hears(/^a OK/m);
    const other = program(at.ports['imap'] as number);
    other.send(imapLogin());
    await other.hears(/^a OK/m);
    expect((await house.command('password', 'outlook', '--delete', 'two words')).code).toBe(0);
    await one.closed;
    other.send('b NOOP');
    await other.hears(/^b OK/m);
    const again = program(at.ports['imap'] as number);
    again.send(`a LOGIN outlook ${made.password}`);
    await again.hears(/^a NO \[AUTHENTICATIONFAILED\]/m);
    for (const each of [other, again]) each.socket.destroy();
  });

  it('D10 are for the account they were made for, and for accounts that are served', async () => {
    house = await buildHouse();
    const { configDir, store } = house.mailbox;
    await makeMailbox(configDir, store, { name: 'other', address: 'pat@happypaws.example' });
    const made = (await house.command('password', 'other', '--json')).document<{ password: string }>();
    const at = await house.serve('outlook');
    expect((await house.command('password', 'other')).stderr).toContain('serve runs, and not for other: end it');
    const logins = [
      ['pat@happypaws.example', house.password],
      ['outlook', made.password],
      ['other', made.password],
    ].map(async ([user, password]) => {
      const one = program(at.ports['imap'] as number);
      one.send(`a LOGIN ${user} ${password}`);
      await one.hears(/^a NO \[AUTHENTICATIONFAILED\]/m);
      one.socket.destroy();
    });
    await Promise.all(logins);
    expect(house.presented).toEqual([]);
  });
});

describe('the server', () => {
  it('D11 is not opened to a network without a certificate', async () => {
    house = await buildHouse();
    const { env, mailbox } = house;
    for (const host of ['0.0.0.0', '[::]', '192.0.2.1', 'mail.example']) {
      const { code, stderr } = await mailauth(['serve', '--smtp', `${host}:0`], { configDir: mailbox.configDir, env });
      expect([host, code]).toEqual([host, 64]);
      expect(stderr).toContain('--tls-cert FILE --tls-key FILE');
    }
  });

  it('D11 takes no login in clear where it has a certificate: implicit TLS or STARTTLS, on one port', async () => {
    house = await buildHouse();
    const leaf = house.authority.issue();
    const [cert, key] = [join(house.folder, 'cert.pem'), join(house.folder, 'key.pem')];
    writeFileSync(cert, leaf.cert);
    writeFileSync(key, leaf.key);
    const at = await house.serve('--tls-cert', cert, '--tls-key', key, '--smtp', '0.0.0.0:0', '--imap', '0.0.0.0:0');
    const clear = program(at.ports['smtp'] as number);
    clear.send('EHLO x', authPlain(ADDRESS, house.password));
    expect(await clear.hears(/^538 5\.7\.11/m)).toMatch(/^250 STARTTLS\r$/m);
    clear.send('STARTTLS');
    await clear.hears(/^220 2\.0\.0/m);
    clear.socket.removeAllListeners('data');
    const ca = house.authority.cert;
    const secured = programOver(connectTls({ socket: clear.socket, ca, servername: 'localhost' }));
    secured.send('EHLO x', authPlain(ADDRESS, house.password));
    expect(await secured.hears(/^235 /m)).toMatch(/^250 AUTH PLAIN LOGIN\r$/m);
    secured.socket.destroy();
    const implicit = programOver(
      connectTls({ port: at.ports['imap'] as number, host: '127.0.0.1', ca, servername: 'localhost' }),
    );
    implicit.send(imapLogin(), 'b EXAMINE INBOX');
    expect(await implicit.hears(/7 EXISTS/)).not.toMatch(/LOGINDISABLED|STARTTLS/);
    implicit.socket.destroy();
    const refused = program(at.ports['imap'] as number);
    await refused.hears(/LOGINDISABLED/);
    refused.send(imapLogin());
    await refused.hears(/^a NO \[PRIVACYREQUIRED\]/m);
    refused.socket.destroy();
    const outcomes = () => at.records().map(({ outcome }) => outcome);
    await vi.waitFor(() => expect(outcomes()).toContain('needs_tls'), { timeout: 10_000 });
    // What comes behind STARTTLS in plain text is not read as if it were protected.
    const injecting = program(at.ports['smtp'] as number);
    await injecting.hears(/^220 /m);
    injecting.socket.write(`STARTTLS\r\n${authPlain(ADDRESS, house.password)}\r\n`);
    await injecting.closed;
    expect(injecting.heard()).not.toMatch(/^235/m);
    await vi.waitFor(() => expect(outcomes()).toContain('starttls_injection'), { timeout: 10_000 });
  });

  it('D12 lets silent connections make room for whoever comes', async () => {
    const at = await served({}, '--max-connections', '3');
    const silent = Array.from({ length: 3 }, () => program(at.ports['imap'] as number));
    for (const one of silent) await one.hears(/OK/);
    expect(await looksIn(at)).toContain('* 7 EXISTS');
    await silent[0]?.closed;
    expect(silent[0]?.heard()).toMatch(/\* BYE \[UNAVAILABLE\]/);
    for (const one of silent) one.socket.destroy();
  });

  it('D12 turns away whoever comes while all its connections are in use', async () => {
    const at = await served({}, '--max-connections', '1');
    const inside = program(at.ports['imap'] as number);
    inside.send(imapLogin());
    await inside.hears(/^a OK/m);
    const smtp = program(at.ports['smtp'] as number);
    await smtp.hears(/^421 4\.7\.0 /);
    await smtp.closed;
    inside.send('b NOOP');
    await inside.hears(/^b OK/m);
    inside.socket.destroy();
  });

  it.runIf(process.platform === 'linux')('D12 takes no more than there are open files for, and says so', async () => {
    house = await buildHouse();
    const args = [PROGRAM, 'serve', '--smtp', String(house.imap.port), '--imap', 'off', '--pop', 'off'];
    const run = ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, ...args];
    const { status, stderr } = spawnSync('sh', run, { env: { ...house.env, HOME: house.folder }, encoding: 'utf8' });
    expect(status).toBe(75);
    expect(stderr).toContain('200 connections need more files than this process may open, so 12 are taken');
  });

  it('answers at unix sockets that are the owner\u2019s alone', async () => {
    house = await buildHouse();
    const folder = join(house.folder, 'sockets');
    await house.serve('--socket', folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'imap.sock')).mode & 0o777).toBe(0o600);
    const one = program(join(folder, 'imap.sock'));
    one.send(imapLogin(), 'b EXAMINE INBOX', 'c LOGOUT');
    await one.closed;
    expect(one.heard()).toContain('* 7 EXISTS');
  });

  it('D13 lets those finish who are in, when it is told to stop, and takes nobody new', async () => {
    const at = await served();
    const inside = program(at.ports['imap'] as number);
    inside.send(imapLogin());
    await inside.hears(/^a OK/m);
    const waiting = program(at.ports['smtp'] as number);
    await waiting.hears(/^220/);
    const ending = at.stop();
    await waiting.hears(/^421 /m);
    await waiting.closed;
    expect(at.log()).toContain('{"event":"stopping","connections":1}');
    inside.send('b EXAMINE INBOX', 'c LOGOUT');
    await inside.closed;
    expect(inside.heard()).toContain('* 7 EXISTS');
    expect((await ending).code).toBe(0);
    const late = program(at.ports['smtp'] as number);
    await late.closed;
    expect(late.heard()).toBe('');
  });

  it('is found by check while it runs, and missed when it does not', async () => {
    const at = await served();
    type Document = { serve: { running: boolean; listening: { protocol: string }[] } };
    const during = (await house.command('check', '--json')).document<Document>();
    expect(during.serve.running).toBe(true);
    expect(during.serve.listening.map(({ protocol }) => protocol)).toEqual(['smtp', 'imap', 'pop']);
    const { stderr } = await house.command('password', 'outlook');
    expect(stderr).toContain(
      `server    SMTP 127.0.0.1:${at.ports['smtp']}, IMAP 127.0.0.1:${at.ports['imap']}; no encryption\n`,
    );
    await at.stop();
    expect((await house.command('check', '--json')).document<Document>().serve).toEqual({
      running: false,
      listening: [],
    });
    expect((await house.command('check')).stdout).toContain('start it with mailauth serve');
  });

  it.each([
    ['a port that is none', ['--smtp', '70000'], 64],
    ['nothing to serve', ['--smtp', 'off', '--imap', 'off', '--pop', 'off'], 64],
    ['a certificate without its key', ['--tls-cert', 'x'], 64],
    ['a folder for sockets that has no name', ['--socket', ''], 64],
    ['a certificate that is not there', ['--tls-cert', 'x', '--tls-key', 'y'], 66],
    ['an account that is not there', ['nobody'], 67],
    ['too few connections', ['--max-connections', '0'], 64],
  ] as const)('refuses %s', async (_, flags, code) => {
    house = await buildHouse();
    const { env, mailbox } = house;
    expect((await mailauth(['serve', ...flags], { configDir: mailbox.configDir, env: { ...env } })).code).toBe(code);
  });

  it('says that another one runs already, and where', async () => {
    const at = await served();
    const { env, mailbox } = house;
    const ended = await mailauth(['serve', '--smtp', String(at.ports['smtp'])], {
      configDir: mailbox.configDir,
      env: { ...env },
    });
    expect(ended.code).toBe(75);
    const said = ended.stderr.replace(/\s+/g, ' ');
    expect(said).toContain(`mailauth serve runs already (process ${process.pid}), at 127.0.0.1:${at.ports['smtp']},`);
    expect(said).not.toContain('stopping');
  });
});
