import { afterEach, describe, expect, test } from 'vitest';
import { explain } from '../../src/explain/explain.js';
import { proveImap } from '../../src/mail/imap.js';
import { proveSmtp } from '../../src/mail/smtp.js';
import { providers } from '../../src/providers/directory.js';
import { Secret } from '../../src/words/secret.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import { IMAP_DIALOGUE, SMTP_DIALOGUE, secured } from './dialogues.js';
import { LEAF, loginTo, TOKEN } from './login-to.js';

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const GOOGLE = base64('{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}');
const DOVECOT = base64('{"status":"invalid_token","schemes":"bearer"}');

interface Refusal {
  readonly provider: 'gmail' | 'outlook' | 'custom';
  readonly protocol: 'smtp' | 'imap';
  readonly name: string;
  readonly says: string;
  readonly code: string;
  /** What the explanation must speak of: whose token it is, or who may open the mailbox. */
  readonly speaksOf: RegExp;
}

/** What servers say to a good token that is somebody else's, or that opens somebody else's mailbox. */
const REFUSALS: readonly Refusal[] = [
  {
    provider: 'gmail',
    protocol: 'imap',
    name: 'somebody else’s token',
    says: `S: + ${GOOGLE}\nC: \nS: $tag NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)`,
    code: 'token_refused',
    speaksOf: /belongs to another account than office@example\.com/,
  },
  {
    provider: 'gmail',
    protocol: 'smtp',
    name: 'somebody else’s token',
    says: `S: 334 ${GOOGLE}\nC: \nS: 535-5.7.8 Username and Password not accepted. For more information, go to\nS: 535 5.7.8  https://support.google.com/mail/?p=BadCredentials x1 - gsmtp`,
    code: 'token_refused',
    speaksOf: /belongs to another account than office@example\.com/,
  },
  {
    provider: 'outlook',
    protocol: 'imap',
    name: 'somebody else’s token, or a shared mailbox under the wrong name',
    says: 'S: $tag NO AUTHENTICATE failed.',
    code: 'token_refused',
    speaksOf: /for another mailbox.*shared mailbox or an alias.*--auth-user/s,
  },
  {
    provider: 'outlook',
    protocol: 'smtp',
    name: 'somebody else’s token, or a shared mailbox that signs in itself',
    says: 'S: 535 5.7.3 Authentication unsuccessful [DM6PR0.namprd 2026-11-23T09:14:07.000Z 08DE]',
    code: 'token_refused',
    speaksOf: /another mailbox than office@example\.com.*shared mailbox or an alias.*--auth-user/s,
  },
  {
    provider: 'outlook',
    protocol: 'imap',
    name: 'a shared mailbox without the right to it',
    says: 'S: $tag OK AUTHENTICATE completed.\nC: $tag CAPABILITY\nS: $tag BAD User is authenticated but not connected.\nS: * BYE Connection closed. 14\n!close',
    code: 'mailbox_mismatch',
    speaksOf:
      /shared mailbox.*full access.*Add-MailboxPermission -Identity office@example\.com -User ada@example\.com/s,
  },
  {
    provider: 'custom',
    protocol: 'imap',
    name: 'somebody else’s token',
    says: `S: + ${DOVECOT}\nC: \nS: $tag NO [AUTHENTICATIONFAILED] Authentication failed.`,
    code: 'token_refused',
    speaksOf: /another mailbox/,
  },
  {
    provider: 'custom',
    protocol: 'smtp',
    name: 'somebody else’s token',
    says: `S: 334 ${DOVECOT}\nC: \nS: 535 5.7.8 Error: authentication failed: `,
    code: 'token_refused',
    speaksOf: /another mailbox/,
  },
  {
    provider: 'custom',
    protocol: 'imap',
    name: 'a mailbox one may not act for',
    says: 'S: $tag NO [AUTHORIZATIONFAILED] No such authorization-ID',
    code: 'mailbox_mismatch',
    speaksOf: /may not act for office@example\.com.*full access/s,
  },
];

describe('M19 a token of another user', () => {
  test.each(REFUSALS)('M19 $provider, $protocol: $name is explained', async (refusal) => {
    const dialogue = refusal.protocol === 'smtp' ? SMTP_DIALOGUE : IMAP_DIALOGUE;
    server = await playScript(`${secured(dialogue, 'tls')}\n${dialogue.auth}\n${refusal.says}`, LEAF);
    const outcome = await dialogue.prove(loginTo(server, { user: 'office@example.com' }));
    if (outcome.ok) throw new Error('a refusal was taken for a success');
    const provider = providers.find(({ id }) => id === refusal.provider);
    if (provider === undefined) throw new Error('no such provider');
    const answers = { name: 'office', account: 'office@example.com', 'auth-user': 'ada@example.com' };
    const told = await explain(outcome.evidence, { provider, answers });
    expect([told.code, told.retryable]).toEqual([refusal.code, false]);
    const words = [told.message, ...told.fix.flatMap(({ text, command = '' }) => [text, command])].join('\n');
    expect(words).toMatch(refusal.speaksOf);
    expect(JSON.stringify(told)).not.toContain(TOKEN);
  });
});

describe('R21 M15 a refused exchange is brought to its end', () => {
  test.each([
    ['in the command line', TOKEN],
    ['in a line of its own', 'x'.repeat(12_000)],
  ])('R21 M15 smtp, the token %s: one empty line, then the refusal is heard', async (_, token) => {
    const long = token.length > 400;
    server = await playScript(
      `${secured(SMTP_DIALOGUE, 'tls')}
       ${long ? 'C: AUTH XOAUTH2\nS: 334 \nC: *' : 'C: AUTH XOAUTH2 *'}
       S: 334 ${DOVECOT}
       C: 
       S: 535 5.7.8 refused`,
      LEAF,
    );
    expect(await proveSmtp(loginTo(server, { accessToken: new Secret(token) }))).toMatchObject({
      ok: false,
      evidence: { stage: 'auth', status: 535, challenge: '{"status":"invalid_token","schemes":"bearer"}' },
    });
    await server.played;
    expect(server.secured.filter((line) => line === '')).toHaveLength(1);
    expect(server.secured.at(-1)).toBe('');
  });

  test.each([
    ['in the command line', TOKEN],
    ['in a line of its own', 'x'.repeat(12_000)],
  ])('R21 M15 imap, the token %s: one empty line, then the refusal is heard', async (_, token) => {
    const long = token.length > 8_000;
    server = await playScript(
      `${secured(IMAP_DIALOGUE, 'tls')}
       ${long ? 'C: $tag AUTHENTICATE XOAUTH2\nS: + \nC: *' : 'C: $tag AUTHENTICATE XOAUTH2 *'}
       S: + ${DOVECOT}
       C: 
       S: $tag NO [AUTHENTICATIONFAILED] refused`,
      LEAF,
    );
    expect(await proveImap(loginTo(server, { accessToken: new Secret(token) }))).toMatchObject({
      ok: false,
      evidence: {
        stage: 'auth',
        error: 'AUTHENTICATIONFAILED',
        challenge: '{"status":"invalid_token","schemes":"bearer"}',
      },
    });
    await server.played;
    expect(server.secured.filter((line) => line === '')).toHaveLength(1);
  });
});
