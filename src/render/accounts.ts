import type { Account, Configuration, MailServer } from '../account/account.js';
import type { Client } from '../account/client.js';
import { isOver } from '../account/lifetime.js';
import type { AccountReport } from '../explain/check.js';
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
  return {
    name: account.name,
    address: account.address,
    provider: account.provider,
    description: account.description,
    store: account.store.kind,
    smtp: serverDocument(account.smtp),
    imap: serverDocument(account.imap),
    clientId: client?.clientId ?? null,
    tenant: client?.tenant ?? null,
    secretExpires: client?.secretExpires ?? null,
    signInEnds: account.signInEnds?.slice(0, 10) ?? null,
  };
}

/** Schema mailauth.setup/1. */
export function setupDocument(account: Account, client: Client, checks: AccountReport['checks'], ok: boolean): object {
  return { schema: 'mailauth.setup/1', account: accountDocument(account, client), checks: checksDocument(checks), ok };
}

function serverDocument(server: MailServer | undefined): object | null {
  return server === undefined ? null : { host: server.host, port: server.port, security: server.security };
}

export function clientFor(configuration: Configuration, account: Account): Client | undefined {
  return configuration.clients.find((client) => client.id === account.client);
}

/** One block an account: flat lines that a screen reader and `grep` can both follow. */
export function renderAccounts(configuration: Configuration, now: Date, style: Style): string {
  const blocks = configuration.accounts.map((account) => {
    const client = clientFor(configuration, account);
    const facts = [
      ['provider', account.provider],
      ['store', account.store.kind === 'file' ? 'encrypted file' : 'keychain'],
      ['send', serverText(account.smtp)],
      ['receive', serverText(account.imap)],
      ['signed in', account.signedIn?.slice(0, 10)],
      end('sign-in', account.signInEnds, now, ['ends', 'ended']),
      end('secret', client?.secretExpires, now, ['expires', 'expired']),
      ['last check', lastCheck(account)],
      ['begun', waiting(account, now)],
    ].filter((fact): fact is [string, string] => fact[1] !== undefined);
    return [
      `${style.heading(account.name)}  ${account.address}`,
      ...(account.description === '' ? [] : [`  ${account.description}`]),
      ...facts.map(([label, value]) => `  ${label.padEnd(15)} ${value}`),
    ].join('\n');
  });
  return `${blocks.join('\n')}\n`;
}

/** A label that says whether the day is still to come. */
function end(
  what: string,
  date: string | undefined,
  now: Date,
  [future, past]: readonly [string, string],
): readonly [string, string | undefined] {
  return [`${what} ${isOver(date, now) ? past : future}`, date?.slice(0, 10)];
}

function lastCheck({ lastCheck: time, lastFailures = [] }: Account): string | undefined {
  if (time === undefined) return undefined;
  const result = lastFailures.length === 0 ? 'OK' : `FAIL ${lastFailures.join(', ')}`;
  return `${minutesOf(time)}  ${result}`;
}

function waiting({ begun }: Account, now: Date): string | undefined {
  if (begun === undefined || isOver(begun.expires, now)) return undefined;
  return `a sign-in, which can be finished until ${minutesOf(begun.expires)}`;
}

function minutesOf(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}

function serverText(server: MailServer | undefined): string | undefined {
  return server && `${server.host}:${server.port} ${server.security === 'tls' ? 'TLS' : 'STARTTLS'}`;
}
