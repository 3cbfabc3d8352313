import { getRawAsset } from 'node:sea';

/** What the program in one file holds under this name: the bytes themselves, not a copy, and not to be written to. */
export function asset(name: string): Buffer {
  const bytes = getRawAsset(name);
  // Its type allows a text, which it never is.
  return Buffer.from(bytes as ArrayBuffer);
}
