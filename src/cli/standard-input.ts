import { addAbortSignal } from 'node:stream';
import { MailauthError } from '../explain/problem.js';
import { decodeText } from '../system/text-file.js';

/** Long enough for somebody who first has to unlock the program that writes it. Seconds. */
const WAIT = 300;
/** A secret is short, and so is a client file; anything much longer was piped by mistake. Bytes. */
const LIMIT = 1024 * 1024;

export interface Patience {
  /** Ends the wait with its own reason. */
  readonly signal: AbortSignal;
  /** Default 300. */
  readonly seconds?: number;
  /** What it means that the time is over. */
  readonly late?: (seconds: number) => MailauthError;
}

/**
 * Standard input to its end, because `flag` named it. Not from a terminal: what is typed there is seen, and cut off after
 * 4095 characters.
 *
 * @throws MailauthError usage at a terminal, bad_input for an endless input, missing_input (or `late`) after the wait
 */
export async function readStandardInput(flag: string, { signal, seconds = WAIT, late }: Patience): Promise<string> {
  if (process.stdin.isTTY === true) throw visible(flag);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort((late ?? silent(flag))(seconds)), seconds * 1000);
  const ended = AbortSignal.any([signal, over.signal]);
  addAbortSignal(ended, process.stdin);
  try {
    return await readAll();
  } catch (error) {
    ended.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size > LIMIT) throw new MailauthError('bad_input', 'standard input is too large to be a secret');
  }
  const text = decodeText(Buffer.concat(pieces));
  if (text === undefined) throw new MailauthError('bad_input', 'standard input is not text in UTF-8');
  return text;
}

function visible(flag: string): MailauthError {
  return new MailauthError(
    'usage',
    `${flag} - reads standard input, which here is the keyboard, and shows what is typed`,
    {
      fix: [{ text: 'leave the flag out to be asked, hidden; or name a file' }],
    },
  );
}

function silent(flag: string): (seconds: number) => MailauthError {
  return (seconds) =>
    new MailauthError('missing_input', `${flag} -: standard input did not end within ${seconds} seconds`, {
      fix: [{ text: 'let the program before the pipe end, or name a file' }],
    });
}
