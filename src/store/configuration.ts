/** The strict reading of accounts.json. */
import type { Configuration } from '../account/account.js';
import { check, damaged, list, parseDocument, unique } from '../account/reading.js';
import { shapeOf } from '../account/record.js';

export const VERSION = 1;

const ACCOUNT = shapeOf('account');
const CLIENT = shapeOf('client');

/** Throws `store_damaged`, naming the file and the first field that is wrong. */
export function parseConfiguration(json: string, path: string): Configuration {
  const value = parseDocument(json, path, VERSION) as unknown as Configuration;
  const accounts = list(value.accounts, 'accounts', path);
  const clients = list(value.clients, 'clients', path);
  clients.forEach((client, index) => {
    check(client, CLIENT, `clients[${index}]`, path);
  });
  accounts.forEach((account, index) => {
    check(account, ACCOUNT, `accounts[${index}]`, path);
  });
  unique(value.clients, 'id', 'clients', path);
  unique(value.accounts, 'name', 'accounts', path);
  unique(value.accounts, 'credential', 'accounts', path);
  const known = new Set(value.clients.map((client) => client.id));
  const orphan = value.accounts.findIndex((account) => !known.has(account.client));
  if (orphan >= 0) throw damaged(path, `accounts[${orphan}].client names no client`);
  return value;
}
