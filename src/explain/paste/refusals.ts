import type { ProviderWords } from '../context.js';
import type { Diagnosis, RuleFix } from '../rule.js';
import type { Sent } from './sent.js';

/** A login that a mail server refused, by what the program had sent. Says nothing that the paste does not show. */
export interface Refusal extends Diagnosis {
  readonly id?: string;
}

const TOKEN_WAYS: RuleFix = { text: 'let the program sign in with OAuth2 (XOAUTH2) for this mailbox' };

/** Undefined: the rule's own words fit. */
export function refusalOf({ what, detail }: Sent, provider: ProviderWords | undefined): Refusal | undefined {
  const who = provider?.title ?? '{peer}';
  switch (what) {
    case 'password':
      return { id: 'password-sent', ...(provider?.password ?? PASSWORD) };
    case 'empty':
      return EMPTY;
    case 'malformed':
      return MALFORMED;
    case 'expired':
      return EXPIRED;
    case 'foreign':
      return {
        ...FOREIGN,
        message: `the token belongs to ${detail ?? 'somebody else'}, and the program asked ${who} for another mailbox`,
      };
    case 'other-service':
      return {
        ...OTHER_SERVICE,
        message: `the token was made for ${detail ?? 'another service'}, so the mail server refuses it`,
      };
    case 'not-shown':
      return provider?.refusal ?? NOT_SHOWN;
    default:
      return undefined;
  }
}

const PASSWORD: Diagnosis = {
  code: 'token_refused',
  who: 'you',
  message: 'the program logged in with a user name and a password, and {peer} refused them',
  fix: [
    {
      text: 'correct the user name and the password; many providers take only an app password, or a token, from programs',
    },
    TOKEN_WAYS,
  ],
};

const EMPTY: Refusal = {
  id: 'login-sent-empty',
  code: 'token_refused',
  who: 'you',
  message: 'the program logged in with nothing: where the token or the password belongs, the text it sent is empty',
  fix: [
    { text: 'look at the setting or the command that gives the program its token or password, and run it by hand' },
  ],
};

const MALFORMED: Refusal = {
  id: 'login-sent-malformed',
  code: 'token_refused',
  who: 'you',
  message: '{peer} could not read the login that the program sent: it is empty, or not put together as it should be',
  fix: [
    {
      text: 'the text to encode in base64 is user=ADDRESS, the byte 1, auth=Bearer TOKEN, and the byte 1 twice, without a line end (a password login: byte 0, user, byte 0, password)',
    },
  ],
};

const EXPIRED: Refusal = {
  id: 'token-sent-expired',
  code: 'token_refused',
  who: 'you',
  message: 'the access token the program sent is past its hour; it has to be renewed before each login',
  fix: [{ text: 'let the program renew its token, or fetch a new one before it logs in' }],
};

const FOREIGN: Refusal = {
  id: 'token-sent-for-another',
  code: 'token_refused',
  who: 'you',
  message: '',
  fix: [{ text: 'log in as the mailbox that the token belongs to, or sign in again as the other one' }],
};

const OTHER_SERVICE: Refusal = {
  id: 'token-sent-for-another-service',
  code: 'token_refused',
  who: 'you',
  message: '',
  fix: [
    {
      text: 'ask for the scopes of the mail servers, with their host in front, and for no scope of another service in the same request',
    },
  ],
};

const NOT_SHOWN: Diagnosis = {
  code: 'token_refused',
  who: 'you',
  message: '{peer} refused the login; the text does not show whether a password or a token was sent',
  fix: [
    { text: 'if it was a password: correct it, or use an app password or OAuth2 where the provider wants that' },
    { text: 'if it was a token: renew it, and see that it is for this mailbox and for mail' },
  ],
};
