import { setTimeout as pause } from 'node:timers/promises';
import type { Account, Configuration } from '../account/account.js';
import { matching, type StoredPassword } from '../account/password.js';
import { sameAddress } from '../providers/directory.js';
import type { Refusal } from './greeter.js';

/** Milliseconds that a wrong password waits for its answer. */
const WRONG_MS = 1_000;
/** So many wrong ones from one address within so many milliseconds close the door to it, for as long. */
const WRONG_LIMIT = 10;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; more cannot be wrong at once without a network of their own. */
const ADDRESSES_LIMIT = 10_000;

/** Who may come in: an account, and the password that showed it. */
export interface Admitted {
  readonly account: Account;
  readonly password: StoredPassword;
}

/** Passwords as they stand now, and the addresses from which wrong ones came. */
export interface Door {
  admit(
    credentials: { user: string; password: string },
    address: string,
    signal: AbortSignal,
  ): Promise<Admitted | Wrong>;
}

/** A wrong password; `named`: the one account whose user name was right. */
export interface Wrong extends Refusal {
  readonly named?: Account;
}

export const WRONG_PASSWORD: Refusal = {
  taken: false,
  kind: 'password',
  text: 'wrong_password: the user name or the password is wrong; use the address of the mailbox, and a password that the command mailauth password has made',
  code: 'wrong_password',
};

const CLOSED_DOOR: Refusal = {
  taken: false,
  kind: 'later',
  text: 'closed_door: too many wrong passwords came from this address; wait a minute',
  code: 'closed_door',
};

/** @param accounts those that are served, read anew for each login, so that a new password counts at once */
export function openDoor(accounts: () => Promise<Configuration['accounts']>, now = () => performance.now()): Door {
  const wrong = new Map<string, number[]>();
  const isClosed = (address: string): boolean => {
    const times = (wrong.get(address) ?? []).filter((time) => now() - time < WINDOW_MS);
    if (times.length === 0) wrong.delete(address);
    else wrong.set(address, times);
    return times.length >= WRONG_LIMIT;
  };
  return {
    async admit({ user, password }, address, signal) {
      if (isClosed(address)) return CLOSED_DOOR;
      // A keypad may know capitals alone. Of several names that are the same then, the password tells which is meant.
      const named = (await accounts()).filter(
        (account) =>
          account.name.toLowerCase() === user.toLowerCase() ||
          (user.includes('@') && sameAddress(account.address, user)),
      );
      const held = named.flatMap((account) => (account.passwords ?? []).map((one) => ({ ...one, account })));
      const found = matching(password, held);
      // Others may have been wrong while the accounts were read.
      if (isClosed(address)) return CLOSED_DOOR;
      if (found !== undefined) {
        const { account, ...stored } = found;
        return { account, password: stored };
      }
      if (wrong.size >= ADDRESSES_LIMIT) wrong.delete(wrong.keys().next().value as string);
      wrong.set(address, [...(wrong.get(address) ?? []), now()]);
      await pause(WRONG_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      const [account, ...others] = named;
      return account === undefined || others.length > 0 ? WRONG_PASSWORD : { ...WRONG_PASSWORD, named: account };
    },
  };
}
