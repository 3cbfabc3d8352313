import type { Evidence } from '../evidence.js';
import type { Rule, RuleFix } from '../rule.js';

/**
 * The errors of RFC 6749 (authorization, section 4.1.2.1; token, section 5.2), RFC 8628 section 3.5 (device), RFC 7009
 * (revocation), OpenID Connect Core section 3.1.2.6, HTTP statuses, and what mailauth finds in a good answer.
 */

const TOKEN = { where: 'token', stage: 'response', status: 400, host: 'login.example.com', port: 443 } as const;
const REFRESH = { ...TOKEN, grant: 'refresh_token' } as const;
const EXCHANGE = { ...TOKEN, grant: 'authorization_code' } as const;
const AUTHORIZATION = { where: 'authorization', stage: 'response' } as const;
const DEVICE = { where: 'token', stage: 'response', status: 400, grant: 'device_code' } as const;
const FOUND = { where: 'token', stage: 'response', text: '' } as const;

const WEB: readonly Evidence['where'][] = ['discovery', 'authorization', 'token', 'revocation', 'device'];

const SIGN_IN: RuleFix = { text: 'sign in again', run: { verb: 'authorize' } };
const AGAIN: RuleFix = { text: 'wait {wait}, then check again', run: { verb: 'check' } };
const CORRECT_CLIENT: RuleFix = {
  text: 'compare Client ID and client secret with the registration',
  run: { verb: 'setup' },
};
const REPORT: RuleFix = { text: 'report this with the server’s words to the authors of {program}' };

