import type { PageError } from './provider.js';

/** The steps that register the client, enter it, say what it may ask for, and sign in. */
interface Steps {
  readonly register: string;
  readonly client: string;
  readonly scopes: string;
  readonly signIn: string;
}

/** What a page of any provider may say of a client that somebody registered there. */
export function usualPageErrors({ register, client, scopes, signIn }: Steps): readonly PageError[] {
  return [
    {
      shows: 'An error about the redirect URI, or the callback',
      explanation: 'the client does not list the redirect URI of mailauth, or not to the last character',
      step: register,
      fix: 'Add {redirect-uri} to the client.',
    },
    {
      shows: 'An error about the client',
      explanation: 'the client ID is not known there',
      step: client,
      fix: 'Compare the client ID with the one that is shown where it was registered.',
    },
    {
      shows: 'An error about a scope',
      explanation: 'the client may not ask for one of the scopes',
      step: scopes,
      fix: 'Allow the client these scopes, or give the right ones with --scope.',
    },
    ...browserErrors(signIn),
  ];
}

/** What goes wrong in the browser whoever the provider is, at the step that signs in. */
export function browserErrors(step: string, host: '127.0.0.1' | 'localhost' = '127.0.0.1'): readonly PageError[] {
  return [
    {
      shows: `A page that cannot be reached, at ${host}`,
      explanation: 'the sign-in worked, but the browser runs on another computer, or insists on https',
      step,
      fix: 'Copy the whole address of that page and paste it where mailauth asks for it.',
    },
    {
      shows: 'Nothing at all, or an empty page',
      explanation: 'the browser did not open the address',
      step,
      fix: 'Copy the address that mailauth shows into a browser. Any computer will do.',
    },
  ];
}
