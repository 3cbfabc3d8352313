import { ImapFlow } from 'imapflow';
import type { Outcome } from '../explain/outcome.js';
import { converse } from './conversation.js';
import { IMAP } from './dialect.js';
import { failure } from './evidence.js';
import type { MailLogin } from './login.js';
import { xoauth2 } from './sasl.js';
import type { Wire } from './wire.js';

/** Octets of a command line a server must take (RFC 7162 section 4); a longer token goes in a line of its own. */
const COMMAND_LINE = 8192;
/** Octets around the token: tag, `AUTHENTICATE XOAUTH2` and CRLF, with some to spare. */
const AUTHENTICATE = 64;

/**
 * Logs in over IMAP with XOAUTH2 and opens INBOX with EXAMINE, which changes nothing. One attempt, never repeated.
 * A login that is accepted and a mailbox that does not open is evidence of stage `mailbox`.
 */
export function proveImap(login: MailLogin): Promise<Outcome<{ readonly messages: number }>> {
  return converse(IMAP, login, async (wire, course) => {
    const { client, offered } = clientOf(login, wire);
    await client.connect().catch((error) => {
      if (course.stage === 'capability' && !offered().includes('AUTH=XOAUTH2'))
        wire.abandon(mechanismMissing(offered()));
      throw error;
    });
    const inbox = await client.mailboxOpen('INBOX', { readOnly: true });
    // The goodbye is a courtesy; the proof stands whether or not the server answers it.
    client.logout().catch(() => {});
    return { messages: inbox.exists };
  });
}

function clientOf(login: MailLogin, wire: Wire): { client: ImapFlow; offered: () => readonly string[] } {
  const { host, port } = login.server;
  const client = new ImapFlow({
    host,
    port,
    secure: true,
    transport: {
      connect(_options, onConnect) {
        process.nextTick(onConnect);
        return wire;
      },
    },
    auth: { user: login.user, accessToken: login.accessToken.reveal() },
    // Our name alone: the library would add its own maker and address.
    clientInfo: { name: 'mailauth', version: '', vendor: '', 'support-url': '' },
    logger: false,
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
    // The wire keeps the deadlines of the stages; these only must not be shorter.
    connectionTimeout: login.deadline,
    greetingTimeout: login.deadline,
    socketTimeout: login.deadline,
  });
  // The calls above reject with the same error; without a listener the event would end the process.
  client.on('error', () => {});
  const response = xoauth2(login.user, login.accessToken).reveal();
  return { client, offered: chooseMechanism(client, response.length) };
}

/**
 * The library takes OAUTHBEARER wherever a server offers it, and puts the token into the command line wherever the
 * server allows that. It reads both from `capabilities`, so the words it must not see are taken out of every list a
 * server announces.
 * @returns the mechanisms that were announced, as they were
 */
function chooseMechanism(client: ImapFlow, responseLength: number): () => readonly string[] {
  let capabilities = client.capabilities;
  let offered: readonly string[] = [];
  Object.defineProperty(client, 'capabilities', {
    get: () => capabilities,
    set(announced: ImapFlow['capabilities']) {
      offered = [...announced.keys()].filter((name) => name.startsWith('AUTH='));
      capabilities = announced;
      capabilities.delete('AUTH=OAUTHBEARER');
      capabilities.delete('AUTH=XOAUTH');
      if (responseLength > COMMAND_LINE - AUTHENTICATE) capabilities.delete('SASL-IR');
    },
  });
  return () => offered;
}

function mechanismMissing(offered: readonly string[]): Error {
  return failure(
    'MECHANISM_NOT_OFFERED',
    offered.length > 0 ? `the server offers ${offered.join(', ')}` : 'the server announces no AUTH at all',
  );
}
