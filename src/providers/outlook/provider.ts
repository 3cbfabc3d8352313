import type { MailServers } from '../../account/account.js';
import * as apps from '../../guide/app-questions.js';
import { web } from '../../guide/conditions.js';
import { appNameGuard, httpsRedirectUri } from '../../guide/guard.js';
import type { Provider } from '../../guide/provider.js';
import * as ask from '../../guide/questions.js';
import type { When } from '../../guide/step.js';
import { outlookApp, outlookAppLabels } from './app-steps.js';
import { cloud, inCloud, NATIONAL, tellingClouds } from './clouds.js';
import { personalDomains } from './domains.js';
import { ownFields } from './own-fields.js';
import { outlookPageErrors } from './page-errors.js';
import { entraClientId, entraClientSecret, entraIssuedValues, SHARED_TENANTS } from './paste.js';
import * as own from './questions.js';
import { azScript, exchangeScript } from './scripts.js';
import { IMAP_SCOPE, outlookHints, outlookLabels, outlookSteps, POP_SCOPE, SMTP_SCOPE } from './steps.js';
import { outlookWords } from './words.js';

const national = { question: 'cloud', is: NATIONAL } as const satisfies When;
/** A person's registration, or an app that proves itself with one. */
const hasSecret = {
  question: 'credential',
  is: ['certificate', 'own', 'federated'],
  not: true,
} as const satisfies When;

const servers = {
  smtp: { host: 'smtp.office365.com', port: 587, security: 'starttls' },
  imap: { host: 'outlook.office365.com', port: 993, security: 'tls' },
  pop: { host: 'outlook.office365.com', port: 995, security: 'tls' },
} as const satisfies MailServers;

