import { cause, rulesOf } from '../cause.js';
import { WEB } from '../evidence.js';
import { AGAIN, REPORT, SIGN_IN } from '../fixes.js';
import type { Rule, RuleFix } from '../rule.js';

/**
 * The errors of RFC 6749 (authorization, section 4.1.2.1; token, section 5.2), RFC 8628 section 3.5 (device), RFC 7009
 * (revocation), OpenID Connect Core section 3.1.2.6, HTTP statuses, and what mailauth finds in a good answer.
 */

const CORRECT_CLIENT: RuleFix = { text: 'compare Client ID and client secret with the registration', run: 'setup' };

/** What mailauth itself finds wrong in an answer. */
const findings = rulesOf(
  cause('clock_skew', 'times in the answer and this machine’s clock contradict each other; usually the clock is wrong')
    .fix('switch on automatic time on this machine, then sign in again', { run: 'authorize' })
    .when('identity-token-time', { error: 'id_token_expired', finding: true }),
  cause(
    'signin_required',
    'the answer from the browser does not belong to this sign-in, so it was not used',
    'provider',
  )
    .fix(SIGN_IN)
    .when('authorization-response-rejected', { where: 'authorization', error: 'response_rejected', finding: true }),
  cause(
    'unknown',
    '{peer} gave an access token that mail programs cannot safely use, so it was thrown away',
    'provider',
  )
    .fix('tell whoever runs {peer} that its access tokens are not bearer tokens of RFC 6750')
    .when('access-token-malformed', { error: 'token_malformed', finding: true }),
  cause('unknown', '{peer} gave an access token that is bound to a key, which no mail server takes', 'provider')
    .fix('ask whoever runs {peer} to give this client plain bearer tokens (no DPoP, no mutual TLS)')
    .when('access-token-of-another-type', { error: 'token_type_unsupported', finding: true }),
  cause('unknown', '{peer} gave an identity that does not belong to this sign-in, so it was thrown away', 'provider')
    .fix(SIGN_IN)
    .when('identity-token-invalid', { error: 'id_token_rejected', finding: true }),
);

