import type { Configuration } from '../core/account.js';
import { MailauthError } from '../core/errors.js';
import type { Provider } from '../core/provider.js';
import type { Subject } from '../flows/authorize.js';
import { findAccount } from '../flows/begin.js';
import { providers } from '../providers/directory.js';

/** The account a person named, with everything it refers to. Throws `no_such_account` with the names there are. */
export function subjectOf(configuration: Configuration, given: string): Subject {
  const account = findAccount(configuration.accounts, given);
  if (account === undefined) throw noSuchAccount(configuration, given);
  const client = configuration.clients.find((candidate) => candidate.id === account.client);
  if (client === undefined) throw new Error(`the account ${account.name} names a client that does not exist`);
  return { provider: providerOf(account.provider), account, client };
}

export function providerOf(id: string): Provider {
  const provider = providers.find((candidate) => candidate.id === id);
  if (provider !== undefined) return provider;
  throw new MailauthError('usage', `there is no provider "${id}"`, {
    fix: [{ text: `choose one of: ${providers.map((candidate) => candidate.id).join(', ')}` }],
  });
}

function noSuchAccount(configuration: Configuration, given: string): MailauthError {
  const names = configuration.accounts.map((account) => account.name);
  return new MailauthError('no_such_account', `no account is called "${given}"`, {
    fix: [
      names.length === 0
        ? { text: 'set one up first', command: 'mailauth setup' }
        : { text: `choose one of: ${names.join(', ')}`, command: 'mailauth list' },
    ],
  });
}
