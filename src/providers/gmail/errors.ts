import { cause, rulesOf } from '../../explain/cause.js';
import { AGAIN, SET_CLOCK, SIGN_IN } from '../../explain/fixes.js';
import type { Rule } from '../../explain/rule.js';
import { ADMIN_IMAP, CONSOLE, DELEGATION } from './addresses.js';
import { AUDIENCE, BRANDING, CLIENTS, RENEW_SECRET, SCOPES, TRUST_THE_APP } from './fixes.js';

/**
 * What Google's sign-in page, token endpoint and mail servers say when something is wrong. The page keeps most
 * errors of a registration to itself, so those rules serve a line that a person pastes or picks.
 */

/** Shown on Google's own page; a few come back to the redirect URI or from the token endpoint as well. */
const page = rulesOf(
  cause('policy_blocked', 'the app is in Testing, and the account you picked is not one of its test users')
    .fix('publish the app, or add {account} under Audience > Test users, the owner too', { url: AUDIENCE, step: '6' })
    .when('google-not-a-test-user', {
      where: 'authorization',
      text: /has not completed the Google verification process|developer-approved testers|hasn[’']t given you access to this app|403 ?[:：] ?access_denied|proc[eé]d[a-z]{0,6} de validation de Google|proceso de verificaci[oó]n de Google|processo de verifica[cç][aã]o do Google|Überprüfungsprozess von Google|procedura di verifica di Google|verificatieproces van Google|прош\S{1,2} проверку Google|Google ?(?:の審査プロセス|验证流程|驗證程序|인증 절차)/i,
    }),
  cause('wrong_account', 'the app is Internal, and the account you picked is not in its organisation')
    .fix('sign in again and pick an account of the organisation', { run: 'authorize' })
    .fix('if {account} is outside of it, open Audience and click Make external', { url: AUDIENCE, step: '5' })
    .when('google-org-internal', {
      text: /\borg_internal\b|can only be used within its organi[sz]ation|is restricted to users within its organi[sz]ation/i,
    }),
  cause('policy_blocked', 'the administrator of this Google Workspace does not allow the app to read mail', 'admin')
    .fix(TRUST_THE_APP)
    .when('google-admin-policy', {
      text: /\b(?:admin_)?policy_enforced\b|restricted by policies within your organi[sz]ation|institution[’']s admin needs to review|\bdomainPolicy\b|administrators? (?:has|have) disabled Gmail/,
    }),
  cause(
    'policy_blocked',
    'Google blocks the app for this account; usually a Workspace rule or Advanced Protection',
    'admin',
  )
    .fix(TRUST_THE_APP)
    .when('google-app-blocked', {
      where: 'authorization',
      text: /this app (?:is|has been) blocked|advanced protection|App (?:ist|wurde) blockiert|application (?:est )?bloquée|aplicación (?:está )?bloqueada|app è bloccata|app (?:está|foi) bloquead[oa]|app is geblokkeerd|アプリはブロックされ|应用已被阻止|應用程式(?:已|遭)[^ ]{0,4}封鎖|приложение заблокировано/i,
    }),
  cause('policy_blocked', 'Google blocked a program that signs in with the account’s password')
    .fix('let the program sign in with OAuth2 (XOAUTH2), or make an app password', {
      url: 'https://myaccount.google.com/apppasswords',
    })
    .when('google-less-secure-app', {
      text: /from a non-Google app|less secure app (?:was |is |has been )?blocked|blocked (?:a |the )?less secure app|application moins sécurisée (?:est |a été )?bloquée|weniger sichere App (?:wurde |ist )?blockiert|aplicación menos segura (?:se ha |fue |está )?bloquead[oa]|app meno sicura bloccata|app menos seguro bloqueado/i,
    }),
  cause('policy_blocked', 'the unverified app has reached Google’s limit of 100 people for the life of its project')
    .fix('make a new project from step 3 on', { run: 'setup --from-step 3', step: '3' })
    .when('google-user-cap', {
      where: 'authorization',
      text: /temporarily disabled for this app|user cap|rate_limit_exceeded/i,
    }),
  cause(
    'signin_required',
    'Google warns about your own app because nobody has verified it, which is not needed for your own use',
  )
    .fix('on that page click Advanced, then "Go to {app-name} (unsafe)"')
    .when('google-not-verified', {
      where: 'authorization',
      text: /hasn[’']t verified this app|app isn[’']t verified/i,
    }),
  cause(
    'redirect_uri_mismatch',
    'the Google client does not list {program}’s redirect URI, or not to the last character',
  )
    .settles()
    .fix('add exactly {redirect-uri} under Authorised redirect URIs; a change takes minutes, at times hours, to work', {
      url: CLIENTS,
      step: '7.iv',
    })
    .fix('or make a client of the type Desktop app, which needs none', { url: CLIENTS, step: '7.iv' })
    .when('google-redirect-uri', {
      where: 'authorization',
      text: /redirect[_-]uri[_-]mismatch|origin[_-]mismatch|Invalid parameter value for redirect_uri/,
    }),
  cause(
    'redirect_uri_mismatch',
    'the redirect URI sent with the code is not the one the sign-in began with, or it is not registered',
  )
    .settles()
    .fix('add exactly {redirect-uri} under Authorised redirect URIs', { url: CLIENTS, step: '7.iv' })
    .when('google-redirect-uri-token', { where: 'token', error: 'redirect_uri_mismatch' }),
  cause('redirect_uri_mismatch', 'Google refuses the kind of redirect URI that this request used')
    .fix('use a client of the type Desktop app, with a loopback address such as http://127.0.0.1', {
      url: CLIENTS,
      step: '7.iv',
    })
    .when('google-policy-request', {
      where: 'authorization',
      text: /doesn[’']t comply with Google[’']s OAuth 2\.0 policy|nicht den Google-Richtlinien|OAuth 2\.0 ?(?:政策|ポリシー|정책)|(?:pol[ií]tica|règlement|norme|правил\S{0,4}|beleid)[^.]{0,40} OAuth 2\.0|loopback flow has been blocked|Custom URI scheme is not supported|device_id and device_name are required|must end with a public top-level domain/i,
    }),
  cause('policy_blocked', 'Google does not sign people in inside another program’s window')
    .fix('open the address in a real browser', {
      run: 'authorize --no-browser',
      foreign: 'open the address in a real browser; a program that cannot do that needs a newer version',
    })
    .when('google-embedded-browser', { text: /disallowed_useragent|browser or app may not be secure/ }),
  cause('policy_blocked', 'the app registration is not finished; usually Branding or Audience was not saved')
    .fix('go through App registration again and save each page', { url: BRANDING, step: '5' })
    .when('google-restricted-client', {
      text: /restricted_client(?!.{0,20}unregistered scope)|not yet configured to make OAuth requests/i,
    }),
  cause(
    'consent_missing_scope',
    'Google does not allow the app the scope https://mail.google.com/; usually it was not saved under Data Access',
  )
    .fix('add the scope with its final slash, click Update, then Save at the end of the page', {
      url: SCOPES,
      step: '5.vi',
    })
    .when('google-scope-unregistered', { text: /Unregistered scope/i })
    .when('google-scope-undeclared', { where: ['authorization', 'token'], error: 'invalid_scope' }),
  cause('client_not_found', 'Google makes a client only after the app has a name and an audience')
    .fix('do the app registration first', { url: `${CONSOLE}/auth/overview?project={project?}`, step: '5' })
    .when('google-consent-screen-first', { text: /must first configure your consent screen/i }),
  cause('policy_blocked', 'this Google account has not accepted the terms of the console yet')
    .fix('open the console once and accept them', { url: CONSOLE, step: '3' })
    .when('google-terms-of-service', { text: /must accept Terms of Service/i }),
);

const clients = rulesOf(
  cause('client_not_found', 'Google knows no client with this Client ID; a new one can take minutes to work')
    .settles()
    .fix('copy the Client ID again', { run: 'setup --from-step 7', url: CLIENTS, step: '7' })
    .when('google-client-not-found', { text: /OAuth client was not found/i }),
  cause('client_not_found', 'the client was deleted, by hand or by Google after six months without use')
    .fix('restore it within 30 days under Clients > Deleted credentials', { url: CLIENTS })
    .fix('or make a new one', { run: 'setup --from-step 7', step: '7' })
    .when('google-client-deleted', { text: /deleted_client|OAuth client was deleted/i }),
  cause('client_not_found', 'the client or its project is disabled, by its owner or by Google')
    .fix('look at the project for a notice from Google and enable the client again', { url: CLIENTS })
    .when('google-client-disabled', { text: /disabled_client|OAuth client (?:was|is) disabled/i }),
  cause('client_secret_wrong', 'Google wants the client secret, of a Desktop app too')
    .fix('give the client secret', { run: 'setup --from-step 8', url: CLIENTS, step: '8' })
    .when('google-secret-missing', { where: 'token', text: /client_secret is missing/i }),
  cause('client_secret_wrong', 'Google knows the Client ID, and the client secret is not the one that belongs to it')
    .settles()
    .fix('copy the secret again; if it is lost, open the client and click Add secret', RENEW_SECRET)
    .when('google-secret-invalid', { where: 'token', text: /client secret is invalid/i }),
  cause(
    'client_secret_wrong',
    'Google does not take this Client ID with this client secret; usually the secret was disabled or deleted',
  )
    .settles()
    .fix('open the client and click Add secret', RENEW_SECRET)
    .when('google-secret-invalid-older', { where: 'token', error: 'invalid_client' }),
  cause(
    'admin_consent_required',
    'the service account has no domain-wide delegation for exactly this scope, or not yet',
    'admin',
  )
    .settles()
    .fix('let a super administrator open the link, and wait: it usually works in minutes, and can take a day', {
      url: DELEGATION,
      step: '8',
    })
    .when('google-delegation-missing', {
      where: 'token',
      text: /unauthorized to retrieve access tokens using this method|Unauthorized client or scope in request|not authorized for any of the scopes/i,
    }),
  cause('signin_required', 'the stored sign-in was made with another Client ID than the one in use now')
    .fix(SIGN_IN)
    .when('google-other-client', { where: 'token', grant: 'refresh_token', error: 'unauthorized_client' }),
);

const grants = rulesOf(
  cause('signin_expired', 'a session length rule of this Google Workspace has ended the sign-in', 'admin')
    .fix(SIGN_IN)
    .fix('to make it last, ask the administrator to trust the app in Google session control')
    .when('google-session-control', { where: 'token', text: /invalid_rapt|rapt_required|reauth related error/i }),
  cause(
    'signin_required',
    'the code in the browser’s address is damaged; usually the address was cut off when it was copied',
  )
    .fix('sign in again, and paste the whole address', { run: 'authorize' })
    .when('google-code-malformed', { where: 'token', grant: 'authorization_code', text: /Malformed auth code/i }),
  cause('signin_required', 'the answer from the browser belongs to another attempt than this one')
    .fix(SIGN_IN)
    .when('google-code-verifier', { where: 'token', text: /(?:Missing|Invalid) code verifier/i }),
  cause('client_secret_wrong', 'the key of the service account was deleted, or belongs to another one', 'admin')
    .fix('make a new key for the service account', {
      run: 'setup --from-step 7',
      url: `${CONSOLE}/iam-admin/serviceaccounts?project={project?}`,
      step: '7',
    })
    .when('google-assertion-issuer', {
      grant: 'jwt_bearer',
      text: /No valid verifier found for issuer|account not found|Invalid JWT Signature/i,
    }),
  cause('clock_skew', 'Google finds the statement of the service account too old, or from the future')
    .fix(SET_CLOCK)
    .when('google-assertion-time', { text: /Token must be a short-lived token/i }),
  cause(
    'wrong_account',
    'the Workspace has no mailbox {account}: it is an alias, a group, suspended, or misspelt',
    'admin',
  )
    .fix('use the main address of the mailbox, as the Admin console shows it under Users', {
      url: 'https://admin.google.com/ac/users',
    })
    .when('google-subject-unknown', {
      grant: 'jwt_bearer',
      error: 'invalid_grant',
      text: /Invalid email or User ID|Not a valid email|account has been deleted|^Bad Request$/i,
    }),
  cause('policy_blocked', 'Gmail is off for this person, or the Workspace restricts which apps may reach it', 'admin')
    .fix('ask the administrator to switch Gmail on for {account}, and to trust the Unique ID {client-id}', {
      url: 'https://admin.google.com/ac/owl/list?tab=configuredApps',
    })
    .when('google-subject-blocked', {
      grant: 'jwt_bearer',
      error: ['access_denied', 'invalid_account'],
    }),
  cause('signin_expired', 'the Google account no longer exists, or it is suspended', 'admin')
    .fix('ask the administrator of {account} whether it still exists')
    .when(
      'google-account-gone',
      {
        where: 'token',
        text: /account has been deleted|account not found|Invalid email or User ID/i,
      },
      'general',
    ),
  cause('client_secret_wrong', 'the key of the service account was deleted, or belongs to another one', 'admin')
    .fix('make a new key for the service account', { url: `${CONSOLE}/iam-admin/serviceaccounts?project={project?}` })
    .when('google-assertion-key', {
      where: 'token',
      text: /Invalid JWT Signature|Failed audience check|No valid verifier found for issuer/i,
    }),
  cause('wrong_account', 'the mailbox is not in the domain for which the service account may act', 'admin')
    .fix('use a mailbox of that Workspace; gmail.com addresses cannot be used this way')
    .when('google-impersonation', { where: 'token', text: /Invalid impersonation|\bInvalid principal\b/i }),
  cause(
    'policy_blocked',
    'Gmail is off for the mailbox of a service account, or the Workspace restricts which apps may reach it',
    'admin',
  )
    .fix(
      'ask the administrator to switch Gmail on for that person, and to trust the Unique ID of the service account',
      {
        url: 'https://admin.google.com/ac/owl/list?tab=configuredApps',
      },
    )
    .when('google-subject-blocked-pasted', {
      where: 'token',
      text: /Requested client not authorized|Account restricted|\binvalid_account\b/i,
    }),
  cause('policy_blocked', 'the organisation lets nobody make or upload a key of a service account', 'admin')
    .fix('ask an Organization Policy Administrator to set this rule to "Not enforced" for the project', {
      url: `${CONSOLE}/iam-admin/orgpolicies?project={project?}`,
    })
    .when('google-key-creation-disabled', {
      text: /Key creation is not allowed on this service account|disableServiceAccountKey(?:Creation|Upload)/i,
    }),
  cause('policy_blocked', 'the caller may not sign in the name of the service account', 'admin')
    .fix('give the caller the role Service Account Token Creator on the service account, and wait a minute')
    .when('google-sign-jwt-denied', { text: /iam\.serviceAccounts\.signJwt\b.{0,20}\bdenied/i }),
  cause(
    'signin_expired',
    'Google ended this sign-in: password changed, access removed, unused for 6 months, or 7 days of Testing',
  )
    .fix(SIGN_IN)
    .fix('if it ends every 7 days, publish the app first', { url: AUDIENCE, step: '6' })
    .when('google-expired-or-revoked', {
      where: 'token',
      grant: 'refresh_token',
      text: /Token has been expired or revoked/i,
    }),
  cause(
    'signin_expired',
    'Google does not take this refresh token, and does not say why; usually it was ended a while ago, or cut off when it was copied',
  )
    .fix(SIGN_IN)
    .fix('if it ends every 7 days, publish the app first', { url: AUDIENCE, step: '6' })
    .when('google-refresh-bad-request', {
      where: 'token',
      grant: 'refresh_token',
      error: 'invalid_grant',
      text: /(?<!\b400 )Bad Request/,
    })
    .when('google-refresh-refused', { where: 'token', grant: 'refresh_token', error: 'invalid_grant' }),
  cause(
    'signin_required',
    'the answer from the browser was used already, is older than about ten minutes, or was cut off',
  )
    .fix(SIGN_IN)
    .when('google-code-used', {
      where: 'token',
      grant: 'authorization_code',
      error: 'invalid_grant',
      text: /(?<!\b400 )Bad Request/,
    }),
  cause(
    'consent_missing_scope',
    'Google does not give mail access to a sign-in with a code on another device',
    'provider',
  )
    .fix('sign in with the browser, and paste its address', { run: 'authorize --no-browser' })
    .when('google-device-scope', { where: 'device', error: 'invalid_scope' }),
  cause('policy_blocked', 'an interface of Google that the words name is off in the project of the program’s client')
    .fix('enable it in that project, at the address that the words name, and wait a few minutes')
    .when('google-other-api-not-enabled', {
      text: /\b(?!Gmail\b)\w{2,30} API has not been used in project/i,
    }),
  cause(
    'policy_blocked',
    'the Gmail API is off in this project; IMAP and SMTP work without it, Google’s web interface does not',
  )
    .fix('enable the Gmail API', { url: `${CONSOLE}/apis/library/gmail.googleapis.com?project={project?}`, step: '4' })
    .when('google-api-not-enabled', { text: /Gmail API has not been used in project/ })
    .when('google-access-not-configured', { text: /accessNotConfigured|SERVICE_DISABLED/ }, 'general'),
  cause('consent_missing_scope', 'the token does not carry the access to mail; usually its box was left unticked')
    .fix('sign in again and tick the box for mail', { run: 'authorize' })
    .when('google-scope-insufficient', {
      text: /ACCESS_TOKEN_SCOPE_INSUFFICIENT|insufficient ?Permissions?\b|insufficient authentication scopes/i,
    }),
);

const mail = rulesOf(
  cause(
    'imap_disabled',
    'the Workspace administrator has switched IMAP off, or allows it only to other Client IDs',
    'admin',
  )
    .fix('ask the administrator to enable IMAP for {account}, or to add the Client ID {client-id} to the list', {
      url: ADMIN_IMAP,
    })
    .when('gmail-imap-domain-disabled', { text: /IMAP access is disabled for your domain/i }),
  cause('imap_disabled', 'IMAP is switched off in the settings of this mailbox')
    .fix('switch IMAP on in Gmail: Settings > Forwarding and POP/IMAP', {
      url: 'https://mail.google.com/mail/#settings/fwdandpop',
    })
    .when('gmail-imap-account-disabled', { text: /not enabled for IMAP use/i }),
  cause('pop_disabled', 'the administrator of the domain has switched POP off', 'admin')
    .fix('ask the administrator to enable POP for {account}', { url: ADMIN_IMAP })
    .when('gmail-pop-domain-disabled', { text: /POP access is disabled for your domain/i }),
  cause('pop_disabled', 'POP is switched off for this mailbox')
    .fix('switch POP on in Gmail: Settings > Forwarding and POP/IMAP', {
      url: 'https://mail.google.com/mail/#settings/fwdandpop',
    })
    .when('gmail-pop-disabled', { text: /not enabled for POP access|POP access is disabled/i }),
  cause('too_many_connections', 'Gmail allows 15 IMAP connections for a mailbox, and all are in use')
    .fix('close other mail programs of this mailbox, then check again', { run: 'check' })
    .when('gmail-too-many-connections', {
      text: /Too many simultaneous connections[\s\S]{0,40}(?:\(Failure\)|Gmail)/i,
    }),
  cause('rate_limited', 'the mailbox has used up what Gmail allows for IMAP in a day')
    .fix('wait up to 24 hours, then check again', { run: 'check' })
    .when('gmail-bandwidth', { text: /exceeded (?:command or )?bandwidth limits|\[OVERQUOTA\] Account exceeded/i }),
  cause(
    'server_unavailable',
    'the token of this connection has ended, as it does after an hour; a new connection takes a new one',
    'provider',
  )
    .fix('connect again with a new token', { run: 'token' })
    .when('gmail-session-expired', { text: /Session expired, please login again/i }),
  cause('server_unavailable', 'Google cannot prove logins at the moment', 'provider')
    .fix(AGAIN)
    .when('gmail-temporary', {
      text: /Temporary System Problem|temporary system problem|Cannot authenticate due to (?:a )?temporary/i,
    }),
  cause(
    'server_unavailable',
    'Gmail ended the connection at the greeting (EHLO): it is busy, or does not take the name that the program gives itself',
    'provider',
  )
    .fix(
      'set the EHLO (or HELO) name of {program} to the full name of this machine, or wait a few minutes, then try again',
    )
    .when('gmail-greeting-refused', {
      where: 'smtp',
      text: /Try again later, closing connection\. \((?:EHLO|HELO)\)/i,
    }),
  cause('rate_limited', 'this mailbox has signed in to Gmail too often in a short time')
    .fix(AGAIN)
    .when('gmail-login-rate', { text: /Too many login attempts/i }),
  cause('token_refused', 'the program sent the account’s password where Gmail wants a token')
    .fix('set the program to OAuth2 (XOAUTH2); this shows the fields', {
      run: 'export --format form',
      foreign: 'set the program to OAuth2 (XOAUTH2)',
    })
    .when('gmail-app-password', { text: /Application-specific password required|InvalidSecondFactor/i }),
  cause(
    'signin_required',
    'Google wants this account to sign in with a browser first; usually a password was used, or something looked odd',
  )
    .fix('sign in to the mailbox in a browser once, then check again', {
      url: 'https://mail.google.com/',
      run: 'check',
    })
    .when('gmail-web-login', {
      text: /WebLoginRequired|WEBALERT|log ?in (?:via|with) (?:your|the) web browser|Web login required/i,
    }),
  cause(
    'token_refused',
    'Gmail refused the token; usually it belongs to another account than {account}, or lacks the mail scope',
  )
    .fix('sign in again, pick {account} and tick the box for mail', { run: 'authorize' })
    .when(
      'gmail-smtp-bad-credentials',
      { where: 'smtp', text: /BadCredentials|Username and Password not accepted/i },
      'general',
    ),
  cause(
    'token_refused',
    'Gmail refused the token; usually it belongs to another account than {account}, or lacks the mail scope',
  )
    .fix('sign in again, pick {account} and tick the box for mail', { run: 'authorize' })
    .when(
      'gmail-imap-bad-credentials',
      { where: 'imap', text: /Invalid credentials \(Failure\)|"scope"\s?:\s?"https:\/\/mail\.google\.com\// },
      'general',
    ),
  cause('signin_required', 'the program tried to send through Gmail before it signed in')
    .fix('set the program to OAuth2 (XOAUTH2); this shows the fields', {
      run: 'export --format form',
      foreign: 'set the program to OAuth2 (XOAUTH2)',
    })
    .when('gmail-auth-first', {
      where: 'smtp',
      status: 530,
      text: /Authentication Required[\s\S]{0,160}(?:google\.com|gsmtp)/i,
    }),
  cause(
    'mechanism_not_offered',
    'Gmail did not recognise the login; usually something between has changed the connection',
    'network',
  )
    .fix('use SMTP port 465 with TLS', { run: 'setup --smtp-port 465 --smtp-security tls' })
    .when('gmail-mechanism', { where: 'smtp', status: 504, text: /^(?!.*cram-md5).*gsmtp/i }),
  cause('rate_limited', 'the mailbox has sent as much as Gmail allows in 24 hours; the login itself is fine')
    .fix('wait up to 24 hours')
    .when('gmail-sending-limit', {
      text: /Daily user sending (?:limit|quota) exceeded|DailyLimit|reached a limit for sending mail/i,
    }),
  cause('rate_limited', 'Gmail takes 100 recipients of one message over SMTP; the login itself is fine')
    .fix('send to fewer recipients at a time')
    .when('gmail-too-many-recipients', {
      where: 'smtp',
      enhanced: ['4.5.3', '5.5.3'],
      text: /gsmtp|support\.google\.com/,
    }),
  cause('rate_limited', 'Google slows down connections from this network address', 'provider')
    .fix(AGAIN)
    .when('gmail-unusual-rate', {
      where: 'smtp',
      status: [421, 450, 452],
      text: /unusual rate|UnsolicitedRateLimit|ReceivingRate/i,
    }),
);

/** It stands in the details of a request that failed for another reason as well. */
const request = rulesOf(
  cause(
    'redirect_uri_mismatch',
    'the program asks for a code to copy by hand (out-of-band), which Google ended in 2022',
  )
    .fix('use a newer version of the program, one that takes the answer at a loopback address (http://127.0.0.1)')
    .fix('with a client of your own, make it of the type Desktop app', { url: CLIENTS, step: '7.iv' })
    .when('google-oob-ended', { text: /out[- ]of[- ]band|\(OOB\)|\boob\b flow|urn:ietf:wg:oauth:2\.0:oob/i }),
);

/** What other programs show of Google's web interfaces, which mailauth does not use. */
export const gmailPasteRules = rulesOf(
  cause(
    'intercepted',
    'another mail server answers in place of Gmail’s; usually the hosting company leads all mail through its own',
    'network',
  )
    .fix('ask the hosting company to let connections to smtp.gmail.com through, or send through its server')
    .when('gmail-other-server-answers', {
      where: 'smtp',
      text: /\bto (?:ssl:\/\/|tls:\/\/|tcp:\/\/)?smtp\.gmail\.com\b.{0,200}?\b220[ -](?!\S{0,40}(?:google|gmail))\S{1,80} ESMTP (?:Exim|Postfix|Sendmail)/i,
    }),
  cause(
    'rate_limited',
    'Google’s web interface has had too many requests for this mailbox or from this program',
    'provider',
  )
    .fix('wait until the time that the words name, or some minutes, and ask less often and less at the same time')
    .when('google-api-rate', { text: /rateLimitExceeded|User-rate limit exceeded|concurrent requests for user/i }),
  cause(
    'bad_input',
    'the request to Google lacks the part it names; usually a setting of {program} is empty, such as the Client ID',
  )
    .fix('fill in the Client ID and the client secret in the settings of {program}', { url: CLIENTS })
    .when('google-parameter-missing', {
      text: /Missing required parameter: (?:client_id|redirect_uri|scope|response_type)|Could not determine client ID/i,
    }),
  cause(
    'client_type_mismatch',
    'the file is the key of a service account, and the program wants the client of a person',
  )
    .fix('make a client of the type Desktop app, download its file and use that', { url: CLIENTS })
    .when('google-client-file-of-service', { text: /Client secrets must be for a web or installed app/i }),
  cause(
    'token_refused',
    'Google’s interface refuses the access token: it is past its hour, was withdrawn, or is none of Google’s',
  )
    .fix('renew the token, or sign in again')
    .when('google-token-invalid', {
      text: /had invalid authentication credentials|Invalid Credentials"|"authError"|\bUNAUTHENTICATED\b|ACCESS_TOKEN_EXPIRED/,
    }),
  cause(
    'wrong_account',
    'Google knows no mailbox by the address that a service account, or its delegation, acts for',
    'admin',
  )
    .fix(
      'give the main address of a mailbox of the Workspace, not an alias or a group; gmail.com cannot be used this way',
    )
    .when('google-subject-unknown-pasted', { where: 'token', text: /Not a valid email|Invalid email or User ID/i }),
  cause('signin_required', 'the program asked Google’s interface without a token')
    .fix(SIGN_IN)
    .when('google-credential-missing', {
      text: /missing (?:a )?(?:valid |required )?(?:authentication credential|API key)|CREDENTIALS_MISSING/i,
    }),
  cause(
    'mailbox_mismatch',
    'the token may not open this mailbox, or there is no Gmail mailbox behind the account',
    'admin',
  )
    .fix(
      'use the mailbox of the account that signed in; a service account needs domain-wide delegation and an address to act for',
    )
    .when('google-delegation-denied', {
      text: /Delegation denied for|Precondition check failed|failedPrecondition|Mail service not enabled/i,
    }),
);

export const gmailRules: readonly Rule[] = [...page, ...clients, ...grants, ...mail, ...request];
