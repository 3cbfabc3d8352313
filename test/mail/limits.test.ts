import { lookup } from 'node:dns/promises';
import { createServer } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Outcome } from '../../src/explain/outcome.js';
import { MailauthError } from '../../src/explain/problem.js';
import { MAIL_FAILURES } from '../../src/mail/evidence.js';
import { proveSmtp } from '../../src/mail/smtp.js';
import { Secret } from '../../src/words/secret.js';
import { selfSigned } from '../servers/certificates.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import { DIALOGUES } from './dialogues.js';
import { LEAF, loginTo } from './login-to.js';

vi.mock('node:dns/promises', async (original) => {
  const dns = await original<typeof import('node:dns/promises')>();
  return { ...dns, lookup: vi.fn(dns.lookup) };
});

const KNOWN_WORD = new RegExp(`^(${Object.keys(MAIL_FAILURES).join('|')}|ECONNRESET|EPIPE)$`);

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('M10 deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets the clock run a second at a time until the login has ended, and tells how long that took. */
  async function secondsUntil<T>(outcome: Promise<T>): Promise<{ seconds: number; outcome: T }> {
    let ended = false;
    const watched = outcome.finally(() => {
      ended = true;
    });
    for (let seconds = 0; ; seconds += 1) {
      // Sockets close in turns of the loop, of which a busy machine makes few in five milliseconds.
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      await sleep(5);
      if (ended || seconds > 100) return { seconds, outcome: await watched };
      await vi.advanceTimersByTimeAsync(1_000);
    }
  }

  async function stallAt(script: string, prove: (typeof DIALOGUES)[number]['prove'], security: 'tls' | 'starttls') {
    server = await playScript(`${script}\n!stall`, LEAF);
    const outcome = prove(loginTo({ port: server.port, security }, { deadline: 45_000 }));
    await server.stalled;
    await sleep(50);
    return secondsUntil(outcome);
  }

  test('a name that DNS never answers: 5 seconds', async () => {
    vi.mocked(lookup).mockReturnValueOnce(new Promise<never>(() => {}));
    const { seconds, outcome } = await secondsUntil(proveSmtp(loginTo({ port: 1 }, { deadline: 45_000 })));
    expect(seconds).toBe(5);
    expect(outcome).toMatchObject({ ok: false, evidence: { stage: 'dns', error: 'ETIMEDOUT' } });
  });

  describe.each(DIALOGUES)('$protocol', (dialogue) => {
    const { greeting, offer, ask, agree, capabilities, auth, protocol } = dialogue;
    const stalls = [
      { at: 'the handshake', script: '', security: 'tls', stage: 'tls', limit: 10 },
      { at: 'the greeting under TLS', script: '!tls', security: 'tls', stage: 'greeting', limit: 15 },
      { at: 'the offer', script: greeting, security: 'starttls', stage: 'starttls', limit: 20 },
      { at: 'STARTTLS', script: `${greeting}\n${offer}\n${ask}`, security: 'starttls', stage: 'starttls', limit: 20 },
      {
        at: 'the handshake',
        script: `${greeting}\n${offer}\n${ask}\n${agree}`,
        security: 'starttls',
        stage: 'tls',
        limit: 10,
      },
      { at: 'the capabilities', script: `!tls\n${greeting}`, security: 'tls', stage: 'capability', limit: 20 },
      {
        at: 'the login',
        script: `!tls\n${greeting}\n${capabilities}\n${auth}`,
        security: 'tls',
        stage: 'auth',
        limit: 20,
      },
    ] as const;

    test.each(stalls)('a server that stalls at $at ($security): $limit seconds', async (stall) => {
      const { seconds, outcome } = await stallAt(stall.script, dialogue.prove, stall.security);
      expect(outcome).toMatchObject({
        ok: false,
        evidence: { where: protocol, stage: stall.stage, error: 'ETIMEDOUT' },
      });
      // The clock of the stage may begin a step later where this machine is slow to read.
      expect([stall.limit, stall.limit + 1]).toContain(seconds);
    });

    test.each([
      ['with a good certificate', LEAF],
      ['with a certificate nobody trusts', selfSigned()],
    ])('M09 a silent port that waits for TLS is told from one that is slow: %s', async (_which, leaf) => {
      server = await playScript('!tls', leaf);
      const outcome = dialogue.prove(loginTo({ port: server.port, security: 'starttls' }, { deadline: 45_000 }));
      await sleep(50);
      await vi.advanceTimersByTimeAsync(15_000);
      expect(await outcome).toMatchObject({
        ok: false,
        evidence: { stage: 'greeting', error: 'TLS_ON_PLAINTEXT_PORT' },
      });
      expect(server.secured).toEqual([]);
    });

    test('a silent port that speaks no TLS either has only been slow', async () => {
      const { seconds, outcome } = await stallAt('', dialogue.prove, 'starttls');
      expect(outcome).toMatchObject({ ok: false, evidence: { stage: 'greeting', error: 'ETIMEDOUT' } });
      expect(seconds).toBe(18);
    });

    test('M11 a drip of bytes does not stretch a deadline', async () => {
      const script = `!tls\n${greeting}\n${capabilities}\n${auth}\n!drip 5 ${JSON.stringify('*'.repeat(10_000))}`;
      server = await playScript(script, LEAF);
      const outcome = dialogue.prove(loginTo(server, { deadline: 45_000 }));
      await server.stalled;
      await sleep(50);
      const { seconds, outcome: ended } = await secondsUntil(outcome);
      expect(ended).toMatchObject({ ok: false, evidence: { stage: 'auth', error: 'ETIMEDOUT' } });
      expect(seconds).toBe(20);
    });

    test('the deadline of the whole conversation ends any stage', async () => {
      server = await playScript(`!tls\n${greeting}\n${capabilities}\n${auth}\n!stall`, LEAF);
      const outcome = dialogue.prove(loginTo(server, { deadline: 3_000 }));
      await server.stalled;
      await sleep(50);
      const { seconds, outcome: ended } = await secondsUntil(outcome);
      expect(ended).toMatchObject({ ok: false, evidence: { stage: 'auth', error: 'ETIMEDOUT' } });
      expect(seconds).toBe(3);
    });
  });
});