const authorization = rulesOf(
  cause('signin_cancelled', 'the sign-in was cancelled, or the access was not allowed, in the browser')
    .fix('sign in again and allow the access', { run: 'authorize' })
    .when('oauth-access-denied', { where: 'authorization', error: 'access_denied' }),
  cause('server_unavailable', '{peer} is overloaded or under maintenance', 'provider')
    .fix(AGAIN)
    .when('oauth-temporarily-unavailable', { where: WEB, error: 'temporarily_unavailable' }),
  cause('client_type_mismatch', 'the registration does not allow the authorization code flow')
    .fix('switch the authorization code flow on in the registration', { run: 'setup' })
    .when('oauth-unsupported-response-type', { where: 'authorization', error: 'unsupported_response_type' }),
  cause('signin_required', '{provider} wants a person to sign in before it issues another token')
    .fix(SIGN_IN)
    .when('oidc-interaction-required', {
      where: ['authorization', 'token'],
      error: ['interaction_required', 'login_required', 'account_selection_required'],
    }),
  cause('signin_required', '{provider} wants a stronger sign-in, such as with a second factor')
    .fix(SIGN_IN)
    .when('oauth-step-up', { error: ['insufficient_user_authentication', 'unmet_authentication_requirements'] }),
  cause(
    'consent_missing_scope',
    'nobody has allowed this registration to use the mailbox yet, or the permission was taken back',
  )
    .fix('sign in again and allow the access', { run: 'authorize' })
    .when('oidc-consent-required', { where: ['authorization', 'token'], error: 'consent_required' }),
  cause('redirect_uri_mismatch', 'the redirect URI that was sent is not registered exactly so')
    .settles()
    .fix('register exactly {redirect-uri}', { run: 'setup' })
    .when('oauth-redirect-uri', {
      where: ['authorization', 'token'],
      error: ['redirect_uri_mismatch', 'invalid_redirect_uri'],
    }),
  cause('redirect_uri_mismatch', 'the redirect URI that was sent is not registered exactly so')
    .settles()
    .fix('register exactly {redirect-uri}', { run: 'setup' })
    .when('oauth-redirect-uri-in-words', {
      where: ['authorization', 'token'],
      error: ['invalid_request', 'invalid_grant'],
      text: /redirect[_ ]ur[il](?!['"]?[=:])/i,
    }),
  cause('redirect_uri_mismatch', 'the redirect URI that was sent is not registered exactly so')
    .settles()
    .fix('register exactly {redirect-uri}', { run: 'setup' })
    .when('oauth-redirect-uri-not-registered', {
      where: ['authorization', 'token'],
      text: /mismatch\w{0,3} redirect[_ ]ur[il]|redirect[_ ]ur[il].{0,200} (?:must match|did not match|does not match|is not registered|not registered|not allowed|not whitelisted|is invalid)/i,
    }),
);

const token = rulesOf(
  cause(
    'signin_expired',
    '{provider} no longer takes the refresh token: it was revoked, expired, replaced by a newer one, or cut off when it was copied',
  )
    .fix(SIGN_IN)
    .when('oauth-refresh-invalid-grant', { where: 'token', grant: 'refresh_token', error: 'invalid_grant' }),
  cause('signin_required', 'the answer from the browser belongs to another attempt than this one', 'provider')
    .fix(SIGN_IN)
    .when('oauth-pkce', {
      where: 'token',
      error: ['invalid_grant', 'invalid_request'],
      text: /code[_ ]verifier|PKCE/i,
    }),
  cause('clock_skew', 'times in the answer and this machine’s clock contradict each other; usually the clock is wrong')
    .fix('switch on automatic time on this machine, then try again')
    .when('oauth-clock-in-words', {
      where: 'token',
      text: /reasonable timeframe|issued in the future|not (?:yet |currently )valid.{0,40}(?:iat|nbf|time)|"(?:iat|nbf|exp)" claim/i,
    }),
  cause(
    'signin_required',
    'the answer from the browser was used already, is too old, or was cut off; it is good once and for a few minutes',
  )
    .fix(SIGN_IN)
    .when('oauth-code-invalid-grant', { where: 'token', grant: 'authorization_code', error: 'invalid_grant' }),
  cause('signin_timeout', 'the code typed on the other device is not valid any more')
    .fix('start again for a new code', { run: 'authorize --device' })
    .when('oauth-device-invalid-grant', { grant: 'device_code', error: ['invalid_grant', 'bad_verification_code'] }),
  cause('client_secret_wrong', 'this registration has a client secret, and none was sent')
    .fix('give the client secret', { run: 'setup' })
    .when('oauth-client-secret-missing', {
      where: 'token',
      text: /client_secret is missing|client_secret.{0,30}(?:required|must be)|missing.{0,20}client_secret/i,
    }),
  cause('client_not_found', '{provider} knows no registration with this Client ID')
    .settles()
    .fix('copy the Client ID again from the registration', { run: 'setup' })
    .when('oauth-client-unknown', {
      where: ['token', 'authorization', 'device'],
      error: ['invalid_client', 'unauthorized_client', 'invalid_request'],
      text: /(?:client|application)(?: \S+)? (?:was |is |could )?(?:not (?:be )?(?:found|known|registered)|unknown|does not exist)|unknown client(?!, )|no such client/i,
    }),
  cause('client_secret_wrong', 'the client secret does not belong to this Client ID')
    .settles()
    .fix('copy the client secret again, or make a new one', { run: 'setup' })
    .when('oauth-client-secret-wrong', {
      where: ['token', 'revocation', 'device'],
      error: 'invalid_client',
      text: /secret|credential|password|authentication (?:failed|method)/i,
    }),
  cause('client_secret_wrong', '{provider} does not accept this Client ID with this client secret')
    .settles()
    .fix(CORRECT_CLIENT)
    .when('oauth-invalid-client', { where: WEB, error: 'invalid_client' }),
  cause('signin_required', 'the stored sign-in was made with another registration, or this one may not renew sign-ins')
    .fix(SIGN_IN)
    .when('oauth-unauthorized-client-refresh', {
      where: 'token',
      grant: 'refresh_token',
      error: 'unauthorized_client',
    }),
  cause('client_type_mismatch', 'this registration does not allow signing in with a code on another device')
    .fix('sign in with the browser instead', { run: 'authorize' })
    .when('oauth-unauthorized-client-device', { grant: 'device_code', error: 'unauthorized_client' }),
  cause('client_type_mismatch', 'this registration is not allowed to sign people in this way')
    .fix('choose the type of client that the registration has', { run: 'setup' })
    .when('oauth-unauthorized-client', { where: WEB, error: 'unauthorized_client' }),
  cause('client_type_mismatch', '{peer} does not offer this kind of sign-in to the registration', 'provider')
    .fix('switch on "authorization code" and "refresh token" in the registration', { run: 'setup' })
    .when('oauth-unsupported-grant-type', { where: WEB, error: 'unsupported_grant_type' }),
  cause('consent_missing_scope', '{provider} does not know one of the scopes, or the registration does not have it')
    .fix('add the scope to the registration, or correct --scope', {
      run: 'setup',
      foreign: 'add the scope to the registration, or correct it in the settings of {program}',
    })
    .when('oauth-invalid-scope', { where: WEB, error: ['invalid_scope', 'invalid_target'] }),
  cause('client_type_mismatch', 'this registration demands DPoP, which mail servers do not take')
    .fix('switch DPoP off in the registration')
    .when('oauth-proof-of-possession', { error: ['use_dpop_nonce', 'invalid_dpop_proof'] }),
  cause('client_type_mismatch', 'this registration demands a client certificate, which {program} does not send')
    .fix('let the registration use a client secret, or none')
    .when('oauth-mutual-tls', { error: 'invalid_request', text: /mutual[ -]TLS|client certificate/i }),
  cause('unknown', '{peer} did not understand the request', 'mailauth')
    .fix(REPORT)
    .when('oauth-invalid-request', {
      where: WEB,
      error: ['invalid_request', 'invalid_request_object', 'invalid_request_uri', 'request_not_supported'],
    }),
  cause('signin_expired', 'the token is no longer valid; it has ended or was revoked already')
    .fix(SIGN_IN)
    .when('oauth-invalid-token', { where: WEB, error: 'invalid_token' }),
  cause('consent_missing_scope', 'the token does not carry the access that is needed')
    .fix('sign in again and allow everything that is asked for', { run: 'authorize' })
    .when('oauth-insufficient-scope', { where: WEB, error: 'insufficient_scope' }),
  cause('unknown', '{peer} does not revoke this kind of token', 'provider')
    .fix('take the access back on the provider’s page of connected programs')
    .when('oauth-unsupported-token-type', { error: 'unsupported_token_type' }),
);

const device = rulesOf(
  cause('signin_required', '{provider} still waits for the code to be typed in on the other device')
    .fix('type the code on the page that was shown')
    .when('device-pending', { error: 'authorization_pending' }),
  cause('rate_limited', '{peer} was asked too often whether the code has been typed in', 'provider')
    .fix('start again for a new code', { run: 'authorize --device' })
    .when('device-slow-down', { error: 'slow_down' }),
  cause('signin_timeout', 'the code was not typed in on the other device in time')
    .fix('start again for a new code', { run: 'authorize --device' })
    .when('device-expired', { error: ['expired_token', 'code_expired'] }),
  cause('intercepted', '{peer} names a page for the code that is not its own, so it is not shown', 'provider')
    .fix('sign in with the browser instead', { run: 'authorize' })
    .when('device-foreign-page', { where: 'device', error: 'endpoint_refused', finding: true }),
  cause('signin_cancelled', 'the sign-in was refused in the browser')
    .fix('sign in again and allow the access', { run: 'authorize' })
    .when('device-declined', { grant: 'device_code', error: ['authorization_declined', 'access_denied'] }),
);

const discovery = rulesOf(
  cause('bad_input', '{host} has no OpenID Connect document at this address')
    .fix('correct the issuer', { run: 'setup --issuer URL' })
    .when('discovery-not-found', { where: 'discovery', status: [400, 404, 410] }),
  cause(
    'bad_input',
    '{host} sends whoever asks for its OpenID Connect document to another address; an issuer has its own',
  )
    .fix('ask whoever runs {host} for the issuer, and give it exactly as it is written there', {
      run: 'setup --issuer URL',
    })
    .when('discovery-redirect', { where: 'discovery', status: [301, 302, 303, 307, 308] }),
  cause('bad_input', 'the document at {host} names another issuer than the one that was given')
    .fix('give the issuer exactly as the document names it', { run: 'setup --issuer URL' })
    .when('discovery-issuer-mismatch', { where: 'discovery', error: 'issuer_mismatch', finding: true }),
  cause('bad_input', 'the document at {host} lacks an endpoint, or names one that cannot be used', 'provider')
    .fix('check with whoever runs {host} that the issuer is right', { run: 'setup --issuer URL' })
    .when('discovery-foreign-endpoint', { where: 'discovery', error: 'endpoint_refused', finding: true }),
);

const registration = rulesOf(
  cause('policy_blocked', '{host} registers no program by itself, or not this one', 'provider')
    .fix('register a client by hand, as the guide says, and give its ID', { run: 'setup --client-id ID' })
    .when('registration-refused', { where: 'registration', status: [200, 201, 400, 401, 403, 404, 405, 410, 422] }),
);

/** 511 is a network's own word: it wants its user to sign in. */
const SERVER_ERRORS = [502, 503, 504, 505, 506, 507, 508, 509, 510, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530];

const http = rulesOf(
  cause('rate_limited', '{peer} has had too many requests from here', 'provider')
    .fix(AGAIN)
    .when('http-too-many-requests', { where: WEB, error: ['rate_limited', 'too_many_requests'] }),
  cause('rate_limited', '{peer} has had too many requests from here', 'provider')
    .fix(AGAIN)
    .when('http-429', { where: WEB, status: 429 }, 'cause'),
  cause('server_unavailable', '{peer} has trouble of its own at the moment', 'provider')
    .fix(AGAIN)
    .when('http-server-error', { where: WEB, status: SERVER_ERRORS })
    // Pasted, it may be the page of any program, or the reply of a mail server.
    .when('http-internal-error', { where: WEB, status: [500, 501] }, 'nothing'),
  cause(
    'intercepted',
    '{peer} sent the request elsewhere, which no sign-in server does; usually a network’s login page',
    'network',
  )
    .fix('open any web page in a browser, sign in to the network if it asks, then try again')
    .when('http-redirect', { where: WEB, status: [301, 302, 303, 307, 308] }),
  cause('intercepted', 'a page came in place of the answer; usually a filter of this network blocks {peer}', 'network')
    .fix('ask the network’s administrator to allow {peer}')
    .when('http-blocked-page', { where: WEB, status: [403, 451], error: 'intercepted' }),
  cause('server_unavailable', '{peer} did not receive the request in time', 'provider')
    .fix(AGAIN)
    .when('http-timeout', { where: WEB, status: [408, 425] }),
  cause('bad_input', '{peer} has no such endpoint; its addresses may have changed since the set-up')
    .fix('set the account up again, which reads the addresses anew', {
      run: 'setup',
      foreign: 'compare the address of the token endpoint in the settings of {program} with the provider’s',
    })
    .when('http-wrong-address', { where: ['token', 'revocation', 'device'], status: [404, 405, 410, 415] }),
  cause('server_unavailable', '{peer} met an error of its own', 'provider')
    .fix(AGAIN)
    .when('oauth-server-error', { where: WEB, error: 'server_error' }),
  cause(
    'intercepted',
    '{peer} refused the request in words that no sign-in server uses; usually a filter or a proxy answered',
    'network',
  )
    .fix('ask the network’s administrator what answers in place of {peer}')
    .when('http-no-oauth-answer', { where: WEB, error: 'intercepted' }),
);

export const oauthRules: readonly Rule[] = [
  ...findings,
  ...authorization,
  ...token,
  ...device,
  ...discovery,
  ...http,
  ...registration,
];
