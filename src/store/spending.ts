/**
 * What is held from before a refresh token is sent until the answer to it is stored: a note that says which token, and
 * room for its successor. A store of this machine has the note in the journal and the room by its own means, under the
 * lock of the account; one that other hosts share has both in the entry itself, under its lease.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '../words/secret.js';
import { openJournal } from './journal.js';
import type { Errand, Room, SecretStore } from './store.js';

export interface Spending {
  /** When an earlier refresh of the same token began whose answer was never stored. */
  readonly unanswered: Date | undefined;
  /** Throws `store_busy` where another host has taken the entry. */
  assertHeld(): Promise<void>;
  /** Stores the answer into the room; it may be tried again. Throws `store_busy` where something else was stored meanwhile. */
  put(value: Secret): Promise<void>;
  /** The last try, for the case that it is the room which fails. */
  putAnew(value: Secret): Promise<void>;
  /** A successor that cannot be stored is lost, so storing it is tried again after these waits (milliseconds). */
  readonly saveAgain: readonly number[];
  pause(ms: number): Promise<void>;
  /** Gives up what is held. The note stays where the token may be used up and its answer is not stored. */
  end(mayBeSpent: boolean): Promise<void>;
}

/** A disk that is full for a moment. */
const SAVE_AGAIN_HERE = [100, 500] as const;
/** A server that is started anew, a line that is cut: with the request it takes less time than a lease. */
const SAVE_AGAIN_ELSEWHERE = [100, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 5_000] as const;

export interface Place {
  readonly store: SecretStore;
  readonly id: string;
  readonly configDir: string;
}

/**
 * `spends`: undefined for a request that uses nothing up, as an app's. Throws what keeps the answer from being stored;
 * then nothing may be sent. `store_busy`: the entry is another one by now.
 */
export async function beginSpending(
  place: Place,
  room: Room,
  { spends, ...errand }: Omit<Errand, 'spends'> & { readonly spends: Secret | undefined },
): Promise<Spending> {
  const { store, id } = place;
  if (spends === undefined) return reserved(place, room);
  return store.lease === undefined
    ? noted(place, room, { ...errand, spends })
    : leased(await store.lease(id, room.version, { ...errand, spends }));
}

async function reserved({ store, id }: Place, room: Room): Promise<Spending> {
  const held = await store.reserve(id, room);
  return {
    unanswered: undefined,
    assertHeld: async () => undefined,
    put: (value) => held.put(value),
    putAnew: (value) => store.put(id, value, room.version),
    saveAgain: SAVE_AGAIN_HERE,
    pause: (ms) => sleep(ms),
    end: () => held.release(),
  };
}

async function noted(place: Place, room: Room, { spends, now }: Errand): Promise<Spending> {
  const journal = openJournal(place.store.choice.kind, place.id, place.configDir);
  const unanswered = await journal.unanswered(spends);
  if (unanswered === undefined) await journal.begin(spends, now);
  const strike = async (mayBeSpent: boolean): Promise<void> => {
    // A note about a token that is replaced, or was never sent, harms nobody: what comes of the refresh counts more.
    if (!mayBeSpent) await journal.end(spends);
  };
  try {
    const held = await reserved(place, room);
    const end = async (mayBeSpent: boolean): Promise<void> => {
      await held.end(mayBeSpent).finally(() => strike(mayBeSpent));
    };
    return { ...held, unanswered, end };
  } catch (error) {
    await strike(unanswered !== undefined).catch(() => undefined);
    throw error;
  }
}

function leased(lease: Awaited<ReturnType<NonNullable<SecretStore['lease']>>>): Spending {
  const put = (value: Secret): Promise<void> => lease.put(value);
  return {
    unanswered: lease.unanswered,
    assertHeld: () => lease.assertHeld(),
    put,
    putAnew: put,
    saveAgain: SAVE_AGAIN_ELSEWHERE,
    pause: (ms) => lease.pause(ms),
    end: (mayBeSpent) => lease.release(mayBeSpent),
  };
}
