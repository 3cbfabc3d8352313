import { expect, it } from 'vitest';
import { meantCommand } from '../../src/cli/synonyms.js';
import { nearest } from '../../src/words/nearest.js';

it.each([
  ['chek', 'check'],
  ['chekc', 'check'],
  ['Check', 'check'],
  ['authorise', 'authorize'],
  ['authorzie', 'authorize'],
  ['login', 'authorize'],
  ['logout', 'remove'],
  ['ls', 'list'],
  ['tokne', 'token'],
  ['exprot', 'export'],
  ['diagnose', 'doctor'],
  ['constructor', undefined],
  ['frobnicate', undefined],
  ['x', undefined],
])('%s means %s', (word, command) => {
  expect(meantCommand(word)).toBe(command);
});

it('nothing is near to a short word with two slips, and the nearest wins', () => {
  expect(nearest('pop', ['smtp', 'imap'])).toBeUndefined();
  expect(nearest('--clientid', ['--client-id', '--client-file'])).toBe('--client-id');
  expect(nearest('a'.repeat(100_000), ['check'])).toBeUndefined();
});
