/**
 * Passwords of `serve`: each lets one program or device into one account, here and nowhere else. They are 160 random
 * bits, so a plain hash is enough: a slow one protects what people think up, which can be guessed, and would only make
 * every login slow. The hash opens nothing, and so it stands in accounts.json beside its account; whoever can write that
 * file can send the tokens elsewhere anyway.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/** What accounts.json keeps of a password. */
export interface StoredPassword {
  /** The program or device it was made for. */
  readonly label: string;
  /** SHA-256 in base64url. */
  readonly hash: string;
  /** ISO date-time. */
  readonly created: string;
}

/** Digits and letters that nobody takes for one another (Crockford's base32): without i, l, o and u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
export const PASSWORD_BYTES = 20;
const GROUP = 4;

/** 32 characters in groups of four. Some forms take no more than 32, so the hyphens need not be typed. */
export function spellPassword(random: Uint8Array): string {
  const bits = [...random].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const characters = bits.match(/.{5}/g) ?? [];
  const text = characters.map((five) => ALPHABET[Number.parseInt(five, 2)]).join('');
  return text.match(new RegExp(`.{${GROUP}}`, 'g'))?.join('-') ?? text;
}

/** As a person may type it: in capitals, without the hyphens, with letters that stand for digits. */
function plain(password: string): string {
  return password.toLowerCase().replace(/[\s-]/g, '').replace(/[il]/g, '1').replace(/o/g, '0');
}

export function hashOf(password: string): string {
  return createHash('sha256')
    .update(`mailauth serve\0${plain(password)}`)
    .digest('base64url');
}

/** The stored password this is, compared with every one in the same time whichever it is. */
export function matching<T extends StoredPassword>(password: string, stored: readonly T[]): T | undefined {
  const hash = Buffer.from(hashOf(password));
  let found: T | undefined;
  for (const one of stored) {
    const other = Buffer.from(one.hash);
    if (other.length === hash.length && timingSafeEqual(hash, other)) found = one;
  }
  return found;
}
