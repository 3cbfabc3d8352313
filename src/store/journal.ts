/**
 * Which refresh token is being spent. The note is written before the request and removed once the answer is stored,
 * so one that is found later tells of a refresh whose answer was lost: the process was killed, or the line was cut.
 * It holds a hash, never a token.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { StoreChoice } from '../account/account.js';
import { MailauthError } from '../explain/problem.js';
import type { Secret } from '../words/secret.js';
import { readPrivate, removeFile, writeAtomically } from './files.js';
import { lockPath } from './stores.js';

interface Journal {
  /** When a refresh of exactly this token began whose answer was never stored; undefined where there is none. */
  unanswered(refreshToken: Secret): Promise<Date | undefined>;
  /** Throws `cannot_write`: then nothing may be sent. */
  begin(refreshToken: Secret, now: Date): Promise<void>;
  /** Strikes the note about this token; one about another token is somebody else's. */
  end(refreshToken: Secret): Promise<void>;
  /** Strikes whatever is noted: the account ends. */
  discard(): Promise<void>;
}

/** The journal lies beside the credential's lock, and only the lock's holder uses it. */
export function openJournal(kind: StoreChoice['kind'], credential: string, configDir: string): Journal {
  const path = join(dirname(lockPath(kind, credential, configDir)), `${credential}.json`);
  return {
    async unanswered(refreshToken) {
      const entry = await read(path);
      return entry?.refreshToken === hashOf(refreshToken) ? new Date(entry.started * 1000) : undefined;
    },
    async begin(refreshToken, now) {
      const started = Math.floor(now.getTime() / 1000);
      await writeAtomically(
        path,
        `${JSON.stringify({ refreshToken: hashOf(refreshToken), started, pid: process.pid })}\n`,
      );
    },
    async end(refreshToken) {
      if ((await read(path))?.refreshToken === hashOf(refreshToken)) await removeFile(path);
    },
    async discard() {
      await removeFile(path);
    },
  };
}

/** The last second that a Date can hold. */
const LATEST = 8_640_000_000_000;

/** By which a token is recognised, and which tells nothing about it. */
export function hashOf(secret: Secret): string {
  return createHash('sha256').update(secret.reveal()).digest('hex');
}

/** What cannot be read tells nothing; the next refresh writes over it. */
async function read(path: string): Promise<{ refreshToken: string; started: number } | undefined> {
  try {
    const entry = JSON.parse((await readPrivate(path))?.toString('utf8') ?? 'null');
    const isTime = typeof entry?.started === 'number' && Math.abs(entry.started) <= LATEST;
    return isTime && typeof entry.refreshToken === 'string' ? entry : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof MailauthError) return undefined;
    throw error;
  }
}
