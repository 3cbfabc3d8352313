import { usualPageErrors } from '../guide/browser-errors.js';
import { desktop, notRegistered, ownClient, shared, web } from '../guide/conditions.js';
import { mailFormInstructions, SERVER_QUESTIONS } from '../guide/mail-form.js';
import type { Provider } from '../guide/provider.js';
import * as ask from '../guide/questions.js';
import type { Question, Step } from '../guide/step.js';
import { forEachProtocol } from '../words/protocol.js';

const THERE = 'the client is there already';

const steps: readonly Step[] = [
  {
    number: '1',
    title: 'Issuer and mail servers',
    intro: 'The administrator of the mail system knows these addresses.',
    asksFirst: ['account', 'issuer', ...SERVER_QUESTIONS, 'client-from'],
    instructions: mailFormInstructions('OAuth2'),
    asks: ['server-settings', 'name', 'description', 'app-name', 'mail-timeout'],
    verify: ['tenant', 'registration'],
    help: 'The issuer is the authorization server that signs people in. mailauth reads its other addresses from a page below it, /.well-known/openid-configuration.',
  },
  {
    number: '2',
    title: 'Register a client',
    intro: 'A client is the entry at the issuer that stands for this program. Make one, or have one made.',
    asksFirst: ['used-by', 'app-redirect-uri', 'client-type'],
    instructions: [
      {
        number: 'i',
        text: 'Register a confidential client: one with a client secret. Enter these.',
        values: [
          { label: 'Name', value: '{app-name}' },
          { label: 'Grant types', value: 'authorization_code, refresh_token' },
          { label: 'Redirect URI', value: '{redirect-uri}' },
          { label: 'Redirect URI', value: '{app-redirect-uri}', when: shared },
        ],
        when: web,
      },
      {
        number: 'i',
        text: 'Register a public client: one without a client secret (PKCE protects it). Enter these.',
        values: [
          { label: 'Name', value: '{app-name}' },
          { label: 'Grant types', value: 'authorization_code, refresh_token' },
          { label: 'Redirect URI', value: '{redirect-uri}' },
        ],
        when: desktop,
      },
    ],
    verify: ['store', 'redirect'],
    when: [ownClient, notRegistered],
    skip: THERE,
    help: 'The redirect URI is where the issuer sends you back to after the sign-in. It must be registered to the last character. It is on your own computer, so no firewall has to be opened.',
  },
  {
    number: '3',
    title: 'Enter the client',
    instructions: [],
    asks: ['client-id', 'client-secret-file'],
    verify: ['client'],
    when: [ownClient, notRegistered],
    skip: THERE,
    help: 'The issuer shows the client ID and the client secret when the client is made.',
  },
  {
    number: '4',
    title: 'Scopes, then sign in',
    intro: 'Scopes name the permissions to ask for. The mail servers say which one they want.',
    asksFirst: ['scope'],
    instructions: [
      {
        number: 'i',
        text: 'Allow the client to ask for these scopes, if the issuer keeps a list.',
        values: [{ label: 'Scope', value: '{scopes}' }],
        // Who has not registered the client has no list either.
        when: notRegistered,
      },
    ],
    verify: ['signin'],
    help: 'The scopes openid and email tell mailauth who signed in, and offline_access lets it stay signed in. What the mail servers want has another name at each issuer.',
  },
  {
    number: '5',
    title: 'Check authorisation',
    intro: 'mailauth logs in to the mail servers. It sends no message and changes nothing.',
    instructions: [],
    verify: ['mailbox'],
    help: 'The mail servers must offer XOAUTH2 and trust the tokens of this issuer.',
  },
];

/** Nobody knows these servers but the user. */
const servers = ask
  .aboutServers(forEachProtocol(() => undefined))
  .map((question): Question => ({ ...question, askedWhen: [], ...(question.kind === 'host' && { required: true }) }));

export const custom: Provider = {
  id: 'custom',
  title: 'Other provider',
  authenticationMethod: 'OAuth2',
  lastChecked: '2026-11-23',
  aliases: ['other'],
  issuedValues: [],
  domains: [],
  mailExchangers: [],
  endpointHosts: [],
  authorizationParameters: {},
  scopes: { identity: ['openid', 'email', 'offline_access'], ...forEachProtocol(() => []) },
  mailHosts: [],
  client: {
    defaultType: 'web',
    secret: { desktop: false, web: true },
    redirect: {
      desktop: { host: '127.0.0.1', port: 8765, anyPort: false, path: '/callback' },
      web: { host: '127.0.0.1', port: 8765, anyPort: false, path: '/callback' },
    },
    sharesRedirects: { desktop: false, web: true },
  },
  preflight: { kind: 'probe', knownBy: ['invalid_grant'] },
  mechanisms: ['xoauth2', 'oauthbearer'],
  // Where the issuer has the endpoint for it.
  deviceGrant: true,
  revocationPlace: 'at the issuer; its administrator can do it too',
  needs: [
    { text: 'A browser.' },
    { text: 'The address of the issuer: an authorization server that speaks OpenID Connect.' },
    { text: 'Somebody who may register a client there.' },
    { text: 'The names of the mail servers, and the scope that they want.' },
  ],
  minutes: 10,
  questions: [
    ask.account,
    { ...ask.issuer, required: true },
    ask.endpointHost,
    { ...ask.name, default: 'custom' },
    { ...ask.description, default: 'Account settings for {account}' },
    ask.serverSettings,
    ask.appName,
    ask.mailTimeout,
    ...servers,
    ask.clientFrom,
    ask.usedBy,
    ask.appRedirectUri,
    {
      ...ask.clientType,
      default: 'web',
      choices: [
        { value: 'web', label: 'Confidential: with a client secret' },
        { value: 'desktop', label: 'Public: without a client secret' },
      ],
      help: 'Ask the administrator of the issuer. A confidential client has a secret, a public one has not. If you may choose: public has nothing that can expire.',
      askedWhen: { question: 'shared-client', is: ['no'] },
      suppliedBy: ['client-from'],
    },
    ask.redirectPort,
    ask.clientId,
    { ...ask.clientSecret, when: web },
    { ...ask.secretExpires, when: web },
    { ...ask.scope, help: `${ask.scope.help} Leave it empty for openid, email and offline_access.` },
    ask.authUser,
    ask.ca,
    ask.refreshToken,
  ],
  ownFields: [],
  steps,
  secretStep: '3',
  pageErrors: usualPageErrors({ register: '2', client: '3', scopes: '4', signIn: '4' }),
  rules: async () => [],
  signInHints: [
    { text: 'Sign in as {signs-in}.' },
    {
      text: 'Allow what the page asks for. mailauth has it ask each time: many issuers let nobody stay signed in otherwise.',
    },
  ],
  labels: {},
};
