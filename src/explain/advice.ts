/**
 * What is known without a failure: dates, scopes, identity, audience, the clock. Each function takes facts that
 * mailauth has read itself; no server's answer can bring one of these up.
 */

import { cause } from './cause.js';
import type { ExplainContext } from './context.js';
import { counted, duration, problemFrom, type Values, valuesOf } from './fill.js';
import { SET_CLOCK } from './fixes.js';
import type { Problem } from './problem.js';
import type { Advice, Fact } from './rule.js';

const SIGN_IN_ENDS: Advice = cause('signin_ends_soon', 'this sign-in ends on {date}, as {provider} has announced')
  .fix('sign in again before that day', { run: 'authorize' })
  .as('sign-in-ends');

const SIGN_IN_ENDED: Advice = cause('signin_expired', 'this sign-in ended on {date}, as {provider} had announced')
  .fix('sign in again', { run: 'authorize' })
  .as('sign-in-ended');

/** The same at every provider; a provider's own words come first. */
export const COMMON_ADVICE: Readonly<Record<Fact, Advice>> = {
  signInEnds: SIGN_IN_ENDS,
  signInEndsInAWeek: SIGN_IN_ENDS,
  signInEnded: SIGN_IN_ENDED,
  signInEndedAfterAWeek: SIGN_IN_ENDED,
  secretExpires: cause(
    'client_secret_expires_soon',
    'the {credential-name} ends in {days}, on {date}; then no mail goes in or out',
  )
    .fix('make a new {credential-name} and give it to mailauth', { run: 'setup' })
    .as('secret-expires-soon'),
  secretExpired: cause('client_secret_expired', 'the {credential-name} ended on {date}')
    .fix('make a new {credential-name} and give it to mailauth', { run: 'setup' })
    .as('secret-expired'),
  scopesMissing: cause(
    'consent_missing_scope',
    'the sign-in succeeded, and this was left out or not allowed: {missing-scopes}',
  )
    .fix('sign in again and allow everything that is asked for', { run: 'authorize' })
    .as('scope-missing'),
  rolesMissing: cause(
    'admin_consent_required',
    'the app gets a token, and an administrator has not allowed it this: {missing-roles}',
    'admin',
  )
    .fix('have an administrator allow the app these permissions', { run: 'setup' })
    .as('roles-missing'),
  noRefreshToken: cause(
    'signin_required',
    'the sign-in server gave a token for about an hour and nothing to renew it with',
    'provider',
  )
    .fix('ask for offline access too, for most servers --scope offline_access, then sign in again')
    .as('no-refresh-token'),
  wrongAudience: cause('consent_missing_scope', 'the token is for {audience}, so the mail servers refuse it')
    .fix('ask for the scopes that the mail servers want', { run: 'setup' })
    .as('token-audience'),
  wrongAccount: cause('wrong_account', 'the browser signed in as {signed-in}, not as {account}')
    .fix('sign in again and choose {account}', { run: 'authorize' })
    .fix('if {account} is an alias or a shared mailbox of the account that signed in, say so', {
      run: 'setup --auth-user {auth-user}',
    })
    .as('identity-mismatch'),
  clockAhead: cause(
    'clock_skew',
    'this machine’s clock is {clock-offset} ahead of the provider’s, so tokens and certificates look too old',
  )
    .fix(SET_CLOCK)
    .as('clock-ahead'),
  clockBehind: cause(
    'clock_skew',
    'this machine’s clock is {clock-offset} behind the provider’s, so new tokens and certificates look invalid',
  )
    .fix(SET_CLOCK)
    .as('clock-behind'),
};

/** `lifetime`: seconds from the sign-in to the end the provider announced; the length tells whether somebody chose the limit. */
interface SignInEnd {
  readonly lifetime: number;
  /** The day of the end, as people write it. */
  readonly date: string;
}

/** A sign-in that will end on its own. */
export function adviseSignInEnd({ lifetime, date }: SignInEnd, context: ExplainContext): Problem {
  return advise(isWeek(lifetime) ? 'signInEndsInAWeek' : 'signInEnds', { date }, context);
}

/** A sign-in that is no longer taken after the end the provider had announced. */
export function adviseSignInEnded({ lifetime, date }: SignInEnd, context: ExplainContext): Problem {
  return advise(isWeek(lifetime) ? 'signInEndedAfterAWeek' : 'signInEnded', { date }, context);
}

/** As long as a sign-in lasts whose project is in Testing; seconds. */
export function isWeek(lifetime: number): boolean {
  const days = lifetime / 86_400;
  return days > 6.5 && days < 7.5;
}

/**
 * A client secret with a known last day. `daysLeft` below zero: it is over. That is no failure while the secret is still
 * taken, since the day that was read off the page may be wrong.
 */
export function adviseSecretExpiry(daysLeft: number, date: string, context: ExplainContext): Problem {
  const days = counted(Math.max(0, Math.floor(daysLeft)), 'day');
  const isCertificate = context.answers['credential'] === 'certificate';
  const name = isCertificate ? 'certificate' : 'client secret';
  return advise(daysLeft < 0 ? 'secretExpired' : 'secretExpires', { days, date, 'credential-name': name }, context);
}

/** Scopes that are needed and were not granted. */
export function adviseMissingScopes(missing: readonly string[], context: ExplainContext): Problem {
  return advise('scopesMissing', { 'missing-scopes': missing.join(' ') }, context);
}

/** What an administrator has to allow an app, and has not. */
export function adviseMissingRoles(missing: readonly string[], context: ExplainContext): Problem {
  return advise('rolesMissing', { 'missing-roles': missing.join(' ') }, context);
}

/** A sign-in that would last no longer than its first access token. */
export function adviseNoRefreshToken(context: ExplainContext): Problem {
  return advise('noRefreshToken', {}, context);
}

/** An access token that was made for another service than the mail servers; `service` as people call it. */
export function adviseAudience(service: string, context: ExplainContext): Problem {
  return advise('wrongAudience', { audience: service }, context);
}

/** Another account than the wanted one has signed in. */
export function adviseWrongAccount(signedIn: string, wanted: string, context: ExplainContext): Problem {
  return advise('wrongAccount', { 'signed-in': signedIn, 'auth-user': signedIn, account: wanted }, context);
}

/** A difference between two clocks that a token's lifetime does not forgive, in seconds. */
const CLOCK_TOLERANCE = 300;

/** Our clock against a server's, in seconds; undefined where they agree well enough. */
export function adviseClock(offset: number, context: ExplainContext): Problem | undefined {
  if (!(Math.abs(offset) > CLOCK_TOLERANCE)) return undefined;
  return advise(offset > 0 ? 'clockAhead' : 'clockBehind', { 'clock-offset': duration(Math.abs(offset)) }, context);
}

function advise(fact: Fact, known: Values, context: ExplainContext): Problem {
  const { rule, ...diagnosis } = context.provider?.advice?.[fact] ?? COMMON_ADVICE[fact];
  return problemFrom(diagnosis, context, valuesOf(context, known), { rule });
}
