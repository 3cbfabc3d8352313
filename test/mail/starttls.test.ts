import { afterEach, describe, expect, test } from 'vitest';
import type { MailLogin } from '../../src/mail/login.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import { DIALOGUES, type Dialogue, IMAP_DIALOGUE, secured } from './dialogues.js';
import { LEAF, loginTo, saslString, TOKEN } from './login-to.js';

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Plays a script against a login with STARTTLS; afterwards nothing secret has been sent in plain text. */
async function prove(dialogue: Dialogue, script: string, changes: Partial<MailLogin> = {}) {
  server = await playScript(script, LEAF);
  const outcome = await dialogue.prove(loginTo({ port: server.port, security: 'starttls' }, changes));
  const plaintext = server.plaintext.join('\n');
  expect(plaintext).not.toContain(TOKEN);
  expect(plaintext).not.toContain(saslString().slice(0, 40));
  expect(plaintext).not.toMatch(/AUTH|LOGIN/i);
  expect(server.connections()).toBe(1);
  return outcome;
}

describe.each(DIALOGUES)('$protocol with STARTTLS', (dialogue) => {
  const { greeting, offer, ask, agree, capabilities, auth, success } = dialogue;
  const beforeTls = `${greeting}\n${offer}\n${ask}`;
  const { planted, refusesTls } = dialogue.lines;

  test('M01 sends the login under TLS and nothing of it before', async () => {
    expect(await prove(dialogue, `${secured(dialogue, 'starttls')}\n${auth}\n${success}`)).toMatchObject({ ok: true });
    await server?.played;
  });

  test('M02 a server that does not offer STARTTLS ends the conversation', async () => {
    const stripped = offer.replace(/250-STARTTLS|STLS/, '250-XXXXXXXA').replace(/ STARTTLS/, '');
    expect(await prove(dialogue, `${greeting}\n${stripped}`)).toMatchObject({
      ok: false,
      evidence: { stage: 'starttls', error: 'STARTTLS_MISSING' },
    });
  });

  test.each([
    ['in the same segment', `${beforeTls}\n${agree}\n!inject "${planted}"`],
    ['in the same segment without a line break', `${beforeTls}\n${agree}\n!inject "250-AU"`],
    ['in a segment of their own', `${beforeTls}\n${agree}\n!wait 30\n!inject "${planted}"\n!wait 200`],
    ['one byte, and then an honest handshake', `${beforeTls}\n${agree}\n!inject "2"\n!tls`],
    ['before STARTTLS was asked for', `${greeting}\n${offer}\n!inject "${planted}"`],
  ])('M03 bytes injected after the agreement abort the login: %s', async (_how, script) => {
    expect(await prove(dialogue, script)).toMatchObject({
      ok: false,
      evidence: { where: dialogue.protocol, stage: 'starttls', error: 'STARTTLS_INJECTION' },
    });
  });

  test('M06 what was offered before TLS is not believed afterwards', async () => {
    const withoutAuth = capabilities.replace(/.*(?:AUTH LOGIN|SASL).*\n/, '').replace(/ AUTH=\w+/g, '');
    const script = `${greeting}\n${dialogue.offerWithLogin}\n${ask}\n${agree}\n!tls\n${withoutAuth}`;
    expect(await prove(dialogue, script)).toMatchObject({
      ok: false,
      evidence: { stage: 'capability', error: 'MECHANISM_NOT_OFFERED', text: 'the server announces no AUTH at all' },
    });
    expect(server?.secured.join('\n')).not.toMatch(/AUTH/);
  });

  test('M07 a server that refuses STARTTLS ends the conversation, with its own words', async () => {
    expect(await prove(dialogue, `${beforeTls}\nS: ${refusesTls}`)).toMatchObject({
      ok: false,
      evidence: { stage: 'starttls', text: expect.stringContaining('TLS not available') },
    });
  });
});

test('M04 an answer that comes before its command is not taken for one', async () => {
  const { greeting, offer } = IMAP_DIALOGUE;
  // The real tag cannot be guessed, so the planted answer is one to nothing; the honest one to CAPABILITY follows.
  expect(await prove(IMAP_DIALOGUE, `${greeting}\nS: a1 OK begin TLS\n${offer}`)).toMatchObject({
    ok: false,
    evidence: { stage: 'starttls', error: 'STARTTLS_INJECTION' },
  });
});

test('M05 a PREAUTH greeting in plain text ends the conversation', async () => {
  expect(await prove(IMAP_DIALOGUE, 'S: * PREAUTH welcome back')).toMatchObject({
    ok: false,
    evidence: { where: 'imap', stage: 'greeting', error: 'PREAUTH' },
  });
  expect(server?.plaintext).toEqual([]);
});

test('M05 a PREAUTH greeting under TLS proves no login either', async () => {
  server = await playScript('!tls\nS: * PREAUTH welcome back', LEAF);
  expect(await IMAP_DIALOGUE.prove(loginTo(server))).toMatchObject({
    ok: false,
    evidence: { stage: 'greeting', error: 'PREAUTH' },
  });
});
