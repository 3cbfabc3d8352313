import { cause, rulesOf } from '../../explain/cause.js';
import { SIGN_IN } from '../../explain/fixes.js';
import type { RuleFix } from '../../explain/rule.js';
import { anyOf } from './numbers.js';

/**
 * The numbers of Microsoft's list of AADSTS errors that have no rule of their own in errors.ts, by kind: who can fix it
 * is the same for all of a kind. What the list does not hold falls to the family that the first digits name, so that no
 * number is without an answer. The list: learn.microsoft.com/entra/identity-platform/reference-error-codes.
 */

const LOOK_UP: RuleFix = {
  text: 'look the number up on Microsoft’s page, which says more about it',
  url: 'https://login.microsoftonline.com/error',
};
const SIGN_IN_LOG: RuleFix = {
  text: 'ask the administrator to look at this sign-in under Entra ID > Sign-in logs, where the reason is named',
  url: 'https://entra.microsoft.com/',
};
const AGAIN: RuleFix = { text: 'wait {wait}, then try again', run: 'check' };
const DEVELOPER: RuleFix = { text: 'report this, with the server’s words, to whoever wrote {program}' };

export const aadstsRules = rulesOf(
  cause('signin_required', 'Microsoft could not tell which of the signed-in accounts is meant')
    .fix('sign in again in a private window, and choose the account there', { run: 'authorize' })
    .when('aadsts-account-choice', { text: anyOf('16001 16002 160021 50197 81012 90125 51001') }),
  cause(
    'wrong_account',
    'the account that signed in does not belong to this tenant, or its invitation was not accepted yet',
  )
    .fix('sign in again and pick {account}', { run: 'authorize' })
    .fix('or ask the administrator of the tenant to add the account')
    .when('aadsts-not-in-tenant', { text: anyOf('16003 50014 90126 90084 1000104') }),
  cause(
    'policy_blocked',
    'the organisation lets another service check its sign-ins, and that service refused or gave no good answer',
    'admin',
  )
    .fix(SIGN_IN_LOG)
    .when('aadsts-federation', {
      text: anyOf(
        '20001 20012 20033 40008 40009 40010 40015 50007 50008 5000819 50107 50161 50166 50169 50170 90081 90082 90085 90086 90087 90123 50085 90020',
      ),
    }),
  cause('server_unavailable', 'Microsoft’s sign-in service has trouble at the moment', 'provider')
    .fix(AGAIN)
    .when('aadsts-service-trouble', {
      text: anyOf(
        '50000 50033 50086 50087 50088 90006 90012 90024 90036 90090 90091 90092 501621 120021 220501 230109',
      ),
    }),
  cause('bad_input', 'the service that a token was asked for does not exist under that name, or is switched off')
    .fix('ask only for scopes that begin with https://outlook.office.com/, and for offline_access')
    .when('aadsts-resource-unknown', { text: anyOf('50001 50010 90009 221000 500131 501461') }),
  cause('policy_blocked', 'the proxy of this network allows sign-ins only to chosen tenants', 'network')
    .fix('ask the network’s administrator to allow the tenant, or use another network')
    .when('aadsts-tenant-restricted', { text: anyOf('50002') }),
  cause(
    'policy_blocked',
    'the organisation wants a registered computer for this sign-in, and this one did not pass',
    'admin',
  )
    .fix('sign in with the browser of a computer that the organisation manages', { run: 'authorize --no-browser' })
    .fix(SIGN_IN_LOG)
    .when('aadsts-device', {
      text: anyOf(
        '50005 50127 50129 50155 50187 53010 130004 130005 130006 130007 130008 135010 135011 140000 140001 240001 17003 50099 50168 220450',
      ),
    }),
  cause(
    'client_secret_wrong',
    'what the registration proves itself with (a certificate, a signed assertion, a secret) is not right or not in date',
  )
    .fix('compare the secret or the certificate with those of the registration, and set the clock of this machine')
    .fix(LOOK_UP)
    .when('aadsts-client-certificate', {
      text: anyOf(
        '50003 50006 50012 50013 500133 50017 50027 50032 50048 50120 50146 50192 700021 700229 900384 90010 90016 67003 90022 240002',
      ),
    }),
  cause('policy_blocked', 'a setting of the tenant or of its account keeps this sign-in from working', 'admin')
    .fix(SIGN_IN_LOG)
    .fix(LOOK_UP)
    .when('aadsts-tenant-settings', {
      text: anyOf('50015 50029 50042 50043 50049 50124 501241 51000 90043 90051 90101 90114 165004 1000031 100007'),
    }),
  cause('signin_required', 'the password was not right, or Microsoft wants it changed first')
    .fix('sign in at https://myaccount.microsoft.com in a browser and follow what it asks, then sign in again')
    .when('aadsts-password', {
      text: anyOf(
        '50064 50125 50135 50136 120000 120002 120003 120004 120005 120008 120011 120012 120013 120014 120015 120016 120018 120020',
      ),
    }),
  cause('signin_required', 'Microsoft wants a person to finish a page before the sign-in is complete')
    .fix('sign in again and finish every page that the browser shows', { run: 'authorize' })
    .when('aadsts-interrupted', {
      text: anyOf(
        '50138 50139 50140 50143 50180 51005 51006 53004 81004 81005 81006 81007 81009 81010 81011 1000000 1000002 52004',
      ),
    }),
  cause('signin_required', 'a sign-out went wrong; it changes nothing for the mailbox')
    .fix(SIGN_IN)
    .when('aadsts-sign-out', { text: anyOf('50061 50068 50070 50071') }),
  cause('policy_blocked', 'the rules for the age of this account do not allow the app', 'admin')
    .fix(SIGN_IN_LOG)
    .when('aadsts-age', { text: anyOf('54000') }),
  cause('signin_timeout', 'the code was typed in at another part of Microsoft’s cloud than the one that gave it')
    .fix('start again for a new code', { run: 'authorize --device' })
    .when('aadsts-device-code', { text: anyOf('50134') }),
  cause(
    'policy_blocked',
    'the organisation checks passwords on its own servers, and those did not answer or refused',
    'admin',
  )
    .fix(SIGN_IN_LOG)
    .when('aadsts-on-premises', { text: anyOf('80001 80002 80005 80007 80010 80012 80013 80014') }),
  cause('client_not_found', 'the registration is not known in this tenant, or may not be used there yet', 'admin')
    .fix('ask the administrator of the tenant to add the app and to grant its permissions')
    .when('aadsts-app-not-allowed', { text: anyOf('700011 90099 7000114 90093') }),
  cause('client_type_mismatch', 'the registration is not made for the kind of sign-in that was asked for')
    .fix('use the authorization code flow, with the platform "Mobile and desktop applications" or "Web"')
    .fix(LOOK_UP)
    .when('aadsts-response-type', {
      text: anyOf('70005 70007 76021 76026 75001 75003 75005 7500514 750054 75008 75011 75016 7500529 900236'),
    }),
  cause('bad_input', 'Microsoft could not read the request: a part of it is missing, too long or not well formed')
    .fix('look at the address and the values that the program sends: Client ID, tenant, scope')
    .fix(DEVELOPER)
    .when('aadsts-request', { text: anyOf('50050 90004 90005 90007 90015 90107 90117 90121 165900') }),
  cause('bad_input', 'an app without a person has to ask for the one scope that ends in /.default')
    .fix('ask for https://outlook.office365.com/.default')
    .when('aadsts-app-scope', { text: anyOf('1002012') }),
);

