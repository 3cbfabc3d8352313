import type { MailServers } from '../../account/account.js';
import { usualPageErrors } from '../../guide/browser-errors.js';
import { mailFormStep } from '../../guide/mail-form.js';
import type { Provider } from '../../guide/provider.js';
import type { Step } from '../../guide/step.js';
import * as web from '../../guide/web-client.js';
import { whenUsed } from '../../words/protocol.js';
import { yandexClient, yandexIssuedValues } from './paste.js';
import { yandexWords } from './words.js';

const ISSUER = 'https://oauth.yandex.ru';
const READ = 'mail:imap_full';
const SEND = 'mail:smtp';
const servers = {
  smtp: { host: 'smtp.yandex.com', port: 465, security: 'tls' },
  imap: { host: 'imap.yandex.com', port: 993, security: 'tls' },
  pop: { host: 'pop.yandex.com', port: 995, security: 'tls' },
} as const satisfies MailServers;

const steps: readonly Step[] = [
  mailFormStep('OAuth2', ['account', 'client-from']),
  {
    number: '2',
    title: 'Allow mail programs',
    url: 'https://mail.yandex.com/#setup/client',
    instructions: [
      {
        number: 'i',
        text: 'Log in as {signs-in}. In the settings of the mailbox, open "Email clients", allow IMAP, and save.',
      },
    ],
    help: 'Without it Yandex refuses every program, whatever it logs in with.',
  },
  web.registerStep({
    number: '3',
    title: 'Register an app',
    url: `${ISSUER}/client/new`,
    instructions: [
      {
        number: 'i',
        text: 'Log in with any Yandex account. Choose the kind of app that signs users in, as a web service. The kind for access to an API or for debugging is usually another one: its redirect URI cannot be changed.',
        values: [{ label: 'Name', value: '{app-name}' }],
      },
      web.redirectInstruction('ii', 'Enter the redirect URI. It must be the same to the last character.'),
      {
        number: 'iii',
        text: 'Give the app these permissions, and create it.',
        values: [
          { label: 'Permission', value: 'login:email' },
          { label: 'Permission', value: READ, when: whenUsed('imap') },
          { label: 'Permission', value: SEND, when: whenUsed('smtp') },
        ],
        with: 'link',
      },
    ],
    help: 'Anybody with a Yandex account may register an app, and nobody has to approve it. The page for API access sends you to https://oauth.yandex.ru/verification_code instead, which mailauth cannot use.',
  }),
  web.enterClientStep(
    '4',
    'The page of the app shows both after it was created. Each has 32 digits and letters. Yandex wants the secret each time a token is renewed.',
  ),
  web.signInStep('5'),
  web.checkStep(
    '6',
    'If the login is refused, look at step 2 again. Yandex takes mail at port 465 only, and usually no token for POP.',
  ),
];

export const yandex: Provider = {
  ...yandexWords,
  authenticationMethod: 'OAuth2',
  lastChecked: '2026-11-25',
  aliases: ['yandex-mail', 'yandexmail'],
  domains: [
    ...['yandex.com', 'yandex.ru', 'ya.ru', 'yandex.by', 'yandex.kz', 'yandex.uz', 'yandex.ua', 'yandex.com.tr'],
    'narod.ru',
  ],
  mailExchangers: ['mx.yandex.net', 'mx.yandex.ru'],
  issuedValues: yandexIssuedValues,
  issuer: ISSUER,
  metadata: {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    code_challenge_methods_supported: ['S256'],
  },
  endpointHosts: ['oauth.yandex.ru', 'oauth.yandex.com'],
  authorizationParameters: {},
  scopes: { identity: ['login:email'], smtp: [SEND], imap: [READ], pop: [READ] },
  ...servers,
  mailHosts: [...Object.values(servers).map(({ host }) => host), 'smtp.yandex.ru', 'imap.yandex.ru', 'pop.yandex.ru'],
  client: web.webClient,
  preflight: { kind: 'probe', knownBy: ['invalid_grant', 'bad_verification_code'] },
  mechanisms: ['xoauth2'],
  deviceGrant: false,
  revocationPlace: 'in the settings of Yandex ID, usually on the page about access to data',
  needs: [
    { text: 'A browser, and the mailbox at Yandex.' },
    { text: 'A Yandex account that shall own the registration; it may be that of the mailbox.' },
  ],
  minutes: 10,
  questions: web.webClientQuestions(servers, {
    name: 'yandex',
    title: 'Yandex',
    clientId: { guard: yandexClient },
    clientSecret: { guard: yandexClient },
  }),
  ownFields: [],
  steps,
  secretStep: '4',
  pageErrors: usualPageErrors({ register: '3', client: '4', scopes: '3', signIn: '5' }),
  signInHints: [
    { text: 'Sign in as {signs-in}. Where the browser is signed in as somebody else, sign out there first.' },
    { text: 'Allow what the page asks for.' },
  ],
  labels: { 'Email clients': '2026-11-25' },
};
