import { ownClient, receives } from '../../guide/conditions.js';
import type { AppAccess } from '../../guide/provider.js';
import type { Step } from '../../guide/step.js';
import { ADMIN_IMAP, CONSOLE, DELEGATION, MAIL_SCOPE } from './addresses.js';
import { gmailSteps } from './steps.js';

/** The same nine steps where nobody signs in: a service account, and a super administrator who lets it act for mailboxes. */

const REUSED = 'the service account of {client-from} is used again';

const DELEGATION_REQUEST =
  'Please open the link as a super administrator, tick "Overwrite existing client ID" if it is there, and click Authorise. It lets our service account with the Unique ID {client-id} read and send mail for the mailboxes of our organisation. We need it for {account}.';

/** Seen besides those of the steps for a person. */
export const gmailAppLabels: Readonly<Record<string, string>> = {
  'Create service account': '2026-08-20',
  'Create and continue': '2026-04-17',
  Done: '2026-04-17',
  Keys: '2026-08-20',
  'Add key': '2026-08-20',
  'Create new key': '2026-08-20',
  JSON: '2026-08-20',
  'Unique ID': '2026-08-20',
  'Key creation is not allowed on this service account': '2026-08-20',
  'Organization Policies': '2026-08-20',
  'Domain-wide delegation': '2026-08-20',
  'Add new': '2026-08-20',
  'Overwrite existing client ID': '2026-08-20',
  Authorise: '2026-08-20',
};

/** A step that is the same whoever signs in. */
function shared(number: string): Step {
  return gmailSteps.find((step) => step.number === number) as Step;
}

const steps: readonly Step[] = [
  shared('1'),
  {
    number: '2',
    title: 'No redirect URI is needed',
    intro:
      'Nobody signs in, so no browser is sent back anywhere, and the Authorise button of a program is not used. Such a program cannot use this service account by itself: it calls mailauth for a token.',
    asksFirst: ['client-from'],
    instructions: [
      {
        number: 'i',
        text: 'Know what you are about to make: whoever has the key of this service account can read and send mail of every mailbox of the organisation, without a password and without a second factor. Google cannot limit a delegation to some mailboxes. The key is kept in the store of secrets; take a project of its own for it, and delete the key file at the end.',
      },
    ],
    verify: ['store'],
    help: 'A service account is an account for a program. Domain-wide delegation (step 8) lets it act for the people of the organisation.',
  },
  shared('3'),
  {
    ...shared('4'),
    help: 'The mail servers work without the API. It does no harm, and whoever looks at the project sees what it is for.',
  },
  {
    number: '5',
    title: 'App registration',
    instructions: [],
    when: { question: 'sign-in', is: ['person'] },
    skip: 'nobody signs in, so no page asks anybody for consent, and there is nothing to describe',
    help: 'These pages describe an app to the people who sign in to it.',
  },
  {
    number: '6',
    title: 'Test users, or publishing',
    instructions: [],
    when: { question: 'sign-in', is: ['person'] },
    skip: 'nobody signs in, so there are no test users, and no sign-in ends after 7 days',
    help: 'Test users are people who may sign in to an app that is not published.',
  },
  {
    number: '7',
    title: 'Service account and key',
    url: `${CONSOLE}/iam-admin/serviceaccounts?project={project?}`,
    intro: 'This makes the account of the program, and its key.',
    instructions: [
      {
        number: 'i',
        text: 'Open IAM & Admin > Service Accounts and click "Create service account". Enter the name, click "Create and continue", give it no role, and click "Done".',
        values: [{ label: 'Service account name', value: '{app-name}' }],
      },
      {
        number: 'ii',
        text: 'Open the new account, then "Keys" > "Add key" > "Create new key". Choose "JSON" and click "Create": the browser saves the file, this once.',
        with: 'link',
      },
      {
        number: 'iii',
        text: 'Refused ("Key creation is not allowed on this service account")? Organisations made since May 2024 forbid keys. An Organization Policy Administrator opens IAM & Admin > "Organization Policies" and filters for the line below. Both the managed and the older one are set to Not enforced for this project.',
        values: [{ label: 'Constraint', value: 'iam.disableServiceAccountKeyCreation' }],
        with: 'link',
      },
    ],
    asks: ['service-account-file'],
    when: ownClient,
    skip: REUSED,
    help: 'The file is named after the project, and ends in .json. A key made by somebody else does as well; one that is lost is replaced by a new one, and then deleted on the same page.',
  },
  {
    number: '8',
    title: 'Domain-wide delegation',
    url: DELEGATION,
    intro: 'A super administrator of the organisation lets the service account act for its mailboxes.',
    instructions: [
      {
        number: 'i',
        text: 'As a super administrator, open the link: the box is filled in. Tick "Overwrite existing client ID" if it is there, and click "Authorise".',
        url: DELEGATION,
        values: [
          { label: 'Client ID', value: '{client-id}' },
          { label: 'OAuth scope', value: MAIL_SCOPE },
        ],
      },
      {
        number: 'ii',
        text: 'Without the link: Admin console > Security > Access and data control > API controls > "Domain-wide delegation" > Manage > "Add new". The Client ID is the "Unique ID" of the service account; the scope has to be the same to the last character, final slash included.',
        with: 'link',
      },
      {
        number: 'iii',
        text: 'Not a super administrator? Send this link and this text to one, and wait until it is done.',
        values: [
          { label: 'Link', value: DELEGATION },
          { label: 'Text', value: DELEGATION_REQUEST },
        ],
        with: 'link',
      },
    ],
    verify: ['signin'],
    when: ownClient,
    skip: REUSED,
    help: 'It usually works within minutes, and can take up to a day. The link replaces the scopes that this client had: no other program should share the service account.',
  },
  {
    number: '9',
    title: 'Check authorisation',
    intro: 'mailauth logs in to the mail servers. It sends no message and changes nothing.',
    instructions: [
      {
        number: 'i',
        text: 'Is IMAP allowed? The administrator looks at "POP and IMAP access" (Apps > Google Workspace > Gmail > End User Access): "Enable IMAP access for all users" has to be ticked, and with "Restrict which mail clients users can use" this ID has to be in the list.',
        url: ADMIN_IMAP,
        values: [{ label: 'Client ID', value: '{client-id}' }],
        when: receives,
      },
    ],
    verify: ['mailbox'],
    help: 'The mailbox has to be somebody’s main address in the organisation: an alias or a group is not found.',
  },
];

export const gmailApp: AppAccess = {
  scopes: [MAIL_SCOPE],
  spreading: {
    signin: { usually: 'some minutes, and sometimes a day', every: 2 * 60, atMost: 24 * 3600 },
    mailbox: { usually: 'some minutes, and sometimes a day', every: 5 * 60, atMost: 24 * 3600 },
  },
  reach:
    'whoever has this key opens every mailbox of the organisation: Google cannot limit a delegation to some of them, and the administrator ends it under API controls > Domain-wide delegation',
  minutes: 15,
  needs: [
    { text: 'A browser, and the Google account that will own the project.' },
    { text: 'A mailbox in a Google Workspace: a service account cannot be let into a gmail.com one.' },
    { text: 'A super administrator of the Workspace, for step 8: it says what to send to one.' },
    {
      text: 'A place for the key that deserves it: whoever has it opens every mailbox of the organisation.',
    },
  ],
  steps,
};
