/** An account's record on its way to another machine: what accounts.json keeps of it, and nothing secret. */
import { MailauthError } from '../explain/problem.js';
import type { Account } from './account.js';
import type { Client } from './client.js';
import * as is from './reading.js';
import { shapeOf } from './record.js';

const SCHEMA = 'mailauth.account/1';
const VERSION = 1;

export interface PortableAccount {
  readonly account: Account;
  readonly client: Client;
}

/** Of one machine alone: what was begun or found there, and what lets programs in there. */
type OfOneMachine = 'begun' | 'lastCheck' | 'lastFailures' | 'passwords';

/** What `export --format account` prints. */
export function writePortable({ account, client }: PortableAccount): string {
  const { begun: _b, lastCheck: _c, lastFailures: _f, passwords: _p, ...rest } = account;
  const carried: Omit<Account, OfOneMachine> = rest;
  return `${JSON.stringify({ schema: SCHEMA, version: VERSION, account: carried, client }, undefined, 2)}\n`;
}

const ACCOUNT = shapeOf('account');
const CLIENT = shapeOf('client');

/** Reads what `writePortable` wrote. Throws `bad_input`, naming the file and the first field that is wrong. */
export function readPortable(text: string, path: string): PortableAccount {
  try {
    const document = is.parseDocument(text, path, VERSION);
    const { schema, account, client } = document as unknown as PortableAccount & { readonly schema: unknown };
    if (schema !== SCHEMA) throw is.damaged(path, 'it is not what `mailauth export ACCOUNT --format account` prints');
    is.check(account, ACCOUNT, 'account', path);
    is.check(client, CLIENT, 'client', path);
    if (account.client !== client.id) throw is.damaged(path, 'account.client names another client');
    if (account.provider !== client.provider) throw is.damaged(path, 'account and client have different providers');
    for (const url of [account.endpoints.token, account.endpoints.authorization, account.endpoints.issuer]) {
      if (!/^https:\/\//.test(url) || !URL.canParse(url)) throw is.damaged(path, 'an endpoint is no https address');
    }
    const { begun: _b, lastCheck: _c, lastFailures: _f, passwords: _p, ...rest } = account;
    return { account: rest, client };
  } catch (error) {
    if (!(error instanceof MailauthError)) throw error;
    const { message, fix } = error.problem;
    const isNewer = /newer version/.test(message);
    throw new MailauthError('bad_input', message, {
      fix: isNewer
        ? fix
        : [{ text: 'export the account once more', command: 'mailauth export ACCOUNT --format account' }],
    });
  }
}
