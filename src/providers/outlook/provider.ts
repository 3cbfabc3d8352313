import { appNameGuard } from '../../guide/guard.js';
import { mailFormStep } from '../../guide/mail-form.js';
import type { Provider } from '../../guide/provider.js';
import * as ask from '../../guide/questions.js';
import type { Step, When } from '../../guide/step.js';
import { outlookAdvice, outlookRules } from './errors.js';
import { ownFields } from './own-fields.js';
import { entraClientId, entraClientSecret, entraKeepsakes, SHARED_TENANTS } from './paste.js';
import * as own from './questions.js';
import { outlookShown } from './shown.js';

const ENTRA = 'https://entra.microsoft.com';
/** The links carry the directory where it is known, so that they open in the right one. */
const BLADES = `${ENTRA}/{directory?}#view/Microsoft_AAD_RegisteredApps`;
const APP_BLADE = `${BLADES}/ApplicationMenuBlade/~`;
const IMAP_SCOPE = 'https://outlook.office.com/IMAP.AccessAsUser.All';
const SMTP_SCOPE = 'https://outlook.office.com/SMTP.Send';

const ownClient = { question: 'client-from', is: [''] } as const satisfies When;
const desktop = { question: 'client-type', is: ['desktop'] } as const satisfies When;
const web = { question: 'client-type', is: ['web'] } as const satisfies When;
const shared = { question: 'shared-client', is: ['yes'] } as const satisfies When;
const sends = { question: 'no-smtp', is: ['no'] } as const satisfies When;
const receives = { question: 'no-imap', is: ['no'] } as const satisfies When;
const work = { question: 'mailbox-kind', is: ['work'] } as const satisfies When;
const personal = { question: 'mailbox-kind', is: ['personal'] } as const satisfies When;

const REUSED = 'the registration of {client-from} is used again';
const NO_ADMINISTRATOR = 'a personal mailbox has no administrator';
const NO_SECRET = 'a public client has no secret, and a stored registration has its own';

const ADMIN_CONSENT = `https://login.microsoftonline.com/{tenant}/v2.0/adminconsent?client_id={client-id}&scope=${encodeURIComponent(`${IMAP_SCOPE} ${SMTP_SCOPE}`)}&redirect_uri={redirect-uri}`;
const ADMIN_REQUEST =
  'Please open the link and click Accept. It lets our app "{app-name}" (client ID {client-id}) read and send mail for people who sign in to it. We need it for {account}. The browser may then show an error page: that is fine.';

