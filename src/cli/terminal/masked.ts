import { createPrompt, isEnterKey, useEffect, useKeypress, useState } from '@inquirer/core';

/** More asterisks tell nobody more. */
const MOST_ASTERISKS = 40;
const HIDE_CURSOR = '\x1b[?25l';

interface Masked {
  readonly message: string;
  /** What was typed before the same prompt had to make room for a message. */
  readonly kept: string;
  /** Columns the first row has left beside the question. */
  readonly room: () => number;
  /** Hears what stands in the prompt after each key. */
  readonly typing: (text: string) => void;
}

/** One line that is shown as asterisks, and that no key can unmask. */
export const masked = createPrompt<string, Masked>(({ message, kept, room, typing }, done) => {
  const [value, setValue] = useState(kept);
  useEffect((line) => {
    if (kept !== '') line.write(kept);
  }, []);
  useKeypress((key, { line }) => {
    if (isEnterKey(key)) return done(value);
    setValue(line);
    typing(line);
  });
  return `  ${message} ${asterisks(value, room())}`;
});

/** Asterisks, and past the row how many characters there are: whoever pastes sees whether all of it arrived. */
function asterisks(value: string, room: number): string {
  const most = Math.min(MOST_ASTERISKS, room);
  if (value.length <= most) return '*'.repeat(value.length);
  const count = ` (${value.length} characters)`;
  return `${HIDE_CURSOR}${'*'.repeat(Math.max(4, Math.min(most, room - count.length)))}${count}`;
}
