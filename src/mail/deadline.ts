import { unlessAborted } from '../system/unless-aborted.js';
import { failure } from './evidence.js';

/** Milliseconds each stage may take, however busy the server looks meanwhile. */
export const DEADLINES = { dns: 5_000, connect: 10_000, tls: 10_000, greeting: 15_000, command: 20_000 } as const;

/** The error of a stage that took too long. */
export function timedOut(milliseconds: number, awaited: string): Error {
  return failure('ETIMEDOUT', `no ${awaited} within ${milliseconds / 1000} seconds`);
}

/** Waits for `work` until its deadline or the end of the whole conversation, whichever comes first. */
export async function within<T>(
  work: Promise<T>,
  milliseconds: number,
  awaited: string,
  signal: AbortSignal,
): Promise<T> {
  const late = new AbortController();
  const clock = setTimeout(() => late.abort(timedOut(milliseconds, awaited)), milliseconds);
  try {
    return await unlessAborted(work, AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(clock);
  }
}
