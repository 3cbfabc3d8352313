/**
 * The operating system's keychain, through keytar. keytar's answers are not taken at their word: on a locked Secret
 * Service `get` says "nothing" and `delete` says "not there", and a frozen one does not answer at all. What would crash
 * the process on a locked keyring (`findCredentials`, `findPassword`) is never called.
 */
import { MailauthError } from '../../explain/problem.js';
import { Secret } from '../../words/secret.js';
import type { Note } from '../files.js';
import { changedMeanwhile, type SecretStore } from '../store.js';
import { endBus, openDescriptors } from './bus.js';
import {
  checksum,
  type Entry,
  type Generation,
  joinParts,
  type Parts,
  parseEntry,
  splitEntry,
  wholeEntry,
} from './entry.js';
import { type Keytar, loadKeytar } from './keytar.js';

const SERVICE = 'mailauth';
/** A keychain that nobody has to unlock answers in milliseconds; somebody may first have to find its window. */
const DEADLINE_MS = { unattended: 3_000, attended: 60_000 } as const;
/** A person who waits so long is told for what. */
const SIGN_OF_LIFE_MS = 1_000;
/** Windows takes 2560 bytes (CRED_MAX_CREDENTIAL_BLOB_SIZE); the other keychains take more than any token has. */
const PART_LIMIT_WINDOWS = 2400;
/** A reader that meets a writer between its parts looks again this often. */
const READ_ATTEMPTS = 3;

export interface KeychainOptions {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** A person is there, who may have to type a password into the keychain's window, or to allow what it asks. */
  readonly attended?: boolean;
  /** Milliseconds for each call; by default what `attended` allows. */
  readonly deadlineMs?: number;
  /** Bytes of UTF-8 in one entry; a longer value is split. */
  readonly partLimit?: number;
  /** Told what is waited for, where a call takes longer than a second. */
  readonly note?: Note;
  /** Ends every wait with its own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called when a call never came back. Where it still occupies a thread, an ordinary exit waits for it (see `bus.ts`). */
  readonly onFrozen?: (() => void) | undefined;
}

/** Throws `keychain_unavailable` where the keychain's library cannot be loaded. No other call is made yet. */
export async function openKeychain(options: KeychainOptions): Promise<SecretStore> {
  let keytar: Keytar;
  try {
    keytar = await loadKeytar();
  } catch (error) {
    throw (await import('./trouble.js')).cannotLoad(error, options.platform);
  }
  return keychainOver(keytar, options);
}

/** What was open before libsecret was first called. */
let atFirst: ReadonlySet<number> | undefined;

