import { addAbortSignal } from 'node:stream';
import { decodeText } from '../system/text-file.js';

/** Bytes: more than a day of most logs. */
const LIMIT = 1024 * 1024;
/** A pipe that is silent for so long has nothing to say; seconds. */
const WAIT = 300;

export interface PastedText {
  readonly text: string;
  /** The input went on after the limit, and the rest was not read. */
  readonly cut: boolean;
}

/**
 * What a person pastes at a terminal, or a program pipes, up to 1 MiB. Bytes that are no text in UTF-8 or UTF-16 are
 * read as Latin-1, since a log of any program will do.
 */
export async function readPastedText(signal: AbortSignal): Promise<PastedText> {
  const input = process.stdin;
  const ended = input.isTTY === true ? signal : AbortSignal.any([signal, AbortSignal.timeout(WAIT * 1000)]);
  addAbortSignal(ended, input);
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of input as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size > LIMIT) break;
    }
  } catch (error) {
    // What came before the silence is worth explaining.
    signal.throwIfAborted();
    if (!ended.aborted) throw error;
  }
  const bytes = Buffer.concat(pieces).subarray(0, LIMIT);
  return { text: textOf(bytes), cut: size > LIMIT };
}

function textOf(bytes: Buffer): string {
  // A cut may fall into a character: at most three bytes of one are left over.
  for (const less of [0, 1, 2, 3]) {
    const text = decodeText(bytes.subarray(0, bytes.length - less));
    if (text !== undefined) return text;
  }
  return bytes.toString('latin1');
}
