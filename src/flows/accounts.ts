import type { Account, Configuration } from '../account/account.js';
import { recordOf, sameAddress } from '../providers/directory.js';
import type { Subject } from './workbench.js';

/** An account with what it refers to; undefined where this version does not know its provider. */
export function subjectIn({ clients }: Configuration, account: Account | undefined): Subject | undefined {
  const client = clients.find((candidate) => candidate.id === account?.client);
  const provider = account && client && recordOf(account.provider, client);
  return account && client && provider && { provider, account, client };
}

/** The account of this mailbox at this provider, where it is set up. */
export function accountOf(configuration: Configuration, provider: string, address: string): Subject | undefined {
  const account = configuration.accounts.find(
    (candidate) => candidate.provider === provider && sameAddress(candidate.address, address),
  );
  return subjectIn(configuration, account);
}
