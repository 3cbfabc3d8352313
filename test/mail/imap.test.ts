import { afterEach, describe, expect, test } from 'vitest';
import { proveImap } from '../../src/mail/imap.js';
import { Secret } from '../../src/words/secret.js';
import { type ImapServer, type ImapServerOptions, REFUSED, startImapServer } from '../servers/imap-server.js';
import { playScript } from '../servers/scripted-mail.js';
import { LEAF, LONG_TOKEN, loginTo, saslString, TOKEN, USER } from './login-to.js';

/** All that a look at a mailbox needs. Everything else would change something or show more than needed. */
const HARMLESS = ['CAPABILITY', 'STARTTLS', 'ID', 'AUTHENTICATE', 'NAMESPACE', 'LIST', 'LSUB', 'EXAMINE', 'LOGOUT'];

let server: ImapServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<ImapServerOptions> = {}): Promise<ImapServer> {
  server = await startImapServer({
    leaf: LEAF,
    security: 'tls',
    messages: 402,
    verify: async (user, token) => user === USER && (token === TOKEN || token === LONG_TOKEN),
    ...options,
  });
  return server;
}

describe.each(['tls', 'starttls'] as const)('proveImap over %s', (security) => {
  test('logs in with a good token and counts the messages', async () => {
    const { port } = await start({ security });
    expect(await proveImap(loginTo({ port, security }))).toEqual({ ok: true, value: { messages: 402 } });
  });

  test('M23 opens INBOX with EXAMINE and changes nothing', async () => {
    const { port, commands } = await start({ security });
    await proveImap(loginTo({ port, security }));
    await expect.poll(() => commands.at(-1)).toBe('LOGOUT');
    expect(commands).toContain('EXAMINE INBOX');
    expect(commands.map((line) => line.split(' ')[0]).filter((verb) => !HARMLESS.includes(verb ?? ''))).toEqual([]);
  });

  test('M15 tells the refusal and the decoded challenge of a bad token', async () => {
    const { port, commands } = await start({ security });
    expect(await proveImap(loginTo({ port, security }, { accessToken: new Secret('expired-token') }))).toEqual({
      ok: false,
      evidence: {
        where: 'imap',
        stage: 'auth',
        host: 'localhost',
        port,
        error: 'AUTHENTICATIONFAILED',
        text: 'NO [AUTHENTICATIONFAILED] Invalid credentials',
        challenge: REFUSED,
      },
    });
    expect(commands.filter((line) => line.startsWith('AUTHENTICATE'))).toEqual(['AUTHENTICATE XOAUTH2']);
  });
});

test('uses XOAUTH2 where OAUTHBEARER is offered as well', async () => {
  const { port, commands } = await start({ mechanisms: ['OAUTHBEARER', 'XOAUTH2'] });
  expect(await proveImap(loginTo({ port }))).toMatchObject({ ok: true });
  expect(commands).toContain('AUTHENTICATE XOAUTH2');
});

test('M18 a login that is accepted and a mailbox that does not open is evidence of the mailbox', async () => {
  const { port } = await start({ examineReply: 'NO [NONEXISTENT] no such mailbox' });
  expect(await proveImap(loginTo({ port }))).toMatchObject({
    ok: false,
    evidence: { stage: 'mailbox', error: 'NONEXISTENT', text: 'NO [NONEXISTENT] no such mailbox' },
  });
});

test('a user name with a backslash still logs in with XOAUTH2', async () => {
  const user = 'EXAMPLE\\ada';
  const { port, commands } = await start({ verify: async (name) => name === user });
  expect(await proveImap(loginTo({ port }, { user }))).toMatchObject({ ok: true });
  expect(commands).toContain('AUTHENTICATE XOAUTH2');
});

describe('M22 the form of the login', () => {
  const opening = `
    !tls
    S: * OK ready
    C: $tag CAPABILITY
    S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2
    S: $tag OK done`;

  test('a token as long as those of Exchange still fits the command line', async () => {
    const script = await playScript(`${opening}\nC: $tag AUTHENTICATE XOAUTH2 ${saslString(LONG_TOKEN)}\n!close`, LEAF);
    await proveImap(loginTo(script, { accessToken: new Secret(LONG_TOKEN) }));
    await script.played;
    await script.close();
  });

  test('a token beyond the length of a command goes in a line of its own', async () => {
    const endless = 'x'.repeat(12_000);
    const script = await playScript(
      `${opening}\nC: $tag AUTHENTICATE XOAUTH2\nS: + \nC: ${saslString(endless)}\n!close`,
      LEAF,
    );
    await proveImap(loginTo(script, { accessToken: new Secret(endless) }));
    await script.played;
    await script.close();
  });
});
