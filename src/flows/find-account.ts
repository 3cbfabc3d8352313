import type { Account } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import { sameAddress } from '../providers/directory.js';

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