/** What mailauth itself finds wrong in an answer. */
const findings: readonly Rule[] = [
  {
    id: 'identity-token-time',
    when: { error: ['id_token_expired'], finding: true },
    sample: {
      ...FOUND,
      grant: 'authorization_code',
      error: 'id_token_expired',
      finding: true,
      text: 'unexpected JWT "exp" (expiration time) claim value, expiration is past current timestamp',
    },
    diagnosis: {
      code: 'clock_skew',
      who: 'you',
      message: 'times in the answer and this machine’s clock contradict each other; usually the clock is wrong',
      fix: [{ text: 'switch on automatic time on this machine, then sign in again', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'authorization-response-rejected',
    when: { where: ['authorization'], error: ['response_rejected'], finding: true },
    sample: {
      ...AUTHORIZATION,
      error: 'response_rejected',
      finding: true,
      text: 'the answer does not say which authorization server it comes from',
    },
    diagnosis: {
      code: 'signin_required',
      who: 'provider',
      message: 'the answer from the browser does not belong to this sign-in, so it was not used',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'access-token-malformed',
    when: { error: ['token_malformed'], finding: true },
    sample: {
      ...FOUND,
      grant: 'authorization_code',
      error: 'token_malformed',
      finding: true,
      text: 'the access token holds characters that a bearer token cannot have (RFC 6750)',
    },
    diagnosis: {
      code: 'unknown',
      who: 'provider',
      message: '{peer} gave an access token that mail programs cannot safely use, so it was thrown away',
      fix: [{ text: 'tell whoever runs {peer} that its access tokens are not bearer tokens of RFC 6750' }],
    },
  },
  {
    id: 'access-token-of-another-type',
    when: { error: ['token_type_unsupported'], finding: true },
    sample: {
      ...FOUND,
      grant: 'authorization_code',
      error: 'token_type_unsupported',
      finding: true,
      text: 'the access token is not of the type Bearer (DPoP)',
    },
    diagnosis: {
      code: 'unknown',
      who: 'provider',
      message: '{peer} gave an access token that is bound to a key, which no mail server takes',
      fix: [{ text: 'ask whoever runs {peer} to give this client plain bearer tokens (no DPoP, no mutual TLS)' }],
    },
  },
  {
    id: 'identity-token-invalid',
    when: { error: ['id_token_rejected'], finding: true },
    sample: {
      ...FOUND,
      grant: 'authorization_code',
      error: 'id_token_rejected',
      finding: true,
      text: 'unexpected JWT "nonce" claim value',
    },
    diagnosis: {
      code: 'unknown',
      who: 'provider',
      message: '{peer} gave an identity that does not belong to this sign-in, so it was thrown away',
      fix: [SIGN_IN],
    },
  },
];

const authorization: readonly Rule[] = [
  {
    id: 'oauth-access-denied',
    when: { where: ['authorization'], error: ['access_denied'] },
    sample: { ...AUTHORIZATION, error: 'access_denied', text: 'access_denied: The user denied the request' },
    diagnosis: {
      code: 'signin_cancelled',
      who: 'you',
      message: 'the sign-in was cancelled, or the access was not allowed, in the browser',
      fix: [{ text: 'sign in again and allow the access', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'oauth-temporarily-unavailable',
    when: { where: WEB, error: ['temporarily_unavailable'] },
    sample: { ...AUTHORIZATION, error: 'temporarily_unavailable', text: 'temporarily_unavailable: try again later' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} is overloaded or under maintenance',
      fix: [AGAIN],
    },
  },
  {
    id: 'oauth-unsupported-response-type',
    when: { where: ['authorization'], error: ['unsupported_response_type'] },
    sample: { ...AUTHORIZATION, error: 'unsupported_response_type', text: 'response type not supported' },
    diagnosis: {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'the registration does not allow the authorization code flow',
      fix: [{ text: 'switch the authorization code flow on in the registration', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'oidc-interaction-required',
    when: {
      where: ['authorization', 'token'],
      error: ['interaction_required', 'login_required', 'account_selection_required'],
    },
    sample: { ...REFRESH, error: 'interaction_required', text: 'interaction_required: the user must sign in' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: '{provider} wants a person to sign in before it issues another token',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'oauth-step-up',
    when: { error: ['insufficient_user_authentication', 'unmet_authentication_requirements'] },
    sample: {
      ...AUTHORIZATION,
      error: 'unmet_authentication_requirements',
      text: 'the requested acr could not be met',
    },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: '{provider} wants a stronger sign-in, such as with a second factor',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'oidc-consent-required',
    when: { where: ['authorization', 'token'], error: ['consent_required'] },
    sample: { ...REFRESH, error: 'consent_required', text: 'consent_required: the user must consent' },
    diagnosis: {
      code: 'consent_missing_scope',
      who: 'you',
      message: 'nobody has allowed this registration to use the mailbox yet, or the permission was taken back',
      fix: [{ text: 'sign in again and allow the access', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'oauth-redirect-uri',
    when: { where: ['authorization', 'token'], error: ['redirect_uri_mismatch', 'invalid_redirect_uri'] },
    sample: { ...AUTHORIZATION, error: 'redirect_uri_mismatch', text: 'redirect_uri_mismatch' },
    diagnosis: {
      code: 'redirect_uri_mismatch',
      who: 'you',
      message: 'the redirect URI that was sent is not registered exactly so',
      fix: [{ text: 'register exactly {redirect-uri}', run: { verb: 'setup' } }],
      settles: true,
    },
  },
  {
    id: 'oauth-redirect-uri-in-words',
    when: {
      where: ['authorization', 'token'],
      error: ['invalid_request', 'invalid_grant'],
      text: /redirect[_ ]ur[il]/i,
    },
    sample: {
      ...AUTHORIZATION,
      error: 'invalid_request',
      text: "redirect_uri did not match any of the client's registered redirect_uris",
    },
    diagnosis: {
      code: 'redirect_uri_mismatch',
      who: 'you',
      message: 'the redirect URI that was sent is not registered exactly so',
      fix: [{ text: 'register exactly {redirect-uri}', run: { verb: 'setup' } }],
      settles: true,
    },
  },
];

const token: readonly Rule[] = [
  {
    id: 'oauth-refresh-invalid-grant',
    when: { where: ['token'], grant: ['refresh_token'], error: ['invalid_grant'] },
    sample: { ...REFRESH, error: 'invalid_grant', text: 'invalid_grant: grant request is invalid' },
    diagnosis: {
      code: 'signin_expired',
      who: 'you',
      message:
        '{provider} no longer takes the refresh token: it was revoked, expired, replaced by a newer one, or cut off when it was copied',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'oauth-pkce',
    when: { where: ['token'], error: ['invalid_grant', 'invalid_request'], text: /code[_ ]verifier|PKCE/i },
    sample: { ...EXCHANGE, error: 'invalid_grant', text: 'invalid_grant: PKCE verification failed' },
    diagnosis: {
      code: 'signin_required',
      who: 'provider',
      message: 'the answer from the browser belongs to another attempt than this one',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'oauth-clock-in-words',
    when: {
      where: ['token'],
      text: /reasonable timeframe|issued in the future|not (?:yet |currently )valid.{0,40}(?:iat|nbf|time)|"(?:iat|nbf|exp)" claim/i,
    },
    sample: {
      ...TOKEN,
      error: 'invalid_grant',
      text: 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
    },
    diagnosis: {
      code: 'clock_skew',
      who: 'you',
      message: 'times in the answer and this machine’s clock contradict each other; usually the clock is wrong',
      fix: [{ text: 'switch on automatic time on this machine, then try again' }],
    },
  },
  {
    id: 'oauth-code-invalid-grant',
    when: { where: ['token'], grant: ['authorization_code'], error: ['invalid_grant'] },
    sample: { ...EXCHANGE, error: 'invalid_grant', text: 'invalid_grant: authorization code is invalid or expired' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message:
        'the answer from the browser was used already, is too old, or was cut off; it is good once and for a few minutes',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'oauth-device-invalid-grant',
    when: { grant: ['device_code'], error: ['invalid_grant', 'bad_verification_code'] },
    sample: { ...DEVICE, error: 'invalid_grant', text: 'invalid_grant: device code is not valid' },
    diagnosis: {
      code: 'signin_timeout',
      who: 'you',
      message: 'the code typed on the other device is not valid any more',
      fix: [{ text: 'start again for a new code', run: { verb: 'authorize', flags: '--device' } }],
    },
  },
  {
    id: 'oauth-client-secret-missing',
    when: {
      where: ['token'],
      text: /client_secret is missing|client_secret.{0,30}(?:required|must be)|missing.{0,20}client_secret/i,
    },
    sample: { ...EXCHANGE, error: 'invalid_request', text: 'client_secret is missing.' },
    diagnosis: {
      code: 'client_secret_wrong',
      who: 'you',
      message: 'this registration has a client secret, and none was sent',
      fix: [{ text: 'give the client secret', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'oauth-client-unknown',
    when: {
      where: ['token', 'authorization', 'device'],
      error: ['invalid_client', 'unauthorized_client', 'invalid_request'],
      text: /(?:client|application)(?: \S+)? (?:was |is |could )?(?:not (?:be )?(?:found|known|registered)|unknown|does not exist)|unknown client|no such client/i,
    },
    sample: {
      ...TOKEN,
      status: 401,
      grant: 'probe',
      error: 'invalid_client',
      text: 'invalid_client: client not found',
    },
    diagnosis: {
      code: 'client_not_found',
      who: 'you',
      message: '{provider} knows no registration with this Client ID',
      fix: [{ text: 'copy the Client ID again from the registration', run: { verb: 'setup' } }],
      settles: true,
    },
  },
  {
    id: 'oauth-client-secret-wrong',
    when: {
      where: ['token', 'revocation', 'device'],
      error: ['invalid_client'],
      text: /secret|credential|password|authentication (?:failed|method)/i,
    },
    sample: {
      ...TOKEN,
      status: 401,
      grant: 'probe',
      error: 'invalid_client',
      text: 'invalid_client: client authentication failed',
    },
    diagnosis: {
      code: 'client_secret_wrong',
      who: 'you',
      message: 'the client secret does not belong to this Client ID',
      fix: [{ text: 'copy the client secret again, or make a new one', run: { verb: 'setup' } }],
      settles: true,
    },
  },
  {
    id: 'oauth-invalid-client',
    when: { where: WEB, error: ['invalid_client'] },
    sample: { ...REFRESH, status: 401, error: 'invalid_client', text: 'invalid_client' },
    diagnosis: {
      code: 'client_secret_wrong',
      who: 'you',
      message: '{provider} does not accept this Client ID with this client secret',
      fix: [CORRECT_CLIENT],
      settles: true,
    },
  },
  {
    id: 'oauth-unauthorized-client-refresh',
    when: { where: ['token'], grant: ['refresh_token'], error: ['unauthorized_client'] },
    sample: { ...REFRESH, error: 'unauthorized_client', text: 'unauthorized_client: Unauthorized' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'the stored sign-in was made with another registration, or this one may not renew sign-ins',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'oauth-unauthorized-client-device',
    when: { grant: ['device_code'], error: ['unauthorized_client'] },
    sample: { ...DEVICE, error: 'unauthorized_client', text: 'unauthorized_client: grant type not allowed' },
    diagnosis: {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'this registration does not allow signing in with a code on another device',
      fix: [{ text: 'sign in with the browser instead', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'oauth-unauthorized-client',
    when: { where: WEB, error: ['unauthorized_client'] },
    sample: {
      ...AUTHORIZATION,
      error: 'unauthorized_client',
      text: 'unauthorized_client: not allowed to use this method',
    },
    diagnosis: {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'this registration is not allowed to sign people in this way',
      fix: [{ text: 'choose the type of client that the registration has', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'oauth-unsupported-grant-type',
    when: { where: WEB, error: ['unsupported_grant_type'] },
    sample: { ...REFRESH, error: 'unsupported_grant_type', text: 'unsupported_grant_type' },
    diagnosis: {
      code: 'client_type_mismatch',
      who: 'provider',
      message: '{peer} does not offer this kind of sign-in to the registration',
      fix: [
        {
          text: 'switch on "authorization code" and "refresh token" in the registration',
          run: { verb: 'setup' },
        },
      ],
    },
  },
  {
    id: 'oauth-invalid-scope',
    when: { where: WEB, error: ['invalid_scope', 'invalid_target'] },
    sample: {
      ...EXCHANGE,
      error: 'invalid_scope',
      text: 'invalid_scope: The requested scope is invalid, unknown, or malformed.',
    },
    diagnosis: {
      code: 'consent_missing_scope',
      who: 'you',
      message: '{provider} does not know one of the scopes, or the registration does not have it',
      fix: [{ text: 'add the scope to the registration, or correct --scope', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'oauth-proof-of-possession',
    when: { error: ['use_dpop_nonce', 'invalid_dpop_proof'] },
    sample: { ...REFRESH, error: 'invalid_dpop_proof', text: 'DPoP proof is required' },
    diagnosis: {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'this registration demands DPoP, which mail servers do not take',
      fix: [{ text: 'switch DPoP off in the registration' }],
    },
  },
  {
    id: 'oauth-mutual-tls',
    when: { error: ['invalid_request'], text: /mutual[ -]TLS|client certificate/i },
    sample: { ...REFRESH, error: 'invalid_request', text: 'mutual TLS client certificate required' },
    diagnosis: {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'this registration demands a client certificate, which {program} does not send',
      fix: [{ text: 'let the registration use a client secret, or none' }],
    },
  },
  {
    id: 'oauth-invalid-request',
    when: {
      where: WEB,
      error: ['invalid_request', 'invalid_request_object', 'invalid_request_uri', 'request_not_supported'],
    },
    sample: { ...EXCHANGE, error: 'invalid_request', text: 'invalid_request: missing parameter' },
    diagnosis: {
      code: 'unknown',
      who: 'mailauth',
      message: '{peer} did not understand the request',
      fix: [REPORT],
    },
  },
  {
    id: 'oauth-invalid-token',
    when: { where: WEB, error: ['invalid_token'] },
    sample: { ...TOKEN, where: 'revocation', error: 'invalid_token', text: 'invalid_token: Token expired or revoked' },
    diagnosis: {
      code: 'signin_expired',
      who: 'you',
      message: 'the token is no longer valid; it has ended or was revoked already',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'oauth-insufficient-scope',
    when: { where: WEB, error: ['insufficient_scope'] },
    sample: { ...TOKEN, status: 403, error: 'insufficient_scope', text: 'insufficient_scope' },
    diagnosis: {
      code: 'consent_missing_scope',
      who: 'you',
      message: 'the token does not carry the access that is needed',
      fix: [{ text: 'sign in again and allow everything that is asked for', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'oauth-unsupported-token-type',
    when: { error: ['unsupported_token_type'] },
    sample: {
      where: 'revocation',
      stage: 'response',
      status: 400,
      error: 'unsupported_token_type',
      text: 'unsupported_token_type',
    },
    diagnosis: {
      code: 'unknown',
      who: 'provider',
      message: '{peer} does not revoke this kind of token',
      fix: [{ text: 'take the access back on the provider’s page of connected programs' }],
    },
  },
];

const device: readonly Rule[] = [
  {
    id: 'device-pending',
    when: { error: ['authorization_pending'] },
    sample: { ...DEVICE, error: 'authorization_pending', text: 'authorization_pending' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: '{provider} still waits for the code to be typed in on the other device',
      fix: [{ text: 'type the code on the page that was shown' }],
    },
  },
  {
    id: 'device-slow-down',
    when: { error: ['slow_down'] },
    sample: { ...DEVICE, error: 'slow_down', text: 'slow_down' },
    diagnosis: {
      code: 'rate_limited',
      who: 'provider',
      message: '{peer} was asked too often whether the code has been typed in',
      fix: [{ text: 'start again for a new code', run: { verb: 'authorize', flags: '--device' } }],
    },
  },
  {
    id: 'device-expired',
    when: { error: ['expired_token', 'code_expired'] },
    sample: { ...DEVICE, error: 'expired_token', text: 'expired_token' },
    diagnosis: {
      code: 'signin_timeout',
      who: 'you',
      message: 'the code was not typed in on the other device in time',
      fix: [{ text: 'start again for a new code', run: { verb: 'authorize', flags: '--device' } }],
    },
  },
  {
    id: 'device-foreign-page',
    when: { where: ['device'], error: ['endpoint_refused'], finding: true },
    sample: {
      where: 'device',
      stage: 'response',
      grant: 'device_code',
      error: 'endpoint_refused',
      finding: true,
      text: 'the address for the other device is on login.example.net, which does not belong to this issuer',
    },
    diagnosis: {
      code: 'intercepted',
      who: 'provider',
      message: '{peer} names a page for the code that is not its own, so it is not shown',
      fix: [{ text: 'sign in with the browser instead', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'device-declined',
    when: { grant: ['device_code'], error: ['authorization_declined', 'access_denied'] },
    sample: { ...DEVICE, error: 'access_denied', text: 'access_denied' },
    diagnosis: {
      code: 'signin_cancelled',
      who: 'you',
      message: 'the sign-in was refused in the browser',
      fix: [{ text: 'sign in again and allow the access', run: { verb: 'authorize' } }],
    },
  },
];

const discovery: readonly Rule[] = [
  {
    id: 'discovery-not-found',
    when: { where: ['discovery'], status: [400, 404, 410] },
    sample: { where: 'discovery', stage: 'response', status: 404, host: 'login.example.com', text: 'Not Found' },
    diagnosis: {
      code: 'bad_input',
      who: 'you',
      message: '{host} has no OpenID Connect document at this address',
      fix: [{ text: 'correct the issuer', run: { verb: 'setup', flags: '--issuer URL' } }],
    },
  },
  {
    id: 'discovery-redirect',
    when: { where: ['discovery'], status: [301, 302, 303, 307, 308] },
    sample: {
      where: 'discovery',
      stage: 'response',
      status: 301,
      error: 'intercepted',
      host: 'login.example.com',
      text: 'answered with a redirect to sso.example.com',
    },
    diagnosis: {
      code: 'bad_input',
      who: 'you',
      message: '{host} sends whoever asks for its OpenID Connect document to another address; an issuer has its own',
      fix: [
        {
          text: 'ask whoever runs {host} for the issuer, and give it exactly as it is written there',
          run: { verb: 'setup', flags: '--issuer URL' },
        },
      ],
    },
  },
  {
    id: 'discovery-issuer-mismatch',
    when: { where: ['discovery'], error: ['issuer_mismatch'], finding: true },
    sample: {
      where: 'discovery',
      stage: 'response',
      status: 200,
      error: 'issuer_mismatch',
      finding: true,
      text: 'issuer is https://other.example',
    },
    diagnosis: {
      code: 'bad_input',
      who: 'you',
      message: 'the document at {host} names another issuer than the one that was given',
      fix: [
        { text: 'give the issuer exactly as the document names it', run: { verb: 'setup', flags: '--issuer URL' } },
      ],
    },
  },
  {
    id: 'discovery-foreign-endpoint',
    when: { where: ['discovery'], error: ['endpoint_refused'], finding: true },
    sample: {
      where: 'discovery',
      stage: 'response',
      status: 200,
      error: 'endpoint_refused',
      finding: true,
      text: 'the discovery document has no token_endpoint',
    },
    diagnosis: {
      code: 'bad_input',
      who: 'provider',
      message: 'the document at {host} lacks an endpoint, or names one that cannot be used',
      fix: [
        {
          text: 'check with whoever runs {host} that the issuer is right',
          run: { verb: 'setup', flags: '--issuer URL' },
        },
      ],
    },
  },
];

/** 511 is a network's own word: it wants its user to sign in. */
const SERVER_ERRORS = [
  500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530,
];

const http: readonly Rule[] = [
  {
    id: 'http-too-many-requests',
    when: { where: WEB, error: ['rate_limited', 'too_many_requests'] },
    sample: { ...REFRESH, status: 429, error: 'rate_limited', retryAfter: 30, text: 'Too Many Requests' },
    diagnosis: {
      code: 'rate_limited',
      who: 'provider',
      message: '{peer} has had too many requests from here',
      fix: [AGAIN],
    },
  },
  {
    id: 'http-429',
    weight: 'cause',
    when: { where: WEB, status: [429] },
    sample: { ...REFRESH, status: 429, error: 'quota_exceeded', text: 'Quota exceeded' },
    diagnosis: {
      code: 'rate_limited',
      who: 'provider',
      message: '{peer} has had too many requests from here',
      fix: [AGAIN],
    },
  },
  {
    id: 'http-server-error',
    when: { where: WEB, status: SERVER_ERRORS },
    sample: { ...REFRESH, status: 503, error: 'server_error', text: 'Service Unavailable' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} has trouble of its own at the moment',
      fix: [AGAIN],
    },
  },
  {
    id: 'http-redirect',
    when: { where: WEB, status: [301, 302, 303, 307, 308] },
    sample: { ...REFRESH, status: 302, text: 'Found' },
    diagnosis: {
      code: 'intercepted',
      who: 'network',
      message: '{peer} sent the request elsewhere, which no sign-in server does; usually a network’s login page',
      fix: [{ text: 'open any web page in a browser, sign in to the network if it asks, then try again' }],
    },
  },
  {
    id: 'http-blocked-page',
    when: { where: WEB, status: [403, 451], error: ['intercepted'] },
    sample: { ...REFRESH, status: 403, error: 'intercepted', text: 'Access blocked' },
    diagnosis: {
      code: 'intercepted',
      who: 'network',
      message: 'a page came in place of the answer; usually a filter of this network blocks {peer}',
      fix: [{ text: 'ask the network’s administrator to allow {peer}' }],
    },
  },
  {
    id: 'http-timeout',
    when: { where: WEB, status: [408, 425] },
    sample: { ...REFRESH, status: 408, text: 'Request Timeout' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} did not receive the request in time',
      fix: [AGAIN],
    },
  },
  {
    id: 'http-wrong-address',
    when: { where: ['token', 'revocation', 'device'], status: [404, 405, 410, 415] },
    sample: { ...REFRESH, status: 404, text: 'Not Found' },
    diagnosis: {
      code: 'bad_input',
      who: 'you',
      message: '{peer} has no such endpoint; its addresses may have changed since the set-up',
      fix: [{ text: 'set the account up again, which reads the addresses anew', run: { verb: 'setup' } }],
    },
  },
  {
    id: 'oauth-server-error',
    when: { where: WEB, error: ['server_error'] },
    sample: { ...AUTHORIZATION, error: 'server_error', text: 'server_error: The server met an unexpected condition' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: '{peer} met an error of its own',
      fix: [AGAIN],
    },
  },
  {
    id: 'http-no-oauth-answer',
    when: { where: WEB, error: ['intercepted'] },
    sample: { ...REFRESH, status: 400, error: 'intercepted', text: 'Bad Request' },
    diagnosis: {
      code: 'intercepted',
      who: 'network',
      message: '{peer} refused the request in words that no sign-in server uses; usually a filter or a proxy answered',
      fix: [{ text: 'ask the network’s administrator what answers in place of {peer}' }],
    },
  },
];

export const oauthRules: readonly Rule[] = [...findings, ...authorization, ...token, ...device, ...discovery, ...http];
