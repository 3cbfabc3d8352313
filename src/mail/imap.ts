import { ImapFlow } from 'imapflow';
import type { Outcome } from '../core/outcome.js';
import { xoauth2 } from '../core/sasl.js';
import { converse } from './conversation.js';
import { IMAP } from './dialect.js';
import { failure } from './evidence.js';
import type { MailLogin } from './login.js';
import type { Wire } from './wire.js';

/** Octets of a command line a server must take (RFC 7162 section 4); a longer token goes in a line of its own. */
const COMMAND_LINE = 8192;

/**
 * Logs in over IMAP with XOAUTH2 and opens INBOX with EXAMINE, which changes nothing. One attempt, never repeated.
 * A login that is accepted and a mailbox that does not open is evidence of stage `mailbox`.
 */
export function proveImap(login: MailLogin): Promise<Outcome<{ readonly messages: number }>> {
  return converse(IMAP, login, async (wire, course) => {
    const client = clientOf(login, wire);
    await client.connect().catch((error) => {
      throw course.stage === 'capability' && !offersXoauth2(client) ? mechanismMissing(client) : error;
    });
    const inbox = await client.mailboxOpen('INBOX', { readOnly: true });
    // The goodbye is a courtesy; the proof stands whether or not the server answers it.
    client.logout().catch(() => {});
    return { messages: inbox.exists };
  });
}

function clientOf(login: MailLogin, wire: Wire): ImapFlow {
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
    connectionTimeout: login.deadline,
    greetingTimeout: login.deadline,
    socketTimeout: login.deadline,
  });
  // The calls below reject with the same error; without a listener the event would end the process.
  client.on('error', () => {});
  chooseMechanism(client, xoauth2(login.user, login.accessToken).reveal().length);
  return client;
}

/**
 * The library takes OAUTHBEARER wherever a server offers it, and sends the token in the command line wherever the
 * server allows that. Both choices are read from `capabilities`, so the two words it must not see are taken out of
 * every list a server announces.
 */
function chooseMechanism(client: ImapFlow, responseLength: number): void {
  let announced: Map<string, boolean | number> = new Map();
  Object.defineProperty(client, 'capabilities', {
    get: () => announced,
    set(capabilities: Map<string, boolean | number>) {
      announced = capabilities;
      announced.delete('AUTH=OAUTHBEARER');
      announced.delete('AUTH=XOAUTH');
      if (responseLength > COMMAND_LINE - 64) announced.delete('SASL-IR');
    },
  });
}

function offersXoauth2(client: ImapFlow): boolean {
  return client.capabilities.has('AUTH=XOAUTH2');
}

function mechanismMissing(client: ImapFlow): Error {
  const offered = [...client.capabilities.keys()].filter(
    (name) => name.startsWith('AUTH=') || name === 'LOGINDISABLED',
  );
  return failure(
    'MECHANISM_NOT_OFFERED',
    offered.length > 0 ? `the server offers ${offered.join(', ')}` : 'the server announces no AUTH at all',
  );
}
