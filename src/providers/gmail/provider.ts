import { appNameGuard } from '../../guide/guard.js';
import { mailFormStep } from '../../guide/mail-form.js';
import type { Provider } from '../../guide/provider.js';
import * as ask from '../../guide/questions.js';
import type { Step, When } from '../../guide/step.js';
import { gmailAdvice, gmailRules } from './errors.js';
import { ownFields } from './own-fields.js';
import { googleClientId, googleClientSecret, googleKeepsakes } from './paste.js';
import * as own from './questions.js';
import { gmailShown } from './shown.js';

const CONSOLE = 'https://console.cloud.google.com';
const MAIL_SCOPE = 'https://mail.google.com/';

const ownClient = { question: 'client-from', is: [''] } as const satisfies When;
const external = { question: 'audience', is: ['external'] } as const satisfies When;
const internal = { question: 'audience', is: ['internal'] } as const satisfies When;
const lasting = { question: 'lifetime', is: ['lasting'] } as const satisfies When;
const trying = { question: 'lifetime', is: ['trying'] } as const satisfies When;
const desktop = { question: 'client-type', is: ['desktop'] } as const satisfies When;
const web = { question: 'client-type', is: ['web'] } as const satisfies When;
const shared = { question: 'shared-client', is: ['yes'] } as const satisfies When;

const PUBLISHED = 'the app is published, so it needs no test users';
const JUST_TRYING = 'the app stays in Testing, so it is not published';
const REUSED = 'the registration of {client-from} is used again';

