/**
 * What a keychain entry says. A keychain hands back whatever is under a name: another program's value, one that was
 * edited, cut at the platform's limit, or doubled. So every value carries what it is and a checksum.
 *
 *     mailauth:1:whole:<crc>:<value>
 *     mailauth:1:parts:<crc of the value>:<generation>:<count>      the header; the value is in `count` other entries
 *     mailauth:1:part:<crc of the piece>:<piece>
 */
const PREFIX = 'mailauth:1:';

/** The two sets of names that parts alternate between: a new value never overwrites the parts of the old one. */
export type Generation = 'a' | 'b';

export type Entry =
  | { readonly kind: 'whole'; readonly value: string }
  | { readonly kind: 'parts'; readonly checksum: string; readonly generation: Generation; readonly count: number }
  | { readonly kind: 'part'; readonly value: string };

export interface Parts {
  readonly header: string;
  /** In order; each fits the limit. */
  readonly parts: readonly string[];
}

export function wholeEntry(value: string): string {
  return `${PREFIX}whole:${checksum(value)}:${value}`;
}

/** Splits a value into entries of at most `limit` bytes of UTF-8 each. */
export function splitEntry(value: string, generation: Generation, limit: number): Parts {
  const room = limit - Buffer.byteLength(partEntry(''));
  if (room < 4) throw new RangeError('a keychain entry cannot be as small as that');
  const bytes = Buffer.from(value);
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + room, bytes.length);
    // A character is not cut: its later bytes begin with the bits 10.
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    parts.push(partEntry(bytes.toString('utf8', start, end)));
    start = end;
  }
  return { header: `${PREFIX}parts:${checksum(value)}:${generation}:${parts.length}`, parts };
}

function partEntry(piece: string): string {
  return `${PREFIX}part:${checksum(piece)}:${piece}`;
}

/** Undefined for anything that is not an intact entry of ours. A line end added by another program is forgiven. */
export function parseEntry(text: string): Entry | undefined {
  return parseExactly(text) ?? (/\r?\n$/.test(text) ? parseExactly(text.replace(/\r?\n$/, '')) : undefined);
}

function parseExactly(text: string): Entry | undefined {
  const found = /^mailauth:1:(whole|part|parts):([0-9a-f]{8}):(.*)$/s.exec(text);
  if (found === null) return undefined;
  const [, kind, sum = '', rest = ''] = found;
  if (kind === 'parts') {
    const [, generation, count] = /^([ab]):([1-9]\d{0,4})$/.exec(rest) ?? [];
    if (generation === undefined) return undefined;
    return { kind, checksum: sum, generation: generation === 'a' ? 'a' : 'b', count: Number(count) };
  }
  if (checksum(rest) !== sum) return undefined;
  return kind === 'whole' ? { kind, value: rest } : { kind: 'part', value: rest };
}

/** The value of a header and its pieces; undefined where they do not belong together. */
export function joinParts(header: Extract<Entry, { kind: 'parts' }>, pieces: readonly string[]): string | undefined {
  const value = pieces.join('');
  return pieces.length === header.count && checksum(value) === header.checksum ? value : undefined;
}

/**
 * CRC-32 (ISO 3309) of the UTF-8 bytes. It tells accidents, not attackers: whoever can write to a keychain can write
 * a checksum too. Computed here because the alternative costs `token` several milliseconds of loading.
 */
export function checksum(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}
