/** Values in a keychain: an entry each, or several where the platform takes no longer ones (see `entry.ts`). */
import { MailauthError } from '../../explain/problem.js';
import { changedMeanwhile } from '../store.js';
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
import type { Entries } from './guarded.js';

/** A reader that meets a writer between its parts looks again this often. */
const READ_ATTEMPTS = 3;

/** What a value is kept in, beside its header: nothing, or parts of one generation. */
interface Kept {
  readonly generation?: Generation;
  readonly count: number;
}

export class Values {
  readonly #entries: Entries;
  /** Bytes of UTF-8 in one entry. */
  readonly #limit: number;

  constructor(entries: Entries, limit: number) {
    this.#entries = entries;
    this.#limit = limit;
  }

  /** Undefined where the keychain says that there is no entry: whether to believe it, it does not know itself. */
  async read(id: string): Promise<{ readonly value: string; readonly version: string } | undefined> {
    for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt += 1) {
      const text = await this.#entries.get(id);
      if (text === null) return undefined;
      const entry = intact(text);
      const value = entry.kind === 'whole' ? entry.value : joinParts(entry, await this.#readParts(id, entry));
      if (value !== undefined) return { value, version: checksum(text) };
    }
    throw damaged('a part of it is missing');
  }

  async put(id: string, value: string, replaces?: string): Promise<void> {
    const old = await this.#entries.get(id);
    if (replaces !== undefined && (old === null || checksum(old) !== replaces)) throw changedMeanwhile();
    const before = old === null ? undefined : intact(old);
    const whole = wholeEntry(value);
    let kept: Kept = { count: 0 };
    if (Buffer.byteLength(whole) <= this.#limit) {
      await this.#entries.set(id, whole);
    } else {
      const generation = nextGeneration(before);
      const split = splitEntry(value, generation, this.#limit);
      // The header last: until it is there, the old value is the value.
      await this.#writeParts(id, generation, split.parts);
      await this.#entries.set(id, split.header);
      kept = { generation, count: split.parts.length };
    }
    if ((await this.read(id))?.value !== value) throw notKept();
    await this.#sweepParts(id, kept);
  }

  /** Whether there was one, as the keychain says. */
  async delete(id: string, assertUnlocked: () => Promise<void>): Promise<boolean> {
    // The header goes first: parts without a header are nothing, a header without its parts is damage.
    const deleted = await this.#entries.delete(id);
    if (!deleted) await assertUnlocked();
    if ((await this.#entries.get(id)) !== null) throw notKept();
    await this.#sweepParts(id, { count: 0 });
    return deleted;
  }

  /**
   * Writes the old value again: a keychain may ask a person before it lets an entry be replaced (KeePassXC does), so
   * only the entry itself tells. A value that needs parts gets those of the next generation, which no header names yet.
   */
  async prepare(id: string, length: number, version: string): Promise<void> {
    const old = await this.#entries.get(id);
    if (old === null || checksum(old) !== version) throw changedMeanwhile();
    const filler = 'r'.repeat(length);
    if (Buffer.byteLength(wholeEntry(filler)) > this.#limit) {
      const generation = nextGeneration(intact(old));
      await this.#writeParts(id, generation, splitEntry(filler, generation, this.#limit).parts);
    }
    await this.#entries.set(id, old);
    if ((await this.#entries.get(id)) !== old) throw notKept();
  }

  /** Removes what `prepare` made beside the value. */
  async release(id: string): Promise<void> {
    if (this.#limit === Number.POSITIVE_INFINITY) return;
    const text = await this.#entries.get(id);
    const entry = text === null ? undefined : parseEntry(text);
    await this.#sweepParts(id, entry?.kind === 'parts' ? entry : { count: 0 });
  }

  async #readParts(id: string, header: Extract<Entry, { kind: 'parts' }>): Promise<string[]> {
    const pieces: string[] = [];
    for (let index = 0; index < header.count; index += 1) {
      const text = await this.#entries.get(partName(id, header.generation, index));
      const entry = text === null ? undefined : parseEntry(text);
      if (entry?.kind !== 'part') break;
      pieces.push(entry.value);
    }
    return pieces;
  }

  async #writeParts(id: string, generation: Generation, parts: Parts['parts']): Promise<void> {
    for (const [index, part] of parts.entries()) await this.#entries.set(partName(id, generation, index), part);
  }

  /** Removes the parts no header names: those of the old value, and those of a write that was cut short. */
  async #sweepParts(id: string, kept: Kept): Promise<void> {
    if (this.#limit === Number.POSITIVE_INFINITY) return;
    for (const generation of ['a', 'b'] as const) {
      await this.#deleteParts(id, generation, generation === kept.generation ? kept.count : 0);
    }
  }

  /** From the last to the first, so that what a crash leaves is found from the first again. */
  async #deleteParts(id: string, generation: Generation, from: number): Promise<void> {
    let end = from;
    while ((await this.#entries.get(partName(id, generation, end))) !== null) end += 1;
    for (let index = end - 1; index >= from; index -= 1) await this.#entries.delete(partName(id, generation, index));
  }
}

function nextGeneration(entry: Entry | undefined): Generation {
  return entry?.kind === 'parts' && entry.generation === 'a' ? 'b' : 'a';
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

export function notKept(): MailauthError {
  return new MailauthError('keychain_unavailable', 'the keychain did not keep what was stored in it', {
    fix: [{ text: 'look for a doubled entry named "mailauth" in the keychain, then run the same command again' }],
  });
}
