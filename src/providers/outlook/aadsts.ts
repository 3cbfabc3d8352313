import type { Evidence } from '../../explain/evidence.js';
import type { Diagnosis, Rule, RuleFix } from '../../explain/rule.js';

/**
 * The numbers of Microsoft's list of AADSTS errors that have no rule of their own in errors.ts, by kind: who can fix it
 * is the same for all of a kind. What the list does not hold falls to the family that the first digits name, so that no
 * number is without an answer. The list: learn.microsoft.com/entra/identity-platform/reference-error-codes.
 */

const LOOK_UP: RuleFix = {
  text: 'look the number up on Microsoft’s page, which says more about it',
  url: 'https://login.microsoftonline.com/error',
};
const SIGN_IN: RuleFix = { text: 'sign in again', run: { verb: 'authorize' } };
const SIGN_IN_LOG: RuleFix = {
  text: 'ask the administrator to look at this sign-in under Entra ID > Sign-in logs, where the reason is named',
  url: 'https://entra.microsoft.com/',
};
const AGAIN: RuleFix = { text: 'wait {wait}, then try again', run: { verb: 'check' } };
const DEVELOPER: RuleFix = { text: 'report this, with the server’s words, to whoever wrote {program}' };

interface Kind extends Diagnosis {
  readonly id: string;
  readonly numbers: string;
}

