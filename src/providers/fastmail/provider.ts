import type { MailServers } from '../../account/account.js';
import { browserErrors } from '../../guide/browser-errors.js';
import { notRegistered, ownClient } from '../../guide/conditions.js';
import { mailFormStep } from '../../guide/mail-form.js';
import type { Provider } from '../../guide/provider.js';
import * as ask from '../../guide/questions.js';
import type { Step } from '../../guide/step.js';
import { fastmailWords } from './words.js';

/** One scope opens IMAP, POP and SMTP (draft-ietf-mailmaint-oauth-public). */
const MAIL_SCOPE = 'urn:ietf:params:oauth:scope:mail';
const servers = {
  smtp: { host: 'smtp.fastmail.com', port: 465, security: 'tls' },
  imap: { host: 'imap.fastmail.com', port: 993, security: 'tls' },
  pop: { host: 'pop.fastmail.com', port: 995, security: 'tls' },
} as const satisfies MailServers;
const redirect = { host: '127.0.0.1', port: 8765, anyPort: false, path: '/callback' } as const;

const steps: readonly Step[] = [
  mailFormStep('OAuth2', ['account', 'client-from']),
  {
    number: '2',
    title: 'mailauth registers itself',
    intro: 'Fastmail lets programs register themselves, so there is no console to open and nothing that expires.',
    instructions: [
      {
        number: 'i',
        text: 'There is nothing to do. Fastmail sends you back to this address on your own computer after the sign-in.',
        values: [{ label: 'Redirect URI', value: '{redirect-uri}' }],
      },
    ],
    verify: ['registration', 'store', 'redirect'],
    help: 'The registration is a public client of your own: it has an ID and no secret. Where Fastmail offers that, it is deleted with the last account that uses it.',
  },
  {
    number: '3',
    title: 'Enter a client of your own',
    intro: 'Only where mailauth was not let in, or you want a client that Fastmail made for you.',
    instructions: [],
    asks: ['client-id'],
    verify: ['client'],
    when: [ownClient, notRegistered],
    skip: 'the client is there already',
    help: 'Fastmail makes a client by hand for whoever asks its support. It must list the redirect URI of step 2.',
  },
  {
    number: '4',
    title: 'Sign in',
    intro: 'Whoever has the mailbox signs in.',
    instructions: [],
    verify: ['signin'],
    help: 'The browser opens by itself. If it does not, copy the address into one; any computer will do.',
  },
  {
    number: '5',
    title: 'Check authorisation',
    intro: 'mailauth logs in to the mail servers. It sends no message and changes nothing.',
    instructions: [],
    verify: ['mailbox'],
    help: 'Usually the one scope for mail opens all three servers. Where one refuses the token, its older scope may be the one it wants: https://www.fastmail.com/dev/protocol-imap, protocol-pop or protocol-smtp, given with --scope.',
  },
];

export const fastmail: Provider = {
  ...fastmailWords,
  authenticationMethod: 'OAuth2',
  lastChecked: '2026-11-25',
  aliases: ['messagingengine'],
  domains: [
    ...['fastmail.com', 'fastmail.fm', 'fastmail.net', 'fastmail.org', 'fastmail.co.uk', 'fastmail.com.au'],
    ...['fastmail.cn', 'fastmail.de', 'fastmail.es', 'fastmail.in', 'fastmail.jp', 'fastmail.se', 'fastmail.to'],
    ...['fastmail.us', 'sent.com', 'messagingengine.com'],
  ],
  mailExchangers: ['messagingengine.com'],
  issuedValues: [],
  issuer: 'https://api.fastmail.com',
  endpointHosts: ['api.fastmail.com'],
  // RFC 8707 section 2: without it the sign-in ends in invalid_target.
  authorizationParameters: { resource: 'https://api.fastmail.com/jmap/session' },
  scopes: { identity: ['offline_access'], smtp: [MAIL_SCOPE], imap: [MAIL_SCOPE], pop: [MAIL_SCOPE] },
  ...servers,
  mailHosts: Object.values(servers).map(({ host }) => host),
  client: {
    defaultType: 'desktop',
    secret: { desktop: false, web: false },
    redirect: { desktop: redirect, web: redirect },
    sharesRedirects: { desktop: false, web: false },
  },
  preflight: { kind: 'probe', knownBy: ['invalid_grant'] },
  mechanisms: ['xoauth2', 'oauthbearer'],
  deviceGrant: false,
  revocationPlace: 'in its settings, usually under Privacy & Security, Connected apps & API tokens',
  needs: [{ text: 'A browser, and the mailbox at Fastmail.' }],
  minutes: 2,
  questions: [
    ask.publicAccount,
    { ...ask.name, default: 'fastmail' },
    { ...ask.description, default: 'Account settings for Fastmail' },
    ask.serverSettings,
    ask.appName,
    ask.mailTimeout,
    ...ask.aboutServers(servers),
    ask.clientFrom,
    {
      ...ask.clientType,
      help: 'Clients of Fastmail are public: they have no secret, so nothing expires.',
      choices: [{ value: 'desktop', label: 'Desktop: no client secret' }],
      defaults: [],
      default: 'desktop',
      placeholder: 'desktop',
    },
    ask.redirectPort,
    ask.clientId,
    ask.authUser,
    ask.issuer,
    ask.endpointHost,
    ask.scope,
    ask.ca,
    ask.refreshToken,
  ],
  ownFields: [],
  steps,
  secretStep: '2',
  pageErrors: [
    {
      shows: 'invalid_client, or an unknown client',
      explanation: 'the registration that mailauth made is no longer there',
      step: '2',
      fix: 'Remove the account with "mailauth remove", and set it up again: mailauth registers itself anew.',
    },
    {
      shows: 'invalid_scope, or invalid_target',
      explanation: 'the client may not ask for mail in this way',
      step: '4',
      fix: 'Leave out --scope, so that the usual one is asked for.',
    },
    ...browserErrors('4'),
  ],
  signInHints: [
    { text: 'Sign in as {signs-in}.' },
    { text: 'Allow what the page asks for. mailauth asks for mail, and to stay signed in.' },
  ],
  labels: {},
};
