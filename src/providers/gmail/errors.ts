import type { Advice, Diagnosis, Fact, Rule, RuleFix } from '../../explain/rule.js';

/**
 * What Google's sign-in page, token endpoint and mail servers say when something is wrong. The page keeps most
 * errors of a registration to itself, so those rules serve a line that a person pastes or picks.
 */

const CONSOLE = 'https://console.cloud.google.com';
const AUDIENCE = `${CONSOLE}/auth/audience?project={project?}`;
const CLIENTS = `${CONSOLE}/auth/clients?project={project?}`;
const SCOPES = `${CONSOLE}/auth/scopes?project={project?}`;
const BRANDING = `${CONSOLE}/auth/branding?project={project?}`;
const ADMIN_APPS = 'https://admin.google.com/ac/owl/list?tab=configuredApps';
const ADMIN_IMAP = 'https://admin.google.com/ac/apps/gmail/enduseraccess';

const PAGE = { where: 'authorization', stage: 'response' } as const;
const TOKEN = { where: 'token', stage: 'response', host: 'oauth2.googleapis.com', port: 443 } as const;
const REFRESH = { ...TOKEN, status: 400, grant: 'refresh_token' } as const;
const EXCHANGE = { ...TOKEN, status: 400, grant: 'authorization_code' } as const;
const PROBE = { ...TOKEN, status: 401, grant: 'probe' } as const;
const SMTP = { where: 'smtp', stage: 'auth', host: 'smtp.gmail.com', port: 587 } as const;
const IMAP = { where: 'imap', stage: 'auth', host: 'imap.gmail.com', port: 993 } as const;

const SIGN_IN: RuleFix = { text: 'sign in again', run: { verb: 'authorize' } };
const AGAIN: RuleFix = { text: 'wait {wait}, then check again', run: { verb: 'check' } };
const PUBLISH: RuleFix = {
  text: 'publish the app (Audience > Publish app), then sign in again',
  run: { verb: 'authorize' },
  url: AUDIENCE,
  step: '6',
};
const TRUST_THE_APP: RuleFix = {
  text: 'ask the Workspace administrator to trust the Client ID {client-id} (Security > API controls > Manage third-party app access)',
  url: ADMIN_APPS,
  send: '{admin-request}',
};

const REFRESH_REFUSED: Diagnosis = {
  code: 'signin_expired',
  who: 'you',
  message:
    'Google does not take this refresh token, and does not say why; usually it was ended a while ago, or cut off when it was copied',
  fix: [SIGN_IN, { text: 'if it ends every 7 days, publish the app first', url: AUDIENCE, step: '6' }],
};

/** What Google means by it. */
export const gmailAdvice: Readonly<Partial<Record<Fact, Advice>>> = {
  signInEndsInAWeek: {
    rule: 'google-testing-seven-days',
    code: 'signin_ends_soon',
    who: 'you',
    message: 'this sign-in ends on {date}: Google ends each sign-in to a project in Testing after 7 days',
    fix: [PUBLISH],
  },
  signInEnds: {
    rule: 'google-limited-access',
    code: 'signin_ends_soon',
    who: 'you',
    message: 'this sign-in ends on {date}; usually somebody chose a limited time on Google’s page',
    fix: [{ text: 'sign in again and choose no time limit', run: { verb: 'authorize' } }],
  },
  signInEndedAfterAWeek: {
    rule: 'google-testing-ended',
    code: 'signin_expired',
    who: 'you',
    message: 'this sign-in ended on {date}: Google ends each sign-in to a project in Testing after 7 days',
    fix: [PUBLISH],
  },
  scopesMissing: {
    rule: 'google-scope-unticked',
    code: 'consent_missing_scope',
    who: 'you',
    message: 'you are signed in, and the box for reading and sending mail was left unticked on Google’s page',
    fix: [
      {
        text: 'sign in again and tick "Read, compose, send, and permanently delete all your email from Gmail"',
        run: { verb: 'authorize' },
      },
    ],
  },
  noRefreshToken: {
    rule: 'google-no-refresh-token',
    code: 'signin_required',
    who: 'you',
    message: 'Google gave a token for an hour and nothing to renew it with; usually an older access still stands',
    fix: [
      {
        text: 'remove the app among the connections of your Google account, then sign in again',
        run: { verb: 'authorize' },
        url: 'https://myaccount.google.com/connections',
      },
    ],
  },
};

