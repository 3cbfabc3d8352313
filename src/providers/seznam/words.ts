import type { ProviderWords } from '../../explain/context.js';

const fix = [
  {
    text: 'let the program log in with OAuth2, or allow access by IMAP and POP in the settings of the mailbox; with two-factor sign-in, make an app password',
  },
];

/** What an explanation needs to know of Seznam. */
export const seznamWords: ProviderWords = {
  id: 'seznam',
  title: 'Seznam.cz',
  shows: /seznam\.cz/i,
  whenShown: true,
  rules: async () => [],
  password: { code: 'token_refused', who: 'you', message: 'Seznam refused the password', fix },
  refusal: { code: 'token_refused', who: 'you', message: 'Seznam refused the login', fix },
};
