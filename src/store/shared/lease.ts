/**
 * One refresh across hosts. The right to it is a lease in the entry itself, taken by a write that the store refuses if
 * anybody else has written meanwhile. The same write notes which token is about to be sent, so whoever finds the lease of
 * a host that died knows that an answer may be lost.
 *
 * The holder renews the lease while it works, and sends nothing unless the lease will outlast the answer and its storing.
 * Another host breaks it only after its end, which it knows in one of two ways: by its own clock, with a minute of doubt;
 * or because it has watched the entry for a whole lease and nothing changed. Every write names the version it replaces,
 * so a holder that was suspended, or cut off, or writes twice, can never overwrite what came after it.
 */
import { createHash } from 'node:crypto';
import { MailauthError } from '../../explain/problem.js';
import { oneLine } from '../../words/sanitise.js';
import { changedMeanwhile, type Errand, type Lease } from '../store.js';
import type { Clock } from './engine.js';
import { type Entry, encodeEntry, type LeaseNote } from './entry.js';

/** Longer than a request (30 s at most) and the storing of its answer (21 s and the store's own deadlines) together. */
export const LEASE_MS = 75_000;
/** A request that begins with less than this left could outlast the lease. */
const NEEDED_MS = 65_000;
const RENEW_MS = 10_000;
/** Clocks of two hosts may differ by so much. */
const DOUBT_MS = 60_000;
/** Between two looks at an entry that another host holds. */
const LOOK_MS = { first: 100, longest: 2_000 } as const;

/** An entry as it was read, and its version. */
export interface Read {
  readonly entry: Entry;
  readonly version: string;
}

/** One entry of a store, whose versions can be compared. */
export interface Leasable {
  read(): Promise<Read | undefined>;
  /** As it was just read, where it was; the write finds out whether that is still so. */
  first(): Promise<Read | undefined>;
  /** Throws `store_busy` where the entry is another version; gives the new one. */
  replace(entry: Entry, version: string): Promise<string>;
}

export interface Holder {
  /** The same for every process that shares the lock of the account on this machine, whose holder thus is alone. */
  readonly home: string;
  readonly host: string;
  readonly clock: Clock;
}

/** Takes the lease of this version of the entry; throws as `SecretStore.lease` documents. */
export async function takeLease(place: Leasable, version: string, holder: Holder, errand: Errand): Promise<Lease> {
  const { entry, version: free } = await freeEntry(place, version, holder, errand);
  const token = createHash('sha256').update(errand.spends.reveal()).digest('hex');
  const earlier = entry.spent?.token === token ? entry.spent : undefined;
  const spent = earlier ?? { token, since: holder.clock.now() };
  const lease = new HeldLease(place, holder, { value: entry.value, spent }, free);
  await lease.renew();
  return {
    unanswered: earlier && new Date(earlier.since),
    assertHeld: () => lease.assertLasting(),
    pause: (ms) => holder.clock.sleep(ms),
    put: (value) => lease.end({ value: value.reveal() }),
    async release(mayBeSpent = false) {
      const { value } = entry;
      await lease.end(mayBeSpent ? { value, spent } : { value });
    },
  };
}

/** The entry, with the value that the caller knows, once no other host holds it. */
async function freeEntry(place: Leasable, version: string, { home, clock }: Holder, errand: Errand): Promise<Read> {
  const deadline = clock.steady() + errand.waitMs;
  let seen: Read | undefined;
  let since = clock.steady();
  for (let pause: number = LOOK_MS.first; ; pause = Math.min(pause * 1.5, LOOK_MS.longest)) {
    const found = await (seen === undefined ? place.first() : place.read());
    const now = clock.steady();
    const isKnown = seen === undefined ? found?.version === version : found?.entry.value === seen.entry.value;
    if (found === undefined || !isKnown) throw changedMeanwhile();
    if (found.version !== seen?.version) since = now;
    seen = found;
    const { lease } = found.entry;
    // Of a process that was killed: while it lived nobody else could hold the lock of the account on this machine.
    const isOwn = lease?.holder.startsWith(`${home}.`) === true;
    if (lease === undefined || isOwn || isOver(lease, now - since, clock)) return found;
    if (now >= deadline) throw heldElsewhere(lease);
    await clock.sleep(Math.min(pause * (0.5 + Math.random()), deadline - now + 1), errand.signal);
  }
}

