import { ImapFlow } from 'imapflow';
import type { Outcome } from '../explain/outcome.js';
import { converse } from './conversation.js';
import { mechanismMissing } from './evidence.js';
import type { MailLogin } from './login.js';
import { MECHANISMS } from './sasl.js';
import type { MailStream } from './stream.js';
import { IMAP } from './syntax.js';

/** Octets of a command line a server must take (RFC 7162 section 4); a longer token goes in a line of its own. */
const COMMAND_LINE = 8192;
/** Octets around the token: tag, `AUTHENTICATE OAUTHBEARER` and CRLF, with some to spare. */
const AUTHENTICATE = 64;

/**
 * Logs in over IMAP with a token and opens INBOX with EXAMINE, which changes nothing. One attempt, never repeated.
 * A login that is accepted and a mailbox that does not open is evidence of stage `mailbox`.
 */
export function proveImap(login: MailLogin): Promise<Outcome<{ readonly messages: number }>> {
  return converse(IMAP, login, async (stream, state) => {
    const { client, offered } = clientOf(login, stream);
    await client.connect().catch((error) => {
      if (state.stage === 'capability' && !MECHANISMS.some(({ name }) => offered().includes(`AUTH=${name}`)))
        stream.abandon(mechanismMissing(offered()));
      throw error;
    });
    const inbox = await client.mailboxOpen('INBOX', { readOnly: true });
    // The goodbye is a courtesy; the proof stands whether or not the server answers it.
    client.logout().catch(() => {});
    return { messages: inbox.exists };
  });
}

function clientOf(login: MailLogin, stream: MailStream): { client: ImapFlow; offered: () => readonly string[] } {
  const { host, port } = login.server;
  const client = new ImapFlow({
    host,
    port,
    secure: true,
    transport: {
      connect(_options, onConnect) {
        process.nextTick(onConnect);
        return stream;
      },
    },
    auth: { user: login.user, accessToken: login.accessToken.reveal() },
    // Our name alone: the library would add its own maker and address.
    clientInfo: { name: 'mailauth', version: '', vendor: '', 'support-url': '' },
    logger: false,
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
    // The stream keeps the deadlines of the stages; these only must not be shorter.
    connectionTimeout: login.deadline,
    greetingTimeout: login.deadline,
    socketTimeout: login.deadline,
  });
  // The calls above reject with the same error; without a listener the event would end the process.
  client.on('error', () => {});
  const responses = MECHANISMS.map(({ response }) => response(login.user, login.accessToken, login.server));
  const longest = Math.max(...responses.map((response) => response.reveal().length));
  return { client, offered: chooseMechanism(client, longest) };
}

/**
 * The library takes OAUTHBEARER wherever a server offers it, although XOAUTH2 may be offered as well, and puts the token into the command line wherever the
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
      if (capabilities.has('AUTH=XOAUTH2')) capabilities.delete('AUTH=OAUTHBEARER');
      capabilities.delete('AUTH=XOAUTH');
      if (responseLength > COMMAND_LINE - AUTHENTICATE) capabilities.delete('SASL-IR');
    },
  });
  return () => offered;
}
