import { describe, expect, it } from 'vitest';
import { KEY_NAMES, keyAtInstruction, keyIn } from '../../../src/cli/terminal/keys.js';

describe('a key', () => {
  it.each([
    ['b', 'back'],
    ['back', 'back'],
    ['BACK', 'back'],
    [' q ', 'quit'],
    ['quit', 'quit'],
    ['exit', 'quit'],
    ['?', 'help'],
    ['help', 'help'],
    ['o', 'open'],
    ['c', 'copy'],
  ])('%j is %s at every question', (typed, key) => {
    expect([keyIn(typed), keyAtInstruction(typed)]).toEqual([key, key]);
  });

  it.each([
    ['s', 'next step'],
    ['next', 'next step'],
    ['skip', 'next step'],
    ['open', 'open'],
    ['copy', 'copy'],
  ])('%j is %s only where Enter alone is expected, since elsewhere it may be an answer', (typed, key) => {
    expect([keyIn(typed), keyAtInstruction(typed)]).toEqual([undefined, key]);
  });

  it.each(['', 'bb', 'constructor', '__proto__', 'quit now', 'GOCSPX-q', '1'])('%j is none', (typed) => {
    expect([keyIn(typed), keyAtInstruction(typed)]).toEqual([undefined, undefined]);
  });

  it('is named by the letter that it is typed as', () => {
    for (const [key, name] of Object.entries(KEY_NAMES)) expect(keyAtInstruction(name.split(' ')[0] ?? '')).toBe(key);
  });
});
