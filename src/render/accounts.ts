import type { Account, Configuration } from '../account/account.js';
import type { Client } from '../account/client.js';
import { jsonOf, linesOf } from '../account/record.js';
import type { AccountReport } from '../explain/check.js';
import { OWN_FIELDS } from '../providers/outline.js';
import { checksDocument } from './check.js';
import type { Style } from './style.js';

/** Schema mailauth.accounts/1. */
export function accountsDocument(configuration: Configuration): object {
  return {
    schema: 'mailauth.accounts/1',
    accounts: configuration.accounts.map((account) => accountDocument(account, clientFor(configuration, account))),
  };
}

export function accountDocument(account: Account, client: Client | undefined): object {
  return { ...jsonOf('account', account, OWN_FIELDS), ...jsonOf('client', client, OWN_FIELDS) };
}

/** Schema mailauth.setup/1. */
export function setupDocument(account: Account, client: Client, checks: AccountReport['checks'], ok: boolean): object {
  return { schema: 'mailauth.setup/1', account: accountDocument(account, client), checks: checksDocument(checks), ok };
}

function clientFor(configuration: Configuration, account: Account): Client | undefined {
  return configuration.clients.find((client) => client.id === account.client);
}

/** One block an account: flat lines that a screen reader and `grep` can both follow. */
export function renderAccounts(configuration: Configuration, now: Date, style: Style): string {
  const blocks = configuration.accounts.map((account) => {
    const client = clientFor(configuration, account);
    const lines = [...linesOf('account', account, now), ...(client ? linesOf('client', client, now) : [])];
    return [
      `${style.heading(account.name)}  ${account.address}`,
      ...(account.description === '' ? [] : [`  ${account.description}`]),
      ...lines.map(([label, value]) => `  ${label.padEnd(15)} ${value}`),
    ].join('\n');
  });
  return `${blocks.join('\n')}\n`;
}
