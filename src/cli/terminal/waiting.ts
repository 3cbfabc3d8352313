import type { Wait } from '../../flows/interviewer.js';

/** Below this nobody wonders what is going on. Milliseconds. */
const NOTICEABLE = 1_000;

/** Says what is waited for once it takes longer than a second, and again when half of the time is over. */
export async function saidWhileWaiting<T>(
  { what, seconds }: Wait,
  work: Promise<T>,
  say: (text: string) => void,
): Promise<T> {
  const notices = [
    setTimeout(() => say(`waiting for ${what}, ${seconds} seconds at most ...`), NOTICEABLE),
    setTimeout(() => say(`still waiting for ${what} ...`), Math.max(2 * NOTICEABLE, seconds * 500)),
  ];
  try {
    return await work;
  } finally {
    for (const notice of notices) clearTimeout(notice);
  }
}
