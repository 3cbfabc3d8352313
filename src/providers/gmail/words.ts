import type { ProviderWords } from '../../explain/context.js';
import { gmailAdvice } from './advice.js';

/** What an explanation needs to know of Google; the record of the provider adds how mailboxes are set up there. */
export const gmailWords: ProviderWords = {
  id: 'gmail',
  title: 'Gmail',
  rules: async () => (await import('./errors.js')).gmailRules,
  pasteRules: async () => (await import('./errors.js')).gmailPasteRules,
  advice: gmailAdvice,
  adminRequest:
    'Please trust our app with the client ID {client-id} in the Admin console, under Security > Access and data control > API controls > Manage third-party app access. It lets us read and send mail of {account} with OAuth2.',
  shows: /\bgsmtp\b|(?<![a-z])gmail|google|\bGAM\b|\bgapi/i,
  password: {
    code: 'token_refused',
    who: 'you',
    message: 'the program logged in with a password, and Gmail takes only tokens or app passwords from programs',
    fix: [
      { text: 'let the program log in with OAuth2 (XOAUTH2)' },
      {
        text: 'or make an app password, where the account has 2-Step Verification and its administrator allows them',
        url: 'https://myaccount.google.com/apppasswords',
      },
    ],
  },
  refusal: {
    code: 'token_refused',
    who: 'you',
    message:
      'Gmail refused the login: an account password, which programs may not use, or a token that has ended, is for another mailbox, or lacks the mail scope',
    fix: [
      { text: 'if the program sends a password: let it use OAuth2 (XOAUTH2), or an app password' },
      {
        text: 'if it sends a token: renew it, and see that it was given by {account} for the scope https://mail.google.com/',
      },
    ],
  },
};
