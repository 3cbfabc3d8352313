import { cause, rulesOf } from '../../explain/cause.js';
import { AGAIN, REPORT, SET_CLOCK, SIGN_IN } from '../../explain/fixes.js';
import type { Rule, RuleFix } from '../../explain/rule.js';
import { aadstsFamilies, aadstsRules } from './aadsts.js';
import {
  ADD_PERMISSIONS,
  ADMIN_CENTER,
  ADMIN_CONSENT,
  AUTHENTICATION,
  CREDENTIALS,
  ENTRA,
  FINISH_IN_BROWSER,
  FIX_AUDIENCE,
  FIX_PLATFORM,
  GRANT_CONSENT,
  LET_APP_IN,
  NAME_THE_PERSON,
  PASTE_VALUE,
  REGISTER_REDIRECT,
  SEND_AS,
  SEND_AS_APP,
  SET_CLIENT_ID,
  SET_TENANT,
  SIGN_IN_AS,
  SIGN_IN_LOG,
  TELL_EXCHANGE,
} from './fixes.js';
import { aadsts, anyOf } from './numbers.js';
import { sentenceRules } from './sentences.js';

/**
 * What Microsoft Entra and Exchange Online say when something is wrong: one rule for each AADSTS number, then the
 * replies of the mail servers. The numbers serve advice only; what a program does depends on the OAuth error.
 */

