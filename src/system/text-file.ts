/**
 * Text files that people write: client secrets, client files, certificates, passphrases, redirect addresses. Editors and
 * shells write them in UTF-8 or UTF-16 (PowerShell's `>`), with or without a byte order mark; a pipe stands for one too
 * (`<(pass show mail)`), and may have nobody at its other end.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { MailauthError } from '../explain/problem.js';
import { redactKnownShapes } from '../words/redact.js';
import { shownPath } from '../words/sanitise.js';
import { retryOnWindows } from './retry-on-windows.js';

/** Client files and bundles of certificates are a few kilobytes; anything much larger was named by mistake. */
const LIMIT_BYTES = 1024 * 1024;
/** Long enough for somebody who first has to unlock the program that writes into a pipe. */
const WAIT_MS = 300_000;

interface TextFileOptions {
  /** Most bytes it may have; default 1 MiB. */
  readonly limit?: number;
  /** How long a pipe may take to end, in milliseconds; default 300,000. */
  readonly waitMs?: number;
  /** Ends the wait with its own reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The text of a file or a pipe.
 *
 * @throws MailauthError file_not_found: there is none, or it cannot be read; bad_input: a folder, too large, not
 * text, the keyboard; missing_input: a pipe that is silent for too long
 */
export async function readTextFile(path: string, options: TextFileOptions = {}): Promise<string> {
  const bytes = await readBytes(path, options);
  const text = decodeText(bytes);
  if (text === undefined) {
    throw new MailauthError('bad_input', `${shown(path)} is not a text file`, {
      fix: [{ text: 'save it as plain text in UTF-8, then run the same command again' }],
    });
  }
  return text;
}

/** UTF-8 or UTF-16; a byte order mark is taken off. Undefined for bytes that are no text in it. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes that tell an encoding: enough of a text to have some letters of ASCII in it. */
const SAMPLE = 1024;

/** By the byte order mark, and without one by the zero that UTF-16 writes beside each letter of ASCII. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  const sample = bytes.subarray(0, SAMPLE);
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  // No text in UTF-8 holds zeros; a text of another alphabet still has spaces, digits and signs of ASCII.
  if (even + odd < sample.length / 16) return 'utf-8';
  return even > odd * 8 ? 'utf-16be' : odd > even * 8 ? 'utf-16le' : 'utf-8';
}

async function readBytes(path: string, options: TextFileOptions): Promise<Buffer> {
  options.signal?.throwIfAborted();
  try {
    // Opening a pipe would otherwise wait for its other end in a thread, and no signal could end that.
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
    const descriptor = await retryOnWindows(async () => openSync(path, flags));
    const source = sourceOf(descriptor, path);
    if (source !== undefined) return await readPipe(source, path, options);
    try {
      return readPlain(descriptor, path, options);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof MailauthError ? error : unreadable(path, error);
  }
}

/** What may have nobody at its other end: a pipe. Undefined for what is read at once; the keyboard is refused. */
function sourceOf(descriptor: number, path: string): Readable | undefined {
  if (fstatSync(descriptor).isFIFO()) return new Socket({ fd: descriptor, readable: true, writable: false });
  if (!isatty(descriptor)) return undefined;
  closeSync(descriptor);
  throw new MailauthError('bad_input', `${shown(path)} is the keyboard here, and shows what is typed`, {
    fix: [{ text: 'leave the flag out to be asked, hidden; or name a file' }],
  });
}

/** A file, or a device that may never end. */
function readPlain(descriptor: number, path: string, { limit = LIMIT_BYTES }: TextFileOptions): Buffer {
  const pieces: Buffer[] = [];
  for (let size = 0; ; ) {
    const piece = Buffer.alloc(16_384);
    const length = readSync(descriptor, piece);
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, length));
    size += length;
    if (size > limit) throw tooLarge(path);
  }
}

async function readPipe(source: Readable, path: string, options: TextFileOptions): Promise<Buffer> {
  const { limit = LIMIT_BYTES, waitMs = WAIT_MS, signal } = options;
  const late = AbortSignal.timeout(waitMs);
  addAbortSignal(signal === undefined ? late : AbortSignal.any([signal, late]), source);
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of source) {
      pieces.push(piece);
      size += piece.length;
      if (size > limit) throw tooLarge(path);
    }
    return Buffer.concat(pieces);
  } catch (error) {
    signal?.throwIfAborted();
    throw late.aborted ? silent(path, waitMs) : error;
  }
}

function tooLarge(path: string): MailauthError {
  return new MailauthError('bad_input', `${shown(path)} is too large to be this file`, {
    fix: [{ text: 'look whether another file was meant, and name that' }],
  });
}

function silent(path: string, waitMs: number): MailauthError {
  return new MailauthError('missing_input', `${shown(path)}: nothing came out of it to its end in ${waitMs / 1000} s`, {
    fix: [{ text: 'let the program that writes into it end, or name a file' }],
  });
}

function unreadable(path: string, error: unknown): MailauthError {
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code !== 'string') throw error;
  if (code === 'EISDIR') {
    return new MailauthError('bad_input', `${shown(path)} is a folder`, { fix: [{ text: 'name a file in it' }] });
  }
  const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
  return new MailauthError('file_not_found', `${shown(path)}: ${reason}`, {
    fix: [{ text: 'check the path, then run this again' }],
    cause: error,
  });
}

/** Somebody may have pasted a secret where its file is asked for. */
function shown(path: string): string {
  return redactKnownShapes(shownPath(path));
}
