import { createSecureContext } from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeAuthority } from '../servers/certificates.js';
import { PASSWORD, USER, type Visit, type VisitWish, visit } from './visit.js';

let open: Visit[] = [];
afterEach(async () => {
  for (const one of open) await one.close();
  open = [];
});

async function visited(protocol: 'smtp' | 'imap' | 'pop', wish?: VisitWish): Promise<Visit> {
  const one = await visit(protocol, wish);
  open.push(one);
  return one;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const PLAIN = base64(`\0${USER}\0${PASSWORD}`);
const QUOTED = `"${PASSWORD.replace(/["\\]/g, '\\$&')}"`;

/** Plays what is sent and holds what comes: each pair is a line of the program, and what it then hears. */
async function plays(one: Visit, turns: readonly (readonly [string, RegExp])[]): Promise<void> {
  for (const [line, shape] of turns) {
    one.send(`${line}\r\n`);
    await one.hears(shape);
  }
}

/** Both ways: bytes that are no lines, and no text. */
async function expectPassing({ send, hears, provider }: Visit): Promise<void> {
  const bytes = Buffer.from([0, 255, 13, 10, 46, 13, 10, 128]);
  const arrived = new Promise<Buffer>((resolve) => provider.once('data', resolve));
  send(bytes);
  expect(await arrived).toEqual(bytes);
  provider.write('from the provider\0\r\n');
  await hears(/from the provider\0\r\n$/);
}

describe('SMTP', () => {
  it.each([
    ['PLAIN in one line', [[`AUTH PLAIN ${PLAIN}`, /^235 2\.7\.0/m]]],
    [
      'PLAIN in two',
      [
        ['auth plain', /^334 \r$/m],
        [PLAIN, /^235 /m],
      ],
    ],
    ['PLAIN that names the user twice', [[`AUTH PLAIN ${base64(`${USER}\0${USER}\0${PASSWORD}`)}`, /^235 /m]]],
    [
      'LOGIN',
      [
        ['AUTH LOGIN', /^334 VXNlcm5hbWU6\r$/m],
        [base64(USER), /^334 UGFzc3dvcmQ6\r$/m],
        [base64(PASSWORD), /^235 /m],
      ],
    ],
    [
      'LOGIN with the user in the first line',
      [
        [`AUTH LOGIN ${base64(USER)}`, /^334 UGFz/m],
        [base64(PASSWORD), /^235 /m],
      ],
    ],
  ] as const)('takes %s, and then passes everything on', async (_, turns) => {
    const one = await visited('smtp');
    await one.hears(/^220 .*mailauth\r\n$/);
    await plays(one, [['EHLO printer', /^250 AUTH PLAIN LOGIN\r\n$/m], ...turns]);
    expect(one.tried).toEqual([[USER, PASSWORD]]);
    await expectPassing(one);
  });

  it('D01 answers nothing before the login but what a login needs', async () => {
    const one = await visited('smtp');
    const refused = ['MAIL FROM:<a@b.example>', 'RCPT TO:<a@b.example>', 'DATA', 'VRFY a', 'HELP', 'EXPN a', 'X', ''];
    for (const line of refused) one.send(`${line}\r\n`);
    one.send('NOOP\r\nRSET\r\nHELO x\r\nQUIT\r\n');
    const said = (await one.hears(/^221 /m)).split('\r\n').slice(1);
    expect(said.filter((line) => line.startsWith('530 5.7.0'))).toHaveLength(refused.length);
    expect(said.slice(refused.length).map((line) => line.slice(0, 3))).toEqual(['250', '250', '250', '221', '']);
    expect(await one.ended).toEqual({ outcome: 'no_login' });
  });

  it('offers what all servers behind have, without their logins', async () => {
    const one = await visited('smtp', { offers: ['SIZE 35882577', '8BITMIME'] });
    await plays(one, [
      ['EHLO x', /250-mailauth\.localhost\r\n250-SIZE 35882577\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n/],
    ]);
  });

  it.each([
    ['an exchange that is cancelled', ['AUTH PLAIN', '*'], /^501 5\.7\.0/m],
    ['no base64', ['AUTH PLAIN a b=c'], /^501 5\.5\.2/m],
    ['a mechanism it does not know', ['AUTH CRAM-MD5'], /^504 5\.5\.4/m],
    ['no mechanism', ['AUTH'], /^504 5\.5\.4/m],
    ['parts that are missing', [`AUTH PLAIN ${base64('only')}`], /^501 5\.5\.2/m],
    ['an empty response', ['AUTH PLAIN ='], /^501 5\.5\.2/m],
  ] as const)('refuses %s and goes on', async (_, lines, shape) => {
    const one = await visited('smtp');
    for (const line of lines) one.send(`${line}\r\n`);
    await one.hears(shape);
    await plays(one, [[`AUTH PLAIN ${PLAIN}`, /^235 /m]]);
  });

  it('D02 does not let one user act for another', async () => {
    const one = await visited('smtp');
    await plays(one, [[`AUTH PLAIN ${base64(`boss@happypaws.example\0${USER}\0${PASSWORD}`)}`, /^535 5\.7\.8/m]]);
  });
});

describe('IMAP', () => {
  it.each([
    ['LOGIN with quoted strings', [[`a LOGIN ${USER} ${QUOTED}`, /^a OK /m]]],
    [
      'LOGIN with literals',
      [
        [`a LOGIN {${USER.length}}`, /^\+ /m],
        [`${USER} {${PASSWORD.length}}`, /^\+ .*\r\n\+ /m],
        [PASSWORD, /^a OK /m],
      ],
    ],
    [
      'LOGIN with literals that wait for nothing',
      [[`a LOGIN {${USER.length}+}\r\n${USER} {${PASSWORD.length}+}\r\n${PASSWORD}`, /^a OK /m]],
    ],
    [
      'AUTHENTICATE PLAIN',
      [
        ['a AUTHENTICATE PLAIN', /^\+ \r$/m],
        [PLAIN, /^a OK /m],
      ],
    ],
    ['AUTHENTICATE PLAIN with an initial response', [[`a AUTHENTICATE PLAIN ${PLAIN}`, /^a OK /m]]],
    [
      'AUTHENTICATE LOGIN',
      [
        ['a AUTHENTICATE LOGIN', /^\+ VXNl/m],
        [base64(USER), /^\+ UGFz/m],
        [base64(PASSWORD), /^a OK /m],
      ],
    ],
  ] as const)('takes %s, and then passes everything on', async (_, turns) => {
    const one = await visited('imap', { loginOffers: ['IMAP4REV1', 'IDLE', 'AUTH=XOAUTH2', 'SASL-IR', 'MOVE'] });
    await one.hears(/^\* OK \[CAPABILITY IMAP4rev1 LITERAL\+ SASL-IR ID AUTH=PLAIN AUTH=LOGIN\] .*\r\n$/);
    await plays(one, turns);
    expect(one.heard()).toMatch(/^a OK \[CAPABILITY IMAP4REV1 IDLE MOVE\] logged in\r$/m);
    expect(one.tried).toEqual([[USER, PASSWORD]]);
    await expectPassing(one);
  });

  it('D01 knows no command of a mailbox before the login', async () => {
    const one = await visited('imap');
    for (const verb of ['SELECT INBOX', 'LIST "" *', 'IDLE', 'ENABLE X', 'X', 'STARTTLS']) one.send(`a ${verb}\r\n`);
    one.send('b NOOP\r\nc CAPABILITY\r\nd ID ("name" "x" "note" {2+}\r\nhi)\r\ne LOGOUT\r\n');
    const said = await one.hears(/^e OK/m);
    expect(said.match(/^a BAD /gm)).toHaveLength(6);
    expect(said).toMatch(/^b OK.*\r\n\* CAPABILITY IMAP4rev1 .*\r\nc OK.*\r\n\* ID \("name" "mailauth"\)\r\nd OK/m);
  });

  it('hands on what was sent behind the login, and what the provider said with it', async () => {
    const one = await visited('imap', { unread: '* OK [ALERT] hello\r\n' });
    const arrived = new Promise<Buffer>((resolve) => one.provider.once('data', resolve));
    one.send(`a LOGIN ${USER} ${QUOTED}\r\nb SELECT INBOX\r\n`);
    expect(String(await arrived)).toBe('b SELECT INBOX\r\n');
    await one.hears(/^a OK .*\r\n\* OK \[ALERT\] hello\r\n$/m);
  });

  it('hands on a large command that was sent in one go with the login', async () => {
    const one = await visited('imap');
    const message = 'x'.repeat(200_000);
    let arrived = 0;
    one.provider.on('data', (chunk: Buffer) => {
      arrived += chunk.length;
    });
    const command = `b APPEND INBOX {${message.length}+}\r\n${message}\r\n`;
    one.send(`a LOGIN ${USER} ${QUOTED}\r\n${command}`);
    await vi.waitFor(() => expect(arrived).toBe(command.length), { timeout: 8_000 });
  });

  it.each(['a LOGIN "x', 'a LOGIN x', 'a LOGIN x y z', '* LOGIN x y', 'LOGIN', '', 'a', 'a LOGIN "a\\q" b'])(
    'refuses the line %j and goes on',
    async (line) => {
      const one = await visited('imap');
      one.send(`${line}\r\n`);
      await one.hears(/ BAD /);
      await plays(one, [[`b LOGIN ${USER} ${QUOTED}`, /^b OK /m]]);
    },
  );
});

describe('POP', () => {
  it.each([
    [
      'USER and PASS',
      [
        [`USER ${USER}`, /^\+OK and/m],
        [`PASS ${PASSWORD}`, /^\+OK logged in/m],
      ],
    ],
    [
      'AUTH PLAIN',
      [
        ['AUTH PLAIN', /^\+ \r$/m],
        [PLAIN, /^\+OK logged in/m],
      ],
    ],
    ['AUTH PLAIN in one line', [[`AUTH PLAIN ${PLAIN}`, /^\+OK logged in/m]]],
  ] as const)('takes %s, and then passes everything on', async (_, turns) => {
    const one = await visited('pop');
    await one.hears(/^\+OK mailauth ready\r\n$/);
    await plays(one, turns);
    expect(one.tried).toEqual([[USER, PASSWORD]]);
    await expectPassing(one);
  });

  it('D01 knows no command of a mailbox before the login', async () => {
    const one = await visited('pop');
    for (const verb of ['STAT', 'RETR 1', 'DELE 1', 'APOP a b', 'PASS x', 'STLS', '']) one.send(`${verb}\r\n`);
    one.send('CAPA\r\nAUTH\r\nQUIT\r\n');
    const said = await one.hears(/bye/);
    expect(said.match(/^-ERR /gm)).toHaveLength(7);
    expect(said).toContain('+OK\r\nUSER\r\nSASL PLAIN LOGIN\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n.\r\n');
    expect(said).toContain('+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n');
  });
});

describe('what comes in pieces', () => {
  it.each([
    ['smtp', `EHLO x\r\nAUTH PLAIN\r\n${PLAIN}\r\nMAIL FROM:<a@b>\r\n`],
    ['imap', `a ID NIL\r\nb LOGIN {${USER.length}+}\r\n${USER} ${QUOTED}\r\nc SELECT INBOX\r\n`],
    ['pop', `CAPA\r\nUSER ${USER}\r\nPASS ${PASSWORD}\r\nSTAT\r\n`],
  ] as const)('D15 is the same as what comes at once: %s, %j', async (protocol, text) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 8 }), async (cuts) => {
        const one = await visited(protocol);
        const places = [0, ...cuts.sort((first, second) => first - second), text.length];
        const arrived = new Promise<Buffer>((resolve) => one.provider.once('data', resolve));
        for (const [index, place] of places.slice(0, -1).entries()) {
          one.send(text.slice(place, places[index + 1]));
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(String(await arrived)).toMatch(/^(?:M|c|S)/);
        expect(one.tried).toEqual([[USER, PASSWORD]]);
        await one.close();
      }),
      { numRuns: 15 },
    );
  });
});

