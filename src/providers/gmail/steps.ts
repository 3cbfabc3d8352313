import { desktop, ownClient, publicDomain, REUSED, receives, shared, web } from '../../guide/conditions.js';
import { mailFormStep } from '../../guide/mail-form.js';
import type { Remark, Step, When } from '../../guide/step.js';
import { whenUsed } from '../../words/protocol.js';
import { ADMIN_IMAP, CONSOLE, MAIL_SCOPE } from './addresses.js';

/** The nine steps of the guide, with the screens in the order in which Google's console shows them today. */

const external = { question: 'audience', is: ['external'] } as const satisfies When;
const internal = { question: 'audience', is: ['internal'] } as const satisfies When;
const lasting = { question: 'lifetime', is: ['lasting'] } as const satisfies When;
const trying = { question: 'lifetime', is: ['trying'] } as const satisfies When;
/** Or nothing is known of the mailbox yet. */
const maybeWorkspace = { question: 'mailbox-domain', is: ['', 'own'] } as const satisfies When;
const known = { question: 'mailbox-domain', is: ['own', 'provider'] } as const satisfies When;

const PUBLISHED = 'the app is published, so it needs no test users';
const JUST_TRYING = 'the app stays in Testing, so it is not published';
const CHECK_AUTHORISATION =
  'In your own program, click Check Authorisation: if all is well, the Gmail account appears in the field Username. Click OK.';

/** Every button, page and field named in the steps, with the day it was last seen in a public source. */
export const gmailLabels: Readonly<Record<string, string>> = {
  'No organisation': '2026-08-30',
  Create: '2026-09-03',
  'APIs & Services': '2026-07-20',
  'Enabled APIs & services': '2026-07-20',
  'Enable APIs and services': '2026-07-20',
  'Gmail API': '2026-08-30',
  Enable: '2026-08-30',
  Manage: '2026-08-30',
  'Get started': '2026-09-03',
  Next: '2026-09-03',
  Audience: '2026-09-07',
  Internal: '2026-09-03',
  External: '2026-09-03',
  'I agree to the Google API Services: User Data Policy': '2026-08-30',
  Continue: '2026-09-03',
  Branding: '2026-09-07',
  'Application home page': '2026-09-07',
  'Application privacy policy link': '2026-09-07',
  'Authorised domains': '2026-09-07',
  Save: '2026-09-02',
  'Data Access': '2026-09-07',
  'Add or remove scopes': '2026-08-30',
  'Manually add scopes': '2026-08-30',
  'Add to table': '2026-08-30',
  Update: '2026-08-30',
  'Add users': '2026-09-02',
  'Publishing status': '2026-09-07',
  'In production': '2026-09-07',
  'Publish app': '2026-09-02',
  'Push to production?': '2026-09-02',
  Confirm: '2026-09-02',
  Clients: '2026-09-07',
  'Create client': '2026-09-02',
  'OAuth client ID': '2026-07-20',
  'Authorised JavaScript origins': '2026-08-30',
  'Authorised redirect URIs': '2026-08-30',
  'Add URI': '2026-08-30',
  'Download JSON': '2026-08-30',
  'Add secret': '2026-09-02',
  Advanced: '2026-09-01',
  'Go to ... (unsafe)': '2026-09-01',
  'Read, compose, send, and permanently delete all your email from Gmail': '2026-09-01',
  'POP and IMAP access': '2026-08-30',
  'Enable IMAP access for all users': '2026-08-30',
  'Restrict which mail clients users can use': '2026-08-30',
};

