import type { Account, Configuration } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import { findAccount } from '../flows/accounts.js';
import type { Subject } from '../flows/workbench.js';
import type { Provider } from '../guide/provider.js';
import { providerMeant, providerNamed, providers, recordOf } from '../providers/directory.js';
import { didYouMean } from '../words/nearest.js';

/** The account a person named, with everything it refers to. Throws `no_such_account` with the names there are. */
export function subjectOf(configuration: Configuration, given: string): Subject {
  const account = findAccount(configuration.accounts, given);
  if (account === undefined) throw noSuchAccount(configuration, given);
  const client = configuration.clients.find((candidate) => candidate.id === account.client);
  if (client === undefined) throw new Error(`the account ${account.name} names a client that does not exist`);
  const provider = recordOf(account.provider, client);
  if (provider === undefined) throw unknownProvider(account);
  return { provider, account, client };
}

export function providerOf(id: string): Provider {
  const provider = providerNamed(id);
  if (provider !== undefined) return provider;
  const meant = providerMeant(id);
  throw new MailauthError('usage', `there is no provider "${id}"${didYouMean(meant)}`, {
    fix: [{ text: `choose one of: ${providers.map((candidate) => candidate.id).join(', ')}` }],
  });
}

/** The file was edited by hand, or by a later version that knows more providers. */
function unknownProvider({ name, provider }: Account): MailauthError {
  return new MailauthError(
    'store_damaged',
    `accounts.json says that the provider of ${name} is "${provider}", and there is none of that name`,
    {
      fix: [
        {
          text: `put the file right (${providers.map(({ id }) => id).join(', ')}), or update mailauth; the file is left as it is`,
        },
      ],
    },
  );
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