/** The code or the token that was sent is the only part of the request that comes from elsewhere. */
const DAMAGED = /AADSTS9002313(?!\d)|AADSTS70000(?!\d).{0,80}input parameter ['"]?(?:code|refresh_token)\b/;

const DAMAGED_CODE =
  /AADSTS70000(?!\d).{0,80}(?:input parameter ['"]?code\b|['"]code['"] parameter|authorization code)/;

const clientRules = rulesOf(
  cause(
    'client_not_found',
    'the tenant has no registration with this Client ID; usually two IDs were swapped or mistyped',
  )
    .settles()
    .fix(SET_CLIENT_ID)
    .whenAny(aadsts('700016')),
  cause('client_not_found', 'the Client ID is no ID: it has 32 digits and letters with four hyphens')
    .fix(SET_CLIENT_ID)
    .whenAny(aadsts('90112')),
  cause('client_not_found', 'the registration is disabled in this tenant', 'admin')
    .fix('ask the administrator to enable it: Enterprise apps > the app > Properties', { url: `${ENTRA}/` })
    .whenAny(aadsts('70001 7000112')),
  cause('client_not_found', 'this Client ID belongs to a program of Microsoft and cannot be used for another')
    .fix('register a client of your own', { run: 'setup --from-step 3', step: '5' })
    .whenAny(aadsts('65002')),
  cause(
    'client_type_mismatch',
    'this registration does not allow a sign-in without a secret, such as the one with a code',
  )
    .fix('under Authentication, set "Allow public client flows" to Yes, then sign in again', {
      run: 'authorize',
      url: AUTHENTICATION,
    })
    .when('aadsts70002-not-public', { text: /AADSTS70002\b.{0,200}must be marked as ['"]?mobile/i }),
  cause(
    'client_secret_wrong',
    'the client secret is not right for this Client ID; usually the Secret ID was copied and not the Value',
  )
    .settles()
    .fix(PASTE_VALUE)
    .whenAny(aadsts('7000215')),
  cause('client_secret_expired', 'the client secret is past its last day, so Microsoft gives no more tokens')
    .fix('make a new client secret; the sign-in itself stays', {
      run: 'setup --from-step 7',
      url: CREDENTIALS,
      step: '7',
    })
    .whenAny(aadsts('7000222')),
  // A sign-in with a code sends no redirect URI, so this setting alone decides whether a secret is wanted.
  cause(
    'client_type_mismatch',
    'this registration has no secret here, and does not allow a sign-in with a code without one',
  )
    .fix('under Authentication, set "Allow public client flows" to Yes, then start again', {
      run: 'authorize --device',
      url: AUTHENTICATION,
    })
    .fix('or sign in with a browser on any computer', { run: 'authorize --begin' })
    .when('microsoft-device-needs-public-flows', { grant: 'device_code', text: /AADSTS7000218/ }),
  cause(
    'client_type_mismatch',
    'this registration has a secret, and "Allow public client flows" makes Microsoft refuse it',
  )
    .fix(
      'under Authentication, set "Allow public client flows" to No, as the other sign-ins usually need it too; then start again',
      { run: 'authorize --device', url: AUTHENTICATION },
    )
    .fix('or sign in with a browser on any computer', { run: 'authorize --begin' })
    .when('microsoft-device-refuses-secret', { grant: 'device_code', text: /AADSTS700025/ }),
  cause(
    'client_type_mismatch',
    'Microsoft wants a client secret, and none was sent: usually the redirect URI is registered below the platform Web',
  )
    .fix(FIX_PLATFORM)
    .fix('or give the secret', { run: 'setup --from-step 7 --client-type web', step: '9' })
    .whenAny(aadsts('7000218'))
    .when('aadsts70002-no-secret', { text: /AADSTS70002\b.{0,60}must contain the following parameter/i }),
  cause(
    'client_type_mismatch',
    'the redirect URI is registered below Mobile and desktop applications, which take no secret, and one was sent',
  )
    .fix(FIX_PLATFORM)
    .fix('or use it without a secret', { run: 'setup --client-type desktop' })
    .whenAny(aadsts('700025'))
    .when('microsoft-public-sends-secret', {
      text: /AADSTS90023\b.{0,20}public clients? (?:can't|cannot|can not) send a client secret/i,
    }),
  cause('client_secret_expired', 'the certificate of the app has ended, or was revoked; its access itself stays')
    .fix('make a new certificate, upload it, and give it to mailauth', {
      run: 'setup --from-step 7',
      url: CREDENTIALS,
      step: '7',
    })
    .when('microsoft-certificate-ended', { text: /AADSTS700027\b.{0,300}key used is expired/i })
    .whenAny(aadsts('7000214 1000502')),
  cause('client_secret_wrong', 'the registration was asked with a certificate that is not one of its own, or not yet')
    .settles()
    .fix('upload the certificate under Certificates & secrets > Certificates', { url: CREDENTIALS, step: '8' })
    .fix('or make a new one', { run: 'setup --from-step 7', step: '7' })
    .whenAny(aadsts('700027 700030')),
  cause('clock_skew', 'the signed statement of the app is too old, or not valid yet')
    .fix(SET_CLOCK)
    .fix('with a federated token: see that whoever renews its file still does')
    .when('microsoft-assertion-time', { text: anyOf('700024') })
    .when('microsoft-assertion-time-in-words', { text: /assertion is not within its valid time range/i }),
  cause('client_secret_wrong', 'the token of the other issuer is not among the federated credentials of the app')
    .settles()
    .fix('compare issuer, subject and audience with those of the token: upper and lower case count', {
      url: CREDENTIALS,
      step: '8',
    })
    .whenAny(aadsts('70021 700211 700212 700213')),
  cause('client_not_found', 'the app has no service principal in this directory, so it gets no token', 'admin')
    .settles()
    .fix('let an administrator grant consent once, which makes it; it can take hours to be known everywhere', {
      ...ADMIN_CONSENT,
      step: '12.iii',
    })
    .when('microsoft-no-service-principal', { text: /Service principal-less authentication failed/i }),
  cause(
    'client_type_mismatch',
    'the redirect URI is registered below the platform Single-page application, which only web pages can use',
  )
    .fix('remove it there and add {redirect-uri} below Web or Mobile and desktop applications', {
      url: AUTHENTICATION,
      step: '5',
    })
    .whenAny(aadsts('9002325 9002327')),
  cause(
    'client_type_mismatch',
    'the request reached Microsoft as if a web page had sent it; usually a proxy adds the header Origin',
    'network',
  )
    .fix('ask the network’s administrator to leave requests to login.microsoftonline.com unchanged')
    .whenAny(aadsts('9002326')),
  cause('client_type_mismatch', 'the registration does not allow this way of signing in')
    .fix(FIX_PLATFORM)
    .whenAny(aadsts('70003')),
  cause(
    'client_type_mismatch',
    'the request asked for an ID token on the page, which the registration does not allow',
    'mailauth',
  )
    .fix(REPORT)
    .whenAny(aadsts('700054')),
);

const tenantRules = rulesOf(
  cause('tenant_wrong', 'Microsoft knows no tenant of this name or number')
    .fix(SET_TENANT)
    .whenAny(aadsts('50128 90002 900023')),
  cause('tenant_wrong', 'the request names no tenant').fix(SET_TENANT).whenAny(aadsts('50059 90019')),
  cause('tenant_wrong', 'the registration is for one organisation only, and the tenant says "common"')
    .fix(SET_TENANT)
    .whenAny(aadsts('50194')),
  cause('tenant_wrong', 'this way of signing in does not work with the tenants "common" and "consumers"')
    .fix(SET_TENANT)
    .whenAny(aadsts('90133 9001023')),
  cause('tenant_wrong', 'the registration is for personal accounts only, and another tenant than "consumers" was used')
    .fix('use the tenant consumers', { run: 'setup --tenant consumers', step: '6' })
    .fix('for a work mailbox, change the supported account types', { url: AUTHENTICATION, step: '5' })
    .whenAny(aadsts('9002331 9002346')),
  cause('tenant_wrong', 'the registration is for work accounts only, and the tenant says "consumers"')
    .fix(SET_TENANT)
    .fix('for a personal mailbox, change the supported account types', { url: AUTHENTICATION, step: '5' })
    .whenAny(aadsts('9002332')),
  cause('client_type_mismatch', 'the registration lets no personal accounts in, or there is none with this Client ID')
    .fix(
      'choose supported account types with personal accounts; where the page refuses that, make a new registration',
      {
        url: AUTHENTICATION,
        step: '5',
      },
    )
    .fix(SET_CLIENT_ID)
    .when('outlook-not-for-personal-accounts', {
      where: ['token', 'authorization', 'device'],
      text: /does not exist or is not enabled for consumers/i,
    }),
  cause(
    'client_type_mismatch',
    'the program uses the old version (v1.0) of Microsoft’s sign-in, which gives personal accounts no token',
  )
    .fix('let the program use the addresses with /oauth2/v2.0/ in them; a newer version of it usually does')
    .whenAny(aadsts('90027 500201')),
  cause('tenant_wrong', 'the tenants "common" and "consumers" do not fit this registration')
    .fix(SET_TENANT)
    .whenAny(aadsts('90124 90130')),
  cause(
    'tenant_wrong',
    'the tenant belongs to another Microsoft cloud than the one that was asked, such as US Government or China',
  )
    .fix('name the cloud that it is in: us-gov for GCC High, us-dod for DoD, china for 21Vianet', {
      run: 'setup --cloud us-gov',
    })
    .whenAny(aadsts('90038 900382 900432'))
    .when('outlook-other-cloud', {
      where: 'discovery',
      error: 'issuer_mismatch',
      finding: true,
      text: /for the issuer https:\/\/login\.(?:microsoftonline\.us|partner\.microsoftonline\.cn)\//,
    }),
  cause('tenant_wrong', 'the registration is not made for this kind of tenant')
    .fix(FIX_AUDIENCE)
    .whenAny(aadsts('650059')),
  cause('tenant_wrong', 'the browser signed in at another tenant than the one the code was sent to')
    .fix(SET_TENANT)
    .whenAny(aadsts('700005')),
  cause('policy_blocked', 'Microsoft has blocked the tenant', 'provider')
    .fix('ask the administrator of the tenant to contact Microsoft support')
    .whenAny(aadsts('5000224')),
);

const redirectRules = rulesOf(
  cause(
    'redirect_uri_mismatch',
    'the registration does not list {program}’s redirect URI, or not to the last character',
  )
    .settles()
    .fix(REGISTER_REDIRECT)
    .whenAny(aadsts('50011 70004')),
  cause('redirect_uri_mismatch', 'the redirect URI sent with the code is another one than the sign-in began with')
    .fix(
      'let {program} use one address, scheme, host, port and path, for both; a proxy in front of it must not change https into http',
    )
    .whenAny(aadsts('500112')),
  cause('redirect_uri_mismatch', 'the redirect URI that was sent is no whole address, with a scheme and a host')
    .fix('give the whole address of {program} in its settings, such as https://host.example/path')
    .whenAny(aadsts('90102')),
  cause('redirect_uri_mismatch', 'the registration lists no redirect URI at all')
    .settles()
    .fix(REGISTER_REDIRECT)
    .whenAny(aadsts('500113 900971')),
);

const accountRules = rulesOf(
  cause(
    'wrong_account',
    'the account that signed in is not in this tenant; it is another organisation’s, or a personal one',
  )
    .fix(SIGN_IN_AS)
    .fix(FIX_AUDIENCE)
    .whenAny(aadsts('16000 50020 50034 51004 90072 500341')),
  cause('wrong_account', 'the account is only a guest in this tenant, and guests cannot be signed in here')
    .fix(SIGN_IN_AS)
    .whenAny(aadsts('50177 50178')),
  cause('wrong_account', 'this kind of account, personal or work, is not one the registration is made for')
    .fix(SIGN_IN_AS)
    .fix(FIX_AUDIENCE)
    .whenAny(aadsts('500200 500202 500207 500208')),
  cause('wrong_account', 'the account is disabled; shared mailboxes are such accounts and cannot sign in themselves')
    .fix('for a shared mailbox, sign in as a person who has access to it', { run: 'setup --auth-user ADDRESS' })
    .fix('otherwise ask the administrator to enable the account', { url: ADMIN_CENTER })
    .whenAny(aadsts('50057')),
  cause(
    'policy_blocked',
    'the account is locked for a while, after wrong passwords or a sign-in from a suspicious address',
  )
    .fix('wait some minutes, sign in to the mailbox in a browser, then sign in again here', { run: 'authorize' })
    .whenAny(aadsts('50053')),
  cause('policy_blocked', 'Microsoft has locked the account because it was used against its rules', 'provider')
    .fix('sign in to the mailbox in a browser; its page says how to get the account back')
    .when('microsoft-service-abuse', { text: /service abuse mode/i }),
  cause('signin_required', 'the account’s password has expired')
    .fix('change the password on Microsoft’s page, then sign in again', { run: 'authorize' })
    .whenAny(aadsts('50055 50144')),
  cause('signin_required', 'the password typed on Microsoft’s page is not right, or the account has none')
    .fix(SIGN_IN)
    .whenAny(aadsts('50056 50126')),
);

const signInRules = rulesOf(
  cause('signin_required', 'the organisation wants a second factor (MFA) for this sign-in')
    .fix(FINISH_IN_BROWSER)
    .whenAny(aadsts('50072 50074 50076 50078 50079')),
  cause('signin_cancelled', 'the second factor (MFA) was refused, or not answered in time')
    .fix(SIGN_IN)
    .whenAny(aadsts('500121')),
  cause('signin_required', 'Microsoft has another page for you before the sign-in is complete')
    .fix(FINISH_IN_BROWSER)
    .whenAny(aadsts('50058 50158 50199 700020 9002341')),
  cause(
    'signin_expired',
    'Microsoft ended this sign-in; usually the password was changed or an administrator revoked sessions',
  )
    .fix(SIGN_IN)
    .whenAny(aadsts('50089 50132 50133 50173')),
  cause('signin_expired', 'this sign-in was not used for 90 days, and Microsoft ends those')
    .fix('sign in again; using it at least once a month keeps it alive', { run: 'authorize' })
    .whenAny(aadsts('700082')),
  cause(
    'signin_expired',
    'the redirect URI is registered for a single-page application, whose sign-ins end after a day',
  )
    .fix('move {redirect-uri} below Web or Mobile and desktop applications, then sign in again', {
      url: AUTHENTICATION,
      step: '5',
    })
    .whenAny(aadsts('700084')),
  cause('signin_expired', 'a rule of the organisation ends sign-ins after a set time (sign-in frequency)', 'admin')
    .fix(SIGN_IN)
    .fix('to make it last, ask the administrator to exempt the app from the sign-in frequency rule', {
      url: `${ENTRA}/`,
    })
    .whenAny(aadsts('70043 70044 700081')),
  cause('signin_required', 'the answer from the browser was used already, or is too old')
    .fix(SIGN_IN)
    .whenAny(aadsts('54005 70008')),
  cause('signin_required', 'the answer from the browser belongs to another attempt than this one')
    .fix(SIGN_IN)
    .whenAny(aadsts('50147 50148 501481 501491')),
  cause(
    'signin_required',
    'the code in the browser’s address is damaged; usually the address was cut off when it was copied',
  )
    .fix('sign in again, and paste the whole address', { run: 'authorize' })
    .when('aadsts-code-damaged', { where: 'token', grant: 'authorization_code', text: DAMAGED }, 'general'),
  cause('signin_expired', 'the refresh token is damaged; usually a part of it was left out when it was copied')
    .fix(SIGN_IN)
    .fix('or give the whole refresh token again', { run: 'setup --refresh-token-file FILE' })
    .when('aadsts-refresh-token-damaged', { where: 'token', grant: 'refresh_token', text: DAMAGED }, 'general'),
  cause(
    'signin_expired',
    'Microsoft does not take this refresh token: a part of it is missing, or (personal accounts) the permission was removed',
  )
    .fix(SIGN_IN)
    .when('aadsts70000', { text: { test: (text) => anyOf('70000').test(text) && !DAMAGED_CODE.test(text) } }),
  cause('signin_required', 'Microsoft still waits for the code to be typed in on the other device')
    .fix('type the code on the page that was shown')
    .whenAny(aadsts('70016')),
  cause('signin_timeout', 'the code for the other device is wrong or no longer valid')
    .fix('start again for a new code', { run: 'authorize --device' })
    .whenAny(aadsts('70018 70019 70020 90119 90120 7000014')),
);

const policyRules = rulesOf(
  cause(
    'policy_blocked',
    'the organisation lets only chosen people or apps use this app, and {account} is not one of them',
    'admin',
  )
    .fix('ask the administrator to add {account}: Enterprise apps > the app > Users and groups', { url: `${ENTRA}/` })
    .whenAny(aadsts('50105')),
  cause('policy_blocked', 'the organisation allows this sign-in only from a computer that it manages', 'admin')
    .fix('sign in with the browser of such a computer', { run: 'authorize --no-browser' })
    .fix(SIGN_IN_LOG)
    .whenAny(aadsts('50097 53000 53001 530003 700003')),
  cause(
    'policy_blocked',
    'a rule of the organisation (Conditional Access or security policy) forbids this sign-in',
    'admin',
  )
    .fix(SIGN_IN_LOG)
    .fix('if you signed in with a code (--device), sign in with the browser', {
      run: 'authorize',
      foreign: 'if it signs in with a code or a password, let it sign in with the browser',
    })
    .whenAny(aadsts('50131 53002 53003 53011 530032 530034 530035')),
  cause('signin_required', 'a rule of the organisation wants the password changed first')
    .fix('change the password on Microsoft’s page, then sign in again', { run: 'authorize' })
    .whenAny(aadsts('50142')),
  cause('policy_blocked', 'the proxy of this network allows sign-ins only to other tenants', 'network')
    .fix('ask the network’s administrator to allow the tenant {tenant}, or use another network')
    .whenAny(aadsts('500021 500022')),
  cause('policy_blocked', 'a rule between the two organisations (cross-tenant access) forbids this sign-in', 'admin')
    .fix(SIGN_IN_LOG)
    .whenAny(aadsts('500212 500213')),
);

const consentRules = rulesOf(
  cause(
    'admin_consent_required',
    'an administrator has to approve the app first; for IMAP that is usual since November 2025',
    'admin',
  )
    .fix(GRANT_CONSENT)
    .whenAny(aadsts('90094 90095 900941')),
  cause('consent_missing_scope', 'nobody has allowed the app this permission yet, or it was taken back')
    .fix('sign in again and accept', { run: 'authorize' })
    .fix('if the page says "Need admin approval", send this link to an administrator', {
      ...ADMIN_CONSENT,
      step: '12.iii',
    })
    .whenAny(aadsts('65001')),
  cause(
    'signin_cancelled',
    'the permission was declined on Microsoft’s page, or the request to an administrator is still open',
  )
    .fix('sign in again and accept', { run: 'authorize' })
    .fix('if an administrator has to approve, send this link', { ...ADMIN_CONSENT, step: '12.iii' })
    .whenAny(aadsts('65004')),
  cause('consent_missing_scope', 'the registration does not list the permissions that are asked for')
    .fix(ADD_PERMISSIONS)
    .whenAny(aadsts('65005 90008 650056 650057')),
  cause('consent_missing_scope', 'a scope is misspelt, or scopes of several services were asked for together')
    .fix(
      'ask only for https://outlook.office.com/IMAP.AccessAsUser.All, https://outlook.office.com/SMTP.Send and offline_access',
      {
        run: 'setup',
        foreign:
          'correct the scope that the words name, and ask for scopes of one service only; for mail these are https://outlook.office.com/IMAP.AccessAsUser.All, https://outlook.office.com/SMTP.Send and offline_access',
      },
    )
    .whenAny(aadsts('28000 28002 28003 70011 650053 700022 700023')),
  cause('policy_blocked', 'the tenant has no Exchange Online, or the name of the service is misspelt', 'admin')
    .fix('ask the administrator whether {account} has a licence with Exchange Online', { url: ADMIN_CENTER })
    .whenAny(aadsts('500011 650052 650054')),
  cause(
    'policy_blocked',
    'Exchange Online is disabled as an application in this tenant, or its subscription has ended',
    'admin',
  )
    .fix('ask the administrator to enable Office 365 Exchange Online under Enterprise apps', { url: `${ENTRA}/` })
    .whenAny(aadsts('500014')),
);

/** Says only that something was wrong: the number that follows it in a text says what. */
const wrapperRules = rulesOf(
  cause(
    'client_secret_wrong',
    'Microsoft does not accept this Client ID with this client secret, or this kind of sign-in',
  )
    .settles()
    .fix(PASTE_VALUE)
    .when('aadsts70002', { text: anyOf('70002') }, 'general'),
);

const requestRules = rulesOf(
  cause(
    'signin_required',
    'there is no refresh token to renew the sign-in with; usually the scope offline_access was not asked for',
  )
    .fix('ask for offline_access too, then sign in again', { run: 'authorize' })
    .when('aadsts900144-refresh-token', { text: /must contain the following parameter: ['"]?refresh_tok/i }),
  cause('bad_input', 'the request names no scope, and Microsoft wants one also when a sign-in is renewed')
    .fix(
      'set the scope in {program}: https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access',
    )
    .when('aadsts900144-scope', { text: /must contain the following parameter: ['"]?scope/i }),
  cause('bad_input', 'the request to Microsoft lacks the value that its words name; usually a setting is empty')
    .fix('fill in what is missing, such as the Client ID, in the settings of {program}', { run: 'setup' })
    .whenAny(aadsts('90014 900144')),
  cause(
    'bad_input',
    'Microsoft did not understand the request; right after a change of the registration that passes by itself',
  )
    .fix('wait a minute and try again', { run: 'authorize' })
    .fix(REPORT)
    .whenAny(aadsts('90013 90023 90100 901002')),
  cause(
    'bad_input',
    'Microsoft did not understand the request: usually a value in it is damaged, such as a code, a refresh token, an ID or a secret',
  )
    .fix('compare each value with where it was copied from: nothing cut off, no quotes, no space, not encoded twice')
    .whenAny(aadsts('9002313')),
  cause('signin_required', 'the address of the token endpoint was opened in a browser, or a page was reloaded')
    .fix('open the whole address that {program} shows', { run: 'authorize' })
    .whenAny(aadsts('90056 900561')),
  cause('server_unavailable', 'Microsoft’s sign-in service has trouble at the moment', 'provider')
    .fix(AGAIN)
    .whenAny(aadsts('70012 90033')),
  cause('rate_limited', 'Microsoft has had too many requests from this program or tenant', 'provider')
    .fix(AGAIN)
    .whenAny(aadsts('50196 90055')),
  cause(
    'tls_failed',
    'the connection reached Microsoft with an outdated TLS version; usually a proxy makes it so',
    'network',
  )
    .fix('ask the network’s administrator to let the proxy use TLS 1.2 or later')
    .whenAny(aadsts('1002016')),
);

const findings = rulesOf(
  cause(
    'admin_consent_required',
    'an administrator has to approve the app first; for IMAP that is usual since November 2025',
    'admin',
  )
    .foreign('an administrator has to approve the app first')
    .fix(GRANT_CONSENT)
    .when('microsoft-need-admin-approval', {
      where: 'authorization',
      text: /need admin approval|ask your admin to grant you access|requires your admin['’]s approval|admin(?:istrator)? approval (?:is )?required|needs permission to access resources in your organi[sz]ation that only an admin can grant|Administratorgenehmigung|Genehmigung (?:durch|eines|des|vom|Ihres) (?:(?:einen|Ihren) )?Administrators?|approbation (?:de l['’]|d['’]un )?admin|aprobaci[oó]n del? (?:un )?administrador|approvazione dell['’]amministratore|aprova[cç][aã]o d[eo] (?:um )?administrador|goedkeuring (?:van|door) (?:een |de )?beheerder|beheerdersgoedkeuring|管理者の承認|需要管理员批准|需要管理員核准|(?:утверждение|одобрение|подтверждение) администратора/i,
    }),
);

const ENABLE_MAILBOX: RuleFix = {
  text: 'let the administrator switch it on for this mailbox; it can take an hour to work',
  command: 'Set-CASMailbox -Identity {account} -SmtpClientAuthenticationDisabled $false',
};
const ENABLE_BY_CLICK: RuleFix = {
  text: 'or by hand: Active users > the mailbox > Mail > Manage email apps > Authenticated SMTP',
  url: ADMIN_CENTER,
};
const ENABLE_ORGANISATION: RuleFix = {
  text: 'or for every mailbox of the organisation',
  command: 'Set-TransportConfig -SmtpClientAuthenticationDisabled $false',
};
const USE_OAUTH: RuleFix = {
  text: 'set the program to OAuth2 (XOAUTH2); this shows the fields',
  foreign: 'set the program to OAuth2 (XOAUTH2)',
  run: 'export --format form',
};

/** Nobody has signed in, and the token names what was allowed: what is left is that Exchange does not know the app. */
const APP_UNKNOWN =
  'Exchange does not let the app in: it was not told of the app, or of another Object ID, or the change has not spread yet';

const smtpRules = rulesOf(
  cause(
    'smtp_auth_disabled',
    'sending by programs (SMTP AUTH) is switched off for the whole organisation, the default since 2020',
    'admin',
  )
    .fix(ENABLE_MAILBOX)
    .fix(ENABLE_BY_CLICK)
    .fix(ENABLE_ORGANISATION)
    .when('smtp-5.7.139-tenant', { where: 'smtp', text: /SmtpClientAuthentication is disabled for the Tenant/i }),
  cause('smtp_auth_disabled', 'sending by programs (SMTP AUTH) is switched off for this mailbox', 'admin')
    .fix(ENABLE_MAILBOX)
    .fix(ENABLE_BY_CLICK)
    .when('smtp-5.7.139-mailbox', { where: 'smtp', text: /SmtpClientAuthentication is disabled for the Mailbox/i }),
  cause(
    'smtp_auth_disabled',
    'sending by programs (SMTP AUTH) is switched off for the mailbox or the organisation',
    'admin',
  )
    .fix(ENABLE_MAILBOX)
    .fix(ENABLE_BY_CLICK)
    .when('smtp-auth-disabled-otherwise', {
      where: 'smtp',
      text: /SmtpClientAuthentication is disabled|aka\.ms\/smtp_auth_disabled/i,
    }),
  cause('policy_blocked', 'the program sent a password, and Microsoft takes only tokens for sending')
    .fix(USE_OAUTH)
    .when('smtp-5.7.30-basic', { where: 'smtp', text: /\b5\.7\.30\b.{0,40}basic authentication/i }),
  cause('policy_blocked', 'the program sent a password, and Microsoft takes only tokens for this mailbox')
    .fix(USE_OAUTH)
    .when('smtp-5.7.139-basic', { where: 'smtp', text: /basic authentication is (?:disabled|not supported)/i }),
  cause(
    'policy_blocked',
    'the organisation’s security defaults forbid passwords; usually the program sent one in place of a token',
  )
    .fix(USE_OAUTH)
    .when('smtp-5.7.139-security-defaults', { where: 'smtp', text: /security defaults policy/i }),
  cause('policy_blocked', 'a rule of the organisation (usually Conditional Access) forbids this login', 'admin')
    .fix(SIGN_IN_LOG)
    .when('smtp-5.7.139-criteria', { where: 'smtp', text: /did not meet the criteria to be authenticated/i }),
  cause('token_refused', 'Microsoft does not take these credentials; usually a password was sent in place of a token')
    .fix(USE_OAUTH)
    .when('smtp-5.7.139-password', { where: 'smtp', text: /user credentials were incorrect/i }),
  cause('policy_blocked', 'Exchange knows the mailbox and forbids this login by a rule', 'admin')
    .fix(SIGN_IN_LOG)
    .when('smtp-5.7.139-other', { where: 'smtp', text: /\b5\.7\.139\b/ }, 'general'),
  cause(
    'token_refused',
    'Exchange refused the token; usually it belongs to another mailbox than {account}, or lacks SMTP.Send',
  )
    .forApp(APP_UNKNOWN, TELL_EXCHANGE)
    .fix(SIGN_IN_AS)
    .fix(NAME_THE_PERSON)
    .when('smtp-5.7.3', { where: 'smtp', text: /5\.7\.3 Authentication unsuccessful/i }, 'general'),
  cause('signin_required', 'the program tried to send before it signed in')
    .fix(USE_OAUTH)
    // Where a refused login is told behind it, that is the cause.
    .when('smtp-5.7.57', { where: 'smtp', text: /\b5\.7\.57\b(?!.{0,60}\b535\b)/ }),
  cause(
    'mechanism_not_offered',
    'Exchange takes no login here; usually the port is 25, or SMTP AUTH is off for the mailbox',
  )
    .fix('use smtp.office365.com, port 587, STARTTLS', {
      run: 'setup --smtp-port 587 --smtp-security starttls',
      step: '1',
    })
    .fix(ENABLE_MAILBOX)
    .when('exchange-mechanism', { where: 'smtp', status: 504, enhanced: '5.7.4' }),
  cause(
    'mailbox_mismatch',
    'Exchange let the app in and then refused the message: the app has no full access to the mailbox, or not yet',
    'admin',
  )
    .settles()
    .fix(LET_APP_IN)
    .when('exchange-logon-failure', {
      where: 'smtp',
      text: /mailbox logon failure|MapiExceptionLogonFailed|AuthenticationContext has no rights/i,
    }),
  cause('token_refused', 'this endpoint wants a token that is good for ten minutes more')
    .asSent()
    .fix('let the program take a newer token', { run: 'token --min-ttl 600' })
    .when('exchange-hve-token', { where: 'smtp', text: /Token will expire soon/i }),
  cause(
    'token_refused',
    'Exchange found no address of a mailbox in the login: the user name that was sent with the token is not right',
  )
    .asSent()
    .fix('give the whole address of the mailbox as the user name, without quotes or spaces', { run: 'setup' })
    .when('exchange-login-user', { where: 'smtp', text: /Invalid XOAUTH2 auth data/i }),
  cause('mailbox_mismatch', 'the signed-in account may not send from this address; the login itself is fine', 'admin')
    .forApp('the app may not send from this address, or not yet; the login itself is fine', SEND_AS_APP)
    .fix(SEND_AS)
    .when('exchange-send-as', {
      where: ['smtp', 'token'],
      text: /SendAsDenied|not allowed to send as|does not have permissions to send as this sender|right to send mail on behalf of/i,
    }),
  cause('mailbox_mismatch', 'the signed-in account may not send from this address; the login itself is fine', 'admin')
    .forApp('the app may not send from this address, or not yet; the login itself is fine', SEND_AS_APP)
    .fix(SEND_AS)
    .when('smtp-5.7.60', { where: 'smtp', text: /\b5\.(?:7\.60|2\.252)\b/ }),
  cause(
    'too_many_connections',
    'Exchange allows 3 connections that send for a mailbox at once, and 30 messages a minute',
  )
    .fix('end other programs that send for {account}, then check again', { run: 'check' })
    .when('exchange-concurrent-sending', {
      where: 'smtp',
      text: /aka\.ms\/concurrent_sending|Concurrent connections limit exceeded|sender thread limit exceeded/i,
    }),
  cause('rate_limited', 'Exchange slows down or refuses mail from this network address', 'provider')
    .fix('wait an hour, and send less at a time; if it lasts, ask the network’s administrator about its reputation')
    .when('exchange-address-slowed', { where: 'smtp', text: /\b4\.7\.[56]\d\d\b/ }),
  cause('rate_limited', 'the mailbox has sent to as many recipients as Exchange allows in a day, 10,000')
    .fix('wait up to 24 hours')
    .when('exchange-quota', { where: 'smtp', text: /SubmissionQuotaExceeded|\b5\.1\.90\b/i }),
  cause(
    'policy_blocked',
    'Microsoft takes this mail for spam; usually the account is new, not verified, or sent too much at once',
  )
    .fix('sign in to {account} with a browser and finish what the page asks, usually a telephone number', {
      url: 'https://outlook.live.com/',
    })
    .fix('in an organisation, ask the administrator to look at Defender > Restricted entities', {
      url: 'https://security.microsoft.com/restrictedentities',
    })
    .when('exchange-outbound-spam', { where: 'smtp', text: /OutboundSpamException/i }),
  cause(
    'policy_blocked',
    'Exchange has blocked this sender, or the network address it sends from; usually after spam',
    'admin',
  )
    .fix('ask the administrator to look at Defender > Restricted entities', {
      url: 'https://security.microsoft.com/restrictedentities',
    })
    .when('exchange-sender-blocked', { where: 'smtp', text: /\b5\.(?:1\.8|7\.708|7\.750)\b/ }),
);

const ENABLE_POP: RuleFix = {
  text: 'let the administrator switch POP on for it',
  command: 'Set-CASMailbox -Identity {account} -PopEnabled $true',
};

const imapRules = rulesOf(
  cause(
    'token_refused',
    'the token that this session began with has expired, usually after an hour, and Exchange ended the session',
  )
    .asSent()
    .fix('let the program take a new token and connect again', { run: 'token' })
    .when('exchange-session-expired', { where: 'imap', text: /Session invalidated - AccessTokenExpired/i }),
  cause('rate_limited', 'Exchange has had too many requests for this mailbox and makes them wait', 'provider')
    .fix(AGAIN)
    .when('exchange-throttled', { where: 'imap', text: /Request is throttled/i }),
  cause(
    'server_unavailable',
    'Exchange cannot open the mailbox at the moment; usually that passes by itself',
    'provider',
  )
    .fix(AGAIN)
    .when('exchange-server-unavailable', { where: ['imap', 'pop'], text: /Server Unavailable\. \d/i }),
  cause(
    'mailbox_mismatch',
    'the login is accepted and {account} does not open: IMAP is off, there is no mailbox, or no right to it',
    'admin',
  )
    .settles()
    .fix(TELL_EXCHANGE)
    .fix('let the administrator switch IMAP on for it', {
      command: 'Set-CASMailbox -Identity {account} -ImapEnabled $true',
    })
    .fix('for a shared mailbox, let the administrator give the signed-in account full access', {
      only: 'person',
      command: 'Add-MailboxPermission -Identity {account} -User {auth-user} -AccessRights FullAccess',
    })
    .when('exchange-not-connected', { where: 'imap', text: /User is authenticated but not connected/i }),
  cause('policy_blocked', 'the program sent a password, and Microsoft takes only tokens')
    .fix(USE_OAUTH)
    .when('exchange-basic-blocked', {
      where: 'imap',
      text: /LogonDenied|Basic authentication is disabled|BasicAuthBlocked|NO LOGIN failed/i,
    }),
  cause(
    'token_refused',
    'Exchange refused the token; usually it is for another mailbox, or IMAP is off for a personal one',
  )
    .forApp(APP_UNKNOWN, TELL_EXCHANGE)
    .fix(SIGN_IN_AS)
    .fix(NAME_THE_PERSON)
    .fix('for outlook.com, switch IMAP on: Settings > Mail > Forwarding and IMAP')
    .when('exchange-imap-refused', { where: 'imap', text: /AUTHENTICATE failed/i }, 'general'),
  cause('token_refused', 'Exchange wants a POP login with a token in two lines, and the program sends it in one')
    .asSent()
    .fix('use a newer version of the program, which sends AUTH XOAUTH2 first and the token in a line of its own')
    .when('exchange-pop-one-line', { text: /-ERR Protocol error\. (?:Connection is closed\.? ?)?\d\d/i }),
  cause(
    'token_refused',
    'Exchange refused a POP login, which it does for a wrong token, another mailbox, or POP switched off',
  )
    .forApp(APP_UNKNOWN, TELL_EXCHANGE, ENABLE_POP)
    .fix(ENABLE_POP)
    .when(
      'exchange-pop-refused',
      { text: /^-ERR (?:Authentication|Logon) failure: unknown user name or bad password/i },
      'general',
    ),
);

const numbered: readonly Rule[] = [
  ...clientRules,
  ...tenantRules,
  ...redirectRules,
  ...accountRules,
  ...signInRules,
  ...policyRules,
  ...consentRules,
  ...requestRules,
  ...wrapperRules,
];

export const outlookRules: readonly Rule[] = [...numbered, ...aadstsRules, ...findings, ...smtpRules, ...imapRules];

/** What other programs show of the same: what they asked for is not known then. */
const pasted = rulesOf(
  cause(
    'intercepted',
    'another mail server answers in place of Microsoft’s; usually the hosting company leads all mail through its own',
    'network',
  )
    .fix('ask the hosting company to let connections to smtp.office365.com through, or send through its server')
    .when('outlook-other-server-answers', {
      where: 'smtp',
      text: /\bto (?:ssl:\/\/|tls:\/\/|tcp:\/\/)?smtp(?:-mail)?\.(?:office365|outlook)\.com\b.{0,200}?\b220[ -](?!\S{0,60}(?:outlook|office365))\S{1,80} ESMTP (?:Exim|Postfix|Sendmail)/i,
    }),
  cause(
    'signin_required',
    'the code in the browser’s address is damaged; usually it was cut off, or percent-encoded twice, when it was copied',
  )
    .fix('sign in again, and copy the whole code')
    .when('aadsts70000-code', { text: DAMAGED_CODE }),
);

export const outlookPasteRules: readonly Rule[] = [...pasted, ...sentenceRules(numbered), ...aadstsFamilies];
