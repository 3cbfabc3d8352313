/**
 * Looks for secrets where none may be, in each spelling a secret can come back in. A finding names the secret by its
 * label and never shows it, so that a failing test does not leak what it found.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Finding {
  /** The label of the secret. */
  readonly secret: string;
  readonly encoding: string;
  /** The name of the output or the path of the file. */
  readonly place: string;
}

/** Secrets by label: `{ 'client secret': 'GOCSPX-…' }`. */
export type Secrets = Readonly<Record<string, string>>;

/** Shorter ones would be found in ordinary words. */
const SHORTEST = 8;

export function scanText(place: string, text: string | Buffer, secrets: Secrets): readonly Finding[] {
  const hay = Buffer.from(text).toString('latin1');
  // A terminal's line breaks and colours may cut a secret in two.
  const joined = hay.replace(/\x1b\[[?>=]?[\d;]*[@-~]/g, '').replace(/[\r\n]+/g, '');
  return Object.entries(secrets).flatMap(([secret, value]) =>
    spellings(value)
      .filter(([, spelling]) => hay.includes(spelling) || joined.includes(spelling))
      .map(([encoding]) => ({ secret, encoding, place })),
  );
}

/** Scans every file below `directory`. Paths for which `skip` is true, such as the store's own, are left out. */
export function scanDirectory(
  directory: string,
  secrets: Secrets,
  skip: (path: string) => boolean = () => false,
): readonly Finding[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !skip(path))
    .flatMap((path) => [
      ...scanText(path, readFileSync(path), secrets),
      ...scanText(`the name of ${path}`, path, secrets),
    ]);
}

/** For an assertion: one line a finding. */
export function describe(findings: readonly Finding[]): string {
  return findings.map(({ secret, encoding, place }) => `${secret} (${encoding}) in ${place}`).join('\n');
}

function spellings(value: string): (readonly [encoding: string, spelling: string])[] {
  if (value.length < SHORTEST) throw new Error(`a canary of ${value.length} characters would be found everywhere`);
  const bytes = Buffer.from(value, 'utf8');
  const hex = bytes.toString('hex');
  const all: (readonly [string, string])[] = [
    ['raw', value],
    ...aligned(bytes).flatMap(([shift, encoded]): (readonly [string, string])[] => [
      [`base64 +${shift}`, encoded],
      [`base64url +${shift}`, encoded.replaceAll('+', '-').replaceAll('/', '_')],
    ]),
    ['percent', encodeURIComponent(value)],
    ['percent, every byte', hex.replace(/../g, '%$&')],
    ['percent, every byte', hex.toUpperCase().replace(/../g, '%$&')],
    ['hex', hex],
    ['hex', hex.toUpperCase()],
    ['JSON', JSON.stringify(value).slice(1, -1)],
    ['JSON', JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/')],
  ];
  const seen = new Set<string>();
  return all
    .map(([encoding, spelling]) => [encoding, Buffer.from(spelling).toString('latin1')] as const)
    .filter(([, spelling]) => !seen.has(spelling) && seen.add(spelling));
}

/** The characters of a base64 text that depend on the secret alone, for each place it can have in a group of three bytes. */
function aligned(bytes: Buffer): (readonly [shift: number, encoded: string])[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const end = (shift + bytes.length) % 3 === 0 ? encoded.length : encoded.length - 1;
    return [shift, encoded.slice(shift === 0 ? 0 : shift + 1, end)] as const;
  });
}