const steps: readonly Step[] = [
  mailFormStep('OAuth2 - Gmail', ['account']),
  {
    number: '2',
    title: 'Click Authorise, and note the redirect URI',
    intro:
      'In your program, Authorise opens a window that wants a Client Id and a Client Secret. Steps 3 to 7 make the two.',
    asksFirst: ['client-from', 'shared-client', 'app-redirect-uri'],
    instructions: [
      {
        number: 'i',
        text: 'This is the redirect URI of mailauth: Google sends you back to it after the sign-in. There is nothing to register: the port is chosen when the sign-in starts.',
        values: [{ label: 'Redirect URI', value: '{redirect-uri}' }],
        when: desktop,
      },
      {
        number: 'i',
        text: 'Note the redirect URI of mailauth: Google sends you back to it after the sign-in. Step 7 registers it.',
        values: [{ label: 'Redirect URI', value: '{redirect-uri}' }],
        when: web,
      },
      {
        number: 'ii',
        text: 'Note the redirect URI of the other program too. Step 7 registers both.',
        values: [{ label: 'Its redirect URI', value: '{app-redirect-uri}' }],
        when: shared,
      },
    ],
    verify: ['store', 'redirect'],
    help: 'The Client ID is the user name of your registration and ends in .apps.googleusercontent.com. The Client Secret is its password and starts with GOCSPX-. The secret is kept in the store that was just tested.',
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
        url: `${CONSOLE}/`,
      },
      {
        number: 'ii',
        text: 'Create a new project. As the organisation (Location), take your own, or "No organisation" for a gmail.com account.',
        url: `${CONSOLE}/projectcreate`,
        values: [{ label: 'Project name', value: '{app-name}' }],
      },
      {
        number: 'iii',
        text: 'Click CREATE and wait for the tick. Then select the new project at the top of the page, and copy the address of that page: it names the Project ID.',
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
    intro: 'This link goes straight to v. Steps i to iv are the way by hand.',
    instructions: [
      { number: 'i', text: 'Select APIs & Services from the dashboard.' },
      { number: 'ii', text: 'Select Enabled APIs & services.' },
      { number: 'iii', text: 'Click ENABLE APIS AND SERVICES.' },
      {
        number: 'iv',
        text: 'In the API Library, enter this in the search field. Select Gmail API from the results.',
        values: [{ label: 'Search', value: 'gmail api' }],
      },
      {
        number: 'v',
        text: 'Click ENABLE. If the button says MANAGE, it is already on.',
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'The mail servers work without the API. It is enabled so that the mail permission can be picked from the list at step 5.',
  },
  {
    number: '5',
    title: 'App registration',
    url: `${CONSOLE}/auth/overview?project={project?}`,
    intro: 'Here you say what the app is called and who may use it. It is your own app, and nobody else sees it.',
    asksFirst: ['audience'],
    instructions: [
      {
        number: 'i',
        text: 'Open Google Auth Platform (older: APIs & Services > OAuth consent screen) and click GET STARTED. If that button is missing, this was done before: go on with vi.',
        url: `${CONSOLE}/auth/overview?project={project?}`,
      },
      {
        number: 'ii',
        text: 'When the page comes to Audience (older: User Type), choose this one.',
        values: [
          { label: 'Audience', value: 'External', when: external },
          { label: 'Audience', value: 'Internal', when: internal },
        ],
      },
      {
        number: 'iii',
        text: 'The button CREATE comes last today, after the fields of iv (older: click CREATE here).',
      },
      {
        number: 'iv',
        text: 'Enter these on the pages App Information and Contact Information (older: Developer contact information). Press Enter after the contact address, so that it sticks.',
        values: [
          { label: 'App name', value: '{app-name}' },
          { label: 'User support email', value: '{account}' },
          { label: 'Contact email', value: '{account}' },
        ],
      },
      {
        number: 'v',
        text: 'Tick "I agree to the Google API Services: User Data Policy". Click CONTINUE, then CREATE (older: SAVE AND CONTINUE).',
      },
      {
        number: 'vi',
        text: 'Open Data Access (older: Scopes) and click ADD OR REMOVE SCOPES.',
        url: `${CONSOLE}/auth/scopes?project={project?}`,
      },
      {
        number: 'vii',
        text: 'Go to the end of the panel. Under "Manually add scopes", paste this line and click ADD TO TABLE.',
        values: [
          {
            label: 'Scopes',
            value: `openid,https://www.googleapis.com/auth/userinfo.email,https://www.googleapis.com/auth/userinfo.profile,${MAIL_SCOPE}`,
          },
        ],
      },
      {
        number: 'viii',
        text: 'In the table, tick those four and click UPDATE. Then click SAVE at the end of the page: it is easily forgotten (older: SAVE AND CONTINUE). The page now lists:',
        values: [
          { label: 'Non-sensitive', value: '.../auth/userinfo.email' },
          { label: 'Non-sensitive', value: '.../auth/userinfo.profile' },
          { label: 'Non-sensitive', value: 'openid' },
          { label: 'Restricted', value: `${MAIL_SCOPE} (Gmail API)` },
        ],
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'The user support address is one that you can read, and the page offers only addresses of your own. Logo, home page and domains may stay empty here.',
  },
  {
    number: '6',
    title: 'Test users, or publishing',
    url: `${CONSOLE}/auth/audience?project={project?}`,
    intro:
      'A new app is in Testing, and Google ends each sign-in to it after 7 days. Publishing lifts that. Publish first and sign in afterwards.',
    asksFirst: ['lifetime'],
    instructions: [
      {
        number: 'i',
        text: 'Open Audience (older: Test users). Under Test users, click ADD USERS.',
        url: `${CONSOLE}/auth/audience?project={project?}`,
        when: trying,
        skip: PUBLISHED,
      },
      {
        number: 'ii',
        text: 'Enter every mailbox to connect, one on each line. Your own address has to be there too, even if you own the project.',
        values: [{ label: 'Test user', value: '{account}' }],
        when: trying,
        skip: PUBLISHED,
      },
      { number: 'iii', text: 'Click ADD (today the button may say SAVE).', when: trying, skip: PUBLISHED },
      {
        number: 'iv',
        text: 'Check that the table shows the address (older: click SAVE AND CONTINUE). Google will end this sign-in {testing-ends}.',
        when: trying,
        skip: PUBLISHED,
      },
      {
        number: 'v',
        text: 'Open Audience (older: OAuth consent screen). If Publishing status says "In production", there is nothing left to do here. Otherwise click PUBLISH APP.',
        url: `${CONSOLE}/auth/audience?project={project?}`,
        when: lasting,
        skip: JUST_TRYING,
      },
      {
        number: 'vi',
        text: 'Is the button grey? Then Google usually wants two web addresses first. Open Branding and fill in Application home page and Application privacy policy link. Your own web site will do for both; add its domain under Authorised domains. Click SAVE and come back to v.',
        url: `${CONSOLE}/auth/branding?project={project?}`,
        when: lasting,
        skip: JUST_TRYING,
      },
      {
        number: 'vii',
        text: 'When Google asks "Push to production?", click CONFIRM. The status becomes "In production". You need not send anything in for verification.',
        when: lasting,
        skip: JUST_TRYING,
      },
    ],
    when: external,
    skip: 'the app is Internal, so there are no test users, and nothing expires',
    help: 'Published does not mean public: only people who have your client can sign in. Without verification, 100 people may do so. In Testing, only the test users may, and each sign-in lasts 7 days.',
  },
  {
    number: '7',
    title: 'Credentials',
    url: `${CONSOLE}/auth/clients?project={project?}`,
    intro: 'This makes the Client ID and the client secret.',
    instructions: [
      {
        number: 'i',
        text: 'Open Clients (older: APIs & Services > Credentials).',
        url: `${CONSOLE}/auth/clients?project={project?}`,
      },
      { number: 'ii', text: 'Click CREATE CLIENT (older: CREATE CREDENTIALS).' },
      { number: 'iii', text: 'What you make is an OAuth client ID (older: click OAuth client ID in the menu).' },
      {
        number: 'iv',
        text: 'Enter these. There is no box for a redirect URI with this type. That is right.',
        values: [
          { label: 'Application type', value: 'Desktop app' },
          { label: 'Name', value: '{app-name}' },
        ],
        when: desktop,
      },
      {
        number: 'iv',
        text: 'Enter these. Leave Authorised JavaScript origins empty. Under Authorised redirect URIs, click ADD URI once for each address. Each must be the same to the last character.',
        values: [
          { label: 'Application type', value: 'Web application' },
          { label: 'Name', value: '{app-name}' },
          { label: 'Authorised redirect URI', value: '{redirect-uri}' },
          { label: 'Authorised redirect URI', value: '{app-redirect-uri}', when: shared },
        ],
        when: web,
      },
      {
        number: 'v',
        text: 'Click CREATE. Leave the window open until step 8 is done: Google shows the secret only once. Or click DOWNLOAD JSON, and enter the name of that file at step 8, in place of the Client ID.',
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'If the page says that you must first configure your consent screen, go back to step 5. Lost the secret? Open the client and click ADD SECRET.',
  },
  {
    number: '8',
    title: 'Enter the Client ID and the secret, then sign in',
    intro: 'Gmail is now ready to accept authorisation.',
    instructions: [],
    asks: ['client-id', 'client-secret-file'],
    verify: ['client', 'signin'],
    help: 'mailauth asks Google whether it knows the Client ID and the secret before the browser opens. A new client can take five minutes or more to work: if it is refused at first, the wizard tries again by itself.',
  },
  {
    number: '9',
    title: 'Check authorisation',
    intro: 'mailauth logs in to both mail servers. It sends no message and changes nothing.',
    instructions: [],
    verify: ['mailbox'],
    help: 'In your own program, click Check Authorisation: if all is well, the Gmail address appears in the field Username. Click OK.',
  },
];

export const gmail: Provider = {
  id: 'gmail',
  title: 'Gmail',
  authenticationMethod: 'OAuth2 - Gmail',
  lastChecked: '2026-11-23',
  aliases: ['google', 'googlemail', 'google-workspace', 'workspace', 'gsuite'],
  domains: ['gmail.com', 'googlemail.com'],
  sameMailbox: { domains: ['gmail.com', 'googlemail.com'], ignoresDots: true },
  keepsakes: googleKeepsakes,
  mailExchangers: ['google.com', 'googlemail.com'],
  issuer: 'https://accounts.google.com',
  endpointHosts: ['accounts.google.com', 'oauth2.googleapis.com', 'openidconnect.googleapis.com', 'www.googleapis.com'],
  authorizationParameters: { access_type: 'offline', prompt: 'select_account consent' },
  scopes: { identity: ['openid', 'email'], smtp: [MAIL_SCOPE], imap: [MAIL_SCOPE] },
  smtp: { host: 'smtp.gmail.com', port: 587, security: 'starttls' },
  imap: { host: 'imap.gmail.com', port: 993, security: 'tls' },
  pop: { host: 'pop.gmail.com', port: 995, security: 'tls' },
  mailHosts: ['smtp.gmail.com', 'imap.gmail.com'],
  client: {
    defaultType: 'desktop',
    // Google wants the secret of a desktop client all the same.
    secret: { desktop: true, web: true },
    redirect: {
      desktop: { host: '127.0.0.1', port: 0, anyPort: true, path: '/callback' },
      web: { host: '127.0.0.1', port: 8765, anyPort: false, path: '/callback' },
    },
    sharesRedirects: { desktop: false, web: true },
  },
  preflight: { kind: 'probe', knownBy: ['invalid_grant'] },
  trialDays: 7,
  settling: { usually: 'five minutes or more', pauses: [30, 30, 60, 60, 120] },
  mechanisms: ['xoauth2', 'oauthbearer'],
  deviceGrant: false,
  revocationPage: 'https://myaccount.google.com/connections',
  adminRequest:
    'Please trust our app with the client ID {client-id} in the Admin console, under Security > Access and data control > API controls > Manage third-party app access. It lets us read and send mail of {account} with OAuth2.',
  needs: [
    'A browser, and the Google account that will own the set-up.',
    'That account needs 2-Step Verification: the console asks for it. The mailbox itself does not.',
    'Google Workspace: an administrator may have to allow the app, or IMAP, for your organisation.',
    'New clients and changed settings may take minutes to work, at times hours. If one is refused at first, the wizard tries again by itself for five minutes.',
    'You type your password on the page of Google; mailauth never sees it.',
  ],
  minutes: 15,
  questions: [
    ask.account,
    { ...ask.name, default: 'gmail' },
    { ...ask.description, default: 'Account settings for Gmail' },
    ask.serverSettings,
    { ...ask.appName, guard: appNameGuard(/google|gmail/i) },
    ask.mailTimeout,
    ask.noSmtp,
    { ...ask.smtpHost, default: 'smtp.gmail.com' },
    ask.smtpPort,
    ask.smtpSecurity,
    ask.noImap,
    { ...ask.imapHost, default: 'imap.gmail.com' },
    ask.imapPort,
    ask.imapSecurity,
    ask.clientFrom,
    ask.sharedClient,
    ask.appRedirectUri,
    {
      ...ask.clientType,
      default: 'desktop',
      suppliedBy: ['client-file', 'client-from'],
      help: 'Desktop app needs no redirect URI. Web application is for a registration that another program shares. Google gives a client secret with both.',
    },
    ask.redirectPort,
    own.project,
    own.audience,
    own.lifetime,
    own.clientFile,
    {
      ...ask.clientId,
      help: 'The user name of your registration. It ends in .apps.googleusercontent.com. Not secret. You can also paste the text of the file that DOWNLOAD JSON saved, or type the name of that file.',
      guard: googleClientId,
      suppliedBy: ['client-file', 'client-from'],
      foundAt: '7',
    },
    {
      ...ask.clientSecret,
      help: 'A long password that Google made for this program, not for you. It starts with GOCSPX-. It cannot read mail by itself; it works together with your sign-in. It is secret: do not e-mail it. Lost it? Open the client and click ADD SECRET, nothing breaks.',
      guard: googleClientSecret,
      suppliedBy: ['client-file', 'client-from'],
      foundAt: '7',
    },
    ask.authUser,
    ask.issuer,
    ask.scope,
    ask.ca,
    ask.refreshToken,
  ],
  ownFields,
  steps,
  secretStep: '7',
  pageErrors: [
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
      fix: 'Open the client and add {redirect-uri} under Authorised redirect URIs, or make a client of the type Desktop app. A change may take minutes to work.',
      url: `${CONSOLE}/auth/clients?project={project?}`,
    },
    {
      shows: 'Error 403: org_internal',
      explanation: 'the app is Internal, and the account you picked is not in its organisation',
      step: '5',
      fix: 'Pick the account of the mailbox. If that is the one you picked, open Audience and click MAKE EXTERNAL.',
      url: `${CONSOLE}/auth/audience?project={project?}`,
    },
    {
      shows: 'Error 400: admin_policy_enforced, or "This app is blocked"',
      explanation: 'the administrator of the Google Workspace does not allow this app',
      step: '8',
      fix: 'Ask the administrator to trust the client ID {client-id} (Security > Access and data control > API controls > Manage third-party app access).',
      url: 'https://admin.google.com/ac/owl/list?tab=configuredApps',
      needsAdmin: true,
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
      fix: `Add ${MAIL_SCOPE} under Data Access, final slash included. Click UPDATE and then SAVE.`,
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
      explanation: 'the account is in the Advanced Protection Program, or its administrator forbids unverified apps',
      step: '8',
      fix: 'Ask the administrator to trust the client ID {client-id}, or use another mailbox.',
    },
    {
      shows: 'A page that cannot be reached, at 127.0.0.1',
      explanation: 'the sign-in worked, but the browser runs on another computer, or insists on https',
      step: '8',
      fix: 'Copy the whole address of that page and paste it here.',
    },
    {
      shows: 'Nothing at all, or an empty page',
      explanation: 'the browser did not open the address',
      step: '8',
      fix: 'Copy the address above into a browser. Any computer will do.',
    },
  ],
  rules: gmailRules,
  advice: gmailAdvice,
  ...gmailShown,
  signInHints: [
    'Pick {account}, not your own account.',
    'If Google says that it has not verified this app: click CONTINUE, or Advanced and then "Go to {app-name} (unsafe)". It is your own app, from step 5.',
    'Tick "Read, compose, send, and permanently delete all your email from Gmail". It may start unticked. Then click CONTINUE.',
  ],
};
