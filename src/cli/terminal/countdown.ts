import { MailauthError } from '../../explain/problem.js';
import type { Pause } from '../../flows/interviewer.js';
import { wrap } from '../../render/wrap.js';
import type { Desk } from './desk.js';
import { unless } from './prompt.js';

/** How often the seconds that are left are told: a screen reader would speak each one. */
const STEP_SECONDS = 5;

/** The seconds that are left stand above a prompt whose keys cut the wait short. */
export async function countdown(
  desk: Desk,
  { seconds, about, why }: Pause,
  until: AbortSignal,
): Promise<'over' | 'declined'> {
  const { prompts } = desk;
  const over = new AbortController();
  let left = seconds;
  const tick = (): void => {
    left -= STEP_SECONDS;
    if (left > 0) prompts.above(remaining(about, left));
    else if (!prompts.isTyping()) over.abort();
  };
  if (why !== undefined) desk.say(...wrap(why, desk.paper.width, '  '));
  const ticking = setInterval(tick, STEP_SECONDS * desk.second);
  try {
    for (;;) {
      desk.say(remaining(about, Math.max(0, left)));
      const typed = await unless(over.signal, until, (signal) =>
        prompts.line('Enter tries now, b back, q quit:', { until: signal, fleeting: true }),
      );
      if (typed === undefined || typed.trim() === '') return 'over';
      if (typed.trim().toLowerCase() === 'b') return 'declined';
      if (typed.trim().toLowerCase() === 'q') throw new MailauthError('interrupted', 'stopped');
      desk.tell('warn', 'Enter tries now, b goes back to correct a value, q saves and quits');
    }
  } finally {
    clearInterval(ticking);
  }
}

function remaining(about: string, seconds: number): string {
  return `  ${about} in ${seconds} seconds.`;
}
