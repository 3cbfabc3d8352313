import type { ProviderWords } from '../../explain/context.js';

const fix = [
  {
    text: 'let the program log in with OAuth2, or make an app password for mail; allow mail programs in the settings of the mailbox',
    url: 'https://id.yandex.com/security/app-passwords',
  },
];

/** What an explanation needs to know of Yandex. */
export const yandexWords: ProviderWords = {
  id: 'yandex',
  title: 'Yandex',
  shows: /yandex|(?<![a-z\d-])ya\.ru\b|or IMAP is disabled/i,
  whenShown: true,
  rules: async () => (await import('./errors.js')).yandexRules,
  password: {
    code: 'token_refused',
    who: 'you',
    message: 'Yandex refused the password; it takes an app password, not the account’s own, from programs',
    fix,
  },
  refusal: {
    code: 'token_refused',
    who: 'you',
    message: 'Yandex refused the login; usually it wants OAuth2 or an app password',
    fix,
  },
};
