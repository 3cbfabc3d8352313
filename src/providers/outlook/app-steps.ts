import { collects, ownClient, REUSED, receives, sends } from '../../guide/conditions.js';
import type { AppAccess } from '../../guide/provider.js';
import type { Step, When } from '../../guide/step.js';
import { APP_CONSENT, APP_REQUEST } from './consent.js';
import { EXCHANGE_COMMANDS } from './scripts.js';
import { APP_BLADE, outlookSteps } from './steps.js';

/** The same fourteen steps where nobody signs in: an administrator lets the app in, and Exchange learns of it. */

const credentialIs = (...kinds: readonly string[]) => ({ question: 'credential', is: kinds }) as const satisfies When;
const made = credentialIs('certificate');
const uploaded = credentialIs('certificate', 'own');
const secret = credentialIs('secret');
const federated = credentialIs('federated');

const TAKE_AWAY =
  "Remove-MailboxPermission -Identity {account-in-powershell} -User '{object-id}' -AccessRights FullAccess";

/** Seen besides those of the steps for a person. */
export const outlookAppLabels: Readonly<Record<string, string>> = {
  Certificates: '2025-01-15',
  'Upload certificate': '2025-01-15',
  'Federated credentials': '2025-02-01',
  'Add credential': '2025-02-01',
  'APIs my organization uses': '2026-06-01',
  'Office 365 Exchange Online': '2026-06-01',
};

/** A step that is the same whoever signs in. */
function shared(number: string): Step {
  return outlookSteps.find((step) => step.number === number) as Step;
}

