import type { ProviderWords } from '../../explain/context.js';
import { outlookAdvice } from './advice.js';
import { ADMIN_CONSENT, ADMIN_REQUEST } from './consent.js';

/** What an explanation needs to know of Microsoft; the record of the provider adds how mailboxes are set up there. */
export const outlookWords: ProviderWords = {
  id: 'outlook',
  title: 'Microsoft Outlook',
  rules: async () => (await import('./errors.js')).outlookRules,
  pasteRules: async () => (await import('./errors.js')).outlookPasteRules,
  advice: outlookAdvice,
  adminRequest: ADMIN_REQUEST,
  adminConsentUrl: ADMIN_CONSENT,
  otherServices: [
    { audience: /graph\.microsoft\.com|00000003-0000-0000-c000-000000000000/, title: 'Microsoft Graph' },
    { audience: /graph\.windows\.net|00000002-0000-0000-c000-000000000000/, title: 'the old directory interface' },
    { audience: /management\.(?:azure|core)/, title: 'the administration of Azure' },
  ],
  shows:
    /AADSTS|outlook|office ?365|microsoft|hotmail|exchangelabs|\blive\.com|azure|\bmsal|\bADAL\b|\.PROD\.|Exchange (?:Online|IMAP4)|User is authenticated but not connected/i,
  password: {
    code: 'policy_blocked',
    who: 'you',
    message: 'the program logged in with a password, and Microsoft takes only tokens from programs',
    fix: [{ text: 'let the program log in with OAuth2 (XOAUTH2)' }],
  },
  refusal: {
    code: 'token_refused',
    who: 'you',
    message:
      'Exchange refused the login: a password, which it no longer takes, or a token that has ended, is for another mailbox, or was made for another service',
    fix: [
      { text: 'if the program sends a password: let it use OAuth2 (XOAUTH2)' },
      {
        text: 'if it sends a token: renew it, and see that it is for {account} and for {mail-scope}, which is another service than Microsoft Graph',
      },
      { text: 'if both are right: see that {protocol} logins are switched on for the mailbox' },
    ],
  },
};
