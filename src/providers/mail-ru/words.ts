import type { ProviderWords } from '../../explain/context.js';

const fix = [
  {
    text: 'let the program log in with OAuth2, or make a password for external applications in the security settings of the account',
    url: 'https://account.mail.ru/user/2-step-auth/passwords',
  },
];

/** What an explanation needs to know of Mail.ru. */
export const mailRuWords: ProviderWords = {
  id: 'mail-ru',
  title: 'Mail.ru',
  shows: /(?<![a-z\d-])(?:mail|bk|inbox|list)\.ru\b/i,
  whenShown: true,
  rules: async () => (await import('./errors.js')).mailRuRules,
  password: {
    code: 'token_refused',
    who: 'you',
    message: 'Mail.ru refused the password; it takes an app password, not the account’s own, from programs',
    fix,
  },
  refusal: {
    code: 'token_refused',
    who: 'you',
    message: 'Mail.ru refused the login; usually it wants OAuth2 or an app password',
    fix,
  },
};