const KINDS: readonly Kind[] = [
  {
    id: 'account-choice',
    numbers: '16001 16002 160021 50197 81012 90125 51001',
    code: 'signin_required',
    who: 'you',
    message: 'Microsoft could not tell which of the signed-in accounts is meant',
    fix: [{ text: 'sign in again in a private window, and choose the account there', run: { verb: 'authorize' } }],
  },
  {
    id: 'not-in-tenant',
    numbers: '16003 50014 90126 90084 1000104',
    code: 'wrong_account',
    who: 'you',
    message: 'the account that signed in does not belong to this tenant, or its invitation was not accepted yet',
    fix: [
      { text: 'sign in again and pick {account}', run: { verb: 'authorize' } },
      { text: 'or ask the administrator of the tenant to add the account' },
    ],
  },
  {
    id: 'federation',
    numbers:
      '20001 20012 20033 40008 40009 40010 40015 50007 50008 5000819 50107 50161 50166 50169 50170 90081 90082 90085 90086 90087 90123 50085 90020',
    code: 'policy_blocked',
    who: 'admin',
    message:
      'the organisation lets another service check its sign-ins, and that service refused or gave no good answer',
    fix: [SIGN_IN_LOG],
  },
  {
    id: 'service-trouble',
    numbers: '50000 50033 50086 50087 50088 90006 90012 90024 90036 90090 90091 90092 501621 120021 220501 230109',
    code: 'server_unavailable',
    who: 'provider',
    message: 'Microsoft’s sign-in service has trouble at the moment',
    fix: [AGAIN],
  },
  {
    id: 'resource-unknown',
    numbers: '50001 50010 90009 221000 500131 501461',
    code: 'bad_input',
    who: 'you',
    message: 'the service that a token was asked for does not exist under that name, or is switched off',
    fix: [{ text: 'ask only for scopes that begin with https://outlook.office.com/, and for offline_access' }],
  },
  {
    id: 'tenant-restricted',
    numbers: '50002',
    code: 'policy_blocked',
    who: 'network',
    message: 'the proxy of this network allows sign-ins only to chosen tenants',
    fix: [{ text: 'ask the network’s administrator to allow the tenant, or use another network' }],
  },
  {
    id: 'device',
    numbers:
      '50005 50127 50129 50155 50187 53010 130004 130005 130006 130007 130008 135010 135011 140000 140001 240001 17003 50099 50168 220450',
    code: 'policy_blocked',
    who: 'admin',
    message: 'the organisation wants a registered computer for this sign-in, and this one did not pass',
    fix: [
      {
        text: 'sign in with the browser of a computer that the organisation manages',
        run: { verb: 'authorize', flags: '--no-browser' },
      },
      SIGN_IN_LOG,
    ],
  },
  {
    id: 'client-certificate',
    numbers:
      '50003 50006 50012 50013 500133 50017 50027 50032 50048 50120 50146 50192 700021 700024 700211 700212 700213 700229 70021 7000214 1000502 900384 90010 90016 67003 90022 240002',
    code: 'client_secret_wrong',
    who: 'you',
    message:
      'what the registration proves itself with (a certificate, a signed assertion, a secret) is not right or not in date',
    fix: [
      {
        text: 'compare the secret or the certificate with those of the registration, and set the clock of this machine',
      },
      LOOK_UP,
    ],
  },
  {
    id: 'tenant-settings',
    numbers: '50015 50029 50042 50043 50049 50124 501241 51000 90043 90051 90101 90102 90114 165004 1000031 100007',
    code: 'policy_blocked',
    who: 'admin',
    message: 'a setting of the tenant or of its account keeps this sign-in from working',
    fix: [SIGN_IN_LOG, LOOK_UP],
  },
  {
    id: 'password',
    numbers:
      '50064 50125 50135 50136 120000 120002 120003 120004 120005 120008 120011 120012 120013 120014 120015 120016 120018 120020',
    code: 'signin_required',
    who: 'you',
    message: 'the password was not right, or Microsoft wants it changed first',
    fix: [
      { text: 'sign in at https://myaccount.microsoft.com in a browser and follow what it asks, then sign in again' },
    ],
  },
  {
    id: 'interrupted',
    numbers:
      '50138 50139 50140 50143 50180 51005 51006 53004 81004 81005 81006 81007 81009 81010 81011 1000000 1000002 52004',
    code: 'signin_required',
    who: 'you',
    message: 'Microsoft wants a person to finish a page before the sign-in is complete',
    fix: [{ text: 'sign in again and finish every page that the browser shows', run: { verb: 'authorize' } }],
  },
  {
    id: 'sign-out',
    numbers: '50061 50068 50070 50071',
    code: 'signin_required',
    who: 'you',
    message: 'a sign-out went wrong; it changes nothing for the mailbox',
    fix: [SIGN_IN],
  },
  {
    id: 'age',
    numbers: '54000',
    code: 'policy_blocked',
    who: 'admin',
    message: 'the rules for the age of this account do not allow the app',
    fix: [SIGN_IN_LOG],
  },
  {
    id: 'device-code',
    numbers: '50134',
    code: 'signin_timeout',
    who: 'you',
    message: 'the code was typed in at another part of Microsoft’s cloud than the one that gave it',
    fix: [{ text: 'start again for a new code', run: { verb: 'authorize', flags: '--device' } }],
  },
  {
    id: 'on-premises',
    numbers: '80001 80002 80005 80007 80010 80012 80013 80014',
    code: 'policy_blocked',
    who: 'admin',
    message: 'the organisation checks passwords on its own servers, and those did not answer or refused',
    fix: [SIGN_IN_LOG],
  },
  {
    id: 'app-not-allowed',
    numbers: '700011 90099 7000114 90093',
    code: 'client_not_found',
    who: 'admin',
    message: 'the registration is not known in this tenant, or may not be used there yet',
    fix: [{ text: 'ask the administrator of the tenant to add the app and to grant its permissions' }],
  },
  {
    id: 'response-type',
    numbers: '70005 70007 76021 76026 75001 75003 75005 7500514 750054 75008 75011 75016 7500529 900236',
    code: 'client_type_mismatch',
    who: 'you',
    message: 'the registration is not made for the kind of sign-in that was asked for',
    fix: [
      { text: 'use the authorization code flow, with the platform "Mobile and desktop applications" or "Web"' },
      LOOK_UP,
    ],
  },
  {
    id: 'request',
    numbers: '50050 90004 90005 90007 90015 90107 90117 90121 165900',
    code: 'bad_input',
    who: 'you',
    message: 'Microsoft could not read the request: a part of it is missing, too long or not well formed',
    fix: [{ text: 'look at the address and the values that the program sends: Client ID, tenant, scope' }, DEVELOPER],
  },
  {
    id: 'app-scope',
    numbers: '1002012',
    code: 'bad_input',
    who: 'you',
    message: 'an app without a person has to ask for the one scope that ends in /.default',
    fix: [{ text: 'ask for https://outlook.office365.com/.default' }],
  },
];

