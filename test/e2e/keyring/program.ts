/**
 * A program that uses the keychain, for the keyrings of this folder: takes operations as JSON, prints one result a line.
 * `deadline` is in milliseconds; `raw set` and `raw get` are another program's, past our guards.
 */
import keytar from 'keytar';
import { MailauthError } from '../../../src/explain/problem.js';
import { openKeychain } from '../../../src/store/keychain/keychain-store.js';
import { withLock } from '../../../src/store/lock.js';
import type { SecretStore } from '../../../src/store/store.js';
import { lockPath } from '../../../src/store/stores.js';
import { Secret } from '../../../src/words/secret.js';

export type Operation =
  | readonly ['get' | 'delete' | 'raw get', string]
  | readonly ['set' | 'raw set', string, string]
  | readonly ['prove']
  | readonly ['count', string];

export interface Order {
  readonly operations: readonly Operation[];
  readonly deadline?: number;
  readonly partLimit?: number;
}

export interface Result {
  readonly value?: string | boolean | null;
  readonly code?: string;
  readonly message?: string;
  readonly frozen?: boolean;
  readonly ms: number;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
let frozen = false;
const store = await openKeychain({
  platform: process.platform,
  env: process.env,
  ...(order.deadline && { deadlineMs: order.deadline }),
  ...(order.partLimit && { partLimit: order.partLimit }),
  onFrozen: () => {
    frozen = true;
  },
});
for (const operation of order.operations) {
  const started = performance.now();
  const result = await perform(store, operation).then(
    (value) => ({ value: value ?? null }),
    (error: unknown) => {
      if (!(error instanceof MailauthError)) throw error;
      return { code: error.code, message: error.message, frozen };
    },
  );
  console.log(JSON.stringify({ ...result, ms: Math.round(performance.now() - started) }));
}
if (frozen) process.exitCode = 74;

async function perform(keychain: SecretStore, operation: Operation): Promise<string | boolean | null | undefined> {
  switch (operation[0]) {
    case 'get':
      return (await keychain.get(operation[1]))?.value.reveal();
    case 'set':
      return void (await keychain.put(operation[1], new Secret(operation[2])));
    case 'delete':
      return keychain.delete(operation[1]);
    case 'prove':
      return void (await keychain.prove(true));
    case 'raw get':
      return keytar.getPassword('mailauth', operation[1]);
    case 'raw set':
      return void (await keytar.setPassword('mailauth', operation[1], operation[2]));
    case 'count':
      return count(keychain, operation[1]);
  }
}

/** Adds one to a number in the keychain, as a refresh does with a token: under the lock, from what is there now. */
async function count(keychain: SecretStore, id: string): Promise<string> {
  return withLock(lockPath('keychain', id, process.env['MAILAUTH_CONFIG_DIR'] ?? ''), { waitMs: 30_000 }, async () => {
    const next = String(Number((await keychain.get(id))?.value.reveal() ?? '0') + 1);
    await keychain.put(id, new Secret(next));
    return next;
  });
}
