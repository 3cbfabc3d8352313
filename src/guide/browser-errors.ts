import type { PageError } from './provider.js';

/** What goes wrong in the browser whoever the provider is, at the step that signs in. */
export function browserErrors(step: string): readonly PageError[] {
  return [
    {
      shows: 'A page that cannot be reached, at 127.0.0.1',
      explanation: 'the sign-in worked, but the browser runs on another computer, or insists on https',
      step,
      fix: 'Copy the whole address of that page and paste it here.',
    },
    {
      shows: 'Nothing at all, or an empty page',
      explanation: 'the browser did not open the address',
      step,
      fix: 'Copy the address above into a browser. Any computer will do.',
    },
  ];
}
