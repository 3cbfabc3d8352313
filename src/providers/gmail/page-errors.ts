import { browserErrors } from '../../guide/browser-errors.js';
import { desktop, publicDomain } from '../../guide/conditions.js';
import type { PageError } from '../../guide/provider.js';
import type { When } from '../../guide/step.js';
import { CONSOLE, MAIL_SCOPE } from './addresses.js';

/** What Google shows on its own page and never sends back. */

const inWorkspace = { ...publicDomain, not: true } as const satisfies When;
const TRUST = 'Security > Access and data control > API controls';

export const gmailPageErrors: readonly PageError[] = [
  {
    shows: 'Error 403: access_denied, "has not completed the Google verification process"',
    explanation: 'the app is in Testing, and the account you picked is not one of its test users',
    step: '6',
    fix: 'Publish the app, or add the account as a test user. The owner of the project counts as well.',
    url: `${CONSOLE}/auth/audience?project={project?}`,
  },
  {
    shows: 'Error 400: redirect_uri_mismatch',
    explanation: 'the client does not list the redirect URI of mailauth, or not to the last character',
    step: '7',
    fix: 'Look at the type of the client. A Desktop app needs no redirect URI. A Web application needs the one of step 2 under Authorised redirect URIs. A change may take minutes to work.',
    url: `${CONSOLE}/auth/clients?project={project?}`,
  },
  {
    shows: 'An error about the redirect URI of another program, not of mailauth',
    explanation: 'a client of the type Desktop app has no box for redirect URIs, so no other program can use it',
    step: '7',
    fix: 'Make a client of the type Web application: begin again with --app-redirect-uri and the redirect URI of that program.',
    url: `${CONSOLE}/auth/clients?project={project?}`,
    when: desktop,
  },
  {
    shows: '"device_id and device_name are required for private IP"',
    explanation: 'the redirect URI of the other program is an address inside your network, and Google takes none',
    step: '2',
    fix: 'Give that program an https address with a public name, or open it as localhost on its own machine.',
  },
  {
    shows: 'Error 403: org_internal',
    explanation: 'the app is Internal, and the account you picked is not in its organisation',
    step: '5',
    fix: 'Pick the account of the mailbox. If that is the one you picked, open Audience and click Make external.',
    url: `${CONSOLE}/auth/audience?project={project?}`,
  },
  {
    shows: 'Error 400: admin_policy_enforced, or "This app is blocked"',
    explanation: 'the administrator of the Google Workspace does not allow this app',
    step: '8',
    fix: `Ask the administrator to trust the client ID {client-id} (${TRUST} > Manage third-party app access).`,
    url: 'https://admin.google.com/ac/owl/list?tab=configuredApps',
    when: inWorkspace,
    needsAdmin: true,
  },
  {
    shows: 'Error 400: admin_policy_enforced, or "This app is blocked"',
    explanation: 'the account you picked is one of a Google Workspace, and not the mailbox',
    step: '8',
    fix: 'Pick {signs-in}.',
    when: publicDomain,
  },
  {
    shows: '"This app is blocked", although the app is Internal',
    explanation: 'your Google Workspace restricts Gmail, and does not trust its own internal apps',
    step: '8',
    fix: `Ask the administrator to tick "Trust internal apps" (${TRUST} > Settings > Internal apps).`,
    url: 'https://admin.google.com/ac/owl',
    when: inWorkspace,
    needsAdmin: true,
  },
  {
    shows: 'Error 400: policy_enforced, "is not approved by Advanced Protection"',
    explanation: 'the account is in the Advanced Protection Program, which lets in only a few mail programs',
    step: '8',
    fix: 'In a Google Workspace, the administrator can allow the client ID {client-id}. For a gmail.com address, leave the program (https://landing.google.com/advancedprotection) or use another mailbox.',
    when: inWorkspace,
  },
  {
    shows: 'Error 400: policy_enforced, "is not approved by Advanced Protection"',
    explanation: 'the account is in the Advanced Protection Program, which lets in only a few mail programs',
    step: '8',
    fix: 'Leave the program (https://landing.google.com/advancedprotection), or use another mailbox.',
    when: publicDomain,
  },
  {
    shows: 'Error 401: invalid_client, "The OAuth client was not found"',
    explanation: 'Google does not know the client ID, or does not know it yet',
    step: '7',
    fix: 'Wait five minutes and try again. Then compare the client ID with the one on the page Clients.',
    url: `${CONSOLE}/auth/clients?project={project?}`,
  },
  {
    shows: 'Error 401: deleted_client',
    explanation: 'the client was deleted by hand, or by Google after six months without use',
    step: '7',
    fix: 'Restore it within 30 days (Clients, "Deleted credentials"), or make a new one.',
    url: `${CONSOLE}/auth/clients?project={project?}`,
  },
  {
    shows: 'Error 400: invalid_scope',
    explanation: 'the app does not list the mail permission, or it is misspelt there',
    step: '5',
    fix: `Add ${MAIL_SCOPE} under Data Access, final slash included. Click Update and then Save.`,
    url: `${CONSOLE}/auth/scopes?project={project?}`,
  },
  {
    shows: 'Error 403: restricted_client, "not yet configured to make OAuth requests"',
    explanation: 'the app registration is not finished',
    step: '5',
    fix: 'Finish Branding and Audience.',
    url: `${CONSOLE}/auth/overview?project={project?}`,
  },
  {
    shows: '"Sign in with Google temporarily disabled for this app"',
    explanation: 'the app is not verified, and 100 people have signed in to it already',
    step: '3',
    fix: 'Make a new project, or have the app verified by Google.',
    url: `${CONSOLE}/projectcreate`,
  },
  {
    shows: '"Google hasn\'t verified this app", without a link Advanced',
    explanation: 'the administrator of the account forbids unverified apps',
    step: '8',
    fix: 'Ask the administrator to trust the client ID {client-id}, or use another mailbox.',
    when: inWorkspace,
  },
  ...browserErrors('8'),
];
