import { collects, desktop, ownClient, REUSED, receives, sends, shared, web } from '../../guide/conditions.js';
import { mailFormStep } from '../../guide/mail-form.js';
import type { Remark, Step, When } from '../../guide/step.js';
import { ADMIN_CONSENT, ADMIN_REQUEST } from './consent.js';
import { personal, work } from './questions.js';

/** The fourteen steps of the guide, as Microsoft's portals show them today. */

export const ENTRA = 'https://entra.microsoft.com';
/** The links carry the directory where it is known, so that they open in the right one. */
const BLADES = `${ENTRA}/{directory?}#view/Microsoft_AAD_RegisteredApps`;
export const APP_BLADE = `${BLADES}/ApplicationMenuBlade/~`;
export const IMAP_SCOPE = 'https://outlook.office.com/IMAP.AccessAsUser.All';
export const POP_SCOPE = 'https://outlook.office.com/POP.AccessAsUser.All';
export const SMTP_SCOPE = 'https://outlook.office.com/SMTP.Send';

const reused = { ...ownClient, not: true } as const satisfies When;
const ours = { question: 'shared-client', is: ['no'] } as const satisfies When;

const NO_ADMINISTRATOR = 'a personal mailbox has no administrator';
const CHECK_AUTHORISATION =
  'In your own program, click Check Authorisation: if all is well, the Outlook account appears in the field Username. Click OK.';
const CLOSED = 'Page closed? The link lists your registrations; those of a colleague stand under "All applications".';
const NO_SECRET = 'a public client has no secret, and a stored registration has its own';

/** Every button, page and field named in the steps, with the day it was last seen in a public source. */
export const outlookLabels: Readonly<Record<string, string>> = {
  'Entra ID': '2026-09-19',
  'Microsoft Entra ID': '2026-09-19',
  'App registrations': '2026-09-19',
  'New registration': '2026-09-19',
  'Supported account types': '2026-09-26',
  'Single tenant only': '2026-09-26',
  'Multiple Entra ID tenants': '2026-09-26',
  Register: '2026-09-19',
  Overview: '2026-09-19',
  'All applications': '2026-08-18',
  Authentication: '2026-09-19',
  'Add Redirect URI': '2026-09-19',
  Web: '2026-09-19',
  Configure: '2026-09-19',
  'Certificates & secrets': '2026-09-19',
  'Client secrets': '2026-09-19',
  'New client secret': '2026-09-19',
  'Credential lifetime exceeds the max value allowed as per assigned policy': '2026-05-21',
  Add: '2026-09-19',
  Value: '2026-09-19',
  'Secret ID': '2026-09-19',
  'API permissions': '2026-09-19',
  'Microsoft Graph': '2026-09-19',
  'Delegated permissions': '2026-09-19',
  'Application permissions': '2026-09-19',
  'Add permissions': '2026-09-19',
  'Grant admin consent for ...': '2026-09-26',
  Yes: '2026-09-26',
  Refresh: '2026-09-26',
  'Granted for ...': '2026-09-26',
  'Enterprise apps': '2026-08-18',
  'Assignment required?': '2026-08-18',
  'Users and groups': '2026-08-18',
  'Manage email apps': '2026-08-18',
  'Authenticated SMTP': '2026-08-18',
  IMAP: '2026-08-18',
  'Let devices and apps use IMAP': '2026-09-06',
  Save: '2026-09-06',
  'Permissions requested': '2026-09-26',
  Accept: '2026-09-26',
  'Need admin approval': '2026-09-19',
  'Approval required': '2026-09-26',
  'Consent on behalf of your organization': '2026-09-26',
};

