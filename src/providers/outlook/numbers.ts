import type { Rule, Words } from '../../explain/rule.js';

/** As they are written in a response, on a page and in a sign-in log; or a number alone. */
const NUMBERS = /(?:AADSTS|error code:? ?)(\d+)/gi;

/** Of one text: over two hundred rules ask for the same one, in turn. */
let read = { text: '', numbers: [] as readonly string[] };

function numbersIn(text: string): readonly string[] {
  if (read.text !== text) {
    const numbers = /^\d{4,8}$/.test(text) ? [text] : Array.from(text.matchAll(NUMBERS), ([, number = '']) => number);
    read = { text, numbers };
  }
  return read.numbers;
}

/** Any of these numbers, with a space between them. */
export function anyOf(numbers: string): Words {
  const known = new Set(numbers.split(' '));
  return { test: (text) => numbersIn(text).some((number) => known.has(number)) };
}

/** One rule for each number: `aadsts50011` and so on. */
export function aadsts(numbers: string): Readonly<Record<string, Rule['when']>> {
  return Object.fromEntries(numbers.split(' ').map((number) => [`aadsts${number}`, { text: anyOf(number) }]));
}