export const gmailSteps: readonly Step[] = [
  mailFormStep('OAuth2 - Gmail', ['account'], ['sign-in']),
  {
    number: '2',
    title: 'Click Authorise, and note the redirect URI',
    intro:
      'A program with its own Authorise button now opens its window New OAuth2 Client Registration, which wants a Client Id and a Client Secret. Steps 3 to 7 make the two.',
    asksFirst: ['client-from', 'used-by', 'app-redirect-uri'],
    instructions: [
      {
        number: 'i',
        text: 'The redirect URI of mailauth is on your own computer: Google sends you back to it after the sign-in. There is nothing to register, and the port is chosen when the sign-in starts.',
        values: [{ label: 'Redirect URI', value: '{redirect-uri}' }],
        when: desktop,
      },
      {
        number: 'i',
        text: 'The redirect URI of mailauth is on your own computer: Google sends you back to it after the sign-in. Step 7 registers it.',
        values: [{ label: 'Redirect URI', value: '{redirect-uri}' }],
        when: web,
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
    help: 'The Client ID is the user name of your registration and ends in .apps.googleusercontent.com. The Client Secret is its password and starts with GOCSPX-.',
  },
  {
    number: '3',
    title: 'Log in to https://console.cloud.google.com and create a project',
    url: `${CONSOLE}/projectcreate`,
    intro: 'Use the Google account that shall own the set-up. It need not be the mailbox.',
    instructions: [
      {
        number: 'i',
        text: 'Log in. On a first visit, accept the terms. If Google asks for 2-Step Verification, turn it on.',
      },
      {
        number: 'ii',
        text: 'Create a new project. As its organisation (Location), take your own, or "No organisation" for a gmail.com account.',
        values: [{ label: 'Project name', value: '{app-name}' }],
        with: 'link',
      },
      {
        number: 'iii',
        text: 'Click "Create" and wait for the tick. Then select the new project at the top of the page, and copy the address of that page: it names the Project ID.',
        with: 'link',
      },
    ],
    asks: ['project'],
    when: ownClient,
    skip: REUSED,
    help: 'A project costs nothing and needs no billing account. If the page says that you may not create projects, your Workspace administrator has to do this step.',
  },
  {
    number: '4',
    title: 'Enable the Gmail API',
    url: `${CONSOLE}/apis/library/gmail.googleapis.com?project={project?}`,
    intro: 'The link does i to iv: only v is left.',
    instructions: [
      { number: 'i', text: 'Select "APIs & Services" from the dashboard.' },
      { number: 'ii', text: 'Select "Enabled APIs & services".', with: 'link' },
      { number: 'iii', text: 'Click "Enable APIs and services".', with: 'link' },
      {
        number: 'iv',
        text: 'In the API Library, enter this in the search field. Select "Gmail API" from the results.',
        values: [{ label: 'Search', value: 'gmail api' }],
        with: 'link',
      },
      { number: 'v', text: 'Click "Enable". If the button says "Manage", it is already on.', with: 'link' },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'The mail servers work without the API. It is enabled so that the mail permission can be picked from the list at step 5.',
  },
  {
    number: '5',
    title: 'App registration',
    url: `${CONSOLE}/auth/overview?project={project?}`,
    intro: 'Here you say what the app is called and who may use it.',
    asksFirst: ['audience'],
    instructions: [
      {
        number: 'i',
        text: 'Open Google Auth Platform (older: APIs & Services > OAuth consent screen) and click "Get started". If that button is missing, this was done before: go on with v. On the page App Information, enter these and click "Next".',
        url: `${CONSOLE}/auth/overview?project={project?}`,
        values: [
          { label: 'App name', value: '{app-name}' },
          { label: 'User support email', value: '{account}' },
        ],
      },
      {
        number: 'ii',
        text: 'Under "Audience" (older: User Type), choose "Internal" if every mailbox is in your Google Workspace and the project belongs to it: nothing expires then, and step 6 falls away. Otherwise choose "External". Click "Next".',
        values: [
          { label: 'For this mailbox', value: 'Internal', when: [internal, known] },
          { label: 'For this mailbox', value: 'External', when: [external, known] },
        ],
        with: 'link',
      },
      {
        number: 'iii',
        text: 'Enter the contact address (older: Developer contact information) and press Enter, so that it sticks. Click "Next" (older: CREATE comes here).',
        values: [{ label: 'Contact email', value: '{account}' }],
        with: 'link',
      },
      {
        number: 'iv',
        text: 'Tick "I agree to the Google API Services: User Data Policy". Click "Continue", then "Create": that ends the pages App Information, Audience and Contact Information.',
        with: 'link',
      },
      {
        number: 'v',
        text: 'For External only: open "Branding" and fill in "Application home page" and "Application privacy policy link". Without them, step 6 cannot publish. The web site of your organisation does for both; without one, any free page with the name of the app does. Add its domain under "Authorised domains", and leave the logo empty: a logo would start a check. Click "Save" (older: SAVE AND CONTINUE).',
        url: `${CONSOLE}/auth/branding?project={project?}`,
        when: external,
        skip: 'an Internal app is not published',
      },
      {
        number: 'vi',
        text: 'Open "Data Access" (older: Scopes) and click "Add or remove scopes".',
        url: `${CONSOLE}/auth/scopes?project={project?}`,
      },
      {
        number: 'vii',
        text: 'Go to the end of the panel. Under "Manually add scopes", paste this line and click "Add to table".',
        values: [
          {
            label: 'Scopes',
            value: `openid,https://www.googleapis.com/auth/userinfo.email,https://www.googleapis.com/auth/userinfo.profile,${MAIL_SCOPE}`,
          },
        ],
        with: 'link',
      },
      {
        number: 'viii',
        text: 'In the table, tick those four and click "Update". Then click "Save" at the end of the page: it is easily forgotten. The page now lists these. Where Google speaks of verification (here, in its Verification Center, and when you publish), ignore it: that is for apps that strangers use.',
        values: [
          { label: 'Non-sensitive', value: '.../auth/userinfo.email' },
          { label: 'Non-sensitive', value: '.../auth/userinfo.profile' },
          { label: 'Non-sensitive', value: 'openid' },
          { label: 'Restricted', value: `${MAIL_SCOPE} (Gmail API)` },
        ],
        with: 'link',
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'The user support address is one that you can read; the page offers only addresses of your own. With a redirect URI of another program, its domain belongs under Authorised domains too.',
  },
  {
    number: '6',
    title: 'Test users, or publishing',
    url: `${CONSOLE}/auth/audience?project={project?}`,
    intro:
      'For External only. A new app is in Testing, and Google ends each sign-in to it after 7 days. Publishing lifts that for sign-ins that are made afterwards.',
    asksFirst: ['lifetime'],
    instructions: [
      {
        number: 'i',
        text: 'Open "Audience" (older: Test users). Under Test users, click "Add users".',
        when: trying,
        skip: PUBLISHED,
      },
      {
        number: 'ii',
        text: 'Enter every mailbox, or whoever signs in for it, one on each line. Your own address has to be there too, even if you own the project.',
        values: [{ label: 'Test user', value: '{signs-in}' }],
        when: trying,
        skip: PUBLISHED,
        with: 'link',
      },
      { number: 'iii', text: 'Click "Save" (older: ADD).', when: trying, skip: PUBLISHED, with: 'link' },
      {
        number: 'iv',
        text: 'Check that the table shows the address (older: click SAVE AND CONTINUE). Google will end this sign-in {testing-ends}.',
        when: trying,
        skip: PUBLISHED,
        with: 'link',
      },
      {
        number: 'v',
        text: 'Open "Audience" (older: OAuth consent screen). If "Publishing status" says "In production", there is nothing left to do here. Otherwise click "Publish app".',
        when: lasting,
        skip: JUST_TRYING,
      },
      {
        number: 'vi',
        text: 'Is the button grey? Then a web address of 5.v is still missing: fill it in, click "Save" there, and come back.',
        when: lasting,
        skip: JUST_TRYING,
        with: 'link',
      },
      {
        number: 'vii',
        text: 'When Google asks "Push to production?", click "Confirm". The status becomes "In production".',
        when: lasting,
        skip: JUST_TRYING,
        with: 'link',
      },
    ],
    when: external,
    skip: 'the app is Internal, so there are no test users, and nothing expires',
    help: 'Published does not mean public: only people who have your client can sign in. Unverified, 100 people may do so in the whole life of the project. In Testing, only the test users may.',
  },
  {
    number: '7',
    title: 'Credentials',
    url: `${CONSOLE}/auth/clients?project={project?}`,
    intro: 'This makes the Client ID and the client secret.',
    instructions: [
      { number: 'i', text: 'Open "Clients" (older: APIs & Services > Credentials).' },
      { number: 'ii', text: 'Click "Create client" (older: CREATE CREDENTIALS).', with: 'link' },
      {
        number: 'iii',
        text: 'What you make is an "OAuth client ID" (older: choose it from the menu).',
        with: 'link',
      },
      {
        number: 'iv',
        text: 'Enter these. There is no box for a redirect URI with this type. That is right.',
        values: [
          { label: 'Application type', value: 'Desktop app' },
          { label: 'Name', value: '{app-name}' },
        ],
        when: desktop,
        with: 'link',
      },
      {
        number: 'iv',
        text: 'Enter these. Leave "Authorised JavaScript origins" empty. Under "Authorised redirect URIs", click "Add URI" once for each address. Each must be the same to the last character.',
        values: [
          { label: 'Application type', value: 'Web application' },
          { label: 'Name', value: '{app-name}' },
          { label: 'Authorised redirect URI', value: '{redirect-uri}' },
          { label: 'Authorised redirect URI', value: '{app-redirect-uri}', when: shared },
        ],
        when: web,
        with: 'link',
      },
      {
        number: 'v',
        text: 'Click "Create". Leave the window open until step 8 is done: Google shows the secret only once. Or click "Download JSON", and give that file at step 8 in place of the Client ID.',
        with: 'link',
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'If the page says that you must first configure your consent screen, go back to step 5. Lost the secret? Open the client and click Add secret.',
  },
  {
    number: '8',
    title: 'Enter the Client ID and the secret, then sign in',
    intro: 'Gmail is now ready to accept authorisation.',
    values: [{ label: 'Client ID', value: '{client-id}', when: { question: 'client-id', is: [''], not: true } }],
    asksFirst: ['client-id', 'client-secret-file'],
    instructions: [
      {
        number: 'i',
        text: 'Go back to the window New OAuth2 Client Registration of your program. Enter the Client Id and the Client Secret there, and click OK. Authorise then starts by itself: a browser opens. Sign in there as this step says for mailauth.',
        values: [{ label: 'Client Id', value: '{client-id}' }],
        when: shared,
      },
    ],
    verify: ['client', 'signin'],
    help: 'mailauth asks Google whether it knows the Client ID and the secret before the browser opens. A new client can take five minutes or more to work: if it is refused at first, the wizard tries again by itself.',
  },
  {
    number: '9',
    title: 'Check authorisation',
    intro: 'mailauth logs in to the mail servers. It sends no message and changes nothing.',
    instructions: [
      {
        number: 'i',
        text: 'In a Google Workspace: is IMAP allowed? The administrator looks at "POP and IMAP access" (Apps > Google Workspace > Gmail > End User Access): "Enable IMAP access for all users" has to be ticked, and with "Restrict which mail clients users can use" this ID has to be in the list.',
        url: ADMIN_IMAP,
        values: [{ label: 'Client ID', value: '{client-id}' }],
        when: [receives, maybeWorkspace],
      },
      { number: 'i', text: CHECK_AUTHORISATION, when: [shared, publicDomain] },
      { number: 'ii', text: CHECK_AUTHORISATION, when: [shared, maybeWorkspace] },
      {
        number: 'iii',
        text: 'Is POP switched on in the mailbox? Open the settings of Gmail under Forwarding and POP/IMAP, enable POP there, and save. In a Google Workspace the administrator can forbid it on the page of "POP and IMAP access".',
        url: 'https://mail.google.com/mail/#settings/fwdandpop',
        when: whenUsed('pop'),
      },
    ],
    verify: ['mailbox'],
    help: 'SMTP is always allowed at Gmail; IMAP is always on for gmail.com addresses, and a matter of the administrator in a Google Workspace. POP is off until somebody enables it.',
  },
];

export const gmailHints: readonly Remark[] = [
  { text: 'Pick {signs-in}, not your own account.' },
  {
    text: 'If Google says that it has not verified this app: click "Continue", or "Advanced" and then "Go to ... (unsafe)". It is your own app, from step 5; Google may show another name or a web address for it.',
    when: external,
  },
  {
    text: 'If there is a box "Read, compose, send, and permanently delete all your email from Gmail", tick it. It may start unticked. Then click "Continue".',
  },
];
