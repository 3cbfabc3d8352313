import { afterEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/account/account.js';
import type { Code } from '../../src/explain/codes.js';
import { explain } from '../../src/explain/explain.js';
import { proveMailServer } from '../../src/flows/check/mailbox.js';
import { providers } from '../../src/providers/directory.js';
import { trusting } from '../../src/system/trust.js';
import type { Protocol } from '../../src/words/protocol.js';
import { Secret } from '../../src/words/secret.js';
import { playScript, type ScriptedServer } from '../servers/scripted-mail.js';
import { DIALOGUES, IMAP_DIALOGUE, SMTP_DIALOGUE, secured } from './dialogues.js';
import { AUTHORITY, LEAF, loginTo, TOKEN } from './login-to.js';

/** Servers that have no room at the moment: told as such, worth another run, and not pressed with a second login. */

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Busy {
  readonly name: string;
  readonly protocol: Protocol;
  /** Instead of a greeting, or as the answer to the login; `$tag` is that of the login. */
  readonly at: 'greeting' | 'auth' | 'mailbox';
  readonly says: string;
  readonly code: Code;
}

const BUSY: readonly Busy[] = [
  { name: '421', protocol: 'smtp', at: 'greeting', says: '421 4.7.0 Try again later', code: 'server_unavailable' },
  { name: '421 without more', protocol: 'smtp', at: 'greeting', says: '421 busy', code: 'server_unavailable' },
  {
    name: '421, too many',
    protocol: 'smtp',
    at: 'greeting',
    says: '421 4.7.0 mail.example.com Error: too many connections from 203.0.113.5',
    code: 'too_many_connections',
  },
  {
    name: '554, too many',
    protocol: 'smtp',
    at: 'greeting',
    says: '554 5.7.0 Too many concurrent SMTP connections from this IP address',
    code: 'too_many_connections',
  },
  { name: '421', protocol: 'smtp', at: 'auth', says: '421 4.3.2 shutting down', code: 'server_unavailable' },
  { name: '450', protocol: 'smtp', at: 'auth', says: '450 4.7.1 Error: too many errors', code: 'rate_limited' },
  {
    name: '432, too many',
    protocol: 'smtp',
    at: 'auth',
    says: '432 4.3.2 Concurrent connections limit exceeded.',
    code: 'too_many_connections',
  },
  {
    name: '454',
    protocol: 'smtp',
    at: 'auth',
    says: '454 4.7.0 Temporary authentication failure',
    code: 'server_unavailable',
  },
  { name: 'BYE', protocol: 'imap', at: 'greeting', says: '* BYE Server shutting down', code: 'server_unavailable' },
  {
    name: 'BYE, too many',
    protocol: 'imap',
    at: 'greeting',
    says: '* BYE Too many connections from 203.0.113.5',
    code: 'too_many_connections',
  },
  { name: 'BYE', protocol: 'imap', at: 'auth', says: '* BYE Internal error occurred', code: 'server_unavailable' },
  {
    name: 'IN-USE',
    protocol: 'imap',
    at: 'auth',
    says: '$tag NO [IN-USE] Mailbox is locked by another session',
    code: 'too_many_connections',
  },
  {
    name: 'UNAVAILABLE',
    protocol: 'imap',
    at: 'auth',
    says: '$tag NO [UNAVAILABLE] Temporary System Problem (Failure)',
    code: 'server_unavailable',
  },
  {
    name: 'LIMIT',
    protocol: 'imap',
    at: 'auth',
    says: '$tag NO [LIMIT] Maximum number of connections from user+IP exceeded',
    code: 'too_many_connections',
  },
  {
    name: 'too many',
    protocol: 'imap',
    at: 'auth',
    says: '$tag NO [ALERT] Too many simultaneous connections. (Failure)',
    code: 'too_many_connections',
  },
  {
    name: 'INUSE',
    protocol: 'imap',
    at: 'mailbox',
    says: '$tag NO [INUSE] Mailbox in use',
    code: 'too_many_connections',
  },
  { name: '-ERR', protocol: 'pop', at: 'greeting', says: '-ERR too busy', code: 'server_unavailable' },
  {
    name: 'IN-USE',
    protocol: 'pop',
    at: 'auth',
    says: '-ERR [IN-USE] Do you have another POP session running?',
    code: 'too_many_connections',
  },
  {
    name: 'LOGIN-DELAY',
    protocol: 'pop',
    at: 'auth',
    says: '-ERR [LOGIN-DELAY] wait a little',
    code: 'rate_limited',
  },
  { name: 'SYS/TEMP', protocol: 'pop', at: 'auth', says: '-ERR [SYS/TEMP] try later', code: 'server_unavailable' },
];

const MAILBOX_OPENS = IMAP_DIALOGUE.success.slice(0, IMAP_DIALOGUE.success.indexOf('S: * 7 EXISTS')).trimEnd();

function scriptOf({ protocol, at, says }: Busy): string {
  const dialogue = DIALOGUES.find((one) => one.protocol === protocol) ?? SMTP_DIALOGUE;
  if (at === 'greeting') return `!tls\nS: ${says}\n!close`;
  const opening = `${secured(dialogue, 'tls')}\n${dialogue.auth}`;
  return at === 'auth' ? `${opening}\nS: ${says}\n!close` : `${opening}\n${MAILBOX_OPENS}\nS: ${says}\n!close`;
}

/** An account whose mailbox is not that of the person who signed in, so that there are two user names to try. */
function accountAt(protocol: Protocol, port: number): Account {
  return {
    address: 'office@example.com',
    authUser: 'ada@example.com',
    mailTimeout: 10,
    [protocol]: { host: 'localhost', port, security: 'tls' },
  } as unknown as Account;
}

describe.each(providers.map((provider) => ({ provider, id: provider.id })))('$id', ({ provider }) => {
  test.each(BUSY)('M24 $protocol $name at the $at is told as busy', async (busy) => {
    server = await playScript(scriptOf(busy), LEAF);
    const { prove } = DIALOGUES.find(({ protocol }) => protocol === busy.protocol) ?? SMTP_DIALOGUE;
    const outcome = await prove(loginTo(server));
    if (outcome.ok) throw new Error('a busy server was taken for a good one');
    expect(outcome.evidence.stage).toBe(busy.at);
    const told = await explain(outcome.evidence, { provider, answers: { name: provider.id } });
    // A provider may know its own words better; the class is the same.
    expect([told.retryable, told.exit]).toEqual([true, 75]);
    if (provider.id === 'custom') expect(told.code).toBe(busy.code);
  });
});

test.each(BUSY.filter(({ at }) => at !== 'greeting'))(
  'M24 $protocol $name at the $at is not pressed with a login under another name',
  async (busy) => {
    server = await playScript(scriptOf(busy), LEAF);
    const proof = await proveMailServer(busy.protocol, {
      account: accountAt(busy.protocol, server.port),
      context: { answers: {} },
      token: { accessToken: new Secret(TOKEN), isNew: true },
      trust: trusting([AUTHORITY.cert]),
      ends: performance.now() + 10_000,
      signal: new AbortController().signal,
      hasProxy: false,
      refusesLate: [],
    });
    expect(proof.check).toMatchObject({ status: 'fail', code: busy.code, retryable: true });
    expect(server.connections()).toBe(1);
    await server.played;
  },
);