/** `unchanged`: for how long this process has seen it as it is, in milliseconds. */
function isOver({ until }: LeaseNote, unchanged: number, clock: Clock): boolean {
  return clock.now() > until + DOUBT_MS || unchanged > LEASE_MS;
}

function heldElsewhere({ host }: LeaseNote): MailauthError {
  return new MailauthError('store_busy', `another host (${oneLine(host, 100)}) is refreshing the same sign-in`, {
    who: 'mailauth',
    fix: [{ text: 'run the same command again in a minute' }],
  });
}

/** A lease that was taken. Its writes come one after the other, each over the version of the one before. */
class HeldLease {
  readonly #place: Leasable;
  readonly #holder: Holder;
  readonly #entry: Entry;
  readonly #name: string;
  #version: string;
  /** Until when it holds, on the steady clock and on the one of the day: each misses what the other sees. */
  #until = { steady: 0, day: 0 };
  #isOver = false;
  #writing: Promise<unknown> = Promise.resolve();
  readonly #ended = new AbortController();

  constructor(place: Leasable, holder: Holder, entry: Entry, version: string) {
    this.#place = place;
    this.#holder = holder;
    this.#entry = entry;
    this.#name = `${holder.home}.${globalThis.crypto.randomUUID()}`;
    this.#version = version;
  }

  /** The first one takes it. */
  async renew(): Promise<void> {
    const { clock, host } = this.#holder;
    const until = { steady: clock.steady() + LEASE_MS, day: clock.now() + LEASE_MS };
    const isFirst = this.#until.day === 0;
    await this.#write({ ...this.#entry, lease: { holder: this.#name, host, until: until.day } });
    this.#until = until;
    if (isFirst) void this.#keepAlive();
  }

  /** Throws where it might end before the answer to a request is stored. */
  async assertLasting(): Promise<void> {
    const { clock } = this.#holder;
    const { steady, day } = this.#until;
    const left = Math.min(steady - clock.steady(), day - clock.now());
    if (left < NEEDED_MS) await this.renew();
  }

  /** Writes the entry as it is to be from now on, without a lease. Where that fails it may be tried again. */
  async end(entry: Entry): Promise<void> {
    if (this.#isOver) return;
    this.#ended.abort();
    await this.#write(entry);
    this.#isOver = true;
  }

  async #keepAlive(): Promise<void> {
    const { clock } = this.#holder;
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await clock.sleep(RENEW_MS, signal).catch(() => undefined);
      // A store that cannot be reached is asked again; whoever took the lease is met again by the next write that counts.
      if (!signal.aborted) await this.renew().catch(() => undefined);
    }
  }

  #write(entry: Entry): Promise<void> {
    const writing = this.#writing.then(() => this.#writeOver(entry));
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  /** An earlier write whose answer was lost may have changed the version: as long as the lease is ours, so is the entry. */
  async #writeOver(entry: Entry): Promise<void> {
    try {
      this.#version = await this.#place.replace(entry, this.#version);
    } catch (error) {
      const found = await this.#place.read().catch(() => undefined);
      if (found === undefined) throw error;
      if (encodeEntry(found.entry).reveal() === encodeEntry(entry).reveal()) {
        this.#version = found.version;
        return;
      }
      if (found.entry.lease?.holder !== this.#name || found.version === this.#version) throw error;
      this.#version = await this.#place.replace(entry, found.version);
    }
  }
}
