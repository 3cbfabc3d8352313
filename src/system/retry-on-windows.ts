/** What Windows refuses for a moment, tried again: by everything that opens, replaces or removes a file. */

/**
 * What Windows answers while another program, a virus scanner or an indexer, looks at a file. UNKNOWN: Node has no name
 * for some of these answers, such as that the file is mapped into memory or is being deleted.
 */
const PASSING = ['EPERM', 'EACCES', 'EBUSY', 'UNKNOWN'];
const ATTEMPTS = 13;
/** The pause after the first refusal, which grows by as much each time: a second in all. */
const PAUSE_MS = 12;

/** Tries again, for a second in all, what Windows refuses for a moment. `once`: an answer that is doubted only once. */
export async function retryOnWindows<T>(
  work: () => Promise<T>,
  once?: string,
  platform = process.platform,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (platform !== 'win32' || !passes(error, attempt, once)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  }
}

/** The same for what has to be there before anything goes on; it lets nothing else run meanwhile. */
export function retrySyncOnWindows<T>(work: () => T, platform = process.platform): T {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return work();
    } catch (error) {
      if (platform !== 'win32' || !passes(error, attempt)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS * attempt);
    }
  }
}

function passes(error: unknown, attempt: number, once?: string): boolean {
  const code = String((error as NodeJS.ErrnoException).code);
  return PASSING.includes(code) ? attempt < ATTEMPTS : code === once && attempt === 1;
}
