import { browserErrors } from '../../guide/browser-errors.js';
import type { PageError } from '../../guide/provider.js';
import { ADMIN_CONSENT } from './consent.js';
import { REGISTRATIONS } from './fixes.js';
import { personal, work } from './questions.js';
import { APP_BLADE, ENTRA } from './steps.js';

/** What Microsoft shows on its own page and never sends back. */

export const outlookPageErrors: readonly PageError[] = [
  {
    shows: '"Need admin approval" or "Approval required" (AADSTS90094, AADSTS90095)',
    explanation: 'an administrator has to approve the access first; for IMAP that is usual since November 2025',
    step: '12',
    fix: 'Where the page has a button "Request approval", use it. Otherwise send the link to an administrator. When it is accepted, sign in again.',
    url: ADMIN_CONSENT,
    when: work,
    needsAdmin: true,
  },
  {
    shows: 'AADSTS50011: the redirect URI does not match',
    explanation: 'the registration does not list the redirect URI of mailauth, or not to the last character',
    step: '5',
    fix: 'Open Authentication and add {redirect-uri}. A change takes about a minute to work.',
    url: `${APP_BLADE}/Authentication/appId/{client-id}`,
  },
  {
    shows: 'AADSTS700016: application was not found in the directory',
    explanation: 'the client ID is wrong, or belongs to another tenant',
    step: '6',
    fix: 'Compare both numbers with the Overview page.',
    url: REGISTRATIONS,
    when: work,
  },
  {
    shows: 'AADSTS700016: application was not found in the directory',
    explanation: 'the client ID is wrong',
    step: '6',
    fix: 'Compare it with the Overview page.',
    url: REGISTRATIONS,
    when: personal,
  },
  {
    shows: 'AADSTS90002 or AADSTS900023: tenant not found',
    explanation: 'the tenant is misspelt, or does not exist',
    step: '6',
    fix: 'Copy the Directory (tenant) ID from the Overview page.',
    url: REGISTRATIONS,
    when: work,
  },
  {
    shows: 'AADSTS50020: the account does not exist in the tenant',
    explanation: 'the account you picked belongs to another organisation, or is a personal one',
    step: '13',
    fix: 'Pick {signs-in}. If you did, the supported account types of step 5 do not include it.',
  },
  {
    shows: '"unauthorized_client: The client does not exist or is not enabled for consumers"',
    explanation: 'the registration does not let personal accounts in',
    step: '5',
    fix: 'Open Authentication, and choose account types with personal accounts. Where the page refuses that, make a new registration.',
    url: `${APP_BLADE}/Authentication/appId/{client-id}`,
    when: personal,
  },
  {
    shows: 'AADSTS5000225 or AADSTS5000224: this tenant has been blocked due to inactivity',
    explanation: 'a free directory that nobody uses is blocked by Microsoft, and later deleted with its registrations',
    step: '3',
    fix: 'Within 20 days an administrator of the directory can have Microsoft unblock it, by telephone. Later, make a new directory and a new registration.',
    url: 'https://learn.microsoft.com/entra/fundamentals/inaccessible-tenant',
  },
  {
    shows: 'AADSTS50194: the application is not configured as multi-tenant',
    explanation: 'the registration is for one organisation only, and the tenant says "common"',
    step: '6',
    fix: 'Enter the Directory (tenant) ID of your organisation as the tenant.',
    url: `${APP_BLADE}/Overview/appId/{client-id}`,
    when: work,
  },
  {
    shows: 'AADSTS9002331, AADSTS9002332 or AADSTS9002346',
    explanation: 'the supported account types of the registration do not fit the tenant',
    step: '5',
    fix: 'Where the registration is for personal accounts only, no organisation can use it: open Authentication and choose other account types. Otherwise the tenant is your Directory (tenant) ID.',
    url: `${APP_BLADE}/Authentication/appId/{client-id}`,
    when: work,
  },
  {
    shows: 'AADSTS9002331, AADSTS9002332 or AADSTS9002346',
    explanation: 'the supported account types of the registration do not fit the tenant',
    step: '5',
    fix: 'Open Authentication, and see that the account types hold personal accounts. The tenant is consumers.',
    url: `${APP_BLADE}/Authentication/appId/{client-id}`,
    when: personal,
  },
  {
    shows: 'AADSTS50105: the user is not assigned to the application',
    explanation: 'your organisation lets only chosen people use this app',
    step: '12',
    fix: 'Ask the administrator to add {signs-in}: Enterprise apps > the app > Users and groups.',
    url: `${ENTRA}/`,
    when: work,
  },
  {
    shows: 'AADSTS53000, AADSTS53001, AADSTS53003: blocked by Conditional Access',
    explanation: 'a rule of your organisation forbids this sign-in, on this computer or in this way',
    step: '13',
    fix: 'Ask the administrator to look into the sign-in log, or sign in on a computer of the organisation.',
    url: `${ENTRA}/`,
    when: work,
  },
  {
    shows: 'AADSTS50057: the account is disabled',
    explanation: 'shared mailboxes are disabled accounts: they cannot sign in',
    step: '13',
    fix: 'Sign in as a person who has access to the shared mailbox.',
    when: work,
  },
  ...browserErrors('13', 'localhost'),
];