/** Shown on Google's own page; a few come back to the redirect URI or from the token endpoint as well. */
const page: readonly Rule[] = [
  {
    id: 'google-not-a-test-user',
    when: {
      where: ['authorization'],
      text: /has not completed the Google verification process|developer-approved testers|hasn[’']t given you access to this app|403[:：] ?access_denied/i,
    },
    sample: {
      ...PAGE,
      error: 'access_denied',
      text: 'Error 403: access_denied. mailauth has not completed the Google verification process. The app is currently being tested, and can only be accessed by developer-approved testers.',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'the app is in Testing, and the account you picked is not one of its test users',
      fix: [
        {
          text: 'publish the app, or add {account} under Audience > Test users, the owner too',
          url: AUDIENCE,
          step: '6',
        },
      ],
    },
  },
  {
    id: 'google-org-internal',
    when: {
      text: /\borg_internal\b|can only be used within its organi[sz]ation|is restricted to users within its organi[sz]ation/i,
    },
    sample: {
      ...PAGE,
      error: 'org_internal',
      text: 'Error 403: org_internal. This client is restricted to users within its organization.',
    },
    diagnosis: {
      code: 'wrong_account',
      who: 'you',
      message: 'the app is Internal, and the account you picked is not in its organisation',
      fix: [
        { text: 'sign in again and pick an account of the organisation', run: { verb: 'authorize' } },
        { text: 'if {account} is outside of it, open Audience and click Make external', url: AUDIENCE, step: '5' },
      ],
    },
  },
  {
    id: 'google-admin-policy',
    when: {
      text: /\b(?:admin_)?policy_enforced\b|restricted by policies within your organi[sz]ation|institution[’']s admin needs to review|\bdomainPolicy\b|administrators? (?:has|have) disabled Gmail/,
    },
    sample: {
      ...PAGE,
      error: 'admin_policy_enforced',
      text: 'Error 400: admin_policy_enforced. Please contact your Google Workspace administrator',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: 'the administrator of this Google Workspace does not allow the app to read mail',
      fix: [TRUST_THE_APP],
    },
  },
  {
    id: 'google-app-blocked',
    when: {
      where: ['authorization'],
      text: /this app is blocked|advanced protection|App (?:ist|wurde) blockiert|application (?:est )?bloquée|aplicación (?:está )?bloqueada|app è bloccata|app (?:está|foi) bloquead[oa]|app is geblokkeerd|アプリはブロックされ|应用已被阻止|應用程式(?:已|遭)[^ ]{0,4}封鎖|приложение заблокировано/i,
    },
    sample: { ...PAGE, text: 'This app is blocked. This app tried to access sensitive info in your Google Account.' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'admin',
      message: 'Google blocks the app for this account; usually a Workspace rule or Advanced Protection',
      fix: [TRUST_THE_APP],
    },
  },
  {
    id: 'google-user-cap',
    when: { where: ['authorization'], text: /temporarily disabled for this app|user cap|rate_limit_exceeded/i },
    sample: {
      ...PAGE,
      text: 'Sign in with Google temporarily disabled for this app. This app has not been verified yet by Google',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'the unverified app has reached Google’s limit of 100 people for the life of its project',
      fix: [{ text: 'make a new project from step 3 on', run: { verb: 'setup', from: '3' }, step: '3' }],
    },
  },
  {
    id: 'google-not-verified',
    when: { where: ['authorization'], text: /hasn[’']t verified this app|app isn[’']t verified/i },
    sample: { ...PAGE, text: 'Google hasn’t verified this app' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'Google warns about your own app because nobody has verified it, which is not needed for your own use',
      fix: [{ text: 'on that page click Advanced, then "Go to {app-name} (unsafe)"' }],
    },
  },
  {
    id: 'google-redirect-uri',
    when: {
      where: ['authorization'],
      text: /redirect_uri_mismatch|origin_mismatch|Invalid parameter value for redirect_uri/,
    },
    sample: { ...PAGE, error: 'redirect_uri_mismatch', text: 'Error 400: redirect_uri_mismatch' },
    diagnosis: {
      code: 'redirect_uri_mismatch',
      who: 'you',
      message: 'the Google client does not list {program}’s redirect URI, or not to the last character',
      fix: [
        {
          text: 'add exactly {redirect-uri} under Authorised redirect URIs; a change takes minutes, at times hours, to work',
          url: CLIENTS,
          step: '7.iv',
        },
        { text: 'or make a client of the type Desktop app, which needs none', url: CLIENTS, step: '7.iv' },
      ],
      settles: true,
    },
  },
  {
    id: 'google-redirect-uri-token',
    when: { where: ['token'], error: ['redirect_uri_mismatch'] },
    sample: { ...EXCHANGE, error: 'redirect_uri_mismatch', text: 'Bad Request' },
    diagnosis: {
      code: 'redirect_uri_mismatch',
      who: 'you',
      message: 'the redirect URI sent with the code is not the one the sign-in began with, or it is not registered',
      fix: [{ text: 'add exactly {redirect-uri} under Authorised redirect URIs', url: CLIENTS, step: '7.iv' }],
      settles: true,
    },
  },
  {
    id: 'google-oob-ended',
    when: { text: /out[- ]of[- ]band|\(OOB\)|\boob\b flow|urn:ietf:wg:oauth:2\.0:oob/i },
    sample: {
      ...PAGE,
      error: 'invalid_request',
      text: 'The out-of-band (OOB) flow has been blocked in order to keep users secure. redirect_uri=urn:ietf:wg:oauth:2.0:oob',
    },
    diagnosis: {
      code: 'redirect_uri_mismatch',
      who: 'you',
      message: 'the program asks for a code to copy by hand (out-of-band), which Google ended in 2022',
      fix: [
        {
          text: 'use a newer version of the program, one that takes the answer at a loopback address (http://127.0.0.1)',
        },
        { text: 'with a client of your own, make it of the type Desktop app', url: CLIENTS, step: '7.iv' },
      ],
    },
  },
  {
    id: 'google-policy-request',
    when: {
      where: ['authorization'],
      text: /doesn[’']t comply with Google[’']s OAuth 2\.0 policy|nicht den Google-Richtlinien|loopback flow has been blocked|Custom URI scheme is not supported|device_id and device_name are required/i,
    },
    sample: {
      ...PAGE,
      error: 'invalid_request',
      text: "Error 400: invalid_request. You can't sign in to this app because it doesn't comply with Google's OAuth 2.0 policy for keeping apps secure.",
    },
    diagnosis: {
      code: 'redirect_uri_mismatch',
      who: 'you',
      message: 'Google refuses the kind of redirect URI that this request used',
      fix: [
        {
          text: 'use a client of the type Desktop app, with a loopback address such as http://127.0.0.1',
          url: CLIENTS,
          step: '7.iv',
        },
      ],
    },
  },
  {
    id: 'google-embedded-browser',
    when: { text: /disallowed_useragent|browser or app may not be secure/ },
    sample: { ...PAGE, error: 'disallowed_useragent', text: 'Error 403: disallowed_useragent' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'Google does not sign people in inside another program’s window',
      fix: [{ text: 'open the address in a real browser', run: { verb: 'authorize', flags: '--no-browser' } }],
    },
  },
  {
    id: 'google-restricted-client',
    when: { text: /restricted_client|not yet configured to make OAuth requests/i },
    sample: {
      ...PAGE,
      error: 'restricted_client',
      text: 'Error 403: restricted_client. This app is not yet configured to make OAuth requests.',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'the app registration is not finished; usually Branding or Audience was not saved',
      fix: [{ text: 'go through App registration again and save each page', url: BRANDING, step: '5' }],
    },
  },
  {
    id: 'google-scope-undeclared',
    when: { where: ['authorization', 'token'], error: ['invalid_scope'] },
    sample: {
      ...PAGE,
      error: 'invalid_scope',
      text: 'Some requested scopes were invalid. {valid=[openid, email], invalid=[https://mail.google.com]}',
    },
    diagnosis: {
      code: 'consent_missing_scope',
      who: 'you',
      message:
        'Google does not allow the app the scope https://mail.google.com/; usually it was not saved under Data Access',
      fix: [
        {
          text: 'add the scope with its final slash, click UPDATE, then SAVE at the end of the page',
          url: SCOPES,
          step: '5.vi',
        },
      ],
    },
  },
  {
    id: 'google-consent-screen-first',
    when: { text: /must first configure your consent screen/i },
    sample: { ...PAGE, text: 'To create an OAuth client ID, you must first configure your consent screen' },
    diagnosis: {
      code: 'client_not_found',
      who: 'you',
      message: 'Google makes a client only after the app has a name and an audience',
      fix: [{ text: 'do the app registration first', url: `${CONSOLE}/auth/overview?project={project?}`, step: '5' }],
    },
  },
  {
    id: 'google-terms-of-service',
    when: { text: /must accept Terms of Service/i },
    sample: { ...PAGE, text: 'Callers must accept Terms of Service' },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'this Google account has not accepted the terms of the console yet',
      fix: [{ text: 'open the console once and accept them', url: CONSOLE, step: '3' }],
    },
  },
];

const clients: readonly Rule[] = [
  {
    id: 'google-client-not-found',
    when: { text: /OAuth client was not found/i },
    sample: { ...PROBE, error: 'invalid_client', text: 'The OAuth client was not found.' },
    diagnosis: {
      code: 'client_not_found',
      who: 'you',
      message: 'Google knows no client with this Client ID; a new one can take minutes to work',
      fix: [{ text: 'copy the Client ID again', url: CLIENTS, step: '7' }],
      settles: true,
    },
  },
  {
    id: 'google-client-deleted',
    when: { text: /deleted_client|OAuth client was deleted/i },
    sample: {
      ...TOKEN,
      status: 401,
      grant: 'refresh_token',
      error: 'deleted_client',
      text: 'The OAuth client was deleted.',
    },
    diagnosis: {
      code: 'client_not_found',
      who: 'you',
      message: 'the client was deleted, by hand or by Google after six months without use',
      fix: [
        { text: 'restore it within 30 days under Clients > Deleted credentials', url: CLIENTS },
        { text: 'or make a new one', run: { verb: 'setup', from: '7' }, step: '7' },
      ],
    },
  },
  {
    id: 'google-client-disabled',
    when: { text: /disabled_client|OAuth client (?:was|is) disabled/i },
    sample: {
      ...TOKEN,
      status: 401,
      grant: 'refresh_token',
      error: 'disabled_client',
      text: 'The OAuth client was disabled.',
    },
    diagnosis: {
      code: 'client_not_found',
      who: 'you',
      message: 'the client or its project is disabled, by its owner or by Google',
      fix: [{ text: 'look at the project for a notice from Google and enable the client again', url: CLIENTS }],
    },
  },
  {
    id: 'google-secret-missing',
    when: { where: ['token'], text: /client_secret is missing/i },
    sample: { ...EXCHANGE, error: 'invalid_request', text: 'client_secret is missing.' },
    diagnosis: {
      code: 'client_secret_wrong',
      who: 'you',
      message: 'Google wants the client secret, of a Desktop app too',
      fix: [{ text: 'give the client secret', run: { verb: 'setup', from: '8' }, url: CLIENTS, step: '8' }],
    },
  },
  {
    id: 'google-secret-invalid',
    when: { where: ['token'], text: /client secret is invalid/i },
    sample: { ...PROBE, error: 'invalid_client', text: 'The provided client secret is invalid.' },
    diagnosis: {
      code: 'client_secret_wrong',
      who: 'you',
      message: 'Google knows the Client ID, and the client secret is not the one that belongs to it',
      fix: [
        {
          text: 'copy the secret again; if it is lost, open the client and click Add secret',
          url: CLIENTS,
          step: '7.v',
        },
      ],
      settles: true,
    },
  },
  {
    id: 'google-secret-invalid-older',
    when: { where: ['token'], error: ['invalid_client'] },
    sample: { ...TOKEN, status: 401, grant: 'refresh_token', error: 'invalid_client', text: 'Unauthorized' },
    diagnosis: {
      code: 'client_secret_wrong',
      who: 'you',
      message:
        'Google does not take this Client ID with this client secret; usually the secret was disabled or deleted',
      fix: [{ text: 'open the client and click Add secret', url: CLIENTS, step: '7.v' }],
      settles: true,
    },
  },
  {
    id: 'google-delegation-missing',
    when: {
      where: ['token'],
      error: ['unauthorized_client'],
      text: /unauthorized to retrieve access tokens using this method|not authorized for any of the scopes/i,
    },
    sample: {
      ...TOKEN,
      status: 401,
      error: 'unauthorized_client',
      text: 'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
    },
    diagnosis: {
      code: 'admin_consent_required',
      who: 'admin',
      message: 'the service account has no domain-wide delegation for exactly this scope, or not yet',
      fix: [
        {
          text: 'ask the administrator to delegate https://mail.google.com/ to its numeric Unique ID',
          url: 'https://admin.google.com/ac/owl/domainwidedelegation',
        },
      ],
    },
  },
  {
    id: 'google-other-client',
    when: { where: ['token'], grant: ['refresh_token'], error: ['unauthorized_client'] },
    sample: { ...REFRESH, status: 401, error: 'unauthorized_client', text: 'Unauthorized' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'the stored sign-in was made with another Client ID than the one in use now',
      fix: [SIGN_IN],
    },
  },
];

const grants: readonly Rule[] = [
  {
    id: 'google-session-control',
    when: { where: ['token'], text: /invalid_rapt|rapt_required|reauth related error/i },
    sample: { ...REFRESH, error: 'invalid_grant', text: 'reauth related error (invalid_rapt) invalid_rapt' },
    diagnosis: {
      code: 'signin_expired',
      who: 'admin',
      message: 'a session length rule of this Google Workspace has ended the sign-in',
      fix: [
        SIGN_IN,
        {
          text: 'to make it last, ask the administrator to trust the app in Google session control',
        },
      ],
    },
  },
  {
    id: 'google-code-malformed',
    when: { where: ['token'], grant: ['authorization_code'], text: /Malformed auth code/i },
    sample: { ...EXCHANGE, error: 'invalid_grant', text: 'Malformed auth code.' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'the code in the browser’s address is damaged; usually the address was cut off when it was copied',
      fix: [{ text: 'sign in again, and paste the whole address', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'google-code-verifier',
    when: { where: ['token'], text: /(?:Missing|Invalid) code verifier/i },
    sample: { ...EXCHANGE, error: 'invalid_grant', text: 'Invalid code verifier.' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'the answer from the browser belongs to another attempt than this one',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'google-account-gone',
    when: {
      where: ['token'],
      text: /account has been deleted|account not found|Invalid email or User ID/i,
    },
    sample: { ...REFRESH, error: 'invalid_grant', text: 'The account has been deleted' },
    diagnosis: {
      code: 'signin_expired',
      who: 'admin',
      message: 'the Google account no longer exists, or it is suspended',
      fix: [{ text: 'ask the administrator of {account} whether it still exists' }],
    },
  },
  {
    id: 'google-assertion-key',
    when: { where: ['token'], text: /Invalid JWT Signature|Failed audience check/i },
    sample: { ...TOKEN, status: 400, error: 'invalid_grant', text: 'Invalid JWT Signature.' },
    diagnosis: {
      code: 'client_secret_wrong',
      who: 'admin',
      message: 'the key of the service account was deleted, or belongs to another one',
      fix: [
        {
          text: 'make a new key for the service account',
          url: `${CONSOLE}/iam-admin/serviceaccounts?project={project?}`,
        },
      ],
    },
  },
  {
    id: 'google-impersonation',
    when: { where: ['token'], text: /Invalid impersonation/i },
    sample: { ...TOKEN, status: 400, error: 'invalid_request', text: 'Invalid impersonation "sub" field.' },
    diagnosis: {
      code: 'wrong_account',
      who: 'admin',
      message: 'the mailbox is not in the domain for which the service account may act',
      fix: [{ text: 'use a mailbox of that Workspace; gmail.com addresses cannot be used this way' }],
    },
  },
  {
    id: 'google-expired-or-revoked',
    when: { where: ['token'], grant: ['refresh_token'], text: /Token has been expired or revoked/i },
    sample: { ...REFRESH, error: 'invalid_grant', text: 'Token has been expired or revoked.' },
    diagnosis: {
      code: 'signin_expired',
      who: 'you',
      message: 'Google ended this sign-in: password changed, access removed, unused for 6 months, or 7 days of Testing',
      fix: [SIGN_IN, { text: 'if it ends every 7 days, publish the app first', url: AUDIENCE, step: '6' }],
    },
  },
  {
    id: 'google-refresh-bad-request',
    when: { where: ['token'], grant: ['refresh_token'], error: ['invalid_grant'], text: /Bad Request/ },
    sample: { ...REFRESH, error: 'invalid_grant', text: 'Bad Request' },
    diagnosis: REFRESH_REFUSED,
  },
  {
    id: 'google-refresh-refused',
    when: { where: ['token'], grant: ['refresh_token'], error: ['invalid_grant'] },
    sample: { ...REFRESH, error: 'invalid_grant', text: 'invalid_grant' },
    diagnosis: REFRESH_REFUSED,
  },
  {
    id: 'google-code-used',
    when: { where: ['token'], grant: ['authorization_code'], error: ['invalid_grant'], text: /Bad Request/ },
    sample: { ...EXCHANGE, error: 'invalid_grant', text: 'Bad Request' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'the answer from the browser was used already, is older than about ten minutes, or was cut off',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'google-device-scope',
    when: { where: ['device'], error: ['invalid_scope'] },
    sample: {
      where: 'device',
      stage: 'response',
      status: 400,
      error: 'invalid_scope',
      text: 'Invalid device flow scope: https://mail.google.com/',
    },
    diagnosis: {
      code: 'consent_missing_scope',
      who: 'provider',
      message: 'Google does not give mail access to a sign-in with a code on another device',
      fix: [
        { text: 'sign in with the browser, and paste its address', run: { verb: 'authorize', flags: '--no-browser' } },
      ],
    },
  },
  {
    id: 'google-api-not-enabled',
    when: { text: /Gmail API has not been used in project|accessNotConfigured|SERVICE_DISABLED/ },
    sample: {
      ...TOKEN,
      status: 403,
      error: 'accessNotConfigured',
      text: 'Gmail API has not been used in project 123456789012 before or it is disabled.',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'the Gmail API is off in this project; IMAP and SMTP work without it, Google’s web interface does not',
      fix: [
        {
          text: 'enable the Gmail API',
          url: `${CONSOLE}/apis/library/gmail.googleapis.com?project={project?}`,
          step: '4',
        },
      ],
    },
  },
  {
    id: 'google-scope-insufficient',
    when: { text: /ACCESS_TOKEN_SCOPE_INSUFFICIENT|insufficient ?Permissions?\b|insufficient authentication scopes/i },
    sample: {
      ...TOKEN,
      status: 403,
      error: 'insufficientPermissions',
      text: 'Request had insufficient authentication scopes. ACCESS_TOKEN_SCOPE_INSUFFICIENT',
    },
    diagnosis: {
      code: 'consent_missing_scope',
      who: 'you',
      message: 'the token does not carry the access to mail; usually its box was left unticked',
      fix: [{ text: 'sign in again and tick the box for mail', run: { verb: 'authorize' } }],
    },
  },
];

const mail: readonly Rule[] = [
  {
    id: 'gmail-imap-domain-disabled',
    when: { text: /IMAP access is disabled for your domain/i },
    sample: {
      ...IMAP,
      error: 'ALERT',
      text: 'NO [ALERT] IMAP access is disabled for your domain. Please contact your domain administrator for questions about this feature. (Failure)',
    },
    diagnosis: {
      code: 'imap_disabled',
      who: 'admin',
      message: 'the Workspace administrator has switched IMAP off, or allows it only to other Client IDs',
      fix: [
        {
          text: 'ask the administrator to enable IMAP for {account}, or to add the Client ID {client-id} to the list',
          url: ADMIN_IMAP,
        },
      ],
    },
  },
  {
    id: 'gmail-imap-account-disabled',
    when: { text: /not enabled for IMAP use/i },
    sample: {
      ...IMAP,
      error: 'ALERT',
      text: 'NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account for IMAP access. (Failure)',
    },
    diagnosis: {
      code: 'imap_disabled',
      who: 'you',
      message: 'IMAP is switched off in the settings of this mailbox',
      fix: [
        {
          text: 'switch IMAP on in Gmail: Settings > Forwarding and POP/IMAP',
          url: 'https://mail.google.com/mail/#settings/fwdandpop',
        },
      ],
    },
  },
  {
    id: 'gmail-pop-disabled',
    when: { text: /not enabled for POP access|POP access is disabled/i },
    sample: {
      ...IMAP,
      error: 'SYS/PERM',
      text: '-ERR [SYS/PERM] Your account is not enabled for POP access. Please visit your Gmail settings page and enable your account for POP access.',
    },
    diagnosis: {
      code: 'policy_blocked',
      who: 'you',
      message: 'POP is switched off for this mailbox',
      fix: [
        {
          text: 'switch POP on in Gmail: Settings > Forwarding and POP/IMAP',
          url: 'https://mail.google.com/mail/#settings/fwdandpop',
        },
      ],
    },
  },
  {
    id: 'gmail-too-many-connections',
    when: { text: /Too many simultaneous connections/i },
    sample: { ...IMAP, error: 'ALERT', text: 'NO [ALERT] Too many simultaneous connections. (Failure)' },
    diagnosis: {
      code: 'too_many_connections',
      who: 'you',
      message: 'Gmail allows 15 IMAP connections for a mailbox, and all are in use',
      fix: [{ text: 'close other mail programs of this mailbox, then check again', run: { verb: 'check' } }],
    },
  },
  {
    id: 'gmail-bandwidth',
    when: { text: /exceeded (?:command or )?bandwidth limits|\[OVERQUOTA\] Account exceeded/i },
    sample: { ...IMAP, error: 'OVERQUOTA', text: 'NO [OVERQUOTA] Account exceeded command or bandwidth limits.' },
    diagnosis: {
      code: 'rate_limited',
      who: 'you',
      message: 'the mailbox has used up what Gmail allows for IMAP in a day',
      fix: [{ text: 'wait up to 24 hours, then check again', run: { verb: 'check' } }],
    },
  },
  {
    id: 'gmail-session-expired',
    when: { text: /Session expired, please login again/i },
    sample: { ...IMAP, stage: 'mailbox', error: 'BYE', text: '* BYE Session expired, please login again.' },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: 'the token of this connection has ended, as it does after an hour; a new connection takes a new one',
      fix: [{ text: 'connect again with a new token', run: { verb: 'token' } }],
    },
  },
  {
    id: 'gmail-temporary',
    when: { text: /Temporary System Problem|temporary system problem|Cannot authenticate due to (?:a )?temporary/i },
    sample: {
      ...SMTP,
      status: 454,
      enhanced: '4.7.0',
      text: '454 4.7.0 Cannot authenticate due to a temporary system problem. Try again later. gsmtp',
    },
    diagnosis: {
      code: 'server_unavailable',
      who: 'provider',
      message: 'Google cannot prove logins at the moment',
      fix: [AGAIN],
    },
  },
  {
    id: 'gmail-login-rate',
    when: { text: /Too many login attempts/i },
    sample: {
      ...SMTP,
      status: 454,
      enhanced: '4.7.0',
      text: '454 4.7.0 Too many login attempts, please try again later. gsmtp',
    },
    diagnosis: {
      code: 'rate_limited',
      who: 'you',
      message: 'this mailbox has signed in to Gmail too often in a short time',
      fix: [AGAIN],
    },
  },
  {
    id: 'gmail-app-password',
    when: { text: /Application-specific password required|InvalidSecondFactor/i },
    sample: {
      ...SMTP,
      status: 534,
      enhanced: '5.7.9',
      text: '534-5.7.9 Application-specific password required. For more information, go to\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor gsmtp',
    },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: 'the program sent the account’s password where Gmail wants a token',
      fix: [
        {
          text: 'set the program to OAuth2 (XOAUTH2); this shows the fields',
          run: { verb: 'export', flags: '--format form' },
        },
      ],
    },
  },
  {
    id: 'gmail-web-login',
    when: { text: /WebLoginRequired|WEBALERT|log in (?:via|with) your web browser|Web login required/i },
    sample: {
      ...SMTP,
      status: 534,
      enhanced: '5.7.14',
      text: '534-5.7.14 Please log in via your web browser and then try again.\n534 5.7.14  https://support.google.com/mail/?p=WebLoginRequired gsmtp',
    },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message:
        'Google wants this account to sign in with a browser first; usually a password was used, or something looked odd',
      fix: [
        {
          text: 'sign in to the mailbox in a browser once, then check again',
          url: 'https://mail.google.com/',
          run: { verb: 'check' },
        },
      ],
    },
  },
  {
    id: 'gmail-smtp-bad-credentials',
    weight: 'general',
    when: { where: ['smtp'], text: /BadCredentials|Username and Password not accepted/i },
    sample: {
      ...SMTP,
      status: 535,
      enhanced: '5.7.8',
      challenge: '{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}',
      text: '535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials gsmtp',
    },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: 'Gmail refused the token; usually it belongs to another account than {account}, or lacks the mail scope',
      fix: [{ text: 'sign in again, pick {account} and tick the box for mail', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'gmail-imap-bad-credentials',
    weight: 'general',
    when: { where: ['imap'], text: /Invalid credentials \(Failure\)|"scope"\s?:\s?"https:\/\/mail\.google\.com\// },
    sample: {
      ...IMAP,
      error: 'AUTHENTICATIONFAILED',
      challenge: '{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}',
      text: 'NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)',
    },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message: 'Gmail refused the token; usually it belongs to another account than {account}, or lacks the mail scope',
      fix: [{ text: 'sign in again, pick {account} and tick the box for mail', run: { verb: 'authorize' } }],
    },
  },
  {
    id: 'gmail-auth-first',
    when: { where: ['smtp'], status: [530], text: /Authentication Required/i },
    sample: {
      ...SMTP,
      stage: 'mailbox',
      status: 530,
      enhanced: '5.7.0',
      text: '530-5.7.0 Authentication Required. For more information, go to\n530 5.7.0  https://support.google.com/mail/?p=WantAuthError gsmtp',
    },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'the program tried to send through Gmail before it signed in',
      fix: [
        {
          text: 'set the program to OAuth2 (XOAUTH2); this shows the fields',
          run: { verb: 'export', flags: '--format form' },
        },
      ],
    },
  },
  {
    id: 'gmail-mechanism',
    when: { where: ['smtp'], status: [504], text: /gsmtp/ },
    sample: { ...SMTP, status: 504, enhanced: '5.7.4', text: '504 5.7.4 Unrecognized authentication type gsmtp' },
    diagnosis: {
      code: 'mechanism_not_offered',
      who: 'network',
      message: 'Gmail did not recognise the login; usually something between has changed the connection',
      fix: [
        { text: 'use SMTP port 465 with TLS', run: { verb: 'setup', flags: '--smtp-port 465 --smtp-security tls' } },
      ],
    },
  },
  {
    id: 'gmail-sending-limit',
    when: { text: /Daily user sending (?:limit|quota) exceeded|DailyLimit|reached a limit for sending mail/i },
    sample: {
      ...SMTP,
      stage: 'mailbox',
      status: 550,
      enhanced: '5.4.5',
      text: '550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\n550 5.4.5  https://support.google.com/a/answer/166852 gsmtp',
    },
    diagnosis: {
      code: 'rate_limited',
      who: 'you',
      message: 'the mailbox has sent as much as Gmail allows in 24 hours; the login itself is fine',
      fix: [{ text: 'wait up to 24 hours' }],
    },
  },
  {
    id: 'gmail-too-many-recipients',
    when: { where: ['smtp'], enhanced: ['4.5.3', '5.5.3'], text: /gsmtp|support\.google\.com/ },
    sample: {
      ...SMTP,
      stage: 'mailbox',
      status: 550,
      enhanced: '5.5.3',
      text: '550 5.5.3 Your message has too many recipients. gsmtp',
    },
    diagnosis: {
      code: 'rate_limited',
      who: 'you',
      message: 'Gmail takes 100 recipients of one message over SMTP; the login itself is fine',
      fix: [{ text: 'send to fewer recipients at a time' }],
    },
  },
  {
    id: 'gmail-unusual-rate',
    when: { where: ['smtp'], status: [421, 450, 452], text: /unusual rate|UnsolicitedRateLimit|ReceivingRate/i },
    sample: {
      ...SMTP,
      stage: 'greeting',
      status: 421,
      enhanced: '4.7.0',
      text: '421-4.7.0 Our system has detected an unusual rate of unsolicited mail originating\n421 4.7.0 from your IP address. To protect our users, mail is temporarily rate limited. gsmtp',
    },
    diagnosis: {
      code: 'rate_limited',
      who: 'provider',
      message: 'Google slows down connections from this network address',
      fix: [AGAIN],
    },
  },
];

/** What other programs show of Google's web interfaces, which mailauth does not use. */
export const gmailPasteRules: readonly Rule[] = [
  {
    id: 'google-parameter-missing',
    when: { text: /Missing required parameter: (?:client_id|redirect_uri|scope|response_type)/i },
    sample: { ...PAGE, error: 'invalid_request', text: 'Google: Missing required parameter: client_id' },
    diagnosis: {
      code: 'bad_input',
      who: 'you',
      message:
        'the request to Google lacks the part it names; usually a setting of {program} is empty, such as the Client ID',
      fix: [{ text: 'fill in the Client ID and the client secret in the settings of {program}', url: CLIENTS }],
    },
  },
  {
    id: 'google-token-invalid',
    when: {
      text: /had invalid authentication credentials|Invalid Credentials"|"authError"|\bUNAUTHENTICATED\b|ACCESS_TOKEN_EXPIRED/,
    },
    sample: {
      ...TOKEN,
      status: 401,
      text: 'Request had invalid authentication credentials. Expected OAuth 2 access token (googleapis)',
    },
    diagnosis: {
      code: 'token_refused',
      who: 'you',
      message:
        'Google’s interface refuses the access token: it is past its hour, was withdrawn, or is none of Google’s',
      fix: [{ text: 'renew the token, or sign in again' }],
    },
  },
  {
    id: 'google-credential-missing',
    when: { text: /missing (?:a )?(?:valid |required )?(?:authentication credential|API key)|CREDENTIALS_MISSING/i },
    sample: { ...TOKEN, status: 401, text: 'Request is missing required authentication credential (googleapis).' },
    diagnosis: {
      code: 'signin_required',
      who: 'you',
      message: 'the program asked Google’s interface without a token',
      fix: [SIGN_IN],
    },
  },
  {
    id: 'google-delegation-denied',
    when: { text: /Delegation denied for|Precondition check failed|failedPrecondition|Mail service not enabled/i },
    sample: { ...TOKEN, status: 403, text: 'Delegation denied for a@example.com (Gmail)' },
    diagnosis: {
      code: 'mailbox_mismatch',
      who: 'admin',
      message: 'the token may not open this mailbox, or there is no Gmail mailbox behind the account',
      fix: [
        {
          text: 'use the mailbox of the account that signed in; a service account needs domain-wide delegation and an address to act for',
        },
      ],
    },
  },
];

export const gmailRules: readonly Rule[] = [...page, ...clients, ...grants, ...mail];
