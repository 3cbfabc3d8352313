import { cause } from '../../explain/cause.js';
import type { Advice, Fact } from '../../explain/rule.js';
import { PUBLISH } from './fixes.js';

/** What Google means by what is known without a failure. */
export const gmailAdvice: Readonly<Partial<Record<Fact, Advice>>> = {
  signInEndsInAWeek: cause(
    'signin_ends_soon',
    'this sign-in ends on {date}: Google ends each sign-in to a project in Testing after 7 days',
  )
    .fix(PUBLISH)
    .as('google-testing-seven-days'),
  signInEnds: cause(
    'signin_ends_soon',
    'this sign-in ends on {date}; usually somebody chose a limited time on Google’s page',
  )
    .fix('sign in again and choose no time limit', { run: 'authorize' })
    .as('google-limited-access'),
  signInEndedAfterAWeek: cause(
    'signin_expired',
    'this sign-in ended on {date}: Google ends each sign-in to a project in Testing after 7 days',
  )
    .fix(PUBLISH)
    .as('google-testing-ended'),
  scopesMissing: cause(
    'consent_missing_scope',
    'you are signed in, and the box for reading and sending mail was left unticked on Google’s page',
  )
    .fix('sign in again and tick "Read, compose, send, and permanently delete all your email from Gmail"', {
      run: 'authorize',
    })
    .as('google-scope-unticked'),
  noRefreshToken: cause(
    'signin_required',
    'Google gave a token for an hour and nothing to renew it with; usually an older access still stands',
  )
    .fix('remove the app among the connections of your Google account, then sign in again', {
      run: 'authorize',
      url: 'https://myaccount.google.com/connections',
    })
    .as('google-no-refresh-token'),
};
