/** How an entry of a store is written that other hosts may share: the value, and who is about to replace it. */
import { MailauthError } from '../../explain/problem.js';
import { recordIn } from '../../words/json.js';
import { Secret } from '../../words/secret.js';

const VERSION = 1;

/** The right to replace the value, for one host at a time. */
export interface LeaseNote {
  /** Of one process: its home, a dot, and something that no other process has. */
  readonly holder: string;
  /** The name of its host, for a person. */
  readonly host: string;
  /** Epoch milliseconds on the holder's clock. */
  readonly until: number;
}

/** Which refresh token is being spent, as a hash, and since when (epoch milliseconds). */
interface SpentNote {
  readonly token: string;
  readonly since: number;
}

export interface Entry {
  readonly value: string;
  readonly lease?: LeaseNote;
  readonly spent?: SpentNote;
}

export function encodeEntry({ value, lease, spent }: Entry): Secret {
  return new Secret(JSON.stringify({ v: VERSION, value, ...(lease && { lease }), ...(spent && { spent }) }));
}

/** Throws `store_damaged` for anything `encodeEntry` does not write; `where` names the entry. */
export function decodeEntry(text: Secret, where: string): Entry {
  const { v, value, lease, spent } = parse(text.reveal(), where);
  if (typeof v === 'number' && v > VERSION) throw damaged(where, 'a newer version of mailauth wrote it', UPDATE);
  if (v !== VERSION || typeof value !== 'string') throw damaged(where, 'it is not what mailauth writes');
  if (lease !== undefined && !isLease(lease)) throw damaged(where, 'its lease is not what mailauth writes');
  if (spent !== undefined && !isSpent(spent)) throw damaged(where, 'its note is not what mailauth writes');
  return { value, ...(lease !== undefined && { lease }), ...(spent !== undefined && { spent }) };
}

function parse(text: string, where: string): Record<string, unknown> {
  const record = recordIn(text);
  if (record === undefined) throw damaged(where, 'it is not what mailauth writes');
  return record;
}

function isLease(value: unknown): value is LeaseNote {
  const { holder, host, until } = (value ?? {}) as Record<string, unknown>;
  return typeof holder === 'string' && typeof host === 'string' && Number.isSafeInteger(until);
}

function isSpent(value: unknown): value is SpentNote {
  const { token, since } = (value ?? {}) as Record<string, unknown>;
  return typeof token === 'string' && Number.isSafeInteger(since) && Math.abs(Number(since)) <= LATEST_MS;
}

/** The last millisecond that a Date can hold. */
const LATEST_MS = 8_640_000_000_000_000;

const UPDATE = { text: 'update mailauth on this host; the entry is left as it is' };

/** `where` names the entry; it is left as it is. */
export function damaged(where: string, why: string, fix?: { readonly text: string }): MailauthError {
  const other = { text: 'remove the account and set it up anew; mailauth leaves the entry as it is until then' };
  return new MailauthError('store_damaged', `${where} cannot be used: ${why}`, { fix: [fix ?? other] });
}