export const outlookSteps: readonly Step[] = [
  mailFormStep('OAuth2 - Outlook', ['account', 'mailbox-kind'], ['sign-in']),
  {
    number: '2',
    title: 'Click Authorise, and note the redirect URI',
    intro:
      'A program with its own Authorise button now opens its window New OAuth2 Client Registration, which wants a Tenant Id, a Client Id and a Client Secret. Steps 3 to 9 fetch them.',
    asksFirst: ['client-from', 'used-by', 'app-redirect-uri', 'client-type'],
    instructions: [
      {
        number: 'i',
        text: 'The redirect URI of mailauth is on your own computer: Microsoft sends you back to it after the sign-in. Step 5 registers it.',
        values: [{ label: 'Redirect URI', value: '{redirect-uri}' }],
      },
      {
        number: 'ii',
        text: 'Note the redirect URI that the window of your program shows. Step 7 registers it too.',
        values: [{ label: 'Its redirect URI', value: '{app-redirect-uri}' }],
        when: shared,
        with: 'link',
      },
    ],
    verify: ['store', 'redirect'],
    help: 'The Tenant ID is the number of your organisation. The Client ID is the user name of your registration, and the Client Secret its password.',
  },
  {
    number: '3',
    title: 'Log in to https://entra.microsoft.com',
    url: `${ENTRA}/`,
    intro: 'https://portal.azure.com shows the same pages under "Microsoft Entra ID".',
    instructions: [
      {
        number: 'i',
        text: 'Log in as somebody who may register applications. That is usually the administrator, and need not be the mailbox. The portal wants a second factor: have the telephone at hand.',
      },
      {
        number: 'ii',
        text: 'In the left menu, choose "Entra ID" (older: Identity > Applications, or Manage Azure Active Directory).',
        with: 'link',
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'If the page says that you have no directory, or that you may not register outside one: a personal account usually has none. A free Azure sign-up makes one; it wants a telephone number and a payment card, and registrations cost nothing. Or ask somebody whose organisation has one: the mailbox need not belong to it. A free directory that nobody uses is blocked after a while and then deleted with the registration: log in there now and then.',
  },
  {
    number: '4',
    title: 'Click App registrations',
    url: `${BLADES}/ApplicationsListBlade`,
    instructions: [],
    when: ownClient,
    skip: REUSED,
    help: 'It stands in the left menu, below Entra ID. If it is missing, your account may not register applications: ask for the role Application Developer, or let the administrator do steps 3 to 12.',
  },
  {
    number: '5',
    title: 'Click New registration',
    url: `${BLADES}/CreateApplicationBlade/quickStartType~/null/isMSAApp~/false`,
    intro: 'This shows the page Register an application.',
    asksFirst: ['account-types'],
    instructions: [
      { number: 'i', text: 'Enter the name.', values: [{ label: 'Name', value: '{app-name}' }] },
      {
        number: 'ii',
        text: 'Under "Supported account types", choose this (older: Accounts in this organizational directory only).',
        values: [{ label: 'Supported account types', value: 'Single tenant only' }],
        when: { question: 'account-types', is: ['single'] },
        with: 'link',
      },
      {
        number: 'ii',
        text: 'Under "Supported account types", choose this (older: Accounts in any organizational directory).',
        values: [{ label: 'Supported account types', value: 'Multiple Entra ID tenants' }],
        when: { question: 'account-types', is: ['multiple'] },
        with: 'link',
      },
      {
        number: 'ii',
        text: 'Under "Supported account types", choose this (older: Accounts in any organizational directory and personal Microsoft accounts).',
        values: [{ label: 'Supported account types', value: 'Any Entra ID Tenant + Personal Microsoft accounts' }],
        when: { question: 'account-types', is: ['any'] },
        with: 'link',
      },
      {
        number: 'ii',
        text: 'Under "Supported account types", choose this (older: Personal Microsoft accounts only).',
        values: [{ label: 'Supported account types', value: 'Personal accounts only' }],
        when: { question: 'account-types', is: ['personal'] },
        with: 'link',
      },
      {
        number: 'iii',
        text: 'Under Redirect URI, choose the platform and enter the address. It must be the same to the last character.',
        values: [
          { label: 'Platform', value: 'Web', when: web },
          { label: 'Platform', value: 'Public client/native (mobile & desktop)', when: desktop },
          { label: 'Redirect URI', value: '{redirect-uri}' },
        ],
        with: 'link',
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'Never choose Single-page application (SPA): its sign-ins end after a day, and mailauth cannot use it.',
  },
  {
    number: '6',
    title: 'Click Register',
    intro: 'This shows the Overview page. The Object ID on it is not needed.',
    instructions: [
      { number: 'i', text: 'Click "Register", and wait for the "Overview" page.' },
      {
        number: 'ii',
        text: `Copy the Application (client) ID and the Directory (tenant) ID. ${CLOSED}`,
        url: `${BLADES}/ApplicationsListBlade`,
        when: work,
        with: 'link',
      },
      {
        number: 'ii',
        text: `Copy the Application (client) ID. The Directory (tenant) ID is not needed for a personal mailbox. ${CLOSED}`,
        url: `${BLADES}/ApplicationsListBlade`,
        when: personal,
        with: 'link',
      },
    ],
    asks: ['client-id', 'tenant'],
    verify: ['tenant'],
    when: ownClient,
    skip: REUSED,
    help: 'Application (client) ID and Directory (tenant) ID look alike: 32 digits and letters with four hyphens. Hover over each and click the copy sign. You may also paste the address of the page.',
  },
  {
    number: '7',
    title: 'Click Certificates & secrets',
    url: `${APP_BLADE}/Credentials/appId/{client-id}`,
    instructions: [
      {
        number: 'i',
        text: 'First, for your program: open "Authentication" in the left menu and click "Add Redirect URI" (older: Add a platform, or Add URI). Choose "Web", enter this address, and click "Configure" (older: Save).',
        url: `${APP_BLADE}/Authentication/appId/{client-id}`,
        values: [{ label: 'Redirect URI', value: '{app-redirect-uri}' }],
        when: shared,
      },
      {
        number: 'ii',
        text: 'Then click "Certificates & secrets" in the same menu.',
        url: `${APP_BLADE}/Credentials/appId/{client-id}`,
        when: shared,
      },
    ],
    when: [ownClient, web],
    skip: NO_SECRET,
    help: 'It stands in the left menu of the registration, below Manage.',
  },
  {
    number: '8',
    title: 'Click New client secret',
    url: `${APP_BLADE}/Credentials/appId/{client-id}`,
    instructions: [
      {
        number: 'i',
        text: 'On the tab "Client secrets", click "New client secret". Enter these.',
        values: [
          { label: 'Description', value: '{app-name}' },
          { label: 'Expires', value: '730 days (24 months)' },
        ],
      },
      {
        number: 'ii',
        text: 'Refused ("Credential lifetime exceeds the max value allowed as per assigned policy")? Then take the longest that the page offers. Where it forbids secrets altogether, ask the administrator for an exception for this app.',
        with: 'link',
      },
      {
        number: 'iii',
        text: 'Or do without a secret, as a public client can: begin again with this command.',
        values: [{ label: 'Without a secret', value: 'mailauth setup outlook --client-type desktop --from-step 5' }],
        when: ours,
        with: 'link',
      },
    ],
    when: [ownClient, web],
    skip: NO_SECRET,
    help: 'The longest that the page offers is 24 months, and 180 days is preselected: change it. When the secret expires, mail stops until you make a new one.',
  },
  {
    number: '9',
    title: 'Click Add',
    intro: 'This shows the new secret, this once. Copy it before you leave the page.',
    instructions: [
      {
        number: 'i',
        text: 'Click "Add". Of the two columns, copy the one named "Value". The one named "Secret ID" is not the secret.',
      },
      {
        number: 'ii',
        text: 'Your program wants this secret too, at step 13, and the page shows it only now. Go on in another tab until then, or enter it in the window of your program at once.',
        when: shared,
        with: 'link',
      },
    ],
    asks: ['client-secret-file', 'secret-expires'],
    verify: ['client'],
    when: [ownClient, web],
    skip: NO_SECRET,
    help: 'Is the Value hidden already? Then click New client secret again and delete the old one. A new secret can take a minute or two to work: if it is refused at first, the wizard tries again by itself.',
  },
  {
    number: '10',
    title: 'Click API permissions',
    url: `${APP_BLADE}/CallAnAPI/appId/{client-id}`,
    instructions: [],
    when: ownClient,
    skip: REUSED,
    help: 'It stands in the left menu of the registration, below Manage.',
  },
  {
    number: '11',
    title: 'Click Add a permission',
    url: `${APP_BLADE}/CallAnAPI/appId/{client-id}`,
    instructions: [{ number: 'i', text: 'This shows Request API permissions. Select "Microsoft Graph".' }],
    when: ownClient,
    skip: REUSED,
    help: 'The permissions are ticked under Microsoft Graph, although mailauth asks for them under the name of the mail servers (https://outlook.office.com/...). That is how Microsoft wants it.',
  },
  {
    number: '12',
    title: 'Select Delegated permissions',
    url: `${APP_BLADE}/CallAnAPI/appId/{client-id}`,
    instructions: [
      {
        number: 'i',
        text: 'Select "Delegated permissions", not "Application permissions". Type each name in the search box, open its group and tick it.',
        values: [
          { label: 'Permission', value: 'email' },
          { label: 'Permission', value: 'offline_access' },
          { label: 'Permission', value: 'openid' },
          { label: 'Permission', value: 'profile' },
          { label: 'Permission', value: 'IMAP.AccessAsUser.All', when: receives },
          { label: 'Permission', value: 'POP.AccessAsUser.All', when: collects },
          { label: 'Permission', value: 'SMTP.Send', when: sends },
        ],
      },
      {
        number: 'ii',
        text: 'Click "Add permissions". The list now shows the ones you ticked, and User.Read, which was there before. All are of the type Delegated.',
        with: 'link',
      },
      {
        number: 'iii',
        text: 'As an administrator (of applications, of cloud applications, or global), click "Grant admin consent for ...", then "Yes". Click "Refresh": the column Status now says "Granted for ...". Since November 2025 IMAP usually needs this, even where the column Admin consent required says No.',
        when: work,
        skip: NO_ADMINISTRATOR,
      },
      {
        number: 'iv',
        text: 'Not an administrator? Send this link and this text to one, and wait until it is accepted. The browser there then shows an error page. That is expected.',
        values: [
          { label: 'Link', value: ADMIN_CONSENT },
          { label: 'Text', value: ADMIN_REQUEST },
        ],
        when: work,
        skip: NO_ADMINISTRATOR,
        with: 'link',
      },
      {
        number: 'v',
        text: 'Does your organisation choose who may use an app? The administrator opens "Enterprise apps" > the app > Properties. Where "Assignment required?" says Yes, this person is to be added under "Users and groups".',
        url: `${ENTRA}/`,
        values: [{ label: 'Person', value: '{signs-in}' }],
        when: work,
        skip: NO_ADMINISTRATOR,
      },
      {
        number: 'vi',
        text: 'Are SMTP and IMAP allowed for the mailbox? SMTP is usually switched off in organisations made since 2020. The administrator opens Users > Active users > this person > Mail > "Manage email apps", ticks "Authenticated SMTP" and "IMAP", and saves. That portal wants a second factor, too. Allow up to an hour. If the entry is missing, the person has no mailbox licence.',
        url: 'https://admin.microsoft.com/',
        values: [
          { label: 'Person', value: '{signs-in}' },
          {
            label: 'Or in PowerShell',
            value: 'Set-CASMailbox -Identity "{signs-in}" -SmtpClientAuthenticationDisabled $false',
            when: sends,
          },
          {
            label: 'Or in PowerShell',
            value: 'Set-CASMailbox -Identity "{account}" -ImapEnabled $true',
            when: receives,
          },
        ],
        when: work,
        skip: NO_ADMINISTRATOR,
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'Tick exactly these: the sign-in asks for them, and a missing one is refused there.',
  },
  {
    number: '13',
    title: 'Microsoft is now ready to accept authorisation',
    intro: 'Whoever has the mailbox signs in, not whoever made the registration.',
    instructions: [
      {
        number: 'i',
        text: 'Go back to the window New OAuth2 Client Registration of your program. Enter the Tenant Id, the Client Id and the Client Secret there, and click OK. Authorise then starts by itself: a browser opens. Sign in there as this step says for mailauth.',
        values: [
          { label: 'Tenant Id', value: '{tenant}' },
          { label: 'Client Id', value: '{client-id}' },
        ],
        when: shared,
      },
    ],
    verify: ['signin'],
    help: 'The browser opens by itself. If it does not, copy the address into one; any computer will do.',
  },
  {
    number: '14',
    title: 'Check authorisation',
    intro: 'mailauth logs in to the mail servers. It sends no message and changes nothing.',
    instructions: [
      {
        number: 'i',
        text: 'Are SMTP and IMAP allowed for this mailbox too? The administrator opens Users > Active users > this person > Mail > "Manage email apps", ticks "Authenticated SMTP" and "IMAP", and saves. Allow up to an hour.',
        url: 'https://admin.microsoft.com/',
        values: [{ label: 'Person', value: '{signs-in}' }],
        when: [work, reused],
      },
      {
        number: 'i',
        text: 'Is collecting allowed? At outlook.com it is usually switched off. Open Settings > Mail > Forwarding and IMAP, choose "Let devices and apps use IMAP", and click "Save".',
        url: 'https://outlook.live.com/',
        when: [personal, receives],
      },
      { number: 'i', text: CHECK_AUTHORISATION, when: [work, ownClient, shared] },
      { number: 'ii', text: CHECK_AUTHORISATION, when: [work, reused, shared] },
      { number: 'ii', text: CHECK_AUTHORISATION, when: [personal, shared] },
      {
        number: 'iii',
        text: 'Is POP allowed for the mailbox? It is an entry of its own under "Manage email apps", beside the one for IMAP.',
        url: 'https://admin.microsoft.com/',
        values: [
          { label: 'Person', value: '{account}' },
          { label: 'Or in PowerShell', value: 'Set-CASMailbox -Identity "{account}" -PopEnabled $true' },
        ],
        when: [work, collects],
      },
      {
        number: 'iii',
        text: 'Is POP allowed? It is a switch of its own under Settings > Mail > Forwarding and IMAP: let devices and apps use POP, and click "Save".',
        url: 'https://outlook.live.com/',
        when: [personal, collects],
      },
    ],
    verify: ['mailbox'],
    help: 'If SMTP, IMAP or POP is refused, it is switched off for this mailbox; a switch that was just turned can take an hour to work.',
  },
];

export const outlookHints: readonly Remark[] = [
  { text: 'Sign in as {signs-in}, not as the administrator.', when: work },
  { text: 'Sign in as {signs-in}.', when: personal },
  {
    text: 'A shared mailbox cannot sign in: sign in as a person who has access to it. mailauth then asks whether that is meant (in a script: --auth-user).',
    when: work,
  },
  {
    text: 'Microsoft may first ask {signs-in} to set up a second factor: have the telephone of that person at hand.',
    when: work,
  },
  { text: 'On the page "Permissions requested", click "Accept".' },
  {
    text: 'If it says "Need admin approval" or "Approval required", the consent of step 12 is missing: stop here, have the link of 12.iv accepted, and sign in then.',
    when: work,
  },
  {
    text: 'The box "Consent on behalf of your organization" appears only to an administrator, and may be ticked: it does the same as 12.iii.',
    when: work,
  },
];
