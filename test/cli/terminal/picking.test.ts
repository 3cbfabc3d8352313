/** A choice of numbered lines: what may be typed besides the number. */
import { expect, it } from 'vitest';
import { pick, type Terminal } from '../../../src/cli/terminal/terminal.js';

/** A terminal at which these lines are typed, one after the other. */
function typing(...lines: readonly string[]): { readonly terminal: Terminal; readonly told: readonly string[] } {
  const told: string[] = [];
  const left = [...lines];
  const terminal = {
    signal: new AbortController().signal,
    stream: { width: 80 },
    say: () => undefined,
    tell: (_: string, text: string) => void told.push(text),
    prompts: {
      async line() {
        const line = left.shift();
        if (line === undefined) throw new Error('asked once more than was typed');
        return line;
      },
    },
  };
  return { terminal: terminal as unknown as Terminal, told };
}

// As `remove` asks.
const DELETE = [
  { value: 'no', label: 'no, keep it' },
  { value: 'yes', label: 'yes, delete it' },
];
const NEXT = [
  { value: 'again', label: 'try again now' },
  { value: 'back', label: 'go back to the last question' },
];

it.each([
  ['y', 'yes'],
  ['Y', 'yes'],
  ['yes', 'yes'],
  ['n', 'no'],
  ['2', 'yes'],
])('%j answers a yes or no', async (typed, chosen) => {
  const { terminal, told } = typing(typed);
  expect(await pick(terminal, 'Delete it?', DELETE)).toBe(chosen);
  expect(told).toEqual([]);
});

it.each(['b', 'back'])('%j goes back where that is one of the choices', async (typed) => {
  expect(await pick(typing(typed).terminal, 'What next?', NEXT)).toBe('back');
});

it('b is no answer where nothing lies behind, and q stops', async () => {
  const { terminal, told } = typing('b', 'q');
  await expect(pick(terminal, 'Delete it?', DELETE)).rejects.toMatchObject({ code: 'interrupted' });
  expect(told).toEqual(['type a number from 1 to 2, or q to stop']);
});

it('y means nothing where the choices are no yes and no', async () => {
  const { terminal, told } = typing('y', '1');
  expect(await pick(terminal, 'What next?', NEXT)).toBe('again');
  expect(told).toHaveLength(1);
});
