import type { RuleFix } from '../../explain/rule.js';

/** Next actions that several causes share, and the pages of Microsoft’s portals that they lead to. */

export const ENTRA = 'https://entra.microsoft.com';
const APP = `${ENTRA}/{directory?}#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~`;
const OVERVIEW = `${APP}/Overview/appId/{client-id}`;
export const AUTHENTICATION = `${APP}/Authentication/appId/{client-id}`;
export const CREDENTIALS = `${APP}/Credentials/appId/{client-id}`;
export const PERMISSIONS = `${APP}/CallAnAPI/appId/{client-id}`;
/** Filled with the link and the message of the provider's record. */
export const ADMIN_CONSENT = { url: '{admin-consent-url}', send: '{admin-request}' } as const;
export const ADMIN_CENTER = 'https://admin.microsoft.com/#/users';

/** What an Exchange administrator runs for an app. */
export const EXCHANGE_SIDE: Omit<RuleFix, 'text'> = {
  command: 'mailauth guide outlook --format powershell --account {account}',
  step: '13',
  only: 'app',
};

export const SIGN_IN: RuleFix = { text: 'sign in again', run: 'authorize' };
export const SIGN_IN_AS: RuleFix = { text: 'sign in again and pick {account}', run: 'authorize' };
export const NAME_THE_PERSON: RuleFix = {
  text: 'if {account} is a shared mailbox or an alias, name the person who signs in',
  run: 'setup --auth-user ADDRESS',
};
export const FINISH_IN_BROWSER: RuleFix = {
  text: 'sign in again and finish every page that the browser shows',
  run: 'authorize',
};
export const AGAIN: RuleFix = { text: 'wait {wait}, then check again', run: 'check' };
export const SIGN_IN_LOG: RuleFix = {
  text: 'ask the administrator to look at this sign-in under Entra ID > Sign-in logs, where the rule is named',
  url: `${ENTRA}/`,
};
export const SET_TENANT: RuleFix = {
  text: 'copy the Directory (tenant) ID again from the Overview page',
  run: 'setup --from-step 6',
  url: OVERVIEW,
  step: '6',
};
export const SET_CLIENT_ID: RuleFix = {
  text: 'copy the Application (client) ID and the Directory (tenant) ID again from the Overview page',
  run: 'setup --from-step 6',
  url: OVERVIEW,
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
  url: PERMISSIONS,
  step: '12',
};
export const GRANT_CONSENT: RuleFix = {
  text: 'let an administrator click "Grant admin consent", or send this link to one; then sign in again',
  run: 'authorize',
  ...ADMIN_CONSENT,
  step: '12.iii',
};
export const REPORT: RuleFix = { text: 'report this with the server’s words to the authors of {program}' };
