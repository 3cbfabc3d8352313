import type { ProviderWords } from '../../explain/context.js';

const fix = [
  { text: 'let the program log in with OAuth2, or make an app password under Settings > Privacy & Security for it' },
];

/** What an explanation needs to know of Fastmail. */
export const fastmailWords: ProviderWords = {
  id: 'fastmail',
  title: 'Fastmail',
  shows: /fastmail|messagingengine/i,
  whenShown: true,
  rules: async () => (await import('./errors.js')).fastmailRules,
  password: {
    code: 'token_refused',
    who: 'you',
    message: 'Fastmail refused the password; it takes an app password, not the account’s own, from programs',
    fix,
  },
  refusal: {
    code: 'token_refused',
    who: 'you',
    message: 'Fastmail refused the login; usually it wants OAuth2 or an app password',
    fix,
  },
};
