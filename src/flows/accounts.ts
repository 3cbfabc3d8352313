import type { Account, Configuration } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
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

/** ACCOUNT of the command line is a name or an address. Throws `usage` for an address that several accounts have. */
export function findAccount(accounts: readonly Account[], given: string): Account | undefined {
  const named = accounts.find((account) => account.name === given);
  if (named !== undefined) return named;
  const [first, ...others] = accounts.filter((account) => sameAddress(account.address, given));
  if (first === undefined || others.length === 0) return first;
  const names = [first, ...others].map(({ name }) => name);
  throw new MailauthError('usage', `${given} is set up more than once, as ${names.join(' and ')}`, {
    fix: [{ text: 'name the account instead of its address' }],
  });
}
