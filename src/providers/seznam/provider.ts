import type { MailServers } from '../../account/account.js';
import { usualPageErrors } from '../../guide/browser-errors.js';
import { mailFormStep } from '../../guide/mail-form.js';
import type { Provider } from '../../guide/provider.js';
import type { Step } from '../../guide/step.js';
import * as web from '../../guide/web-client.js';
import { seznamWords } from './words.js';

const ISSUER = 'https://login.seznam.cz';
const MAIL_SCOPE = 'email';
const servers = {
  smtp: { host: 'smtp.seznam.cz', port: 465, security: 'tls' },
  imap: { host: 'imap.seznam.cz', port: 993, security: 'tls' },
  pop: { host: 'pop3.seznam.cz', port: 995, security: 'tls' },
} as const satisfies MailServers;

const steps: readonly Step[] = [
  mailFormStep('OAuth2', ['account', 'client-from']),
  web.registerStep({
    number: '2',
    title: 'Register a service',
    url: 'https://vyvojari.seznam.cz/oauth/admin',
    instructions: [
      {
        number: 'i',
        text: 'Log in with any Seznam account, make a new service, and enter its name.',
        values: [{ label: 'Name', value: '{app-name}' }],
      },
      web.redirectInstruction('ii', 'Enter the redirect URI. It must be the same to the last character.'),
      {
        number: 'iii',
        text: 'Allow these scopes where the page lists them, and save.',
        values: [
          { label: 'Scope', value: 'identity' },
          { label: 'Scope', value: MAIL_SCOPE },
        ],
        with: 'link',
      },
    ],
    help: 'Anybody with a Seznam account may register a service. Whether a new one gets the scope for mail is usually decided by Seznam: if the sign-in refuses it, ask its support for the scope email.',
  }),
  web.enterClientStep('3', 'The page of the service shows both after it was made.'),
  web.signInStep('4'),
  web.checkStep(
    '5',
    'If the servers refuse the token, the service usually lacks the scope for mail. An app password works without it.',
  ),
];

export const seznam: Provider = {
  ...seznamWords,
  authenticationMethod: 'OAuth2',
  lastChecked: '2026-11-25',
  aliases: ['seznam-cz'],
  domains: ['seznam.cz', 'email.cz', 'post.cz', 'spoluzaci.cz'],
  mailExchangers: ['seznam.cz'],
  issuedValues: [],
  issuer: ISSUER,
  metadata: {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/api/v1/oauth/auth`,
    token_endpoint: `${ISSUER}/api/v1/oauth/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    code_challenge_methods_supported: ['S256'],
  },
  endpointHosts: ['login.seznam.cz'],
  authorizationParameters: {},
  scopes: { identity: ['identity'], smtp: [MAIL_SCOPE], imap: [MAIL_SCOPE], pop: [MAIL_SCOPE] },
  ...servers,
  mailHosts: Object.values(servers).map(({ host }) => host),
  client: web.webClient,
  preflight: { kind: 'probe', knownBy: ['invalid_grant'] },
  mechanisms: ['xoauth2'],
  deviceGrant: false,
  revocationPlace: 'in the settings of the Seznam account, usually where connected services are listed',
  needs: [
    { text: 'A browser, and the mailbox at Seznam.' },
    { text: 'A Seznam account that shall own the registration; it may be that of the mailbox.' },
  ],
  minutes: 10,
  questions: web.webClientQuestions(servers, { name: 'seznam', title: 'Seznam.cz' }),
  ownFields: [],
  steps,
  secretStep: '3',
  pageErrors: usualPageErrors({ register: '2', client: '3', scopes: '2', signIn: '4' }),
  signInHints: [{ text: 'Sign in as {signs-in}.' }, { text: 'Allow what the page asks for.' }],
  labels: {},
};
