import { createPrompt, isEnterKey, useEffect, useKeypress, useState } from '@inquirer/core';
import type { Pause } from '../../flows/interviewer.js';
import { keyIn } from './keys.js';
import { stopped } from './prompts.js';
import { paragraph, type Terminal } from './terminal.js';

/** How often the seconds that are left are told: a screen reader would speak each one. */
const STEP_SECONDS = 5;
const KEYS = 'Enter tries now, b back, q quit:';

/** The seconds that are left stand above a prompt whose keys cut the wait short. */
export async function countdown(
  terminal: Terminal,
  { seconds, about, why }: Pause,
  until: AbortSignal,
): Promise<'over' | 'declined'> {
  if (why !== undefined) terminal.say(...paragraph(terminal, why));
  let left = seconds;
  for (;;) {
    const typed = await terminal.prompts.ask(({ signal, kept, typing }) => {
      const passing = (now: number): void => {
        left = now;
      };
      const config = { about, left, passing, kept, typing, second: terminal.second };
      return counting(config, { signal, output: process.stderr });
    }, until);
    const key = keyIn(typed);
    if (typed.trim() === '') return 'over';
    if (key === 'back') return 'declined';
    if (key === 'quit') throw stopped();
    terminal.tell('warn', 'Enter tries now, b goes back to correct a value, q saves and quits');
  }
}

interface Counting {
  readonly about: string;
  /** Seconds. */
  readonly left: number;
  readonly passing: (left: number) => void;
  readonly kept: string;
  readonly typing: (text: string) => void;
  /** How long a second lasts, in milliseconds. */
  readonly second: number;
}

/** Ends by itself, as Enter would, when no seconds are left; while somebody types it waits for them. */
const counting = createPrompt<string, Counting>((config, done) => {
  const [left, setLeft] = useState(config.left);
  const [value, setValue] = useState(config.kept);
  const [isOver, setOver] = useState(false);
  const end = (text: string): void => {
    setOver(true);
    done(text);
  };
  useEffect(
    (line) => {
      const ticking = setInterval(() => {
        const now = Math.max(0, left - STEP_SECONDS);
        config.passing(now);
        if (now > 0) setLeft(now);
        else if (line.line === '') end('');
      }, STEP_SECONDS * config.second);
      return () => clearInterval(ticking);
    },
    [left],
  );
  useKeypress((key, { line }) => {
    if (isEnterKey(key)) return end(value);
    setValue(line);
    config.typing(line);
  });
  const remaining = `  ${config.about} in ${left} seconds.`;
  // Once it is over, the question leaves no trace.
  return isOver ? remaining : `${remaining}\n  ${KEYS} ${value}`;
});
