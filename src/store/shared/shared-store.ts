/** A store of secrets over an engine that other hosts may share. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MailauthError } from '../../explain/problem.js';
import { Secret } from '../../words/secret.js';
import { changedMeanwhile, type SecretStore } from '../store.js';
import { type Clock, type Engine, type Kept, LOST_RACE } from './engine.js';
import { damaged, decodeEntry, type Entry, encodeEntry } from './entry.js';
import { type Holder, type Leasable, type Read, takeLease } from './lease.js';

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
};

/** Somebody else would have to write between each reading and each writing for a write to fail so often. */
const ATTEMPTS = 5;

/** The store that `engine` makes for the holder's processes. */
export function sharedStore(engine: Engine, holder: Holder): SecretStore {
  const entries = new Entries(engine);
  return {
    choice: engine.choice,
    describe: () => engine.describe(),
    async get(id) {
      const found = await entries.read(id);
      return found && { value: new Secret(found.entry.value), version: found.version };
    },
    put: (id, value, replaces) => entries.put(id, value, replaces),
    delete: (id) => entries.delete(id),
    async prove(rotates) {
      const id = `probe-${globalThis.crypto.randomUUID()}`;
      try {
        await prove(engine, id, rotates);
      } finally {
        await engine.delete(id).catch(() => undefined);
      }
    },
    async reserve(id, { version }) {
      if ((await entries.known(id))?.version !== version) throw changedMeanwhile();
      return { put: (value) => entries.put(id, value, version), release: async () => undefined };
    },
    async lease(id, version, errand) {
      if (version.startsWith(UNVERSIONED)) throw cannotCompare(engine);
      return takeLease(entries.leasable(id), version, holder, errand);
    },
  };
}

/** The entries of an engine, decoded, each with a version. */
class Entries {
  readonly #engine: Engine;
  /** The last reading of each: the engine compares the version when it is written, so it need not be read again. */
  readonly #known = new Map<string, Read>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async read(id: string): Promise<Read | undefined> {
    const kept = await this.#engine.get(id);
    this.#known.delete(id);
    if (kept === undefined) return undefined;
    const where = `the entry ${id} in ${this.#engine.describe()}`;
    const found = { entry: decodeEntry(kept.text, where), version: versionOf(kept) };
    this.#known.set(id, found);
    return found;
  }

  /** As it was read last, which is told once only. */
  async known(id: string): Promise<Read | undefined> {
    const found = this.#known.get(id) ?? (await this.read(id));
    this.#known.delete(id);
    return found;
  }

  async put(id: string, value: Secret, replaces?: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const over = replaces ?? (await this.read(id))?.version;
      if ((await this.#write(id, { value: value.reveal() }, over)) !== undefined) return;
      if (replaces !== undefined || attempt === ATTEMPTS) throw changedMeanwhile();
    }
  }

  delete(id: string): Promise<boolean> {
    this.#known.delete(id);
    return this.#engine.delete(id);
  }

  leasable(id: string): Leasable {
    return {
      first: () => this.known(id),
      read: () => this.read(id),
      replace: async (entry, version) => {
        const written = await this.#write(id, entry, version);
        if (written === undefined) throw changedMeanwhile();
        return written;
      },
    };
  }

  /** Undefined: lost the race. An engine without versions cannot lose one, so there it is looked at first. */
  async #write(id: string, entry: Entry, replaces: string | undefined): Promise<string | undefined> {
    this.#known.delete(id);
    const text = encodeEntry(entry);
    const isVersioned = replaces !== undefined && !replaces.startsWith(UNVERSIONED);
    if (replaces !== undefined && !isVersioned && (await this.read(id))?.version !== replaces) return undefined;
    const written = await this.#engine.put(id, text, isVersioned ? replaces : undefined);
    if (written === LOST_RACE) return undefined;
    return versionOf({ text, version: written });
  }
}

/** What begins the version of an entry whose engine gives none: the hash of its text, which tells two values apart. */
const UNVERSIONED = '~';

function versionOf({ text, version }: Kept): string {
  return version ?? `${UNVERSIONED}${createHash('sha256').update(text.reveal()).digest('hex')}`;
}

/** Also that a write over a version that is gone is refused: everything else here rests on it. */
async function prove(engine: Engine, id: string, rotates: boolean): Promise<void> {
  const text = (word: string): Secret => encodeEntry({ value: word.repeat(8) });
  const first = await engine.put(id, text('p'), undefined);
  if (first === LOST_RACE) throw damaged(engine.describe(), 'it says that an entry was there before it was made');
  await expectKept(engine, id, text('p'));
  const second = await engine.put(id, text('q'), first);
  if (second === LOST_RACE) throw damaged(engine.describe(), 'it did not keep the version that it gave');
  await expectKept(engine, id, text('q'));
  if (rotates) {
    const refuses = first !== undefined && (await engine.put(id, text('r'), first)) === LOST_RACE;
    const isClosed = refuses && (await engine.put(id, text('s'), undefined)) === LOST_RACE;
    if (!isClosed) throw cannotCompare(engine);
  }
  await engine.delete(id);
  if ((await engine.get(id)) !== undefined)
    throw damaged(engine.describe(), 'an entry that was deleted is still there');
}

async function expectKept(engine: Engine, id: string, text: Secret): Promise<void> {
  const kept = await engine.get(id);
  if (kept?.text.reveal() === text.reveal()) return;
  throw damaged(engine.describe(), 'it does not give back what was stored in it');
}

function cannotCompare(engine: Engine): MailauthError {
  return new MailauthError(
    'store_unfit',
    `${engine.describe()} does not refuse a write over a newer value, so it cannot keep a sign-in whose token changes with each use: of two hosts that refresh at once, one would lose it`,
    {
      who: 'you',
      fix: [
        {
          text: 'keep the account in a store that compares versions (vault, etcd, or a helper that does), or let an app sign in, whose secret never changes',
        },
      ],
    },
  );
}
