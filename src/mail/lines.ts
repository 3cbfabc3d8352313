import type { Duplex } from 'node:stream';
import { failure } from './evidence.js';

/** No line and no login of an honest server comes near these sizes, in bytes. */
export const LINE_LIMIT = 64 * 1024;
export const TOTAL_LIMIT = 1024 * 1024;

/** Cuts a stream of bytes into lines, and refuses one that is too long or never ends. */
export class LineCutter {
  #partial = '';
  #total = 0;

  /** The complete lines that `chunk` ends, without their line break (a lone LF counts as one). */
  cut(chunk: Buffer): string[] {
    this.#total += chunk.length;
    if (this.#total > TOTAL_LIMIT) throw failure('FLOOD', `the server sent more than ${TOTAL_LIMIT} bytes`);
    // Bytes are kept one to a character until the line is complete, so that no UTF-8 sequence is split.
    const pieces = (this.#partial + chunk.toString('latin1')).split('\n');
    this.#partial = pieces.pop() ?? '';
    if ([...pieces, this.#partial].some((line) => line.length > LINE_LIMIT)) {
      throw failure('FLOOD', `the server sent a line of more than ${LINE_LIMIT} bytes`);
    }
    return pieces.map((line) => Buffer.from(line.replace(/\r$/, ''), 'latin1').toString('utf8'));
  }

  /** Bytes that have come after the last line break. */
  get partial(): Buffer {
    return Buffer.from(this.#partial, 'latin1');
  }
}

/** Reads a socket line by line until it is handed on. */
export interface LineReader {
  next(): Promise<string>;
  /** Bytes that have come and that nobody has read. */
  unread(): Buffer;
  /** Stops reading; the socket may then be given to another reader together with what is unread. */
  release(): Buffer;
}

export function readLines(socket: Duplex): LineReader {
  const cutter = new LineCutter();
  const lines: string[] = [];
  let ended: Error | undefined;
  let wake: () => void = () => {};
  const onData = (chunk: Buffer) => {
    try {
      lines.push(...cutter.cut(chunk));
    } catch (error) {
      ended = error as Error;
      socket.pause();
    }
    wake();
  };
  const onEnd = () => onError(failure('CLOSED'));
  const onError = (error: Error) => {
    ended ??= error;
    wake();
  };
  socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
  const unread = () => Buffer.concat([Buffer.from(lines.map((line) => `${line}\r\n`).join('')), cutter.partial]);
  return {
    unread,
    async next() {
      for (;;) {
        const line = lines.shift();
        if (line !== undefined) return line;
        if (ended !== undefined) throw ended;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    release() {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError).pause();
      return unread();
    },
  };
}
