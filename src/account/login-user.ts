import type { Account, MailServer, Protocol } from './account.js';

/**
 * The user name of a login, the likely one where nothing is recorded: a shared mailbox is opened by its own name over
 * IMAP and POP, and sent from by the person who signs in over SMTP.
 */
export function loginUser(account: Account, protocol: Protocol | 'pop'): string {
  if (protocol === 'smtp') return account.smtp?.user ?? account.authUser ?? account.address;
  return account.imap?.user ?? account.address;
}

/** Which name a server lets in was learnt of the person who signed in then, and says nothing of another one. */
export function withoutLoginUsers<Servers extends Pick<Account, Protocol>>(account: Servers): Servers {
  const forget = ({ user: _learnt, ...server }: MailServer): MailServer => server;
  return {
    ...account,
    ...(account.smtp && { smtp: forget(account.smtp) }),
    ...(account.imap && { imap: forget(account.imap) }),
  };
}
