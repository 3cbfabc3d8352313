import type { MailServers } from '../../account/account.js';
import * as apps from '../../guide/app-questions.js';
import { publicDomain } from '../../guide/conditions.js';
import { appNameGuard, publicRedirectUri } from '../../guide/guard.js';
import type { Provider } from '../../guide/provider.js';
import * as ask from '../../guide/questions.js';
import type { When } from '../../guide/step.js';
import { MAIL_SCOPE } from './addresses.js';
import { gmailApp, gmailAppLabels } from './app-steps.js';
import { ownFields } from './own-fields.js';
import { gmailPageErrors } from './page-errors.js';
import { googleClientId, googleClientSecret, googleIssuedValues } from './paste.js';
import * as own from './questions.js';
import { gcloudScript } from './scripts.js';
import { serviceAccountFile } from './service-account.js';
import { gmailHints, gmailLabels, gmailSteps } from './steps.js';
import { gmailWords } from './words.js';

const servers = {
  smtp: { host: 'smtp.gmail.com', port: 587, security: 'starttls' },
  imap: { host: 'imap.gmail.com', port: 993, security: 'tls' },
  pop: { host: 'pop.gmail.com', port: 995, security: 'tls' },
} as const satisfies MailServers;
const workspace = { question: 'mailbox-domain', is: ['own'] } as const satisfies When;

export const gmail: Provider = {
  ...gmailWords,
  authenticationMethod: 'OAuth2 - Gmail',
  lastChecked: '2026-11-25',
  aliases: ['google', 'googlemail', 'google-workspace', 'workspace', 'gsuite'],
  domains: ['gmail.com', 'googlemail.com'],
  sameMailbox: { domains: ['gmail.com', 'googlemail.com'], ignoresDots: true },
  issuedValues: googleIssuedValues,
  mailExchangers: ['google.com', 'googlemail.com'],
  issuer: 'https://accounts.google.com',
  endpointHosts: ['accounts.google.com', 'oauth2.googleapis.com', 'openidconnect.googleapis.com', 'www.googleapis.com'],
  authorizationParameters: { access_type: 'offline', prompt: 'select_account consent' },
  scopes: { identity: ['openid', 'email'], smtp: [MAIL_SCOPE], imap: [MAIL_SCOPE], pop: [MAIL_SCOPE] },
  ...servers,
  mailHosts: Object.values(servers).map(({ host }) => host),
  client: {
    defaultType: 'desktop',
    // Google wants the secret of a desktop client all the same.
    secret: { desktop: true, web: true },
    secretMethod: 'client_secret_post',
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
  revocationPlace: 'at https://myaccount.google.com/connections',
  needs: [
    { text: 'A browser, and the Google account that will own the set-up.' },
    { text: 'That account needs 2-Step Verification: the console asks for it. The mailbox itself does not.' },
    {
      text: 'Google Workspace: an administrator may have to allow the app, or IMAP, for your organisation.',
      when: { question: 'mailbox-domain', is: ['', 'own'] },
    },
    {
      text: 'To publish the app (step 6): two web addresses, a home page and a page about privacy. One page does for both.',
      when: { question: 'audience', is: ['external'] },
    },
    { text: 'You type your password on the page of Google; mailauth never sees it.' },
  ],
  minutes: 15,
  questions: [
    ask.publicAccount,
    {
      ...apps.signIn,
      defaults: apps.impliedBy('service-account-file'),
      askedWhen: workspace,
      notWith: [{ is: ['app'], when: publicDomain }],
    },
    { ...ask.name, default: 'gmail' },
    { ...ask.description, default: 'Account settings for Gmail' },
    ask.serverSettings,
    { ...ask.appName, guard: appNameGuard(/google|gmail/i) },
    ask.mailTimeout,
    ...ask.aboutServers(servers),
    ask.clientFrom,
    { ...ask.usedBy, when: apps.person },
    { ...ask.appRedirectUri, guard: publicRedirectUri, when: [ask.appRedirectUri.when, apps.person] },
    {
      ...ask.clientType,
      default: 'desktop',
      when: apps.person,
      suppliedBy: ['client-file', 'client-from'],
      help: 'Desktop app needs no redirect URI. Web application is for a registration that another program shares. Google gives a client secret with both.',
    },
    { ...ask.redirectPort, when: apps.person },
    own.project,
    { ...own.audience, when: apps.person },
    { ...own.lifetime, when: [own.lifetime.when, apps.person] },
    { ...own.clientFile, when: apps.person },
    serviceAccountFile,
    {
      ...ask.clientId,
      help: 'The user name of your registration. It ends in .apps.googleusercontent.com. Not secret. You can also paste the text of the file that Download JSON saved, or type the name of that file.',
      guard: googleClientId,
      when: apps.person,
      suppliedBy: ['client-file', 'client-from'],
      foundAt: '7',
    },
    {
      ...ask.clientSecret,
      help: 'A long password that Google made for this program, not for you. It starts with GOCSPX-. It cannot read mail by itself; it works together with your sign-in. It is secret: do not e-mail it. Lost it? Open the client and click Add secret, nothing breaks.',
      guard: googleClientSecret,
      when: apps.person,
      suppliedBy: ['client-file', 'client-from'],
      foundAt: '7',
    },
    ask.authUser,
    ask.issuer,
    ask.endpointHost,
    ask.scope,
    ask.ca,
    { ...ask.refreshToken, when: apps.person },
  ],
  app: gmailApp,
  scripts: { gcloud: { app: true, render: gcloudScript } },
  ownFields,
  steps: gmailSteps,
  labels: { ...gmailLabels, ...gmailAppLabels },
  secretStep: '7',
  pageErrors: gmailPageErrors,
  signInHints: gmailHints,
};
