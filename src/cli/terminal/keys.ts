/** What a person may type instead of an answer: a letter or a word, and Enter. */
export type Key = 'back' | 'quit' | 'help' | 'open' | 'copy' | 'next step';

/** At every question. No answer is one of these, a secret least of all. */
const EVERYWHERE: Readonly<Record<string, Key>> = {
  b: 'back',
  back: 'back',
  q: 'quit',
  quit: 'quit',
  exit: 'quit',
  '?': 'help',
  help: 'help',
  o: 'open',
  c: 'copy',
};

/** Where Enter alone is expected, a word cannot be an answer either. */
const AT_AN_INSTRUCTION: Readonly<Record<string, Key>> = {
  ...EVERYWHERE,
  open: 'open',
  copy: 'copy',
  s: 'next step',
  skip: 'next step',
  next: 'next step',
};

export function keyIn(typed: string): Key | undefined {
  return lookUp(EVERYWHERE, typed);
}

export function keyAtInstruction(typed: string): Key | undefined {
  return lookUp(AT_AN_INSTRUCTION, typed);
}

/** What each key does, as the screen names it. `Enter` comes with every one of them, and `keyLines` says so. */
export const KEY_NAMES: Readonly<Record<Key, string>> = {
  open: 'o open',
  copy: 'c copy',
  'next step': 's next step',
  back: 'b back',
  help: '? explain',
  quit: 'q quit',
};

function lookUp(keys: Readonly<Record<string, Key>>, typed: string): Key | undefined {
  const word = typed.trim().toLowerCase();
  return Object.hasOwn(keys, word) ? keys[word] : undefined;
}