/** The guards around a keytar. */
export function keychainOver(keytar: Keytar, options: KeychainOptions): SecretStore {
  atFirst ??= openDescriptors();
  const before = atFirst;
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS[options.attended ? 'attended' : 'unattended'];
  const limit = options.partLimit ?? (options.platform === 'win32' ? PART_LIMIT_WINDOWS : Number.POSITIVE_INFINITY);
  let frozen: MailauthError | undefined;

  /** One call under the deadline. After one that froze there is no other: each would take one more thread with it. */
  async function call<T>(run: () => Promise<T>): Promise<T> {
    if (frozen !== undefined) throw frozen;
    const { promise: over, resolve: end } = withResolvers<typeof TIMEOUT>();
    const timer = setTimeout(end, deadlineMs, TIMEOUT);
    const sign = setTimeout(() => options.attended && options.note?.(WAITING), SIGN_OF_LIFE_MS);
    const stop = (): void => end(TIMEOUT);
    options.signal?.addEventListener('abort', stop, { once: true });
    const running = run();
    try {
      const answer = await Promise.race([running, over]);
      if (answer !== TIMEOUT) return answer;
    } catch (error) {
      throw (await import('./trouble.js')).explainKeychain(error, options);
    } finally {
      clearTimeout(timer);
      clearTimeout(sign);
      options.signal?.removeEventListener('abort', stop);
    }
    options.onFrozen?.();
    await endBus(before, running);
    frozen = await frozenKeychain(deadlineMs);
    options.signal?.throwIfAborted();
    throw frozen;
  }

  const raw = {
    get: (name: string) => call(() => keytar.getPassword(SERVICE, name)),
    set: (name: string, text: string) => call(() => keytar.setPassword(SERVICE, name, text)),
    delete: (name: string) => call(() => keytar.deletePassword(SERVICE, name)),
  };

  /** Only the Secret Service says "nothing" when it means "locked". Storing something is answered honestly. */
  async function assertUnlocked(): Promise<void> {
    if (options.platform === 'win32' || options.platform === 'darwin') return;
    const name = probeName();
    await raw.set(name, wholeEntry('probe'));
    await raw.delete(name);
  }

  /** Undefined where the keychain says that there is no entry; whether to believe it is `assertUnlocked`. */
  async function read(id: string): Promise<{ readonly value: string; readonly version: string } | undefined> {
    for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt += 1) {
      const text = await raw.get(id);
      if (text === null) return undefined;
      const entry = intact(text);
      const value = entry.kind === 'whole' ? entry.value : joinParts(entry, await readParts(id, entry));
      if (value !== undefined) return { value, version: checksum(text) };
    }
    throw damaged('a part of it is missing');
  }

  async function readParts(id: string, header: Extract<Entry, { kind: 'parts' }>): Promise<string[]> {
    const pieces: string[] = [];
    for (let index = 0; index < header.count; index += 1) {
      const text = await raw.get(partName(id, header.generation, index));
      const entry = text === null ? undefined : parseEntry(text);
      if (entry?.kind !== 'part') break;
      pieces.push(entry.value);
    }
    return pieces;
  }

  /** Parts first, the header last: until the header is there, the old value is the value. */
  async function writeParts(id: string, generation: Generation, { header, parts }: Parts): Promise<void> {
    for (const [index, part] of parts.entries()) await raw.set(partName(id, generation, index), part);
    await raw.set(id, header);
  }

  /** From the last to the first, so that what a crash leaves is found from the first again. */
  async function deleteParts(id: string, generation: Generation, from: number): Promise<void> {
    let end = from;
    while ((await raw.get(partName(id, generation, end))) !== null) end += 1;
    for (let index = end - 1; index >= from; index -= 1) await raw.delete(partName(id, generation, index));
  }

  /** Removes the parts no header names: those of the old value, and those of a write that was cut short. */
  async function sweepParts(id: string, current: { generation?: Generation; count: number }): Promise<void> {
    if (limit === Number.POSITIVE_INFINITY) return;
    for (const generation of ['a', 'b'] as const) {
      await deleteParts(id, generation, generation === current.generation ? current.count : 0);
    }
  }

  async function put(id: string, value: string, replaces?: string): Promise<void> {
    const old = await raw.get(id);
    if (replaces !== undefined && (old === null || checksum(old) !== replaces)) throw changedMeanwhile();
    const before = old === null ? undefined : intact(old);
    const whole = wholeEntry(value);
    let current: { generation?: Generation; count: number } = { count: 0 };
    if (Buffer.byteLength(whole) <= limit) {
      await raw.set(id, whole);
    } else {
      const generation = nextGeneration(before);
      const split = splitEntry(value, generation, limit);
      await writeParts(id, generation, split);
      current = { generation, count: split.parts.length };
    }
    if ((await read(id))?.value !== value) throw notKept();
    await sweepParts(id, current);
  }

  /**
   * Writes the old value again: a keychain may ask a person before it lets an entry be replaced (KeePassXC does), so
   * only the entry itself tells. A value that needs parts gets those of the next generation, which no header names yet.
   */
  async function prepare(id: string, length: number, version: string): Promise<void> {
    const old = await raw.get(id);
    if (old === null || checksum(old) !== version) throw changedMeanwhile();
    const filler = 'r'.repeat(length);
    if (Buffer.byteLength(wholeEntry(filler)) > limit) {
      const generation = nextGeneration(intact(old));
      const { parts } = splitEntry(filler, generation, limit);
      for (const [index, part] of parts.entries()) await raw.set(partName(id, generation, index), part);
    }
    await raw.set(id, old);
    if ((await raw.get(id)) !== old) throw notKept();
  }

  return {
    choice: { kind: 'keychain' },
    describe: () => NAMES[options.platform] ?? 'the keyring (Secret Service)',
    async get(id) {
      const found = await read(id);
      if (found !== undefined) return { value: new Secret(found.value), version: found.version };
      await assertUnlocked();
      return undefined;
    },
    put: (id, value, replaces) => put(id, value.reveal(), replaces),
    async delete(id) {
      // The header goes first: parts without a header are nothing, a header without its parts is damage.
      const deleted = await raw.delete(id);
      if (!deleted) await assertUnlocked();
      if ((await raw.get(id)) !== null) throw notKept();
      await sweepParts(id, { count: 0 });
      return deleted;
    },
    async prove() {
      const name = probeName();
      await put(name, 'p'.repeat(8)).catch(async (error: unknown) => {
        await raw.delete(name).catch(() => undefined);
        throw error;
      });
      if (!(await raw.delete(name)) || (await raw.get(name)) !== null) throw notKept();
    },
    async reserve(id, { length, version }) {
      const release = async (): Promise<void> => {
        if (limit === Number.POSITIVE_INFINITY) return;
        const text = await raw.get(id);
        const entry = text === null ? undefined : parseEntry(text);
        await sweepParts(id, entry?.kind === 'parts' ? entry : { count: 0 });
      };
      await prepare(id, length, version).catch(async (error: unknown) => {
        await release().catch(() => undefined);
        throw error;
      });
      return { put: (value) => put(id, value.reveal(), version), release };
    },
  };
}

function nextGeneration(entry: Entry | undefined): Generation {
  return entry?.kind === 'parts' && entry.generation === 'a' ? 'b' : 'a';
}

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'the macOS Keychain',
  win32: 'the Windows Credential Manager',
};

const WAITING = 'waiting for the keychain, which may be asking for a password or a permission in a window of its own';
const TIMEOUT = Symbol('timeout');

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function frozenKeychain(deadlineMs: number): Promise<MailauthError> {
  return (await import('./trouble.js')).doesNotAnswer(deadlineMs);
}

function probeName(): string {
  return `probe-${globalThis.crypto.randomUUID()}`;
}

function partName(id: string, generation: Generation, index: number): string {
  return `${id}.${generation}.${index}`;
}

function intact(text: string): Exclude<Entry, { kind: 'part' }> {
  const entry = parseEntry(text);
  if (entry === undefined || entry.kind === 'part') throw damaged('it is not what mailauth stored there');
  return entry;
}

function damaged(why: string): MailauthError {
  return new MailauthError('store_damaged', `an entry of the keychain cannot be used: ${why}`, {
    fix: [{ text: 'look for entries named "mailauth" in the keychain; mailauth leaves this one as it is' }],
  });
}

function notKept(): MailauthError {
  return new MailauthError('keychain_unavailable', 'the keychain did not keep what was stored in it', {
    fix: [{ text: 'look for a doubled entry named "mailauth" in the keychain, then run the same command again' }],
  });
}
