/** Where a running `serve` can be found, noted beside accounts.json by the server itself. It holds no secret. */
import { join } from 'node:path';
import * as is from '../account/reading.js';
import { parseDocument } from '../account/reading.js';
import { readPrivate, removeFile, writeAtomically } from './files.js';

export interface ServingNote {
  readonly version: 1;
  readonly pid: number;
  readonly listening: readonly ServedAt[];
  /** Programs that come by a port must speak TLS. */
  readonly tls?: boolean;
  /** Credentials of the accounts that are served, where not every account is. */
  readonly only?: readonly string[];
}

interface ServedAt {
  readonly protocol: string;
  /** `127.0.0.1:1587`, or the path of a unix socket. */
  readonly address: string;
}

const VERSION = 1;
const SERVED_AT: is.Shape<ServedAt> = { protocol: is.word, address: is.word };
const NOTE: is.Shape<Omit<ServingNote, 'version' | 'pid'>> = {
  listening: is.listOf(is.shaped(SERVED_AT)),
  tls: is.optional(is.flag),
  only: is.optional(is.listOf(is.word)),
};

function notePath(configDir: string): string {
  return join(configDir, 'serving.json');
}

/** Throws `cannot_write`. */
export async function noteServing(
  configDir: string,
  { listening, tls, only }: Omit<ServingNote, 'version' | 'pid'>,
): Promise<void> {
  const note: ServingNote = {
    version: VERSION,
    pid: process.pid,
    listening: listening.map(({ protocol, address }) => ({ protocol, address })),
    ...(tls && { tls }),
    ...(only && { only }),
  };
  await writeAtomically(notePath(configDir), `${JSON.stringify(note)}\n`);
}

/** Undefined where no server has noted itself, or its note cannot be read. */
export async function readServing(configDir: string): Promise<ServingNote | undefined> {
  const path = notePath(configDir);
  try {
    const bytes = await readPrivate(path);
    if (bytes === undefined) return undefined;
    const note = parseDocument(bytes.toString('utf8'), path, VERSION);
    is.check(note, NOTE, 'the note', path);
    return note as unknown as ServingNote;
  } catch {
    return undefined;
  }
}

/** Takes away our own note; a server that was started since has written another. */
export async function strikeServing(configDir: string): Promise<void> {
  if ((await readServing(configDir))?.pid === process.pid) await removeFile(notePath(configDir));
}
