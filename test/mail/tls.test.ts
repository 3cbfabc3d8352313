import { createServer } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Leaf, selfSigned, type WrongKind, wrongLeaf } from '../servers/certificates.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import { DIALOGUES, secured } from './dialogues.js';
import { AUTHORITY, LEAF, loginTo } from './login-to.js';

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const WRONG: Readonly<Record<WrongKind, string>> = {
  expired: 'CERT_HAS_EXPIRED',
  'not-yet-valid': 'CERT_NOT_YET_VALID',
  'wrong-name': 'ERR_TLS_CERT_ALTNAME_INVALID',
  'self-signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'unknown-ca': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'no-san': 'ERR_TLS_CERT_ALTNAME_INVALID',
};

const cases = DIALOGUES.flatMap((dialogue) =>
  (['tls', 'starttls'] as const).map((security) => ({ dialogue, security, name: `${dialogue.protocol} ${security}` })),
);

describe.each(cases)('$name', ({ dialogue, security }) => {
  /** The script ends with the handshake: a client that goes on after it has trusted the certificate. */
  async function meet(leaf: Leaf, host = 'localhost') {
    const { greeting, offer, ask, agree } = dialogue;
    const script = security === 'tls' ? '!tls' : `${greeting}\n${offer}\n${ask}\n${agree}\n!tls`;
    server = await playScript(script, leaf);
    return dialogue.prove(loginTo({ port: server.port, security, host }));
  }

  test.each(Object.entries(WRONG))('M08 a certificate that is %s ends the conversation as %s', async (kind, error) => {
    expect(await meet(wrongLeaf(kind as WrongKind, AUTHORITY))).toMatchObject({
      ok: false,
      evidence: { where: dialogue.protocol, stage: 'tls', error, host: 'localhost', port: server?.port },
    });
    expect(server?.secured).toEqual([]);
  });

  test('M08 a common name that would match does not stand in for an alternative name', async () => {
    const leaf = AUTHORITY.issue({ names: [], ips: [], commonName: 'localhost' });
    expect(await meet(leaf)).toMatchObject({ ok: false, evidence: { error: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
  });

  test('M08 an address is checked against the addresses of the certificate', async () => {
    expect(await meet(AUTHORITY.issue({ ips: ['127.0.0.2'] }), '127.0.0.1')).toMatchObject({
      ok: false,
      evidence: { error: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  test('M08 the environment cannot switch the check off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(await meet(selfSigned())).toMatchObject({ ok: false, evidence: { error: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    vi.unstubAllEnvs();
  });

  test('N09 an issuer that is not trusted is named', async () => {
    expect(await meet(wrongLeaf('unknown-ca', AUTHORITY))).toMatchObject({
      ok: false,
      evidence: { text: expect.stringContaining('issued by: an authority nobody trusts') },
    });
  });

  test('logs in to an address its certificate names', async () => {
    server = await playScript(`${secured(dialogue, security)}\n${dialogue.auth}\n${dialogue.success}`, LEAF);
    expect(await dialogue.prove(loginTo({ port: server.port, security, host: '127.0.0.1' }))).toMatchObject({
      ok: true,
    });
  });
});

describe.each(DIALOGUES)('$protocol', (dialogue) => {
  test('M08 TLS 1.1 is not enough', async () => {
    const old = createServer({
      ...LEAF,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    }).on('tlsClientError', () => {});
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const { port } = old.address() as { port: number };
    expect(await dialogue.prove(loginTo({ port }))).toMatchObject({
      ok: false,
      evidence: { stage: 'tls', error: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' },
    });
    old.close();
  });

  test('M09 plain text on a port meant for TLS is named', async () => {
    server = await playScript(dialogue.greeting);
    expect(await dialogue.prove(loginTo(server))).toMatchObject({
      ok: false,
      evidence: { stage: 'tls', error: 'PLAINTEXT_ON_TLS_PORT' },
    });
  });
});