/** Numbers that are in no list, by their first digits. */
const FAMILIES: readonly (readonly [id: string, digits: string, sample: string, diagnosis: Diagnosis])[] = [
  [
    'consent',
    '65\\d{3,5}',
    '65099',
    {
      code: 'admin_consent_required',
      who: 'admin',
      message: 'a permission of the app is missing in this tenant; its number is not in mailauth’s list',
      fix: [{ text: 'ask an administrator to look at the permissions of the app and to grant them' }, LOOK_UP],
    },
  ],
  [
    'conditional-access',
    '53\\d{3,5}',
    '53999',
    {
      code: 'policy_blocked',
      who: 'admin',
      message: 'a rule of the organisation forbids this sign-in; its number is not in mailauth’s list',
      fix: [SIGN_IN_LOG, LOOK_UP],
    },
  ],
  [
    'client',
    '70\\d{3,6}',
    '7009999',
    {
      code: 'client_type_mismatch',
      who: 'you',
      message: 'Microsoft refuses the registration or what it was asked with; the number is not in mailauth’s list',
      fix: [LOOK_UP, { text: 'compare Client ID, secret or certificate, and platform with the registration' }],
    },
  ],
  [
    'request',
    '90\\d{3,6}',
    '90999',
    {
      code: 'bad_input',
      who: 'you',
      message: 'Microsoft cannot use the request; the number is not in mailauth’s list',
      fix: [LOOK_UP, { text: 'compare Client ID, tenant and scopes with the registration' }],
    },
  ],
  [
    'other',
    '\\d{5,8}',
    '50999',
    {
      code: 'signin_required',
      who: 'you',
      message: 'Microsoft stopped the sign-in; the number is not in mailauth’s list',
      fix: [LOOK_UP, { text: 'sign in again in a browser: the page says what it wants', run: { verb: 'authorize' } }],
    },
  ],
];

const SAMPLE: Evidence = {
  where: 'token',
  stage: 'response',
  status: 400,
  grant: 'authorization_code',
  host: 'login.microsoftonline.com',
  port: 443,
  error: 'invalid_request',
  text: '',
};

function anyOf(numbers: string): string {
  return numbers.replaceAll(' ', '|');
}

const listed: readonly Rule[] = KINDS.map(({ id, numbers, ...diagnosis }) => ({
  id: `aadsts-${id}`,
  when: { text: new RegExp(`(?:AADSTS|error code:? ?)(?:${anyOf(numbers)})(?!\\d)|^(?:${anyOf(numbers)})$`, 'i') },
  sample: { ...SAMPLE, text: `AADSTS${numbers.split(' ')[0]}: Trace ID: 00000000-1111-2222-3333-444444444400` },
  diagnosis,
}));

const families: readonly Rule[] = FAMILIES.map(([id, digits, sample, diagnosis]) => ({
  id: `aadsts-family-${id}`,
  weight: 'general',
  when: { text: new RegExp(`AADSTS${digits}(?!\\d)`, 'i') },
  sample: { ...SAMPLE, text: `AADSTS${sample}: Trace ID: 00000000-1111-2222-3333-444444444400` },
  diagnosis,
}));

export const aadstsRules: readonly Rule[] = listed;

/** Only for pastes: an answer that mailauth gets itself has an OAuth error besides, which says more than a family. */
export const aadstsFamilies: readonly Rule[] = families;
