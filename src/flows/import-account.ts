import type { Account, Configuration } from '../account/account.js';
import type { PortableAccount } from '../account/portable.js';
import { MailauthError } from '../explain/problem.js';
import { findProvider, sameAddress } from '../providers/directory.js';
import { changeConfiguration } from '../store/accounts.js';
import { freeName } from './setup/records.js';
import type { World } from './world.js';

interface Imported {
  readonly account: Account;
  readonly changed: boolean;
}

/**
 * Adds the record of an account that another machine has set up, or brings it up to date. What this machine noted of it
 * (checks, passwords of `serve`) and the name it has here stay. Throws `bad_input` for what cannot be used here.
 */
export async function importAccount(world: World, record: PortableAccount): Promise<Imported> {
  if (findProvider(record.account.provider) === undefined) {
    throw new MailauthError(
      'bad_input',
      `this version of mailauth does not know the provider ${record.account.provider}`,
      {
        fix: [{ text: 'update mailauth on this machine' }],
      },
    );
  }
  let changed = false;
  const after = await changeConfiguration(world.configDir, (before) => {
    const next = withRecord(before, record);
    changed = JSON.stringify(next) !== JSON.stringify(before);
    return changed ? next : before;
  });
  const account = after.accounts.find(({ credential }) => credential === record.account.credential);
  if (account === undefined) throw new Error('an account that was just written is not there');
  return { account, changed };
}

function withRecord(before: Configuration, { account, client }: PortableAccount): Configuration {
  const others = before.accounts.filter(({ credential }) => credential !== account.credential);
  const same = others.find(
    (other) => other.provider === account.provider && sameAddress(other.address, account.address),
  );
  if (same !== undefined) throw setUpAlready(same);
  const here = before.accounts.find(({ credential }) => credential === account.credential);
  const ofHere = here && {
    name: here.name,
    ...(here.begun && { begun: here.begun }),
    ...(here.lastCheck && { lastCheck: here.lastCheck }),
    ...(here.lastFailures && { lastFailures: here.lastFailures }),
    ...(here.passwords && { passwords: here.passwords }),
  };
  const next: Account = here === undefined ? freeName(account, others) : { ...account, ...ofHere };
  const accounts =
    here === undefined ? [...before.accounts, next] : before.accounts.map((one) => (one === here ? next : one));
  const isKnown = before.clients.some(({ id }) => id === client.id);
  const clients = isKnown
    ? before.clients.map((one) => (one.id === client.id ? client : one))
    : [...before.clients, client];
  return { ...before, accounts, clients: clients.filter(({ id }) => accounts.some((one) => one.client === id)) };
}

function setUpAlready({ name, address }: Account): MailauthError {
  return new MailauthError('bad_input', `${address} is set up here already, as ${name}, with another sign-in`, {
    fix: [{ text: 'remove that one first, if this one is to take its place', command: `mailauth remove ${name}` }],
  });
}