const steps: readonly Step[] = [
  shared('1'),
  {
    number: '2',
    title: 'No redirect URI is needed',
    intro:
      'Nobody signs in, so no browser is sent back anywhere, and the Authorise button of a program is not used. Such a program cannot use this registration by itself: it calls mailauth for a token.',
    asksFirst: ['client-from'],
    instructions: [
      {
        number: 'i',
        text: 'Know what you are about to make: whoever has the credential of this app can read and send mail of every mailbox that it is given, without a password and without a second factor. It is kept in the store of secrets. Step 13 gives the app this one mailbox, and no more. This takes one away again.',
        values: [{ label: 'PowerShell', value: TAKE_AWAY }],
      },
    ],
    verify: ['store'],
    help: 'An app is a registration that acts for itself. Two things have to be allowed: its permissions, in Entra ID (step 12), and each mailbox, in Exchange (step 13).',
  },
  {
    ...shared('3'),
    help: 'Log in to the directory (the organisation) of the mailbox: a registration in another one cannot be let into it. If the page says that you may not register applications, ask for the role Application Developer, or let the administrator do steps 3 to 12.',
  },
  shared('4'),
  {
    ...shared('5'),
    asksFirst: [],
    instructions: [
      { number: 'i', text: 'Enter the name.', values: [{ label: 'Name', value: '{app-name}' }] },
      {
        number: 'ii',
        text: 'Choose the "Supported account types" (older: Accounts in this organizational directory only).',
        values: [{ label: 'Supported account types', value: 'Single tenant only' }],
        with: 'link',
      },
      { number: 'iii', text: 'Leave Redirect URI empty.', with: 'link' },
    ],
    help: 'An app needs no redirect URI, because nobody signs in.',
  },
  shared('6'),
  {
    ...shared('7'),
    asksFirst: ['credential'],
    instructions: [
      { number: 'i', text: 'Open "Certificates & secrets" in the left menu of the registration, below Manage.' },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'A certificate is the better way: its key is made on this computer and never leaves it. The provider only gets the public half.',
  },
  {
    number: '8',
    title: 'Add what the app proves itself with',
    url: `${APP_BLADE}/Credentials/appId/{client-id}`,
    asksFirst: ['certificate-out'],
    instructions: [
      {
        number: 'i',
        text: 'On the tab "Certificates", click "Upload certificate". Choose this file, and enter the description.',
        values: [
          { label: 'File', value: '{certificate-out}', when: made },
          { label: 'Description', value: '{app-name}' },
        ],
        when: uploaded,
      },
      {
        number: 'i',
        text: 'On the tab "Client secrets", click "New client secret". Enter these. The longest that the page offers is 24 months, and 180 days is preselected.',
        values: [
          { label: 'Description', value: '{app-name}' },
          { label: 'Expires', value: '730 days (24 months)' },
        ],
        when: secret,
      },
      {
        number: 'i',
        text: 'On the tab "Federated credentials", click "Add credential". Enter the issuer and the subject exactly as the other token has them: upper and lower case count. As the audience, leave this.',
        values: [{ label: 'Audience', value: 'api://AzureADTokenExchange' }],
        when: federated,
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'Only the certificate is uploaded, the file that begins with BEGIN CERTIFICATE. The key is not in it.',
  },
  {
    number: '9',
    title: 'Click Add',
    url: `${APP_BLADE}/Credentials/appId/{client-id}`,
    instructions: [
      { number: 'i', text: 'Click "Add". The list now shows the thumbprint of the certificate.', when: uploaded },
      {
        number: 'i',
        text: 'Click "Add". Of the two columns, copy the one named "Value", at once: the page shows it only now. The one named "Secret ID" is not the secret.',
        when: secret,
      },
      { number: 'i', text: 'Click "Add". The new credential can take a few minutes to work.', when: federated },
    ],
    asks: [
      'client-certificate-file',
      'client-key-file',
      'client-secret-file',
      'secret-expires',
      'federated-token-file',
    ],
    verify: ['client'],
    when: ownClient,
    skip: REUSED,
    help: 'mailauth now asks for a first token of the app. If it is refused at first, the wizard tries again by itself: new values can take a minute or two.',
  },
  shared('10'),
  {
    number: '11',
    title: 'Click Add a permission',
    url: `${APP_BLADE}/CallAnAPI/appId/{client-id}`,
    instructions: [
      {
        number: 'i',
        text: 'Click "APIs my organization uses", search for this, and select "Office 365 Exchange Online". If it is not found by its name, search for the number. If it is not found at all, the organisation has no Exchange licence.',
        values: [
          { label: 'Search', value: 'Office 365 Exchange Online' },
          { label: 'Or', value: '00000002-0000-0ff1-ce00-000000000000' },
        ],
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'Not Microsoft Graph: its permissions for mail are of no use to the mail servers.',
  },
  {
    number: '12',
    title: 'Select Application permissions, and grant admin consent',
    url: `${APP_BLADE}/CallAnAPI/appId/{client-id}`,
    instructions: [
      {
        number: 'i',
        text: 'Select "Application permissions", not "Delegated permissions". Type each name in the search box and tick it. full_access_as_app is another one, and does not open the mail servers.',
        values: [
          { label: 'Permission', value: 'IMAP.AccessAsApp', when: receives },
          { label: 'Permission', value: 'POP.AccessAsApp', when: collects },
          { label: 'Permission', value: 'SMTP.SendAsApp', when: sends },
        ],
      },
      {
        number: 'ii',
        text: 'Click "Add permissions". The list now shows them, of the type Application.',
        with: 'link',
      },
      {
        number: 'iii',
        text: 'As a Cloud Application Administrator, an Application Administrator or a global one, click "Grant admin consent for ...", then "Yes". Click "Refresh": the column Status now says "Granted for ...".',
      },
      {
        number: 'iv',
        text: 'Not such an administrator? Send this link and this text to one, and wait until it is accepted. The browser there then shows an error page. That is expected.',
        values: [
          { label: 'Link', value: APP_CONSENT },
          { label: 'Text', value: APP_REQUEST },
        ],
        with: 'link',
      },
    ],
    verify: ['signin'],
    when: ownClient,
    skip: REUSED,
    help: 'The next token of the app shows whether the consent has arrived. It can take a few minutes; the wizard tries again by itself.',
  },
  {
    number: '13',
    title: 'Let the app into the mailbox, in Exchange',
    intro:
      'This is done in PowerShell, by an Exchange administrator: there is no page for it. The whole script is printed by the command below. Until it was run, the app is let in by nobody but Entra ID, and opens no mailbox.',
    instructions: [
      {
        number: 'i',
        text: 'Print the script, read it, and run it in PowerShell, on any computer (or in Azure Cloud Shell).',
        values: [
          {
            label: 'The script',
            value:
              'mailauth guide outlook --sign-in app --format powershell --account "{account}" --tenant {tenant} --client-id {client-id} --object-id {object-id}',
          },
        ],
      },
      {
        number: 'ii',
        text: 'These are its commands. The Object ID is that of the enterprise application, read from the first token of the app; the Object ID that the page App registrations shows is another one, and does not work.',
        values: EXCHANGE_COMMANDS.filter(({ once }) => once === true).map(({ command, when }) => ({
          label: 'PowerShell',
          value: command,
          ...(when && { when }),
        })),
        when: ownClient,
        skip: 'Exchange knows the app already, from the mailbox of {client-from}',
        with: 'link',
      },
      {
        number: 'iii',
        text: 'And for each mailbox: this alone decides which mailboxes the app can open. FullAccess can take from a few minutes to two hours to work.',
        values: EXCHANGE_COMMANDS.filter(({ once }) => once !== true).map(({ command, when }) => ({
          label: 'PowerShell',
          value: command,
          ...(when && { when }),
        })),
        with: 'link',
      },
    ],
    help: 'Sending needs FullAccess too, although the permission is called SMTP.SendAsApp: without it the login succeeds, and the message is refused afterwards. Add-RecipientPermission is only for sending as another address.',
  },
  {
    number: '14',
    title: 'Check authorisation',
    intro: 'mailauth logs in to the mail servers. It sends no message and changes nothing.',
    instructions: [
      {
        number: 'i',
        text: 'A login cannot show whether SMTP will take a message from the app. When all else is well, send one to yourself.',
        values: [{ label: 'Afterwards', value: 'mailauth check {name} --send-test "{account}"', when: sends }],
        when: sends,
      },
    ],
    verify: ['mailbox'],
    help: 'IMAP may let the app in and then not open the mailbox: "User is authenticated but not connected". Then step 13 is not done for it, was done with another Object ID, or has not spread yet.',
  },
];

export const outlookApp: AppAccess = {
  scopes: ['https://outlook.office365.com/.default'],
  roles: { imap: 'IMAP.AccessAsApp', pop: 'POP.AccessAsApp', smtp: 'SMTP.SendAsApp' },
  reach:
    'whoever has this credential opens every mailbox that the app is given in Exchange, and no other: Add-MailboxPermission gives one, Remove-MailboxPermission takes it away',
  refusesLate: ['smtp'],
  spreading: {
    signin: { usually: 'a few minutes', every: 30, atMost: 15 * 60 },
    mailbox: { usually: 'from a few minutes to two hours', every: 5 * 60, atMost: 2 * 3600 },
  },
  minutes: 25,
  needs: [
    { text: 'A browser, and for step 13 a computer with PowerShell.' },
    { text: 'A work mailbox: an app cannot be let into a personal one.' },
    {
      text: 'Somebody who may register applications, an administrator who grants consent (Cloud Application Administrator), and an Exchange administrator. They may be one person, and need not be you: every step says what to send to whom.',
    },
    {
      text: 'A place for the credential that deserves it: whoever has it opens every mailbox that the app is given.',
    },
  ],
  steps,
};
