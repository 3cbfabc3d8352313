import { PROTOCOLS, type Protocol, protocols } from '../words/protocol.js';
import type { Account, MailServer } from './account.js';

/**
 * The user name of a login, the likely one where nothing is recorded: a shared mailbox is opened by its own name over
 * IMAP and POP, and sent from by the person who signs in over SMTP.
 */
export function loginUser(account: Account, protocol: Protocol): string {
  const { loginNames } = PROTOCOLS[protocol];
  const likely = loginNames === 'person' ? account.authUser : undefined;
  // What one server of the mailbox was found to want, another one for the same mailbox wants too.
  const alike = protocols.filter((other) => PROTOCOLS[other].loginNames === loginNames);
  const learnt = [protocol, ...alike].map((one) => account[one]?.user).find((user) => user !== undefined);
  return learnt ?? likely ?? account.address;
}

/** Which name a server lets in was learnt of the person who signed in then, and says nothing of another one. */
export function withoutLoginUsers<Servers extends Pick<Account, Protocol>>(account: Servers): Servers {
  const forget = ({ user: _learnt, ...server }: MailServer): MailServer => server;
  const servers = protocols.map((protocol) => [protocol, account[protocol]] as const);
  const forgetful = servers.flatMap(([protocol, server]) => (server ? [[protocol, forget(server)]] : []));
  return { ...account, ...Object.fromEntries(forgetful) };
}