/**
 * Numbers that are in no list, by their first digits. Only for pastes: an answer that mailauth gets itself has an OAuth error
 * besides, which says more.
 */
export const aadstsFamilies = rulesOf(
  cause(
    'admin_consent_required',
    'a permission of the app is missing in this tenant; its number is not in mailauth’s list',
    'admin',
  )
    .fix('ask an administrator to look at the permissions of the app and to grant them')
    .fix(LOOK_UP)
    .when('aadsts-family-consent', { text: /AADSTS65\d{3,5}(?!\d)/i }, 'number'),
  cause(
    'policy_blocked',
    'a rule of the organisation forbids this sign-in; its number is not in mailauth’s list',
    'admin',
  )
    .fix(SIGN_IN_LOG)
    .fix(LOOK_UP)
    .when('aadsts-family-conditional-access', { text: /AADSTS53\d{3,5}(?!\d)/i }, 'number'),
  cause(
    'client_type_mismatch',
    'Microsoft refuses the registration or what it was asked with; the number is not in mailauth’s list',
  )
    .fix(LOOK_UP)
    .fix('compare Client ID, secret or certificate, and platform with the registration')
    .when('aadsts-family-client', { text: /AADSTS70\d{3,6}(?!\d)/i }, 'number'),
  cause('bad_input', 'Microsoft cannot use the request; the number is not in mailauth’s list')
    .fix(LOOK_UP)
    .fix('compare Client ID, tenant and scopes with the registration')
    .when('aadsts-family-request', { text: /AADSTS90\d{3,6}(?!\d)/i }, 'number'),
  cause('signin_required', 'Microsoft stopped the sign-in; the number is not in mailauth’s list')
    .fix(LOOK_UP)
    .fix('sign in again in a browser: the page says what it wants', { run: 'authorize' })
    .when('aadsts-family-other', { text: /AADSTS\d{5,8}(?!\d)/i }, 'number'),
);
