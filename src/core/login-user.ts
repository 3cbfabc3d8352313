import type { Account, Protocol } from './account.js';

/**
 * The user name of a login, the likely one where nothing is recorded: a shared mailbox is opened by its own name over
 * IMAP and POP, and sent from by the person who signs in over SMTP.
 */
export function loginUser(account: Account, protocol: Protocol | 'pop'): string {
  if (protocol === 'smtp') return account.smtp?.user ?? account.authUser ?? account.address;
  return account.imap?.user ?? account.address;
}