describe.each(DIALOGUES)('$protocol', (dialogue) => {
  const { greeting, offer, capabilities, auth, success, prove, protocol, lines } = dialogue;
  const login = `!tls\n${greeting}\n${capabilities}\n${auth}`;

  async function play(script: string, security: 'tls' | 'starttls' = 'tls'): Promise<Outcome<unknown>> {
    server = await playScript(script, LEAF);
    return prove(loginTo({ port: server.port, security }));
  }

  test.each([
    ['in plain text', `!flood 200000 "a"`, 'starttls'],
    ['under TLS, before the greeting', `!tls\n!flood 200000 "a"`, 'tls'],
    ['after the login', `${login}\n!flood 200000 "a"`, 'tls'],
  ] as const)('M12 a line without end is cut off: %s', async (_where, script, security) => {
    expect(await play(script, security)).toMatchObject({ ok: false, evidence: { error: 'FLOOD' } });
  });

  test('M12 lines without end are cut off and not kept', async () => {
    const before = process.memoryUsage().rss;
    // A reply of POP has one line, but for those to CAPA.
    const begun = protocol === 'pop' ? capabilities.split('\n')[0] : `${capabilities}\n${auth}`;
    expect(await play(`!tls\n${greeting}\n${begun}\n!flood 1000000 "${lines.endless}"`)).toMatchObject({
      ok: false,
      evidence: { error: 'FLOOD' },
    });
    // The script's own buffers are most of this: it holds what it could not send.
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  test.each([
    ['at once', '!close', 'greeting', 'starttls'],
    ['after the greeting', `${greeting}\n!close`, 'starttls', 'starttls'],
    ['after the offer', `${greeting}\n${offer}\n!close`, 'starttls', 'starttls'],
    ['before the handshake', '!close', 'tls', 'tls'],
    ['after the handshake', '!tls\n!wait 30\n!close', 'greeting', 'tls'],
    ['at the capabilities', `!tls\n${greeting}\n!close`, 'capability', 'tls'],
    ['at the login', `${login}\n!close`, 'auth', 'tls'],
  ] as const)('M14 a server that leaves %s: the stage is named', async (_when, script, stage, security) => {
    // A reset overtakes what was sent before it, so the client gets a moment to read that.
    for (const end of ['!close', '!wait 30\n!close', '!wait 120\n!rst']) {
      expect(await play(script.replace('!close', end), security)).toMatchObject({
        ok: false,
        evidence: { where: protocol, stage, error: expect.stringMatching(/^(CLOSED|ECONNRESET|EPIPE)$/) },
      });
      await server?.close();
    }
  });

  test('M14 half a reply is no success', async () => {
    expect(await play(`${login}\n!inject "${lines.half}"\n!close`)).toMatchObject({
      ok: false,
      evidence: { stage: 'auth' },
    });
  });

  test('M14 a server that leaves after the last positive reply has proved the login', async () => {
    const lastReply = success.slice(0, success.lastIndexOf('C:'));
    expect(await play(`${login}\n${lastReply}\n!rst`)).toMatchObject({ ok: true });
  });

  test.each([
    ['no base64', '***', '***'],
    ['base64 of no JSON', Buffer.from('what?').toString('base64'), 'what?'],
    ['base64 of bytes', Buffer.from([0xff, 0x1b, 0x5b]).toString('base64'), '\ufffd\x1b['],
  ])('M16 a challenge that is %s is kept as evidence', async (_kind, challenge, decoded) => {
    expect(await play(`${login}\nS: ${lines.challenge}${challenge}\nC: \nS: ${lines.refusal}`)).toMatchObject({
      ok: false,
      evidence: { stage: 'auth', challenge: decoded },
    });
    await server?.played;
  });

  test('M16 a server that asks again and again is left', async () => {
    const round = `S: ${lines.challenge}e30=\nC: \n`;
    expect(await play(`${login}\n${round.repeat(3)}S: ${lines.challenge}e30=`)).toMatchObject({
      ok: false,
      evidence: { stage: 'auth', error: 'SASL_LOOP' },
    });
  });

  test('M16 a challenge of a mebibyte is cut off', async () => {
    expect(await play(`${login}\n!inject "${lines.challenge}"\n!flood 1100000 "a"`)).toMatchObject({
      ok: false,
      evidence: { error: 'FLOOD' },
    });
  });

  test('M17 M25 a server without XOAUTH2 gets no other login', async () => {
    const passwords = capabilities.replace(/ ?(AUTH=)?XOAUTH2/, '');
    expect(await play(`!tls\n${greeting}\n${passwords}`)).toMatchObject({
      ok: false,
      evidence: { stage: 'capability', error: 'MECHANISM_NOT_OFFERED', text: expect.stringContaining('PLAIN') },
    });
    expect(server?.secured.join('\n')).not.toMatch(/AUTH|LOGIN/);
  });

  test('M17 a server that announces no AUTH at all is not proved', async () => {
    const asked = capabilities.split('\n')[0];
    expect(await play(`!tls\n${greeting}\n${asked}\n${lines.silent}`)).toMatchObject({
      ok: false,
      evidence: { error: 'MECHANISM_NOT_OFFERED', text: 'the server announces no AUTH at all' },
    });
  });

  test('a server that repeats the token does not get it into the evidence', async () => {
    const token = `a-token-of-no-known-shape.${'1234567890'.repeat(18)}`;
    const sasl = Buffer.from(`user=ada@example.com\x01auth=Bearer ${token}\x01\x01`).toString('base64');
    const challenge = Buffer.from(JSON.stringify({ got: token })).toString('base64');
    server = await playScript(
      `${login}\nS: ${lines.challenge}${challenge}\nC: \nS: ${lines.echo} ${token} ${sasl}`,
      LEAF,
    );
    const outcome = await prove(loginTo(server, { accessToken: new Secret(token) }));
    expect(outcome).toMatchObject({ ok: false, evidence: { stage: 'auth' } });
    expect(JSON.stringify(outcome)).not.toContain(token);
    expect(JSON.stringify(outcome)).not.toContain(Buffer.from(token).toString('base64').slice(4, 24));
  });

  test.each(['', 'ada\r\nSTARTTLS', 'ada\nx', 'ada\x00', 'ada\x01auth=Bearer x'])(
    'M20 the user name %j is refused before anything is sent',
    async (user) => {
      server = await playScript(greeting, LEAF);
      await expect(prove(loginTo(server, { user }))).rejects.toThrow(MailauthError);
      expect(server.connections()).toBe(0);
    },
  );

  test('another protocol is named by its greeting', async () => {
    expect(await play('S: SSH-2.0-OpenSSH_9.2', 'starttls')).toMatchObject({
      ok: false,
      evidence: { stage: 'greeting', error: 'PROTOCOL', text: expect.stringContaining('SSH-2.0') },
    });
  });

  test('a greeting of the right shape and the wrong meaning is no greeting', async () => {
    expect(await play(`!tls\nS: ${lines.noGreeting}`)).toMatchObject({
      ok: false,
      evidence: { stage: 'greeting', error: 'PROTOCOL' },
    });
  });

  test('an abort rejects with its reason and leaves no connection behind', async () => {
    server = await playScript(`${login}\n!stall`, LEAF);
    const stop = new AbortController();
    const outcome = prove(loginTo(server, { signal: stop.signal }));
    await server.stalled;
    stop.abort(new Error('interrupted'));
    await expect(outcome).rejects.toThrow('interrupted');
    await server.played;
  });

  test('M13 bytes of any kind end in an outcome', async () => {
    let garbage: Uint8Array = new Uint8Array();
    const noise = createServer((socket) => socket.on('error', () => {}).end(garbage));
    await new Promise<void>((resolve) => noise.listen(0, '127.0.0.1', resolve));
    const { port } = noise.address() as { port: number };
    const opening = Buffer.from(greeting.replace('S: ', '').concat('\r\n'));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, greets) => {
        garbage = greets ? Buffer.concat([opening, bytes]) : bytes;
        const outcome = await prove(loginTo({ port, security: 'starttls' }));
        expect(outcome.ok).toBe(false);
      }),
      { numRuns: 60, seed: 20_261_123 },
    );
    noise.close();
  });

  test('M13 bytes of any kind under TLS end in evidence of a known word', async () => {
    const points = [`!tls\n${greeting}\nC: *`, login];
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...points), async (bytes, point) => {
        const text = JSON.stringify(Buffer.from(bytes).toString('latin1'));
        const outcome = await play(`${point}\n!inject ${text}\n!close`);
        await server?.close();
        expect(outcome).toMatchObject({ ok: false, evidence: { error: expect.stringMatching(KNOWN_WORD) } });
      }),
      { numRuns: 60, seed: 20_261_123 },
    );
  });
});

test('a port nobody listens on is refused at the connection', async () => {
  server = await playScript('');
  const { port } = server;
  await server.close();
  expect(await proveSmtp(loginTo({ port }))).toMatchObject({
    ok: false,
    evidence: { stage: 'connect', error: 'ECONNREFUSED', text: expect.stringContaining(String(port)) },
  });
});

test('N07 an address that does not answer gives way to the next one', async () => {
  server = await playScript(`!tls\nS: 421 4.3.2 busy`, LEAF);
  vi.mocked(lookup).mockResolvedValueOnce([
    { address: '::2', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ] as never);
  expect(await proveSmtp(loginTo(server))).toMatchObject({ ok: false, evidence: { stage: 'greeting', status: 421 } });
});
