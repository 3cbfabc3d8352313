import { afterEach, describe, expect, test } from 'vitest';
import { provePop } from '../../src/mail/pop.js';
import { Secret } from '../../src/words/secret.js';
import { REFUSED } from '../servers/imap-server.js';
import { type PopServer, type PopServerOptions, startPopServer } from '../servers/pop-server.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import { POP_DIALOGUE, secured } from './dialogues.js';
import { LEAF, LONG_TOKEN, loginTo, TOKEN, USER } from './login-to.js';

let server: PopServer | ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<PopServerOptions> = {}): Promise<PopServer> {
  const started = await startPopServer({
    leaf: LEAF,
    security: 'tls',
    messages: 402,
    verify: async (user, token) => user === USER && ['short', TOKEN, LONG_TOKEN].includes(token),
    ...options,
  });
  server = started;
  return started;
}

describe.each(['tls', 'starttls'] as const)('provePop over %s', (security) => {
  test.each(['short', TOKEN, LONG_TOKEN])('logs in, counts the messages and changes nothing: %#', async (token) => {
    const { port, commands } = await start({ security });
    expect(await provePop(loginTo({ port, security }, { accessToken: new Secret(token) }))).toEqual({
      ok: true,
      value: { messages: 402 },
    });
    await expect.poll(() => commands.at(-1)).toBe('QUIT');
    expect(commands).toEqual([
      ...(security === 'starttls' ? ['CAPA', 'STLS'] : []),
      'CAPA',
      'AUTH XOAUTH2',
      'STAT',
      'QUIT',
    ]);
  });

  test('M15 tells the refusal and the decoded challenge of a bad token', async () => {
    const { port, commands } = await start({ security });
    expect(await provePop(loginTo({ port, security }, { accessToken: new Secret('expired-token') }))).toEqual({
      ok: false,
      evidence: {
        where: 'pop',
        stage: 'auth',
        host: 'localhost',
        port,
        error: 'AUTH',
        text: '-ERR [AUTH] Invalid credentials.',
        challenge: REFUSED,
      },
    });
    expect(commands.filter((line) => line.startsWith('AUTH'))).toEqual(['AUTH XOAUTH2']);
  });
});

test('uses XOAUTH2 where OAUTHBEARER is offered as well', async () => {
  const { port, commands } = await start({ mechanisms: ['OAUTHBEARER', 'XOAUTH2'] });
  expect(await provePop(loginTo({ port }))).toMatchObject({ ok: true });
  expect(commands).toContain('AUTH XOAUTH2');
});

const opened = `${secured(POP_DIALOGUE, 'tls')}\n${POP_DIALOGUE.auth}\nS: +OK logged in\nC: STAT`;

test.each([
  ['is refused', '-ERR [SYS/PERM] Your account is not enabled for POP access.', 'SYS/PERM'],
  ['has no number', '+OK a few', 'PROTOCOL'],
  ['has a number without end', `+OK ${'9'.repeat(40)} 1`, 'PROTOCOL'],
])('M18 a mailbox that %s is no proof', async (_what, reply, error) => {
  server = await playScript(`${opened}\nS: ${reply}`, LEAF);
  expect(await provePop(loginTo(server))).toMatchObject({ ok: false, evidence: { stage: 'mailbox', error } });
});