const LOGIN = {
  smtp: `AUTH PLAIN ${PLAIN}`,
  imap: `a LOGIN ${USER} ${QUOTED}`,
  pop: `USER ${USER}\r\nPASS ${PASSWORD}`,
} as const;
const WRONG = {
  smtp: `AUTH PLAIN ${base64('\0x\0y')}`,
  imap: 'a LOGIN x y',
  pop: 'USER x\r\nPASS y',
} as const;

describe.each(['smtp', 'imap', 'pop'] as const)('%s', (protocol) => {
  it('D03 tells why a login is not taken, with its code, and lets the program try again', async () => {
    const answers = {
      password: {
        smtp: /^535 5\.7\.8 .*wrong_password/m,
        imap: /^a NO \[AUTHENTICATIONFAILED\]/m,
        pop: /^-ERR \[AUTH\]/m,
      },
      later: {
        smtp: /^454 4\.7\.0 dns_failed/m,
        imap: /^a NO \[UNAVAILABLE\] dns_failed/m,
        pop: /^-ERR \[SYS\/TEMP\] dns_failed/m,
      },
      person: {
        smtp: /^535 5\.7\.0 signin_expired/m,
        imap: /^a NO \[CONTACTADMIN\] signin_expired/m,
        pop: /^-ERR \[SYS\/PERM\] signin_expired/m,
      },
    } as const;
    const wrong = await visited(protocol);
    await plays(wrong, [[WRONG[protocol], answers.password[protocol]]]);
    for (const [kind, code] of [
      ['later', 'dns_failed'],
      ['person', 'signin_expired'],
    ] as const) {
      const one = await visited(protocol, { refusal: { taken: false, kind, code, text: `${code}: why` } });
      await plays(one, [[LOGIN[protocol], answers[kind][protocol]]]);
      one.socket.end();
      expect((await one.ended).outcome).toBe(code);
    }
  });

  it('D11 ends where plain text follows STARTTLS, and takes no login from it', async () => {
    const tls = createSecureContext(makeAuthority().issue());
    const verb = { smtp: 'STARTTLS', imap: 'a STARTTLS', pop: 'STLS' }[protocol];
    const one = await visited(protocol, { tls, needsTls: true });
    one.send(`${verb}\r\n${LOGIN[protocol]}\r\n`);
    expect((await one.ended).outcome).toBe('starttls_injection');
    await one.hears(/nothing may follow (?:STARTTLS|STLS)\r\n$/);
    expect(one.tried).toEqual([]);
  });

  it('D04 gives a program that sends a byte at a time no longer than one that is silent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const one = await visited(protocol);
      for (let second = 0; second <= 60; second += 1) {
        one.send('a');
        await new Promise((resolve) => setImmediate(resolve));
        await vi.advanceTimersByTimeAsync(1_000);
      }
      expect((await one.ended).outcome).toBe('timeout');
    } finally {
      vi.useRealTimers();
    }
  });

  it('D04 ends after three wrong passwords, and after too many commands', async () => {
    const one = await visited(protocol);
    for (let count = 0; count < 4; count += 1) one.send(`${WRONG[protocol]}\r\n`);
    expect((await one.ended).outcome).toBe('wrong_password');
    expect(one.tried).toHaveLength(3);
    const other = await visited(protocol);
    for (let count = 0; count < 40; count += 1) other.send('a NOOP\r\n');
    expect((await other.ended).outcome).toBe('malformed');
  });

  it('D05 ends at a line without end, and at a flood', async () => {
    const one = await visited(protocol);
    one.send('a'.repeat(20_000));
    expect((await one.ended).outcome).toBe('malformed');
    const other = await visited(protocol);
    other.send(Buffer.alloc(1024 * 1024, 'a NOOP\r\n'));
    expect((await other.ended).outcome).toBe('malformed');
  });

  it('D04 ends after a minute without a login, also after a refusal', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const silent = await visited(protocol);
      const refused = await visited(protocol, {
        refusal: { taken: false, kind: 'later', code: 'dns_failed', text: 'x' },
      });
      refused.send(`${LOGIN[protocol]}\r\n`);
      while (refused.tried.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await vi.advanceTimersByTimeAsync(61_000);
      expect((await silent.ended).outcome).toBe('timeout');
      expect((await refused.ended).outcome).toBe('timeout');
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends when the program leaves in the middle', async () => {
    const one = await visited(protocol);
    await one.hears(/\r\n/);
    one.send('a LOGI');
    one.socket.end();
    expect((await one.ended).outcome).toBe('no_login');
  });

  it('passes the last words of the provider, whoever closes first', async () => {
    const one = await visited(protocol);
    await plays(one, [[LOGIN[protocol], /(?:235 2|a OK|\+OK logged in)/]]);
    one.provider.end('the last words\r\n');
    await one.hears(/the last words\r\n$/);
    one.socket.end();
    expect((await one.ended).outcome).toBe('ok');
    const other = await visited(protocol);
    await plays(other, [[LOGIN[protocol], /(?:235 2|a OK|\+OK logged in)/]]);
    other.socket.end('bye\r\n');
    other.provider.once('end', () => other.provider.end('late words\r\n')).resume();
    await other.hears(/late words\r\n$/);
    expect((await other.ended).outcome).toBe('ok');
  });

  it('D06 tells the program by a closed connection that its provider broke off', async () => {
    const one = await visited(protocol);
    await plays(one, [[LOGIN[protocol], /(?:235 2|a OK|\+OK logged in)/]]);
    const closed = new Promise((resolve) => one.socket.once('end', resolve));
    one.provider.resetAndDestroy();
    await closed;
    expect((await one.ended).outcome).toBe('server_lost');
  });
});
