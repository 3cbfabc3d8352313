/**
 * The strict reading of a file of ours. Every field that mailauth knows must be as it writes it; fields it does not know
 * are kept, so that a later version's additions survive an older one.
 */
import { MailauthError } from '../explain/problem.js';
import { isRecord } from '../words/json.js';

/** The object in a file of ours, whose version is `version`. Throws `store_damaged`, naming the file. */
export function parseDocument(text: string, path: string, version: number): Record<string, unknown> {
  let value: unknown;
  try {
    // Editors on Windows begin a file with a byte order mark.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw damaged(path, 'it is not JSON, or was cut off');
  }
  if (!isRecord(value)) throw damaged(path, 'it holds no object');
  const found = value['version'];
  if (typeof found === 'number' && found > version) {
    throw new MailauthError('store_damaged', `${path} was written by a newer version of mailauth`, {
      fix: [{ text: 'update mailauth; the file is left as it is' }],
    });
  }
  if (found !== version) throw damaged(path, 'its version is missing');
  return value;
}

/** What is wrong with a value, or undefined: `is missing`, `is not a port`. */
export interface Kind {
  (value: unknown): string | undefined;
  /** Of an object: what its fields must be. */
  readonly shape?: Shape<object>;
}
/** What each field of a record must be. */
export type Shape<T> = { readonly [K in keyof Required<T>]: Kind };

/** These values go into other programs' files and protocols, where a control character would begin a line or a field. */
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
export const text: Kind = (value) =>
  typeof value !== 'string' ? 'is not a text' : CONTROL.test(value) ? 'is not one line of text' : undefined;
export const word: Kind = (value) => (value === undefined || value === '' ? 'is missing' : text(value));
export const flag: Kind = (value) => (typeof value === 'boolean' ? undefined : 'is not true or false');
export const date: Kind = (value) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? undefined : 'is not a date';
export const seconds: Kind = (value) =>
  typeof value === 'number' && value > 0 && Number.isFinite(value) ? undefined : 'is not a number of seconds';
export const port: Kind = (value) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535 ? undefined : 'is not a port';
export const texts: Kind = (value) =>
  Array.isArray(value) && value.every((item) => text(item) === undefined) ? undefined : 'is not a list of texts';
export const listOf =
  (kind: Kind): Kind =>
  (value) =>
    Array.isArray(value) ? first(value.map((item, index) => within(String(index), kind(item)))) : 'is not a list';
/** The id of an entry is a file name too. */
export const id: Kind = (value) =>
  typeof value === 'string' && /^[0-9a-z-]{1,64}$/.test(value) ? undefined : 'is not an id';
export const oneOf =
  (...words: readonly string[]): Kind =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? undefined : `is not ${words.join(' or ')}`;
export const optional = (kind: Kind): Kind =>
  Object.assign((value: unknown) => (value === undefined ? undefined : kind(value)), kind);
export const each =
  (kind: Kind): Kind =>
  (value) =>
    isRecord(value) ? first(Object.entries(value).map(([key, item]) => within(key, kind(item)))) : 'is not an object';
/** An object. A field that this version does not know may be anything, but a text of it is one line too. */
export const shaped = <T>(shape: Shape<T>): Kind =>
  Object.assign(
    (value: unknown) => {
      if (!isRecord(value)) return 'is not an object';
      const known = Object.entries<Kind>(shape).map(([key, kind]) => within(key, kind(value[key])));
      const others = Object.entries(value).filter(([key, other]) => !(key in shape) && typeof other === 'string');
      return first([...known, ...others.map(([key, other]) => within(key, text(other)))]);
    },
    { shape: shape as Shape<object> },
  );

/** `after` with the fields of `before` that the shape does not name, in the objects within it too. */
export function keepUnknown<T extends object>(shape: Shape<object>, before: T, after: T): T {
  const kinds: Readonly<Record<string, Kind>> = { ...shape };
  const old = { ...before } as Readonly<Record<string, unknown>>;
  const known = Object.entries(after).map(([key, value]) => {
    const [inner, previous] = [kinds[key]?.shape, old[key]];
    const isNested = inner !== undefined && isRecord(previous) && isRecord(value);
    return [key, isNested ? keepUnknown<object>(inner, previous, value) : value];
  });
  const unknown = Object.entries(old).filter(([key]) => !(key in shape));
  return Object.fromEntries([...known, ...unknown]) as T;
}

/** Kinds answer with what is wrong, prefixed by the way to it: `smtp.port is not a port`. */
function within(key: string, problem: string | undefined): string | undefined {
  if (problem === undefined) return undefined;
  return problem.startsWith('is ') ? `${key} ${problem}` : `${key}.${problem}`;
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

/** Throws `store_damaged`, naming the file and the first field that is wrong. */
export function check<T>(value: unknown, shape: Shape<T>, where: string, path: string): void {
  const problem = within(where, shaped(shape)(value));
  if (problem !== undefined) throw damaged(path, problem);
}

export function list(value: unknown, name: string, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw damaged(path, `${name} is not a list`);
  return value;
}

export function unique<T>(items: readonly T[], key: keyof T & string, name: string, path: string): void {
  const seen = new Set<unknown>();
  items.forEach((item, index) => {
    if (seen.has(item[key])) throw damaged(path, `${name}[${index}].${key} is there twice`);
    seen.add(item[key]);
  });
}

export function damaged(path: string, why: string): MailauthError {
  return new MailauthError('store_damaged', `${path} is damaged: ${why}`, {
    fix: [{ text: `put the file right, or restore it from a backup; mailauth leaves it as it is` }],
  });
}