const steps: readonly Step[] = [
  mailFormStep('OAuth2 - Outlook', ['account', 'mailbox-kind']),
  {
    number: '2',
    title: 'Click Authorise, and note the redirect URI',
    intro:
      'In your program, Authorise opens a window that wants a Tenant Id, a Client Id and a Client Secret. Steps 3 to 9 fetch them.',
    asksFirst: ['client-from', 'shared-client', 'app-redirect-uri', 'client-type'],
    instructions: [
      {
        number: 'i',
        text: 'Note the redirect URI of mailauth: Microsoft sends you back to it after the sign-in. Step 5 registers it.',
        values: [{ label: 'Redirect URI', value: '{redirect-uri}' }],
      },
      {
        number: 'ii',
        text: 'Note the redirect URI of the other program too. Step 7 registers it.',
        values: [{ label: 'Its redirect URI', value: '{app-redirect-uri}' }],
        when: shared,
      },
    ],
    verify: ['store', 'redirect'],
    help: 'The Tenant ID is the number of your organisation. The Client ID is the user name of your registration, and the Client Secret its password. The secret is kept in the store that was just tested.',
  },
  {
    number: '3',
    title: 'Log in to https://entra.microsoft.com',
    url: `${ENTRA}/`,
    intro: 'https://portal.azure.com shows the same pages under "Microsoft Entra ID".',
    instructions: [
      {
        number: 'i',
        text: 'Log in as somebody who may register applications. That is usually the administrator, and need not be the mailbox.',
        url: `${ENTRA}/`,
      },
      {
        number: 'ii',
        text: 'In the left menu, choose Entra ID (older: Identity > Applications, or Manage Azure Active Directory).',
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'If the page says that you have no directory, or that you may not register outside one: a personal account usually has none. A free Azure sign-up makes one, and registrations cost nothing. Or ask somebody whose organisation has one: the mailbox need not belong to it.',
  },
  {
    number: '4',
    title: 'Click App registrations',
    url: `${BLADES}/ApplicationsListBlade`,
    instructions: [],
    when: ownClient,
    skip: REUSED,
    help: 'It stands in the left menu, below Entra ID. The link goes straight there. If it is missing, your account may not register applications: ask for the role Application Developer, or let the administrator do steps 3 to 12.',
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
        text: 'Choose the supported account types (older: "Accounts in this organizational directory only").',
        values: [{ label: 'Supported account types', value: 'Single tenant only' }],
        when: { question: 'account-types', is: ['single'] },
      },
      {
        number: 'ii',
        text: 'Choose the supported account types (older: "Accounts in any organizational directory").',
        values: [{ label: 'Supported account types', value: 'Multiple Entra ID tenants' }],
        when: { question: 'account-types', is: ['multiple'] },
      },
      {
        number: 'ii',
        text: 'Choose the supported account types (older: "Accounts in any organizational directory and personal Microsoft accounts").',
        values: [{ label: 'Supported account types', value: 'Any Entra ID Tenant + Personal Microsoft accounts' }],
        when: { question: 'account-types', is: ['any'] },
      },
      {
        number: 'ii',
        text: 'Choose the supported account types (older: "Personal Microsoft accounts only").',
        values: [{ label: 'Supported account types', value: 'Personal accounts only' }],
        when: { question: 'account-types', is: ['personal'] },
      },
      {
        number: 'iii',
        text: 'Under Redirect URI, choose the platform and enter the address. It must be the same to the last character.',
        values: [
          { label: 'Platform', value: 'Web', when: web },
          { label: 'Platform', value: 'Public client/native (mobile & desktop)', when: desktop },
          { label: 'Redirect URI', value: '{redirect-uri}' },
        ],
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'Never choose "Single-page application (SPA)": its sign-ins end after a day, and mailauth cannot use it.',
  },
  {
    number: '6',
    title: 'Click Register',
    intro: 'This shows the Overview page. Two numbers are to be copied from it. The Object ID is not one of them.',
    instructions: [
      {
        number: 'i',
        text: 'Click Register, and wait for the Overview page.',
      },
      {
        number: 'ii',
        text: 'Copy the Application (client) ID and the Directory (tenant) ID. Page closed? The link lists your registrations.',
        url: `${BLADES}/ApplicationsListBlade`,
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
        text: 'First, for the other program: open Authentication in the left menu and click Add Redirect URI (older: Add a platform, or Add URI). Choose the platform Web, enter this address, and save.',
        url: `${APP_BLADE}/Authentication/appId/{client-id}`,
        values: [{ label: 'Redirect URI', value: '{app-redirect-uri}' }],
        when: shared,
      },
      {
        number: 'ii',
        text: 'Then click Certificates & secrets in the same menu.',
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
        text: 'On the tab Client secrets, click New client secret. Enter these.',
        values: [
          { label: 'Description', value: '{app-name}' },
          { label: 'Expires', value: '730 days (24 months)' },
        ],
      },
    ],
    when: [ownClient, web],
    skip: NO_SECRET,
    help: 'The longest that the page offers is 24 months, and 180 days is preselected: change it. When the secret expires, mail stops until you make a new one. Your organisation may allow less.',
  },
  {
    number: '9',
    title: 'Click Add',
    intro: 'This shows the new secret, this once. Copy it before you leave the page.',
    instructions: [
      {
        number: 'i',
        text: 'Click Add. Of the two columns, copy the one named Value. The one named Secret ID is not the secret.',
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
    instructions: [{ number: 'i', text: 'This shows Request API permissions. Select Microsoft Graph.' }],
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
        text: 'Select Delegated permissions, not Application permissions. Type each name in the search box, open its group and tick it.',
        values: [
          { label: 'Permission', value: 'email' },
          { label: 'Permission', value: 'offline_access' },
          { label: 'Permission', value: 'openid' },
          { label: 'Permission', value: 'profile' },
          { label: 'Permission', value: 'IMAP.AccessAsUser.All', when: receives },
          { label: 'Permission', value: 'SMTP.Send', when: sends },
        ],
      },
      {
        number: 'ii',
        text: 'Click Add permissions. The list now shows the ones you ticked, and User.Read, which was there before. All are of the type Delegated.',
      },
      {
        number: 'iii',
        text: 'As an administrator, click "Grant admin consent for ..." and then Yes. The column Status turns green. Since November 2025 IMAP usually needs this, even where the column Admin consent required says No.',
        when: work,
        skip: NO_ADMINISTRATOR,
      },
      {
        number: 'iv',
        text: 'Not an administrator? Send this link to one. When it has been accepted, the browser there shows an error page. That is expected.',
        values: [
          { label: 'Link', value: ADMIN_CONSENT },
          {
            label: 'Text',
            value: ADMIN_REQUEST,
          },
        ],
        when: work,
        skip: NO_ADMINISTRATOR,
      },
    ],
    when: ownClient,
    skip: REUSED,
    help: 'Without the consent, the sign-in at step 13 usually ends with "Need admin approval". The roles Application Administrator, Cloud Application Administrator and Global Administrator may grant it. A personal mailbox needs no administrator.',
  },
  {
    number: '13',
    title: 'Microsoft is now ready to accept authorisation',
    intro: 'Sign in as the mailbox, not as the administrator.',
    instructions: [],
    verify: ['signin'],
    help: 'For a shared mailbox, sign in as a person who has access to it: a shared mailbox cannot sign in.',
  },
  {
    number: '14',
    title: 'Check authorisation',
    intro: 'mailauth logs in to both mail servers. It sends no message and changes nothing.',
    instructions: [
      {
        number: 'i',
        text: 'Is sending allowed? Organisations made since 2020 usually have it switched off. The administrator opens Users > Active users > the mailbox > Mail > Manage email apps, ticks Authenticated SMTP and saves. Allow up to an hour.',
        url: 'https://admin.microsoft.com/',
        values: [
          {
            label: 'Or in PowerShell',
            value: 'Set-CASMailbox -Identity "{account}" -SmtpClientAuthenticationDisabled $false',
          },
        ],
        when: [work, sends],
      },
      {
        number: 'i',
        text: 'Is collecting allowed? At outlook.com it is usually switched off. Open Settings > Mail > Forwarding and IMAP, and let devices and apps use IMAP.',
        url: 'https://outlook.live.com/',
        when: [personal, receives],
      },
    ],
    verify: ['mailbox'],
    help: 'In your own program, click Check Authorisation: if all is well, the Outlook account appears in the field Username. Click OK.',
  },
];

export const outlook: Provider = {
  id: 'outlook',
  title: 'Microsoft Outlook',
  authenticationMethod: 'OAuth2 - Outlook',
  lastChecked: '2026-11-23',
  aliases: [
    'microsoft',
    'microsoft365',
    'office365',
    'office',
    'o365',
    'm365',
    'exchange',
    'hotmail',
    'entra',
    'azure',
  ],
  keepsakes: entraKeepsakes,
  domains: ['outlook.com', 'hotmail.com', 'live.com', 'msn.com'],
  mailExchangers: ['protection.outlook.com', 'mx.microsoft'],
  issuer: 'https://login.microsoftonline.com/{tenant}/v2.0',
  tenantIssuer: /^https:\/\/login\.microsoftonline\.com\/(?:\{tenantid\}|[0-9a-f-]{36})\/v2\.0$/,
  scopeAliases: { 'https://outlook.office365.com/': 'https://outlook.office.com/' },
  endpointHosts: ['login.microsoftonline.com', 'graph.microsoft.com'],
  authorizationParameters: { response_mode: 'query', prompt: 'select_account' },
  scopes: {
    identity: ['openid', 'email', 'profile', 'offline_access'],
    smtp: [SMTP_SCOPE],
    imap: [IMAP_SCOPE],
  },
  smtp: { host: 'smtp.office365.com', port: 587, security: 'starttls' },
  imap: { host: 'outlook.office365.com', port: 993, security: 'tls' },
  mailHosts: ['smtp.office365.com', 'outlook.office365.com', 'smtp-mail.outlook.com', 'imap-mail.outlook.com'],
  client: {
    defaultType: 'web',
    secret: { desktop: false, web: true },
    redirect: {
      desktop: { host: 'localhost', port: 8765, anyPort: true, path: '/callback' },
      web: { host: 'localhost', port: 8765, anyPort: true, path: '/callback' },
    },
    sharesRedirects: { desktop: false, web: true },
  },
  settling: { usually: 'a minute or two', pauses: [15, 15, 30, 60] },
  preflight: {
    kind: 'client-credentials',
    scope: 'https://graph.microsoft.com/.default',
    // The client, its secret or the tenant by number, where the error alone does not tell.
    refusedBy: [
      'AADSTS700016',
      'AADSTS70001:',
      'AADSTS7000112',
      'AADSTS90112',
      'AADSTS7000215',
      'AADSTS7000222',
      'AADSTS90002',
      'AADSTS900023',
      'AADSTS50128',
      'AADSTS50059',
      'AADSTS50194',
      'AADSTS9002331',
      'AADSTS9002332',
      'AADSTS9002346',
    ],
  },
  // Two names of one service, the way a token has it.
  foreignAudiences: {
    'https://graph.microsoft.com': 'Microsoft Graph',
    '00000003-0000-0000-c000-000000000000': 'Microsoft Graph',
  },
  sharedTenants: SHARED_TENANTS,
  mechanisms: ['xoauth2'],
  deviceGrant: true,
  verificationHosts: ['login.microsoft.com', 'microsoft.com', 'www.microsoft.com', 'login.live.com'],
  revocationPage: 'https://myapps.microsoft.com/',
  adminRequest: ADMIN_REQUEST,
  adminConsentUrl: ADMIN_CONSENT,
  needs: [
    'A browser.',
    'A Microsoft directory (also called tenant). Every Microsoft 365 organisation has one; a free outlook.com account usually has none.',
    'An account there that may register applications: by default every member, otherwise the role Application Developer or an administrator.',
    'For a work mailbox, an administrator who approves the access. Since November 2025 IMAP usually needs that.',
    'Not the administrator? Send this: "I am setting up OAuth2 for one of our mailboxes. Please let me register an application in Entra ID (role Application Developer), and then grant admin consent for its delegated permissions IMAP.AccessAsUser.All and SMTP.Send. Please also allow Authenticated SMTP for the mailbox."',
    'New registrations and secrets may take minutes to work. If one is refused at first, the wizard tries again by itself for two minutes.',
    'You type your password on the page of Microsoft; mailauth never sees it.',
  ],
  minutes: 20,
  questions: [
    ask.account,
    own.mailboxKind,
    { ...ask.name, default: 'outlook' },
    { ...ask.description, default: 'Account settings for Microsoft Outlook' },
    ask.serverSettings,
    { ...ask.appName, guard: appNameGuard(/microsoft|outlook/i) },
    ask.mailTimeout,
    ask.noSmtp,
    {
      ...ask.smtpHost,
      defaults: [{ when: personal, value: 'smtp-mail.outlook.com' }],
      default: 'smtp.office365.com',
    },
    ask.smtpPort,
    ask.smtpSecurity,
    ask.noImap,
    { ...ask.imapHost, default: 'outlook.office365.com' },
    ask.imapPort,
    ask.imapSecurity,
    ask.clientFrom,
    ask.sharedClient,
    ask.appRedirectUri,
    {
      ...ask.clientType,
      default: 'web',
      choices: [
        { value: 'web', label: 'Web: with a client secret, which expires after 24 months at most' },
        { value: 'desktop', label: 'Desktop: no client secret, so nothing expires, and steps 7 to 9 fall away' },
      ],
      help: 'Web is the usual way, and the one that other programs can share. It has a client secret, and mail stops when that expires. Desktop is a public client: it has no secret, so there is nothing to renew. Take it if only mailauth signs in.',
      askedWhen: [
        { question: 'shared-client', is: ['no'] },
        { question: 'client-from', is: [''] },
      ],
      suppliedBy: ['client-from'],
    },
    ask.redirectPort,
    own.accountTypes,
    {
      ...ask.clientId,
      label: 'Application (client) ID',
      help: 'The user name of your registration: 32 digits and letters with four hyphens, on its Overview page. Not secret. The Object ID is something else.',
      guard: entraClientId,
    },
    own.tenant,
    {
      ...ask.clientSecret,
      label: 'Client secret Value',
      help: 'A long password that Microsoft made for your registration, not for you. Copy the column named Value; the one named Secret ID is something else. It cannot read mail by itself; it works together with your sign-in. It is secret: do not e-mail it. Lost it? Make a new one, nothing breaks.',
      guard: entraClientSecret,
      when: web,
    },
    { ...ask.secretExpires, when: web },
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
      shows: '"Need admin approval", or AADSTS90094 or AADSTS90095',
      explanation: 'an administrator has to approve the access first; for IMAP that is usual since November 2025',
      step: '12',
      fix: 'Let an administrator grant consent at step 12, or open the link for administrators.',
      url: ADMIN_CONSENT,
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
      url: `${APP_BLADE}/Overview/appId/{client-id}`,
    },
    {
      shows: 'AADSTS90002 or AADSTS900023: tenant not found',
      explanation: 'the tenant is misspelt, or does not exist',
      step: '6',
      fix: 'Copy the Directory (tenant) ID from the Overview page.',
      url: `${APP_BLADE}/Overview/appId/{client-id}`,
    },
    {
      shows: 'AADSTS50020: the account does not exist in the tenant',
      explanation: 'the account you picked belongs to another organisation, or is a personal one',
      step: '13',
      fix: 'Pick {account}. If you did, the supported account types of step 5 do not include it.',
    },
    {
      shows: 'AADSTS50194: the application is not configured as multi-tenant',
      explanation: 'the registration is for one organisation only, and the tenant says "common"',
      step: '6',
      fix: 'Enter the Directory (tenant) ID of your organisation as the tenant.',
      url: `${APP_BLADE}/Overview/appId/{client-id}`,
    },
    {
      shows: 'AADSTS9002331, AADSTS9002332 or AADSTS9002346',
      explanation: 'the supported account types of the registration do not fit the tenant',
      step: '5',
      fix: 'Personal accounts only: the tenant is consumers. Otherwise it is your Directory (tenant) ID.',
      url: `${APP_BLADE}/Authentication/appId/{client-id}`,
    },
    {
      shows: 'AADSTS50105: the user is not assigned to the application',
      explanation: 'your organisation lets only chosen people use this app',
      step: '13',
      fix: 'Ask the administrator to add the mailbox: Enterprise apps > the app > Users and groups.',
      url: `${ENTRA}/`,
    },
    {
      shows: 'AADSTS53000, AADSTS53001, AADSTS53003: blocked by Conditional Access',
      explanation: 'a rule of your organisation forbids this sign-in, on this computer or in this way',
      step: '13',
      fix: 'Ask the administrator to look into the sign-in log, or sign in on a computer of the organisation.',
      url: `${ENTRA}/`,
    },
    {
      shows: 'AADSTS50057: the account is disabled',
      explanation: 'shared mailboxes are disabled accounts: they cannot sign in',
      step: '13',
      fix: 'Sign in as a person who has access to the shared mailbox.',
    },
    {
      shows: 'A page that cannot be reached, at localhost',
      explanation: 'the sign-in worked, but the browser runs on another computer, or insists on https',
      step: '13',
      fix: 'Copy the whole address of that page and paste it here.',
    },
    {
      shows: 'Nothing at all, or an empty page',
      explanation: 'the browser did not open the address',
      step: '13',
      fix: 'Copy the address above into a browser. Any computer will do.',
    },
  ],
  rules: outlookRules,
  advice: outlookAdvice,
  ...outlookShown,
  signInHints: [
    'Sign in as {account}, not as the administrator.',
    'On the page "Permissions requested", click Accept.',
    'If it says "Need admin approval", go back to step 12.',
  ],
};
