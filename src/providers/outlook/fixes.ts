import type { RuleFix } from '../../explain/rule.js';

/** Next actions that several causes share, and the pages of Microsoft’s portals that they lead to. */

export const ENTRA = 'https://entra.microsoft.com';
const APP = `${ENTRA}/{directory?}#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~`;
/** Where the IDs themselves are in doubt, no link is made of them. */
export const REGISTRATIONS = `${ENTRA}/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade`;
export const AUTHENTICATION = `${APP}/Authentication/appId/{client-id}`;
export const CREDENTIALS = `${APP}/Credentials/appId/{client-id}`;
export const PERMISSIONS = `${APP}/CallAnAPI/appId/{client-id}`;
/** Filled with the link and the message of the provider's record. */
export const ADMIN_CONSENT = { url: '{admin-consent-url}', send: '{admin-request}' } as const;
export const ADMIN_CENTER = 'https://admin.microsoft.com/#/users';

/** What an Exchange administrator runs for an app; what is there already stays. */
const EXCHANGE_SIDE: Omit<RuleFix, 'text'> = {
  command:
    'mailauth guide outlook --sign-in app --format powershell --account {account} --tenant {tenant} --client-id {client-id} --object-id {object-id}',
  step: '13',
  only: 'app',
};

/** The app is not let into the mailbox. */
export const LET_APP_IN: RuleFix = {
  text: 'let an Exchange administrator give the app full access (step 13); it can take up to two hours to work',
  foreign: 'let an Exchange administrator give the app full access; it can take up to two hours to work',
  ...EXCHANGE_SIDE,
};
/** The app is not known at all, or as another one. */
export const TELL_EXCHANGE: RuleFix = {
  text: 'for an app: step 13 is missing for this mailbox, was done with another Object ID, or has not spread yet, which takes up to two hours',
  foreign:
    'for an app without a person: Exchange has not given it full access to this mailbox, gave it to another Object ID, or needs up to two hours for it',
  ...EXCHANGE_SIDE,
};

export const SIGN_IN_AS: RuleFix = { text: 'sign in again and pick {account}', run: 'authorize' };
export const NAME_THE_PERSON: RuleFix = {
  text: 'if {account} is a shared mailbox or an alias, name the person who signs in',
  run: 'setup --auth-user ADDRESS',
};
export const FINISH_IN_BROWSER: RuleFix = {
  text: 'sign in again and finish every page that the browser shows',
  run: 'authorize',
};
export const SIGN_IN_LOG: RuleFix = {
  text: 'ask the administrator to look at this sign-in under Entra ID > Sign-in logs, where the rule is named',
  url: `${ENTRA}/`,
};
export const SET_TENANT: RuleFix = {
  text: 'copy the Directory (tenant) ID again from the Overview page of the registration',
  run: 'setup --from-step 6',
  url: REGISTRATIONS,
  step: '6',
};
export const SET_CLIENT_ID: RuleFix = {
  text: 'copy the Application (client) ID and the Directory (tenant) ID again from the Overview page of the registration',
  run: 'setup --from-step 6',
  url: REGISTRATIONS,
  step: '6',
};
export const PASTE_VALUE: RuleFix = {
  text: 'copy the column Value, not Secret ID; if the Value is hidden already, make a new client secret',
  run: 'setup --from-step 7',
  url: CREDENTIALS,
  step: '9',
};
export const REGISTER_REDIRECT: RuleFix = {
  text: 'add exactly {redirect-uri} under Authentication; it takes about a minute to work',
  url: AUTHENTICATION,
  step: '5',
};
export const FIX_PLATFORM: RuleFix = {
  text: 'under Authentication, put {redirect-uri} below the platform that fits: Web with a secret, Mobile and desktop without',
  url: AUTHENTICATION,
  step: '5',
};
export const FIX_AUDIENCE: RuleFix = {
  text: 'make the supported account types fit {account}, or use the tenant that fits them',
  url: AUTHENTICATION,
  step: '5',
};
export const ADD_PERMISSIONS: RuleFix = {
  text: 'add the permissions of step 12 under Microsoft Graph > Delegated permissions',
  foreign: 'add the permissions that the program asks for under API permissions, and let them be granted',
  url: PERMISSIONS,
  step: '12',
};
export const GRANT_CONSENT: RuleFix = {
  text: 'let an administrator click "Grant admin consent", or send this link to one; then sign in again',
  run: 'authorize',
  ...ADMIN_CONSENT,
  step: '12.iii',
};
export const SEND_AS: RuleFix = {
  text: 'send from {account}, or let the administrator give the right to send as the other address',
  command: 'Add-RecipientPermission ADDRESS -Trustee {account} -AccessRights SendAs',
};
export const SEND_AS_APP: RuleFix = {
  text: 'send from {account}, or let the administrator give the app the right to send as the other address',
  command: 'Add-RecipientPermission -Identity ADDRESS -Trustee {object-id} -AccessRights SendAs -Confirm:$false',
};