export const outlook: Provider = {
  ...outlookWords,
  authenticationMethod: 'OAuth2 - Outlook',
  lastChecked: '2026-11-25',
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
  issuedValues: entraIssuedValues,
  domains: personalDomains,
  mailExchangers: [
    'protection.outlook.com',
    'mx.microsoft',
    'protection.office365.us',
    'protection.partner.outlook.cn',
  ],
  tenantDirectory: {
    url: 'https://login.microsoftonline.com/{domain}/v2.0/.well-known/openid-configuration',
    tenant: /^https:\/\/login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)\/([0-9a-f-]{36})\/v2\.0$/,
    clouds: tellingClouds,
  },
  issuer: 'https://login.microsoftonline.com/{tenant}/v2.0',
  tenantIssuer:
    /^https:\/\/login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)\/(?:\{tenantid\}|[0-9a-f-]{36})\/v2\.0$/,
  scopeAliases: { 'https://outlook.office365.com/': 'https://outlook.office.com/' },
  endpointHosts: ['login.microsoftonline.com', 'graph.microsoft.com'],
  authorizationParameters: { response_mode: 'query', prompt: 'select_account' },
  scopes: {
    identity: ['openid', 'email', 'profile', 'offline_access'],
    smtp: [SMTP_SCOPE],
    imap: [IMAP_SCOPE],
    pop: [POP_SCOPE],
  },
  ...servers,
  mailHosts: [
    'smtp.office365.com',
    'outlook.office365.com',
    'smtp-mail.outlook.com',
    'imap-mail.outlook.com',
    'pop-mail.outlook.com',
  ],
  client: {
    defaultType: 'web',
    secret: { desktop: false, web: true },
    secretMethod: 'client_secret_post',
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
  lookAlikes: {
    questions: ['client-id', 'tenant'],
    message: 'the client ID and the tenant ID are swapped: the one given as the client ID is a directory',
  },
  variants: { question: cloud.id, of: inCloud },
  sharedTenants: SHARED_TENANTS,
  consentTenant: 'organizations',
  mechanisms: ['xoauth2'],
  deviceGrant: true,
  verificationHosts: ['login.microsoft.com', 'microsoft.com', 'www.microsoft.com', 'login.live.com'],
  revocationPlace: 'at https://myapps.microsoft.com/',
  needs: [
    { text: 'A browser.' },
    {
      text: 'The addresses on this page are those that the cloud {cloud} usually has. Where your organisation names others, take those.',
      when: national,
    },
    {
      text: 'A Microsoft directory (also called tenant). Every Microsoft 365 organisation has one; a free outlook.com account usually has none, and a new one wants a telephone number and a payment card, although it costs nothing.',
    },
    {
      text: 'An account there that may register applications: by default every member, otherwise the role Application Developer or an administrator. The portal wants a second factor from it.',
    },
    {
      text: 'An administrator who approves the access. Since November 2025 IMAP usually needs that.',
      when: own.work,
    },
    {
      text: 'Not the administrator? Send this: "I am setting up OAuth2 for one of our mailboxes. Please let me register an application in Entra ID (role Application Developer), and then grant admin consent for its delegated permissions IMAP.AccessAsUser.All and SMTP.Send. Please also allow Authenticated SMTP and IMAP for the mailbox."',
      when: own.work,
    },
    { text: 'You type your password on the page of Microsoft; mailauth never sees it.' },
  ],
  minutes: 20,
  questions: [
    ask.publicAccount,
    cloud,
    own.mailboxKind,
    {
      ...apps.signIn,
      defaults: apps.impliedBy('client-certificate-file', 'federated-token-file'),
      askedWhen: own.work,
      notWith: [{ is: ['app'], when: own.personal }],
    },
    { ...ask.name, default: 'outlook' },
    { ...ask.description, default: 'Account settings for Microsoft Outlook' },
    ask.serverSettings,
    { ...ask.appName, guard: appNameGuard(/microsoft|outlook/i) },
    ask.mailTimeout,
    ...ask.aboutServers(servers, { smtp: { defaults: [{ when: own.personal, value: 'smtp-mail.outlook.com' }] } }),
    ask.clientFrom,
    { ...ask.usedBy, when: apps.person },
    { ...ask.appRedirectUri, guard: httpsRedirectUri, when: [ask.appRedirectUri.when, apps.person] },
    {
      ...ask.clientType,
      default: 'web',
      choices: [
        { value: 'web', label: 'Web: with a client secret, which expires after 24 months at most' },
        { value: 'desktop', label: 'Desktop: no client secret, so nothing expires, and steps 7 to 9 fall away' },
      ],
      help: 'Web is the usual way, and the one that other programs can share. It has a client secret, and mail stops when that expires. Desktop is a public client: it has no secret, so there is nothing to renew. Take it if only mailauth signs in.',
      notWith: [{ is: ['desktop'], when: apps.app }],
      askedWhen: [{ question: 'shared-client', is: ['no'] }, { question: 'client-from', is: [''] }, apps.person],
      suppliedBy: ['client-from'],
    },
    { ...ask.redirectPort, when: apps.person },
    own.accountTypes,
    {
      ...ask.clientId,
      label: 'Application (client) ID',
      help: 'The user name of your registration: 32 digits and letters with four hyphens, on its Overview page. Not secret. The Object ID is something else.',
      guard: entraClientId,
    },
    own.tenant,
    own.objectId,
    apps.credential,
    apps.certificateOut,
    apps.clientCertificate,
    apps.clientKey,
    {
      ...apps.federatedTokenFile,
      help: `${apps.federatedTokenFile.help} In Kubernetes and on GitHub, AZURE_FEDERATED_TOKEN_FILE names it.`,
    },
    {
      ...ask.clientSecret,
      label: 'Client secret Value',
      help: 'A long password that Microsoft made for your registration, not for you. Copy the column named Value; the one named Secret ID is something else. It cannot read mail by itself; it works together with your sign-in. It is secret: do not e-mail it. Lost it? Make a new one, nothing breaks.',
      guard: entraClientSecret,
      when: [web, hasSecret],
    },
    { ...ask.secretExpires, when: [web, hasSecret] },
    ask.authUser,
    ask.issuer,
    ask.endpointHost,
    ask.scope,
    ask.ca,
    { ...ask.refreshToken, when: apps.person },
  ],
  app: outlookApp,
  scripts: { az: { render: azScript }, powershell: { app: true, render: exchangeScript } },
  ownFields,
  steps: outlookSteps,
  labels: { ...outlookLabels, ...outlookAppLabels },
  secretStep: '7',
  pageErrors: outlookPageErrors,
  signInHints: outlookHints,
};
